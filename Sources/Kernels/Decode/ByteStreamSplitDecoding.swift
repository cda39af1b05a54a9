internal import CKernels

/// Decoding of BYTE_STREAM_SPLIT pages: the first bytes of all values, then the second ones, …
public enum ByteStreamSplitDecoding {
  /// Appends `count` values from value `first` on.
  /// - Parameters:
  ///   - range: the page's streams; a multiple of the value's size.
  /// - Throws: `.truncated` where the page holds fewer values, `.length` where its size is none
  ///   that whole values have.
  @inlinable
  public static func decode<Value: BitwiseCopyable>(
    _ bytes: Span<UInt8>, range: Range<Int>, first: Int, count: Int,
    into output: inout OutputSpan<Value>
  ) throws(DecodeError) {
    precondition(output.freeCapacity >= count)
    try output.withUnsafeMutableBufferPointer { (output, filled) throws(DecodeError) in
      guard let base = output.baseAddress else { return }
      try join(
        bytes, range: range, width: MemoryLayout<Value>.stride, first: first, count: count,
        into: UnsafeMutableRawPointer(base + filled))
      filled += count
    }
  }

  /// As `decode`, for values of `width` bytes.
  public static func decodeBytes(
    _ bytes: Span<UInt8>, range: Range<Int>, width: Int, first: Int, count: Int,
    into output: inout OutputSpan<UInt8>
  ) throws(DecodeError) {
    precondition(width > 0 && output.freeCapacity >= count * width)
    try output.withUnsafeMutableBufferPointer { (output, filled) throws(DecodeError) in
      guard let base = output.baseAddress else { return }
      try join(
        bytes, range: range, width: width, first: first, count: count,
        into: UnsafeMutableRawPointer(base + filled))
      filled += count * width
    }
  }

  @usableFromInline
  static func join(
    _ bytes: Span<UInt8>, range: Range<Int>, width: Int, first: Int, count: Int,
    into output: UnsafeMutableRawPointer
  ) throws(DecodeError) {
    guard range.lowerBound >= 0, range.upperBound <= bytes.count else {
      throw .truncated(at: range.lowerBound, wanted: range.count, have: bytes.count)
    }
    guard range.count % width == 0 else {
      throw DecodeError(
        .length, at: range.lowerBound, "\(range.count) bytes, expected a multiple of \(width)")
    }
    let total = range.count / width
    guard first >= 0, count <= total - first else {
      throw DecodeError(
        .truncated, at: range.lowerBound, "\(total) values, expected \(first + count)")
    }
    bytes.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return }
      tm_join_streams(
        base + range.lowerBound, total, width, first, count,
        output.assumingMemoryBound(to: UInt8.self))
    }
  }
}
