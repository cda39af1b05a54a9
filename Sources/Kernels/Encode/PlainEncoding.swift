internal import CKernels

extension ByteBuffer {
  /// Appends byte strings in PLAIN encoding: the length in four bytes, then the bytes.
  /// - Parameters:
  ///   - views: as `Records.ByteView` lies in memory: buffer, offset and length, 32 bits each.
  ///   - buffer: what all of them point into.
  /// - Precondition: every view lies within the buffer.
  public mutating func appendPlain(views: RawSpan, in buffer: RawSpan) {
    let needed = Int(ViewSizes.byteCount(views)) + views.byteCount / ViewAccess.width * 4
    append(upTo: needed) { room in
      var written = 0
      if let output = room.baseAddress?.assumingMemoryBound(to: UInt8.self) {
        _ = ViewAccess.with(views, buffer) { views, count, bytes, byteCount in
          written = tm_views_plain(views, count, bytes, byteCount, output)
        }
      }
      return written
    }
  }

  /// Appends those values of `width` bytes whose validity bit is one.
  /// - Parameters:
  ///   - values: one behind the other.
  ///   - validity: a bit a value from bit `bit` on.
  /// - Returns: how many were kept.
  @discardableResult
  public mutating func appendCompacted(
    _ values: RawSpan, width: Int, validity: [UInt64], from bit: Int
  ) -> Int {
    precondition(width > 0 && bit >= 0)
    let count = values.byteCount / width
    precondition(bit + count <= validity.count * 64)
    guard count > 0 else { return 0 }
    var kept = 0
    append(upTo: count * width) { room in
      values.withUnsafeBytes { values in
        validity.withUnsafeBufferPointer { words in
          guard let input = values.baseAddress?.assumingMemoryBound(to: UInt8.self),
            let words = words.baseAddress,
            let output = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
          else { return 0 }
          kept = tm_compact(input, width, words, bit, count, output)
          return kept * width
        }
      }
    }
    return kept
  }

  /// Appends 128-bit numbers as big-endian two's complement.
  /// - Parameter values: 16 bytes each, as `Int128` lies in memory.
  /// - Precondition: 1 ≤ width ≤ 16; every number fits the width.
  public mutating func appendBigEndian(int128s values: RawSpan, width: Int) {
    precondition((1...16).contains(width))
    let count = values.byteCount / 16
    append(upTo: count * width) { room in
      values.withUnsafeBytes { bytes in
        guard let input = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
          let output = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
        else { return 0 }
        tm_int128_fixed(input, count, width, output)
        return count * width
      }
    }
  }
}

/// Sizes and places of byte strings behind views.
public enum ViewSizes {
  /// Bytes of all strings together, without lengths.
  public static func byteCount(_ views: RawSpan) -> UInt64 {
    views.withUnsafeBytes { bytes in
      guard let first = bytes.baseAddress?.assumingMemoryBound(to: tm_view.self) else { return 0 }
      return tm_views_bytes(first, bytes.count / ViewAccess.width)
    }
  }

  /// How many views from the first on take no more than `byteCountMax` bytes in PLAIN encoding.
  public static func fitting(_ views: RawSpan, byteCountMax: Int) -> Int {
    views.withUnsafeBytes { bytes in
      guard let first = bytes.baseAddress?.assumingMemoryBound(to: tm_view.self) else { return 0 }
      return tm_views_fitting(
        first, bytes.count / ViewAccess.width, UInt64(clamping: byteCountMax))
    }
  }

  /// Where the bytes of one view are.
  public static func place(_ views: RawSpan, at index: Int) -> (offset: Int, length: Int) {
    precondition(index >= 0 && (index + 1) * ViewAccess.width <= views.byteCount)
    let start = index * ViewAccess.width
    let offset = views.unsafeLoad(fromByteOffset: start + 4, as: UInt32.self)
    let length = views.unsafeLoad(fromByteOffset: start + 8, as: UInt32.self)
    return (Int(offset), Int(length))
  }

  /// How many views from the first on are into the same buffer, and which one.
  public static func run(_ views: RawSpan) -> (buffer: Int, count: Int) {
    guard views.byteCount >= ViewAccess.width else { return (0, 0) }
    return (Int(views.unsafeLoad(as: UInt32.self)), ViewAccess.run(views))
  }
}
