internal import CKernels

/// The RLE / bit-packing hybrid, as levels and dictionary indices are stored.
/// - SeeAlso: parquet-format, Encodings.md, "Run Length Encoding / Bit-Packing Hybrid".
extension ByteBuffer {
  /// Appends 32-bit values, which lie in `values` one behind the other.
  /// - Precondition: 1 ≤ bitWidth ≤ 32; every value is below 2^bitWidth.
  /// - Complexity: O(n).
  public mutating func appendHybrid32(_ values: RawSpan, bitWidth: Int) {
    let count = values.byteCount / 4
    guard count > 0 else { return }
    precondition((1...32).contains(bitWidth) && values.byteCount % 4 == 0)
    append(upTo: (count / 8 + 1) * (bitWidth + 8) + 16) { room in
      values.withUnsafeBytes { source in
        guard let input = source.baseAddress?.assumingMemoryBound(to: UInt32.self),
          let output = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
        else { return 0 }
        return tm_hybrid_encode32(input, count, UInt32(bitWidth), output)
      }
    }
  }

  /// Appends values of a byte each.
  /// - Precondition: 1 ≤ bitWidth ≤ 8; every value is below 2^bitWidth.
  public mutating func appendHybrid8(_ values: RawSpan, bitWidth: Int) {
    precondition((1...8).contains(bitWidth))
    let count = values.byteCount
    guard count > 0 else { return }
    append(upTo: (count / 8 + 1) * (bitWidth + 8) + 16) { room in
      values.withUnsafeBytes { source in
        guard let input = source.baseAddress?.assumingMemoryBound(to: UInt8.self),
          let output = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
        else { return 0 }
        return tm_hybrid_encode8(input, count, UInt32(bitWidth), output)
      }
    }
  }

  /// Appends single bits at width 1.
  public mutating func appendHybrid(_ bits: borrowing PackedBits) {
    let count = bits.count
    guard count > 0 else { return }
    append(upTo: count / 8 + count / 64 * 2 + 32) { room in
      bits.withUnsafeWords { words in
        guard let input = words.baseAddress,
          let output = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
        else { return 0 }
        return tm_hybrid_encode_bits(input, count, output)
      }
    }
  }

  /// Appends one run of a value.
  /// - Precondition: 1 ≤ bitWidth ≤ 32; the value is below 2^bitWidth.
  public mutating func appendRun(of value: UInt32, count: Int, bitWidth: Int) {
    var header = UInt64(count) << 1
    while header >= 0x80 {
      append(UInt8(truncatingIfNeeded: header) | 0x80)
      header >>= 7
    }
    append(UInt8(header))
    for shift in stride(from: UInt32(0), to: UInt32(bitWidth), by: 8) {
      append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }
}
