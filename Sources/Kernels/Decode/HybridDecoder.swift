internal import CKernels

/// Decodes the hybrid of run-length and bit-packed runs: levels, dictionary indices, booleans.
///
///     run     header varint h
///     h even  h/2 times one value of ⌈bitWidth/8⌉ bytes
///     h odd   h/2 groups of 8 bit-packed values of `bitWidth` bytes together
///
/// The decoder keeps where it is, not the bytes: every call is given the same input. It decodes
/// any number of values a call, from any place in a run.
///
/// - SeeAlso: parquet-format, Encodings.md, "Run Length Encoding / Bit-Packing Hybrid".
public struct HybridDecoder: Sendable {
  public let bitWidth: Int
  let end: Int
  /// Where the next run's header lies.
  var position: Int
  var runLeft = 0
  var isPacked = false
  /// The value of a repeated run.
  var value: UInt32 = 0
  /// Where the next value of a packed run lies, in bits from the start of the input.
  var bit = 0

  /// How many values are unpacked at a time on the way to somewhere else.
  static let blockCount = 512

  /// - Parameter range: where the runs lie in the input.
  /// - Throws: `.bitWidth` outside 0...32.
  public init(bitWidth: Int, range: Range<Int>) throws(DecodeError) {
    guard (0...32).contains(bitWidth) else {
      throw DecodeError(
        .bitWidth, at: range.lowerBound, "bit width \(bitWidth), expected 0 to 32")
    }
    self.bitWidth = bitWidth
    position = range.lowerBound
    end = range.upperBound
    // Values of no bits are all zero: there is nothing to read, and writers differ in what they
    // put there.
    if bitWidth == 0 { runLeft = .max }
  }

  /// Dictionary indices: one byte of bit width, then the runs. An empty range holds no values.
  public init(indicesIn range: Range<Int>, of bytes: Span<UInt8>) throws(DecodeError) {
    guard range.upperBound <= bytes.count else {
      throw .truncated(at: range.lowerBound, wanted: range.count, have: bytes.count)
    }
    guard let first = range.first else {
      try self.init(bitWidth: 1, range: range)
      return
    }
    try self.init(bitWidth: Int(bytes[first]), range: first + 1..<range.upperBound)
  }

  /// Reads the next run's header.
  mutating func beginRun(_ bytes: UnsafeBufferPointer<UInt8>) throws(DecodeError) {
    let start = position
    guard end <= bytes.count else {
      throw .truncated(at: start, wanted: end - start, have: bytes.count - start)
    }
    var header: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      guard position < end else {
        throw DecodeError(.truncated, at: start, "runs end before the values do")
      }
      let byte = bytes[position]
      position += 1
      header |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { break }
      shift += 7
      guard shift <= 28 else {
        throw DecodeError(.tooManyValues, at: start, "a run header of more than 5 bytes")
      }
    }
    let count = Int(header >> 1)
    guard count > 0 else { throw DecodeError(.emptyRun, at: start, "a run of no values") }
    isPacked = header & 1 != 0
    if isPacked {
      bit = position * 8
      let byteCount = count * bitWidth
      // The last run may lack the padding of its last group.
      let present = min(byteCount, end - position)
      runLeft = present == byteCount ? count * 8 : present * 8 / bitWidth
      position += present
      guard runLeft > 0 else {
        throw .truncated(at: start, wanted: byteCount, have: present)
      }
    } else {
      let byteCount = (bitWidth + 7) / 8
      guard end - position >= byteCount else {
        throw .truncated(at: start, wanted: byteCount, have: end - position)
      }
      value = 0
      for index in 0..<byteCount {
        value |= UInt32(bytes[position + index]) << UInt32(8 * index)
      }
      position += byteCount
      runLeft = count
    }
  }

  /// Unpacks the next values of a packed run.
  /// - Precondition: a packed run with at least `count` values left.
  mutating func unpack(
    _ bytes: UnsafeBufferPointer<UInt8>, count: Int, into output: UnsafeMutablePointer<UInt32>
  ) {
    guard let base = bytes.baseAddress else { return }
    tm_unpack32(base, bytes.count, bit, count, UInt32(bitWidth), output)
    bit += count * bitWidth
    runLeft -= count
  }

  /// Passes over values.
  public mutating func skip(_ bytes: Span<UInt8>, count: Int) throws(DecodeError) {
    try bytes.withUnsafeBufferPointer { (bytes) throws(DecodeError) in
      var left = count
      while left > 0 {
        if runLeft == 0 { try beginRun(bytes) }
        let step = min(left, runLeft)
        if isPacked { bit += step * bitWidth }
        if bitWidth > 0 { runLeft -= step }
        left -= step
      }
    }
  }

  /// Packed runs come in groups of 8 values; DuckDB fills its last one up to 256.
  private static let paddingMax = 255

  /// Checks, after the last value was taken, that the runs hold no more than the padding of a
  /// last packed run.
  public func checkEnd() throws(DecodeError) {
    guard bitWidth > 0 else { return }
    guard runLeft == 0 || (isPacked && runLeft <= Self.paddingMax) else {
      throw DecodeError(
        .tooManyValues, at: position, "a run goes \(runLeft) values past the last value")
    }
  }

  /// Appends the next `count` values.
  public mutating func decode(
    _ bytes: Span<UInt8>, count: Int, into output: inout OutputSpan<UInt32>
  ) throws(DecodeError) {
    precondition(output.freeCapacity >= count)
    try bytes.withUnsafeBufferPointer { (bytes) throws(DecodeError) in
      try output.withUnsafeMutableBufferPointer { (output, filled) throws(DecodeError) in
        guard let base = output.baseAddress else { return }
        var left = count
        while left > 0 {
          if runLeft == 0 { try beginRun(bytes) }
          let step = min(left, runLeft)
          if isPacked {
            unpack(bytes, count: step, into: base + filled)
          } else {
            (base + filled).update(repeating: value, count: step)
            if bitWidth > 0 { runLeft -= step }
          }
          filled += step
          left -= step
        }
      }
    }
  }
}
