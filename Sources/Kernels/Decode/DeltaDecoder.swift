internal import CKernels

/// Decodes DELTA_BINARY_PACKED integers.
///
///     header   varints: block size, miniblocks a block, value count; zigzag: first value
///     block    zigzag: smallest delta; one byte of bit width a miniblock; the miniblocks
///
/// Each value is the one before it, plus the block's smallest delta, plus the packed number;
/// sums wrap at the width of the type. The decoder keeps where it is, not the bytes, and
/// decodes any number of values a call.
///
/// - SeeAlso: parquet-format, Encodings.md, "Delta Encoding".
public struct DeltaDecoder: Sendable {
  /// How many values the header says there are.
  public let count: Int
  /// Values that have not been decoded yet.
  public private(set) var valuesLeft: Int
  private let end: Int
  private let miniblockCount: Int
  private let valuesPerMiniblock: Int
  /// The next miniblock's bytes, or the next block's header where `miniblock == miniblockCount`.
  private var position: Int
  private var miniblock: Int
  private var widthsPosition = 0
  private var minimum: UInt64 = 0
  private var last: UInt64
  private var isFirst: Bool
  private var width = 0
  private var bit = 0
  private var miniblockLeft = 0

  /// - Throws: `.deltaHeader` for sizes that are no multiples of 8 or of each other.
  public init(_ bytes: Span<UInt8>, range: Range<Int>) throws(DecodeError) {
    guard range.lowerBound >= 0, range.upperBound <= bytes.count else {
      throw .truncated(at: range.lowerBound, wanted: range.count, have: bytes.count)
    }
    end = range.upperBound
    position = range.lowerBound
    let blockSize = try Self.varint(bytes, &position, end)
    let miniblocks = try Self.varint(bytes, &position, end)
    let count = try Self.varint(bytes, &position, end)
    let first = try Self.varint(bytes, &position, end)
    guard blockSize > 0, blockSize <= 1 << 30, miniblocks > 0, miniblocks <= blockSize,
      blockSize % miniblocks == 0, blockSize / miniblocks % 8 == 0
    else {
      throw DecodeError(
        .deltaHeader, at: range.lowerBound,
        "blocks of \(blockSize) values in \(miniblocks) miniblocks, expected miniblocks of a "
          + "multiple of 8 values")
    }
    guard count <= Int64.max >> 8 else {
      throw DecodeError(.deltaHeader, at: range.lowerBound, "\(count) values")
    }
    self.count = Int(count)
    valuesLeft = self.count
    miniblockCount = Int(miniblocks)
    valuesPerMiniblock = Int(blockSize / miniblocks)
    miniblock = miniblockCount
    last = Self.unzigzag(first)
    isFirst = count > 0
  }

  private static func varint(
    _ bytes: Span<UInt8>, _ position: inout Int, _ end: Int
  ) throws(DecodeError) -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    let start = position
    while shift < 70 {
      guard position < end else { throw .truncated(at: start, wanted: 1, have: 0) }
      let byte = bytes[position]
      position += 1
      result |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return result }
      shift += 7
    }
    throw DecodeError(.deltaHeader, at: start, "a number of more than 10 bytes")
  }

  private static func unzigzag(_ value: UInt64) -> UInt64 { value >> 1 ^ (0 &- (value & 1)) }

  private mutating func beginBlock(_ bytes: Span<UInt8>) throws(DecodeError) {
    minimum = Self.unzigzag(try Self.varint(bytes, &position, end))
    widthsPosition = position
    guard end - position >= miniblockCount else {
      throw .truncated(at: position, wanted: miniblockCount, have: end - position)
    }
    position += miniblockCount
    miniblock = 0
  }

  private mutating func beginMiniblock(_ bytes: Span<UInt8>) throws(DecodeError) {
    if miniblock == miniblockCount { try beginBlock(bytes) }
    width = Int(bytes[widthsPosition + miniblock])
    guard width <= 64 else {
      throw DecodeError(
        .bitWidth, at: widthsPosition + miniblock, "bit width \(width), expected at most 64")
    }
    miniblock += 1
    bit = position * 8
    let byteCount = valuesPerMiniblock / 8 * width
    // The last miniblock may lack its padding.
    let needed = (min(valuesPerMiniblock, valuesLeft) * width + 7) / 8
    guard end - position >= needed else {
      throw .truncated(at: position, wanted: needed, have: end - position)
    }
    position += min(byteCount, end - position)
    miniblockLeft = valuesPerMiniblock
  }

  /// Decodes the next `count` values, handing on a block at a time: the packed numbers in 32 or in
  /// 64 bits, by `body(deltas32, deltas64, count, minimum, &last)`.
  @inline(__always)
  private mutating func forEachBlock(
    _ bytes: Span<UInt8>, count: Int, first: (UInt64) -> Void,
    narrow: (UnsafePointer<UInt32>, Int, UInt64, inout UInt64) -> Void,
    wide: (UnsafePointer<UInt64>, Int, UInt64, inout UInt64) -> Void
  ) throws(DecodeError) {
    guard count > 0 else { return }
    guard count <= valuesLeft else {
      throw DecodeError(
        .truncated, at: position, "\(valuesLeft) values left, expected \(count)")
    }
    guard end <= bytes.count else {
      throw .truncated(at: position, wanted: end - position, have: bytes.count - position)
    }
    var left = count
    if isFirst {
      isFirst = false
      first(last)
      left -= 1
      valuesLeft -= 1
    }
    try withUnsafeTemporaryAllocation(of: UInt64.self, capacity: HybridDecoder.blockCount) {
      (block) throws(DecodeError) in
      guard let deltas64 = block.baseAddress else { return }
      let raw = UnsafeMutableRawPointer(deltas64)
      let deltas32 = raw.assumingMemoryBound(to: UInt32.self)
      while left > 0 {
        if miniblockLeft == 0 { try beginMiniblock(bytes) }
        let step = min(left, miniblockLeft, HybridDecoder.blockCount)
        bytes.withUnsafeBufferPointer { bytes in
          guard let base = bytes.baseAddress else { return }
          if width <= 32 {
            tm_unpack32(base, bytes.count, bit, step, UInt32(width), deltas32)
          } else {
            tm_unpack64(base, bytes.count, bit, step, UInt32(width), deltas64)
          }
        }
        if width <= 32 {
          narrow(deltas32, step, minimum, &last)
        } else {
          wide(deltas64, step, minimum, &last)
        }
        bit += step * width
        miniblockLeft -= step
        valuesLeft -= step
        left -= step
      }
    }
  }

  /// Appends the next `count` values.
  /// - Throws: `.truncated` where fewer are left, `.bitWidth` above 64.
  public mutating func decode(
    _ bytes: Span<UInt8>, count: Int, into output: inout OutputSpan<Int64>
  ) throws(DecodeError) {
    precondition(output.freeCapacity >= count)
    try output.withUnsafeMutableBufferPointer { (output, filled) throws(DecodeError) in
      guard let start = output.baseAddress else { return }
      var target = UnsafeMutableRawPointer(start + filled).assumingMemoryBound(to: UInt64.self)
      try forEachBlock(bytes, count: count) { value in
        target.pointee = value
        target += 1
      } narrow: { deltas, step, minimum, last in
        last = tm_sum_deltas32to64(deltas, step, minimum, last, target)
        target += step
      } wide: { deltas, step, minimum, last in
        last = tm_sum_deltas64(deltas, step, minimum, last, target)
        target += step
      }
      filled += count
    }
  }

  public mutating func decode(
    _ bytes: Span<UInt8>, count: Int, into output: inout OutputSpan<Int32>
  ) throws(DecodeError) {
    precondition(output.freeCapacity >= count)
    try output.withUnsafeMutableBufferPointer { (output, filled) throws(DecodeError) in
      guard let start = output.baseAddress else { return }
      var target = UnsafeMutableRawPointer(start + filled).assumingMemoryBound(to: UInt32.self)
      try forEachBlock(bytes, count: count) { value in
        target.pointee = UInt32(truncatingIfNeeded: value)
        target += 1
      } narrow: { deltas, step, minimum, last in
        let sum = tm_sum_deltas32(
          deltas, step, UInt32(truncatingIfNeeded: minimum), UInt32(truncatingIfNeeded: last),
          target)
        last = UInt64(sum)
        target += step
      } wide: { deltas, step, minimum, last in
        for index in 0..<step {
          last = last &+ minimum &+ deltas[index]
          target[index] = UInt32(truncatingIfNeeded: last)
        }
        target += step
      }
      filled += count
    }
  }

  /// Passes over values.
  public mutating func skip(_ bytes: Span<UInt8>, count: Int) throws(DecodeError) {
    try forEachBlock(bytes, count: count) { _ in
    } narrow: { deltas, step, minimum, last in
      for index in 0..<step { last = last &+ minimum &+ UInt64(deltas[index]) }
    } wide: { deltas, step, minimum, last in
      for index in 0..<step { last = last &+ minimum &+ deltas[index] }
    }
  }

  /// Where the encoded integers end, found by passing over the miniblocks without unpacking.
  /// - Complexity: O(blocks).
  public func endPosition(_ bytes: Span<UInt8>) throws(DecodeError) -> Int {
    var walker = self
    var left = walker.valuesLeft - (isFirst ? 1 : 0) - miniblockLeft
    walker.valuesLeft = left
    while left > 0 {
      try walker.beginMiniblock(bytes)
      left -= valuesPerMiniblock
      walker.valuesLeft = left
    }
    return walker.position
  }

  /// Checks, after the last value was taken, that the header promised no more.
  public func checkEnd() throws(DecodeError) {
    guard valuesLeft == 0 else {
      throw DecodeError(
        .tooManyValues, at: position, "\(valuesLeft) values more than the page has")
    }
  }
}
