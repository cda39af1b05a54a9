internal import CKernels

/// Decodes DELTA_LENGTH_BYTE_ARRAY: all lengths, delta-packed, then all bytes.
public struct DeltaLengthDecoder: Sendable {
  private var lengths: DeltaDecoder
  /// Where the next value's bytes lie.
  private var position: Int
  private let end: Int

  /// How many values the header says there are.
  public var count: Int { lengths.count }

  public init(_ bytes: Span<UInt8>, range: Range<Int>) throws(DecodeError) {
    lengths = try DeltaDecoder(bytes, range: range)
    position = try lengths.endPosition(bytes)
    end = range.upperBound
    guard end <= UInt32.max else {
      throw DecodeError(.memory, at: 0, "a page of \(end) bytes, expected less than 4 GiB")
    }
  }

  /// Appends the next `count` values as views.
  /// - Parameter output: views that lie as three 32-bit words: buffer, offset, length.
  /// - Throws: `.length` for a negative length, `.truncated` where the bytes end too early.
  @inlinable
  public mutating func decodeViews<View: BitwiseCopyable>(
    _ bytes: Span<UInt8>, count: Int, buffer: UInt32, into output: inout OutputSpan<View>
  ) throws(DecodeError) {
    precondition(MemoryLayout<View>.stride == 12 && output.freeCapacity >= count)
    try output.withUnsafeMutableBufferPointer { (output, filled) throws(DecodeError) in
      guard let base = output.baseAddress else { return }
      try decodeWords(
        bytes, count: count, buffer: buffer, into: UnsafeMutableRawPointer(base + filled))
      filled += count
    }
  }

  @usableFromInline
  mutating func decodeWords(
    _ bytes: Span<UInt8>, count: Int, buffer: UInt32, into output: UnsafeMutableRawPointer
  ) throws(DecodeError) {
    var words = output.assumingMemoryBound(to: UInt32.self)
    var left = count
    while left > 0 {
      let step = min(left, HybridDecoder.blockCount)
      for length in try nextLengths(bytes, count: step) {
        words[0] = buffer
        words[1] = UInt32(truncatingIfNeeded: position)
        words[2] = UInt32(bitPattern: length)
        words += 3
        position += Int(length)
      }
      left -= step
    }
  }

  /// The next lengths, of which all bytes are there; the position stays before their bytes.
  private mutating func nextLengths(
    _ bytes: Span<UInt8>, count: Int
  ) throws(DecodeError) -> [Int32] {
    var block: [Int32] = []
    try block.append(addingCapacity: count) { (output) throws(DecodeError) in
      try lengths.decode(bytes, count: count, into: &output)
    }
    var sum = 0
    for length in block {
      guard length >= 0 else {
        throw DecodeError(.length, at: position, "a length of \(length)")
      }
      sum += Int(length)
    }
    guard sum <= end - position else {
      throw .truncated(at: position, wanted: sum, have: end - position)
    }
    return block
  }

  /// The lengths of the next `count` values and where their bytes begin; they are taken.
  mutating func takeLengths(
    _ bytes: Span<UInt8>, count: Int
  ) throws(DecodeError) -> (lengths: [Int32], start: Int) {
    let block = try nextLengths(bytes, count: count)
    let start = position
    for length in block { position += Int(length) }
    return (block, start)
  }

  /// Passes over values.
  public mutating func skip(_ bytes: Span<UInt8>, count: Int) throws(DecodeError) {
    var left = count
    while left > 0 {
      let step = min(left, HybridDecoder.blockCount)
      _ = try takeLengths(bytes, count: step)
      left -= step
    }
  }

  public func checkEnd() throws(DecodeError) { try lengths.checkEnd() }
}

/// Decodes DELTA_BYTE_ARRAY: each value is a prefix of the one before it and a suffix of its own.
///
///     prefix lengths, delta-packed | suffixes as DELTA_LENGTH_BYTE_ARRAY
///
/// Values are put together in a buffer of their own, so this is the one encoding of texts whose
/// bytes are copied.
public struct DeltaBytesDecoder: Sendable {
  private var prefixes: DeltaDecoder
  private var suffixes: DeltaLengthDecoder
  private var previous: [UInt8] = []

  /// How many values the header says there are.
  public var count: Int { prefixes.count }

  public init(_ bytes: Span<UInt8>, range: Range<Int>) throws(DecodeError) {
    prefixes = try DeltaDecoder(bytes, range: range)
    let start = try prefixes.endPosition(bytes)
    suffixes = try DeltaLengthDecoder(bytes, range: start..<range.upperBound)
    guard prefixes.count == suffixes.count else {
      throw DecodeError(
        .deltaHeader, at: range.lowerBound,
        "\(prefixes.count) prefixes and \(suffixes.count) suffixes")
    }
  }

  /// The next `count` values, one after another, and the length of each.
  /// - Parameter byteCountMax: how many bytes they may take together.
  /// - Throws: `.length` for a prefix longer than the value before, `.memory` past the limit.
  public mutating func decode(
    _ bytes: Span<UInt8>, count: Int, byteCountMax: Int
  ) throws(DecodeError) -> (bytes: [UInt8], lengths: [UInt32]) {
    var prefixLengths: [Int32] = []
    try prefixLengths.append(addingCapacity: count) { (output) throws(DecodeError) in
      try prefixes.decode(bytes, count: count, into: &output)
    }
    let (suffixLengths, suffixStart) = try suffixes.takeLengths(bytes, count: count)
    let (lengths, byteCount) = try Self.valueLengths(
      prefixLengths, suffixLengths, previous: previous.count, at: suffixStart)
    guard byteCount <= min(byteCountMax, Int(UInt32.max)) else {
      throw DecodeError(
        .memory, at: suffixStart,
        "\(count) values of \(byteCount) bytes, expected at most \(byteCountMax)")
    }
    let before = previous
    let values = [UInt8](unsafeUninitializedCapacity: byteCount) { output, filled in
      bytes.withUnsafeBufferPointer { bytes in
        before.withUnsafeBufferPointer { before in
          guard let target = output.baseAddress, let source = bytes.baseAddress else { return }
          var last = before.baseAddress
          var suffix = source + suffixStart
          var position = target
          for index in 0..<count {
            let prefixCount = Int(prefixLengths[index])
            let suffixCount = Int(suffixLengths[index])
            if let last { position.update(from: last, count: prefixCount) }
            (position + prefixCount).update(from: suffix, count: suffixCount)
            suffix += suffixCount
            last = UnsafePointer(position)
            position += prefixCount + suffixCount
          }
          filled = byteCount
        }
      }
    }
    if let length = lengths.last { previous = Array(values.suffix(Int(length))) }
    return (values, lengths)
  }

  private static func valueLengths(
    _ prefixes: [Int32], _ suffixes: [Int32], previous: Int, at offset: Int
  ) throws(DecodeError) -> (lengths: [UInt32], byteCount: Int) {
    var lengths: [UInt32] = []
    lengths.reserveCapacity(prefixes.count)
    var last = previous
    var byteCount = 0
    for (prefix, suffix) in zip(prefixes, suffixes) {
      guard prefix >= 0, prefix <= last else {
        throw DecodeError(
          .length, at: offset, "a prefix of \(prefix) bytes of a value of \(last) bytes")
      }
      last = Int(prefix) + Int(suffix)
      guard last <= UInt32.max else {
        throw DecodeError(.length, at: offset, "a value of \(last) bytes")
      }
      lengths.append(UInt32(last))
      byteCount += last
    }
    return (lengths, byteCount)
  }

  public func checkEnd() throws(DecodeError) {
    try prefixes.checkEnd()
    try suffixes.checkEnd()
  }
}
