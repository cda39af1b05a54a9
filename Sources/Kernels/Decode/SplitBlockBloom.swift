internal import CKernels

/// The hash of values in bloom filters.
public enum XXHash64 {
  public static func hash(_ bytes: Span<UInt8>, seed: UInt64 = 0) -> UInt64 {
    bytes.withUnsafeBufferPointer { bytes in
      if let base = bytes.baseAddress { return tm_xxhash64(base, bytes.count, seed) }
      return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1) { empty in
        empty.baseAddress.map { tm_xxhash64($0, 0, seed) } ?? 0
      }
    }
  }
}

/// Split-block bloom filters: blocks of eight 32-bit words, in each of which a value sets a bit.
/// - SeeAlso: parquet-format, BloomFilter.md.
public enum SplitBlockBloom {
  public static let blockByteCount = 32

  static let salts: [UInt32] = [
    0x47b6_137b, 0x4497_4d91, 0x8824_ad5b, 0xa2b7_289d, 0x7054_95c7, 0x2df1_424b, 0x9efc_4947,
    0x5c6b_fb31,
  ]

  /// The number of the block that a hash belongs to.
  /// - Precondition: blockCount > 0.
  public static func block(of hash: UInt64, blockCount: Int) -> Int {
    Int(((hash >> 32) &* UInt64(blockCount)) >> 32)
  }

  /// Whether a value of this hash may be in the filter; false is certain.
  /// - Parameter bits: blocks of 32 bytes.
  public static func mayContain(_ hash: UInt64, bits: Span<UInt8>) -> Bool {
    let blockCount = bits.count / blockByteCount
    guard blockCount > 0 else { return true }
    let start = block(of: hash, blockCount: blockCount) * blockByteCount
    let key = UInt32(truncatingIfNeeded: hash)
    for (word, salt) in salts.enumerated() {
      let bit = Int((key &* salt) >> 27)
      let byte = bits[start + word * 4 + bit / 8]
      if byte >> UInt8(bit % 8) & 1 == 0 { return false }
    }
    return true
  }

  /// Sets a value's bits.
  public static func insert(_ hash: UInt64, into bits: inout [UInt8]) {
    let blockCount = bits.count / blockByteCount
    guard blockCount > 0 else { return }
    let start = block(of: hash, blockCount: blockCount) * blockByteCount
    let key = UInt32(truncatingIfNeeded: hash)
    for (word, salt) in salts.enumerated() {
      let bit = Int((key &* salt) >> 27)
      bits[start + word * 4 + bit / 8] |= 1 << UInt8(bit % 8)
    }
  }
}
