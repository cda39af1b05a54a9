internal import CKernels

/// Texts of a column to values, as many at a time as are alike.
///
/// A text is three `UInt32`: buffer, offset, length. It lies in `own` where the buffer is 0, else
/// in `block`; eight bytes behind either may be read. Null where the buffer is `null`.
///
/// Each function writes the value of one text after the other, 0 for nulls and empty texts, up to
/// the first that is no such value, and returns how many it wrote. Numbers are written as programs
/// write them: an optional `-`, no zeros before other digits.
public enum ParseTextColumn {
  public static let null = UInt32.max

  public struct Texts {
    let first: UnsafePointer<tm_text>
    let own: UnsafePointer<UInt8>
    let block: UnsafePointer<UInt8>

    public init(
      _ first: UnsafeRawPointer, own: UnsafePointer<UInt8>, block: UnsafePointer<UInt8>
    ) {
      self.first = first.assumingMemoryBound(to: tm_text.self)
      self.own = own
      self.block = block
    }
  }

  /// `true` and `false` in any case, as 1 and 0.
  public static func booleans(
    _ texts: Texts, _ rows: Range<Int>, into output: UnsafeMutablePointer<UInt8>
  ) -> Int {
    tm_texts_boolean(texts.first + rows.lowerBound, rows.count, texts.own, texts.block, output)
  }

  /// Integers of 64 bits.
  public static func integers(
    _ texts: Texts, _ rows: Range<Int>, into output: UnsafeMutablePointer<Int64>
  ) -> Int {
    tm_texts_int64(texts.first + rows.lowerBound, rows.count, texts.own, texts.block, output)
  }

  /// Integers of up to 38 digits, numbers with a point or an exponent, `nan`, `NaN`, `inf` and
  /// `Infinity`: the nearest double of each.
  public static func doubles(
    _ texts: Texts, _ rows: Range<Int>, into output: UnsafeMutablePointer<Double>
  ) -> Int {
    tm_texts_double(texts.first + rows.lowerBound, rows.count, texts.own, texts.block, output)
  }

  /// Bytes of all texts together.
  public static func byteCount(_ texts: UnsafeRawPointer, count: Int) -> Int {
    tm_texts_bytes(texts.assumingMemoryBound(to: tm_text.self), count)
  }

  /// Sets a bit for each text, also for an empty one where `countsEmpty`; texts without one become
  /// empty ones.
  /// - Parameter words: zeros, one for 64 texts.
  /// - Returns: how many bits were set.
  public static func presence(
    _ texts: UnsafeMutableRawPointer, count: Int, countsEmpty: Bool,
    into words: UnsafeMutablePointer<UInt64>
  ) -> Int {
    tm_texts_bits(
      texts.assumingMemoryBound(to: tm_text.self), count, countsEmpty ? 1 : 0, words)
  }
}
