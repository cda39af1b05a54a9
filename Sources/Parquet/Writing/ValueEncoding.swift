internal import Kernels

extension ByteBuffer {
  /// Appends a page's values in an encoding, without dictionary.
  /// - Parameters:
  ///   - plain: the values in PLAIN encoding.
  ///   - encoding: one that values of the layout can have; see `Encoding.possible`.
  ///   - count: of the values.
  mutating func append(
    _ plain: RawSpan, as encoding: Encoding, _ layout: LeafLayout, count: Int
  ) {
    switch (encoding, layout) {
    case (.deltaBinaryPacked, .int32): appendDelta(int32s: plain)
    case (.deltaBinaryPacked, .int64): appendDelta(int64s: plain)
    case (.deltaLengthByteArray, .bytes): appendDeltaLengths(plain: plain, count: count)
    case (.deltaByteArray, .bytes): appendDeltaStrings(plain: plain, count: count)
    case (.deltaByteArray, .fixed(let width, _)): appendDeltaStrings(fixed: plain, width: width)
    case (.byteStreamSplit, _):
      appendByteStreamSplit(plain, width: layout.memoryWidth ?? 1)
    default: append(plain)
    }
  }

  /// Appends booleans: bits, or runs behind their length.
  mutating func append(_ bits: borrowing PackedBits, as encoding: Encoding) {
    guard encoding == .rle else { return bits.withBytes { append($0) } }
    let start = count
    append(littleEndian: UInt32(0))
    appendHybrid(bits)
    store(littleEndian: UInt32(count - start - 4), at: start)
  }
}
