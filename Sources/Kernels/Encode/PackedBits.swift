internal import CKernels

/// Bits under construction, the first in the lowest bit of the first word. Bits past `count` are
/// zero.
public struct PackedBits: ~Copyable, Sendable {
  private var words: [UInt64] = []
  public private(set) var count = 0

  public init() {}

  /// Bytes of memory held.
  public var memoryByteCount: Int { words.capacity * 8 }

  /// Forgets the bits and keeps the allocation.
  public mutating func removeAll() {
    words.removeAll(keepingCapacity: true)
    count = 0
  }

  public mutating func append(repeating bit: Bool, count added: Int) {
    precondition(added >= 0)
    guard added > 0 else { return }
    extend(by: added)
    let target = count
    words.withUnsafeMutableBufferPointer { words in
      if let base = words.baseAddress { tm_fill_bits(base, target, added, bit) }
    }
    count += added
  }

  /// Appends the bits at `range` of a row of words.
  /// - Returns: how many of them are one.
  @discardableResult
  public mutating func append(_ source: [UInt64], range: Range<Int>) -> Int {
    precondition(range.lowerBound >= 0 && range.upperBound <= source.count * 64)
    guard !range.isEmpty else { return 0 }
    extend(by: range.count)
    let target = count
    count += range.count
    return words.withUnsafeMutableBufferPointer { words in
      source.withUnsafeBytes { bytes in
        guard let output = words.baseAddress,
          let input = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        else { return 0 }
        return tm_copy_bits(output, target, input, bytes.count, range.lowerBound, range.count)
      }
    }
  }

  /// Appends those bits at `range` of `source` whose bit in `mask` is one.
  /// - Returns: how many were appended.
  @discardableResult
  public mutating func append(_ source: [UInt64], range: Range<Int>, where mask: [UInt64]) -> Int {
    precondition(range.lowerBound >= 0 && range.upperBound <= source.count * 64)
    precondition(range.upperBound <= mask.count * 64)
    guard !range.isEmpty else { return 0 }
    extend(by: range.count)
    let target = count
    let kept = words.withUnsafeMutableBufferPointer { words in
      source.withUnsafeBufferPointer { source in
        mask.withUnsafeBufferPointer { mask in
          guard let output = words.baseAddress, let input = source.baseAddress,
            let mask = mask.baseAddress
          else { return 0 }
          return tm_compact_bits(
            input, range.lowerBound, mask, range.lowerBound, range.count, output, target)
        }
      }
    }
    count += kept
    words.removeLast(words.count - (count + 63) / 64)
    return kept
  }

  /// How many bits from `start` on are one.
  public borrowing func onesCount(from start: Int) -> Int {
    BitCount.ones(words, range: start..<count)
  }

  /// Appends a bit a level: whether it is at least `threshold`.
  public mutating func append(levels: Span<UInt8>, atLeast threshold: UInt8) {
    guard levels.count > 0 else { return }
    extend(by: levels.count)
    let target = count
    words.withUnsafeMutableBufferPointer { words in
      levels.withUnsafeBufferPointer { levels in
        guard let output = words.baseAddress, let input = levels.baseAddress else { return }
        _ = tm_levels_to_bits(output, target, input, levels.count, threshold)
      }
    }
    count += levels.count
  }

  private mutating func extend(by added: Int) {
    let needed = (count + added + 63) / 64
    if needed > words.count {
      words.append(contentsOf: repeatElement(0, count: needed - words.count))
    }
  }

  /// The bits as bytes, the last one filled up with zeros.
  public borrowing func withBytes<Result, E: Error>(
    _ body: (RawSpan) throws(E) -> Result
  ) throws(E) -> Result {
    try body(words.span.bytes.extracting(0..<(count + 7) / 8))
  }

  borrowing func withUnsafeWords<Result>(
    _ body: (UnsafeBufferPointer<UInt64>) -> Result
  ) -> Result {
    words.withUnsafeBufferPointer(body)
  }
}

/// Counting bits in rows of words.
public enum BitCount {
  /// How many bits at `range` are one.
  public static func ones(_ words: [UInt64], range: Range<Int>) -> Int {
    precondition(range.lowerBound >= 0 && range.upperBound <= words.count * 64)
    guard !range.isEmpty else { return 0 }
    return words.withUnsafeBufferPointer { words in
      guard let base = words.baseAddress else { return 0 }
      return tm_count_bits(base, range.lowerBound, range.count)
    }
  }
}
