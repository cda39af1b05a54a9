internal import CKernels

/// The delta encodings, a page of values at a time.
/// - SeeAlso: parquet-format, Encodings.md, "Delta Encoding", "Delta-length byte array", "Delta
///   Strings".
extension ByteBuffer {
  /// Appends 32-bit integers in DELTA_BINARY_PACKED encoding.
  public mutating func appendDelta(int32s values: RawSpan) {
    let count = values.byteCount / 4
    append(upTo: Self.deltaBytesMax(count, width: 4)) { room in
      values.withUnsafeBytes { bytes in
        guard let output = room.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
        guard let input = bytes.baseAddress?.assumingMemoryBound(to: UInt32.self) else {
          return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 1) { none in
            none.baseAddress.map { tm_delta_encode32($0, 0, output) } ?? 0
          }
        }
        return tm_delta_encode32(input, count, output)
      }
    }
  }

  /// Appends 64-bit integers in DELTA_BINARY_PACKED encoding.
  public mutating func appendDelta(int64s values: RawSpan) {
    let count = values.byteCount / 8
    append(upTo: Self.deltaBytesMax(count, width: 8)) { room in
      values.withUnsafeBytes { bytes in
        guard let output = room.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
        guard let input = bytes.baseAddress?.assumingMemoryBound(to: UInt64.self) else {
          return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 1) { none in
            none.baseAddress.map { tm_delta_encode64($0, 0, output) } ?? 0
          }
        }
        return tm_delta_encode64(input, count, output)
      }
    }
  }

  private static func deltaBytesMax(_ count: Int, width: Int) -> Int {
    32 + (count + 127) / 128 * (14 + 128 * width)
  }

  /// Appends byte strings in DELTA_LENGTH_BYTE_ARRAY encoding.
  /// - Parameter plain: `count` strings in PLAIN encoding.
  public mutating func appendDeltaLengths(plain: RawSpan, count: Int) {
    let lengths = PlainStrings.lengths(plain, count)
    appendDelta(int32s: lengths.span.bytes)
    appendSuffixes(plain, lead: 4, lengths, nil)
  }

  /// Appends byte strings in DELTA_BYTE_ARRAY encoding.
  /// - Parameter plain: `count` strings in PLAIN encoding.
  public mutating func appendDeltaStrings(plain: RawSpan, count: Int) {
    var lengths = PlainStrings.lengths(plain, count)
    let prefixes = PlainStrings.prefixes(plain, &lengths)
    appendDelta(int32s: prefixes.span.bytes)
    appendDelta(int32s: lengths.span.bytes)
    appendSuffixes(plain, lead: 4, lengths, prefixes)
  }

  /// Appends values of `width` bytes each in DELTA_BYTE_ARRAY encoding.
  public mutating func appendDeltaStrings(fixed values: RawSpan, width: Int) {
    precondition(width > 0 && values.byteCount % width == 0)
    let (lengths, prefixes) = PlainStrings.prefixes(fixed: values, width: width)
    appendDelta(int32s: prefixes.span.bytes)
    appendDelta(int32s: lengths.span.bytes)
    appendSuffixes(values, lead: 0, lengths, prefixes)
  }

  private mutating func appendSuffixes(
    _ values: RawSpan, lead: Int, _ lengths: [UInt32], _ prefixes: [UInt32]?
  ) {
    append(upTo: values.byteCount) { room in
      values.withUnsafeBytes { bytes in
        lengths.withUnsafeBufferPointer { lengths in
          guard let output = room.baseAddress?.assumingMemoryBound(to: UInt8.self),
            let input = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
            let length = lengths.baseAddress
          else { return 0 }
          guard let prefixes else {
            return tm_suffixes(input, bytes.count, lead, lengths.count, length, nil, output)
          }
          return prefixes.withUnsafeBufferPointer { prefixes in
            tm_suffixes(
              input, bytes.count, lead, lengths.count, length, prefixes.baseAddress, output)
          }
        }
      }
    }
  }

  /// Appends values of `width` bytes each in BYTE_STREAM_SPLIT encoding.
  public mutating func appendByteStreamSplit(_ values: RawSpan, width: Int) {
    precondition(width > 0 && values.byteCount % width == 0)
    append(upTo: values.byteCount) { room in
      values.withUnsafeBytes { bytes in
        guard let output = room.baseAddress?.assumingMemoryBound(to: UInt8.self),
          let input = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        else { return 0 }
        tm_split_encode(input, width, bytes.count / width, output)
        return bytes.count
      }
    }
  }
}

/// Lengths of byte strings that lie in PLAIN encoding, and what neighbours share.
private enum PlainStrings {
  static func lengths(_ plain: RawSpan, _ count: Int) -> [UInt32] {
    [UInt32](unsafeUninitializedCapacity: count) { room, initialized in
      plain.withUnsafeBytes { bytes in
        guard let output = room.baseAddress, count > 0,
          let input = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        else { return precondition(count == 0 && bytes.isEmpty) }
        let isWhole = tm_plain_lengths(input, bytes.count, count, output) != 0
        precondition(isWhole, "not \(count) strings in PLAIN encoding")
        initialized = count
      }
    }
  }

  /// - Parameter lengths: of the whole strings; becomes those of what is not shared.
  static func prefixes(_ plain: RawSpan, _ lengths: inout [UInt32]) -> [UInt32] {
    let count = lengths.count
    return [UInt32](unsafeUninitializedCapacity: count) { room, initialized in
      plain.withUnsafeBytes { bytes in
        lengths.withUnsafeMutableBufferPointer { lengths in
          guard let output = room.baseAddress, let length = lengths.baseAddress, count > 0,
            let input = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
          else { return }
          tm_plain_prefixes(input, count, length, output)
          initialized = count
        }
      }
    }
  }

  static func prefixes(fixed values: RawSpan, width: Int) -> (
    lengths: [UInt32], prefixes: [UInt32]
  ) {
    let count = values.byteCount / width
    var lengths = [UInt32](repeating: 0, count: count)
    let prefixes = [UInt32](unsafeUninitializedCapacity: count) { room, initialized in
      values.withUnsafeBytes { bytes in
        lengths.withUnsafeMutableBufferPointer { lengths in
          guard let output = room.baseAddress, let length = lengths.baseAddress, count > 0,
            let input = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
          else { return }
          tm_fixed_prefixes(input, width, count, length, output)
          initialized = count
        }
      }
    }
    return (lengths, prefixes)
  }
}
