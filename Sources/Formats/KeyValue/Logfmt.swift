public import Records

/// Pairs of keys and values: `level=info msg="it works" took=1.5 cached`.
///
/// Keys are columns as they come. A value ends at a space, or stands in quotes with backslash
/// escapes; a key without a value is true, and one with nothing behind its `=` is null. The last
/// of equal keys counts. A line without any `=` is a reject, and so is one with something other
/// than a key where one must be: keys begin with a letter or `_`.
public enum Logfmt: LineFormat {
  public static let name = "logfmt"
  public static func parsesBlocksApart(_ options: LineOptions) -> Bool { true }

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    TextLinesParser(try TextRowsBuilder(options, knownSchema: knownSchema), LogfmtReader())
  }
}

struct LogfmtReader: TextLineReader {
  func read(
    _ line: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>, into builder: TextRowsBuilder
  ) throws(FormatError) -> String? {
    var index = line.lowerBound
    var hasValues = false
    while true {
      while index < line.upperBound, bytes[index] <= 0x20 { index += 1 }
      if index == line.upperBound { break }
      let start = index
      while index < line.upperBound, Self.isKey(bytes[index]) { index += 1 }
      guard index > start, KeyText.begins(bytes[start]),
        index == line.upperBound || bytes[index] <= 0x20 || bytes[index] == 0x3D
      else { return fault("expected a key", start, line) }
      let key = UnsafeBufferPointer(rebasing: bytes[start..<index])
      guard let column = try builder.column(named: key) else {
        return ColumnName.problem(key)
      }
      if index == line.upperBound || bytes[index] != 0x3D {
        builder.set(column, text: Self.true)
        continue
      }
      hasValues = true
      index += 1
      if index < line.upperBound, bytes[index] == 0x22 {
        guard
          let close = TextLine.closingQuote(bytes, index + 1..<line.upperBound, 0x22)
        else { return fault("a quote opens and does not close", index, line) }
        let value = index + 1..<close.place
        index = close.place + 1
        guard index == line.upperBound || bytes[index] <= 0x20 else {
          return fault("expected a space behind a quote", index, line)
        }
        if close.hasEscapes {
          builder.set(column, text: TextLine.decoded(bytes, value), isLiteral: true)
        } else {
          builder.set(column, value, isLiteral: true)
        }
      } else {
        let value = index
        while index < line.upperBound, bytes[index] > 0x20 { index += 1 }
        builder.set(column, value..<index)
      }
    }
    return hasValues ? nil : "not logfmt: there is no key=value in the line"
  }

  private static let `true` = Array("true".utf8)

  @inline(__always)
  private static func isKey(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte != 0x3D && byte != 0x22 && byte != 0x7F
  }

  private func fault(_ text: String, _ place: Int, _ line: Range<Int>) -> String {
    "not logfmt: \(text) at byte \(place - line.lowerBound)"
  }
}

/// What keys of pairs look like.
enum KeyText {
  /// A letter, also one beyond ASCII, `_`, `@` or `$`.
  @inline(__always)
  static func begins(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- 0x61 < 26 || byte == 0x5F || byte == 0x40 || byte == 0x24 || byte >= 0x80
  }
}
