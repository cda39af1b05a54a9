internal import CKernels

/// Bits under construction, 64 a word: a boolean column's values.
public struct DecodedBits: Sendable {
  /// Bits past `count` are zero; may be longer than ⌈count / 64⌉.
  public private(set) var words: [UInt64]
  public private(set) var count = 0

  public init(capacity: Int) { words = [UInt64](repeating: 0, count: (capacity + 63) / 64) }

  /// Exactly ⌈count / 64⌉ words.
  public consuming func finish() -> [UInt64] {
    let needed = (count + 63) / 64
    if words.count > needed { words.removeLast(words.count - needed) }
    return words
  }

  private mutating func makeRoom(_ added: Int) {
    let needed = (count + added + 63) / 64
    if words.count < needed {
      words.append(contentsOf: repeatElement(0, count: max(needed - words.count, words.count)))
    }
  }

  /// Appends `added` bits that begin at bit `bit` of the bytes: a PLAIN page of booleans.
  public mutating func append(
    _ bytes: Span<UInt8>, fromBit bit: Int, count added: Int
  ) throws(DecodeError) {
    guard added > 0 else { return }
    guard bit >= 0, added <= bytes.count * 8 - bit else {
      throw .truncated(at: bit / 8, wanted: (added + 7) / 8, have: bytes.count - bit / 8)
    }
    makeRoom(added)
    bytes.withUnsafeBufferPointer { bytes in
      words.withUnsafeMutableBufferPointer { words in
        guard let base = bytes.baseAddress, let target = words.baseAddress else { return }
        _ = tm_copy_bits(target, count, base, bytes.count, bit, added)
      }
    }
    count += added
  }

  public mutating func append(repeating bit: Bool, count added: Int) {
    guard added > 0 else { return }
    makeRoom(added)
    words.withUnsafeMutableBufferPointer { words in
      if let target = words.baseAddress { tm_fill_bits(target, count, added, bit) }
    }
    count += added
  }

  /// Spreads the last `dense` bits over `slots` slots: slot i gets the next one where bit
  /// `first + i` of `validity` is one, else zero.
  /// - Precondition: exactly `dense` of those bits are one.
  public mutating func spreadLast(
    dense: Int, over slots: Int, validity: [UInt64], from first: Int
  ) {
    guard dense < slots else { return }
    makeRoom(slots - dense)
    var target = count - dense + slots
    var source = count
    count = target
    for index in stride(from: first + slots - 1, through: first, by: -1) {
      target -= 1
      var bit: UInt64 = 0
      if validity[index >> 6] >> UInt64(index & 63) & 1 != 0 {
        source -= 1
        bit = words[source >> 6] >> UInt64(source & 63) & 1
      }
      let shift = UInt64(target & 63)
      words[target >> 6] = words[target >> 6] & ~(1 << shift) | bit << shift
    }
  }
}

extension HybridDecoder {
  /// Appends the next `count` values of a column of booleans, bit width 1.
  public mutating func decodeBooleans(
    _ bytes: Span<UInt8>, count: Int, into output: inout DecodedBits
  ) throws(DecodeError) {
    var left = count
    while left > 0 {
      if runLeft == 0 {
        try bytes.withUnsafeBufferPointer { (bytes) throws(DecodeError) in try beginRun(bytes) }
      }
      let step = min(left, runLeft)
      if isPacked {
        try output.append(bytes, fromBit: bit, count: step)
        bit += step
      } else {
        guard value <= 1 else {
          throw DecodeError(.range, at: position, "boolean \(value), expected 0 or 1")
        }
        output.append(repeating: value == 1, count: step)
      }
      runLeft -= step
      left -= step
    }
  }
}
