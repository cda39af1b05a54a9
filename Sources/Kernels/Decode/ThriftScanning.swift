internal import CKernels

/// Finds structures in Thrift's compact protocol without parsing them.
public enum ThriftScanning {
  /// Where structures lie that follow each other from the start of a range on.
  /// - Returns: the offset of each from the range's start, and where the last one ends; nil where
  ///   the bytes do not hold them, nest deeper than 32 levels or hold maps.
  /// - Complexity: O(bytes passed over).
  public static func structures(
    _ bytes: Span<UInt8>, in range: Range<Int>, count: Int
  ) -> (offsets: [UInt32], end: Int)? {
    // A structure takes a byte at least.
    guard range.lowerBound >= 0, range.upperBound <= bytes.count, range.count < UInt32.max,
      count >= 0, count <= range.count
    else { return nil }
    return bytes.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return count == 0 ? ([], range.lowerBound) : nil }
      var end = 0
      let offsets = [UInt32](unsafeUninitializedCapacity: max(count, 1)) { offsets, filled in
        guard let target = offsets.baseAddress else { return }
        end = tm_thrift_locate(base, range.lowerBound, range.upperBound, count, target)
        filled = end == Int(bitPattern: UInt.max) ? 0 : count
      }
      return end == Int(bitPattern: UInt.max) ? nil : (offsets, end)
    }
  }
}
