internal import CKernels
internal import Glibc

/// Where the next newline stands in a range of bytes, by the C library's vectorised search.
public func scanNewline(_ bytes: UnsafePointer<UInt8>, _ range: Range<Int>) -> Int? {
  guard let found = memchr(bytes + range.lowerBound, 0x0A, range.count) else { return nil }
  return UnsafeRawPointer(found) - UnsafeRawPointer(bytes)
}

/// Where the last newline stands among the bytes of a range.
public func scanLastNewline(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
  precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
  // Lines are short against a block, so the search is too.
  return bytes.withUnsafeBufferPointer { bytes in
    var index = range.upperBound
    while index > range.lowerBound {
      index -= 1
      if bytes[index] == 0x0A { return index }
    }
    return nil
  }
}

/// Where the first newline stands among the bytes of a range.
public func scanFirstNewline(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
  precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
  return bytes.withUnsafeBufferPointer { bytes in
    bytes.baseAddress.flatMap { scanNewline($0, range) }
  }
}

/// How many newlines there are in a range of bytes.
public func scanNewlineCount(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
  precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
  return bytes.withUnsafeBufferPointer { bytes in
    guard let base = bytes.baseAddress else { return 0 }
    return tm_count_byte(base + range.lowerBound, range.count, 0x0A)
  }
}

/// Whether a byte occurs in a range.
public func scanContains(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ byte: UInt8)
  -> Bool
{
  precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
  guard let base = bytes.baseAddress else { return false }
  return memchr(base + range.lowerBound, Int32(byte), range.count) != nil
}
