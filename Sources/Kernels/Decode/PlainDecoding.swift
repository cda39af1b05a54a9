internal import CKernels

/// Decoding of PLAIN pages: values one after another, little-endian.
public enum PlainDecoding {
  /// Appends `count` fixed-size values that begin at byte `offset`.
  /// - Throws: `.truncated` where the input is too short.
  @inlinable
  public static func decode<Value: BitwiseCopyable>(
    _ bytes: Span<UInt8>, from offset: Int, count: Int, into output: inout OutputSpan<Value>
  ) throws(DecodeError) {
    let stride = MemoryLayout<Value>.stride
    try check(bytes, from: offset, count: count, stride: stride)
    bytes.withUnsafeBufferPointer { bytes in
      output.withUnsafeMutableBufferPointer { output, filled in
        guard let base = bytes.baseAddress, let target = output.baseAddress else { return }
        precondition(output.count - filled >= count)
        UnsafeMutableRawPointer(target + filled)
          .copyMemory(from: base + offset, byteCount: count * stride)
        filled += count
      }
    }
  }

  /// Checks that `count` values of `stride` bytes lie from `offset` on.
  @usableFromInline
  static func check(
    _ bytes: Span<UInt8>, from offset: Int, count: Int, stride: Int
  ) throws(DecodeError) {
    let (wanted, overflow) = count.multipliedReportingOverflow(by: stride)
    guard offset >= 0, offset <= bytes.count, count >= 0, !overflow,
      wanted <= bytes.count - offset
    else { throw .truncated(at: offset, wanted: wanted, have: bytes.count - offset) }
  }

  /// Appends `count` values of a 4-byte length and that many bytes each as views.
  ///
  /// - Parameters:
  ///   - range: where the values lie; its lower bound moves behind the last one read.
  ///   - buffer: the number that the views name the input by.
  ///   - output: views that lie as three 32-bit words: buffer, offset, length.
  /// - Throws: `.truncated` where a value goes past the range.
  @inlinable
  public static func decodeViews<View: BitwiseCopyable>(
    _ bytes: Span<UInt8>, in range: inout Range<Int>, count: Int, buffer: UInt32,
    into output: inout OutputSpan<View>
  ) throws(DecodeError) {
    precondition(MemoryLayout<View>.stride == 12 && output.freeCapacity >= count)
    let position = try output.withUnsafeMutableBufferPointer {
      (output, filled)
        throws(DecodeError) -> Int in
      guard let target = output.baseAddress else { return range.lowerBound }
      let position = try decodeViews(
        bytes, in: range, count: count, buffer: buffer,
        into: UnsafeMutableRawPointer(target + filled))
      filled += count
      return position
    }
    range = position..<range.upperBound
  }

  @usableFromInline
  static func decodeViews(
    _ bytes: Span<UInt8>, in range: Range<Int>, count: Int, buffer: UInt32,
    into output: UnsafeMutableRawPointer
  ) throws(DecodeError) -> Int {
    guard range.lowerBound >= 0, range.upperBound <= bytes.count,
      range.upperBound <= UInt32.max
    else { throw .truncated(at: range.lowerBound, wanted: range.count, have: bytes.count) }
    var position = range.lowerBound
    let done = bytes.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return 0 }
      return tm_plain_views(
        base, &position, range.upperBound, count, buffer,
        output.assumingMemoryBound(to: UInt32.self))
    }
    guard done == count else {
      throw DecodeError(
        .truncated, at: position, "value \(done) of \(count) goes past the end of its page")
    }
    return position
  }

  /// Passes over `count` values of a 4-byte length and that many bytes.
  public static func skipViews(
    _ bytes: Span<UInt8>, in range: inout Range<Int>, count: Int
  ) throws(DecodeError) {
    var left = count
    while left > 0 {
      let step = min(left, 256)
      try withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 3 * 256) {
        (views) throws(DecodeError) in
        guard let base = views.baseAddress else { return }
        let position = try decodeViews(
          bytes, in: range, count: step, buffer: 0, into: UnsafeMutableRawPointer(base))
        range = position..<range.upperBound
      }
      left -= step
    }
  }
}
