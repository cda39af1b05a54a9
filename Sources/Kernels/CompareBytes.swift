#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Compares two byte strings as unsigned bytes, a prefix before what it begins.
/// - Returns: below, at or above 0 as `a` comes before, with or after `b`.
/// - Precondition: the ranges lie within their arrays.
/// - Complexity: O(shorter range); allocates nothing.
public func compareBytes(
  _ a: [UInt8], _ aRange: Range<Int>, _ b: [UInt8], _ bRange: Range<Int>
) -> Int {
  precondition(aRange.lowerBound >= 0 && aRange.upperBound <= a.count)
  precondition(bRange.lowerBound >= 0 && bRange.upperBound <= b.count)
  let shared = min(aRange.count, bRange.count)
  let order = a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b -> Int in
      guard shared > 0, let a = a.baseAddress, let b = b.baseAddress else { return 0 }
      return Int(memcmp(a + aRange.lowerBound, b + bRange.lowerBound, shared))
    }
  }
  return order != 0 ? order : aRange.count - bRange.count
}

/// Whether a text comes before another in the order of their bytes.
/// - Complexity: O(shorter text); allocates nothing.
public func precedesBytewise(_ a: String, _ b: String) -> Bool {
  let order = a.utf8.withContiguousStorageIfAvailable { a in
    b.utf8.withContiguousStorageIfAvailable { b -> Bool in
      let shared = min(a.count, b.count)
      var order: Int32 = 0
      if shared > 0, let a = a.baseAddress, let b = b.baseAddress { order = memcmp(a, b, shared) }
      return order != 0 ? order < 0 : a.count < b.count
    }
  }
  // Texts that do not lie in one piece are rare.
  return (order ?? nil) ?? a.utf8.lexicographicallyPrecedes(b.utf8)
}
