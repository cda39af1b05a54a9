internal import CKernels

/// Validity bits that grow page by page: no bit is stored until the first null.
public struct ValidityBits: Sendable {
  /// Empty while every value is valid; else at least ⌈count / 64⌉ words, bits past `count` zero.
  public private(set) var words: [UInt64] = []
  public private(set) var count = 0
  public private(set) var validCount = 0
  private let capacity: Int

  /// - Parameter capacity: the bits expected; more may come.
  public init(capacity: Int) { self.capacity = capacity }

  public var hasNulls: Bool { validCount < count }

  /// Exactly ⌈count / 64⌉ words; nil where nothing is null.
  public consuming func finish() -> [UInt64]? {
    guard hasNulls else { return nil }
    let needed = (count + 63) / 64
    if words.count > needed { words.removeLast(words.count - needed) }
    return words
  }

  public mutating func append(repeating isValid: Bool, count added: Int) {
    if isValid, words.isEmpty {
      count += added
      validCount += added
      return
    }
    write(added) { words, bit in
      tm_fill_bits(words, bit, added, isValid)
      return isValid ? added : 0
    }
  }

  /// Appends one bit a level: valid where it is at least `threshold`.
  public mutating func append(levels: Span<UInt8>, atLeast threshold: UInt8) {
    levels.withUnsafeBufferPointer { levels in
      guard let base = levels.baseAddress else { return }
      write(levels.count) { words, bit in
        tm_levels_to_bits(words, bit, base, levels.count, threshold)
      }
    }
  }

  /// Appends `added` bits that begin at bit `bit` of the bytes.
  mutating func append(
    bits bytes: UnsafeBufferPointer<UInt8>, from source: Int, count added: Int
  ) {
    guard let base = bytes.baseAddress else { return }
    write(added) { words, bit in tm_copy_bits(words, bit, base, bytes.count, source, added) }
  }

  /// Appends whole runs of a hybrid of width 1, at most `countMax` values; `position` moves behind
  /// them.
  /// - Returns: how many values they were; 0 where the next run is to be looked at more closely.
  mutating func append(
    runs bytes: UnsafeBufferPointer<UInt8>, from position: inout Int, end: Int, countMax: Int
  ) -> Int {
    guard !words.isEmpty, let base = bytes.baseAddress, end <= bytes.count, position < end else {
      return 0
    }
    let needed = (count + countMax + 63) / 64
    if words.count < needed {
      words.append(contentsOf: repeatElement(0, count: max(needed - words.count, words.count)))
    }
    var ones = 0
    let bit = count
    let done = words.withUnsafeMutableBufferPointer { words in
      words.baseAddress.map {
        tm_validity_runs(base, &position, end, $0, bit, countMax, &ones)
      } ?? 0
    }
    count += done
    validCount += ones
    return done
  }

  /// Makes room and lets `body` write the bits at the end; it returns how many are one.
  private mutating func write(
    _ added: Int, _ body: (UnsafeMutablePointer<UInt64>, Int) -> Int
  ) {
    guard added > 0 else { return }
    let needed = (count + added + 63) / 64
    if words.isEmpty {
      words = [UInt64](repeating: 0, count: max(needed, (capacity + 63) / 64))
      words.withUnsafeMutableBufferPointer { words in
        if let base = words.baseAddress { tm_fill_bits(base, 0, count, true) }
      }
    } else if words.count < needed {
      words.append(contentsOf: repeatElement(0, count: max(needed - words.count, words.count)))
    }
    let bit = count
    let ones = words.withUnsafeMutableBufferPointer { words in
      words.baseAddress.map { body($0, bit) } ?? 0
    }
    count += added
    validCount += ones
  }
}

extension HybridDecoder {
  /// Appends the next `count` definition levels of a column whose maximum is 1 as validity bits.
  /// - Throws: `.level` where one is above 1.
  public mutating func decodeValidity(
    _ bytes: Span<UInt8>, count: Int, into bits: inout ValidityBits
  ) throws(DecodeError) {
    try bytes.withUnsafeBufferPointer { (bytes) throws(DecodeError) in
      var left = count
      while left > 0 {
        if runLeft == 0 {
          if bitWidth == 1 {
            left -= bits.append(runs: bytes, from: &position, end: end, countMax: left)
            if left == 0 { return }
          }
          try beginRun(bytes)
        }
        let step = min(left, runLeft)
        if isPacked {
          bits.append(bits: bytes, from: bit, count: step)
          bit += step
        } else {
          guard value <= 1 else { throw levelError(Int(value), maximum: 1) }
          bits.append(repeating: value == 1, count: step)
        }
        if bitWidth > 0 { runLeft -= step }
        left -= step
      }
    }
  }

  /// Appends the next `count` levels.
  /// - Throws: `.level` where one is above `maximum`.
  public mutating func decodeLevels(
    _ bytes: Span<UInt8>, count: Int, maximum: UInt8, into output: inout OutputSpan<UInt8>
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
            try unpackLevels(bytes, count: step, maximum: maximum, into: base + filled)
          } else {
            guard value <= UInt32(maximum) else {
              throw levelError(Int(value), maximum: maximum)
            }
            (base + filled).update(repeating: UInt8(value), count: step)
            if bitWidth > 0 { runLeft -= step }
          }
          filled += step
          left -= step
        }
      }
    }
  }

  private mutating func unpackLevels(
    _ bytes: UnsafeBufferPointer<UInt8>, count: Int, maximum: UInt8,
    into output: UnsafeMutablePointer<UInt8>
  ) throws(DecodeError) {
    try withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Self.blockCount) {
      (block) throws(DecodeError) in
      guard let levels = block.baseAddress else { return }
      var done = 0
      while done < count {
        let step = min(count - done, Self.blockCount)
        unpack(bytes, count: step, into: levels)
        let largest = tm_max32(levels, step)
        guard largest <= UInt32(maximum) else {
          throw levelError(Int(largest), maximum: maximum)
        }
        tm_narrow8(levels, step, output + done)
        done += step
      }
    }
  }

  private func levelError(_ level: Int, maximum: UInt8) -> DecodeError {
    DecodeError(.level, at: position, "level \(level), expected at most \(maximum)")
  }
}

/// Decodes levels in the deprecated BIT_PACKED encoding: values of a fixed width, the first in
/// the highest bits.
public struct PackedLevelDecoder: Sendable {
  private let bitWidth: Int
  private let end: Int
  private var bit: Int

  /// - Precondition: 0 ≤ bitWidth ≤ 8.
  public init(bitWidth: Int, range: Range<Int>) {
    self.bitWidth = bitWidth
    bit = range.lowerBound * 8
    end = range.upperBound * 8
  }

  /// How many bytes `count` levels take.
  public static func byteCount(_ count: Int, bitWidth: Int) -> Int { (count * bitWidth + 7) / 8 }

  public mutating func decodeLevels(
    _ bytes: Span<UInt8>, count: Int, maximum: UInt8, into output: inout OutputSpan<UInt8>
  ) throws(DecodeError) {
    guard end <= bytes.count * 8, (end - bit) / max(bitWidth, 1) >= count || bitWidth == 0 else {
      throw .truncated(
        at: bit / 8, wanted: Self.byteCount(count, bitWidth: bitWidth), have: (end - bit) / 8)
    }
    for _ in 0..<count {
      var level: UInt8 = 0
      for _ in 0..<bitWidth {
        level = level << 1 | (bytes[bit >> 3] >> UInt8(7 - bit & 7)) & 1
        bit += 1
      }
      guard level <= maximum else {
        throw DecodeError(.level, at: bit / 8, "level \(level), expected at most \(maximum)")
      }
      output.append(level)
    }
  }
}
