/// Bits in order, the first in the lowest bit of the first word. Bits past `count` are zero.
@frozen
public struct Bitmap: Hashable, Sendable {
  @usableFromInline var storage: [UInt64]
  @usableFromInline var length: Int

  @inlinable public var words: [UInt64] { storage }
  @inlinable public var count: Int { length }

  @inlinable
  public init() {
    storage = []
    length = 0
  }

  /// - Precondition: words.count = ⌈count / 64⌉.
  public init(words: [UInt64], count: Int) {
    precondition(words.count == (count + 63) / 64)
    storage = words
    length = count
    if count % 64 != 0 { storage[words.count - 1] &= (1 << UInt64(count % 64)) - 1 }
  }

  public init(repeating bit: Bool, count: Int) {
    self.init(words: Array(repeating: bit ? ~0 : 0, count: (count + 63) / 64), count: count)
  }

  public init(_ bits: some Sequence<Bool>) {
    self.init()
    for bit in bits { append(bit) }
  }

  @inlinable
  public subscript(index: Int) -> Bool {
    precondition(index >= 0 && index < count)
    return storage[index >> 6] >> UInt64(index & 63) & 1 != 0
  }

  /// How many bits are one. Complexity: O(count / 64).
  public var onesCount: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  @inlinable
  public mutating func append(_ bit: Bool) {
    if length & 63 == 0 { storage.append(0) }
    if bit { storage[length >> 6] |= 1 << UInt64(length & 63) }
    length += 1
  }

  public mutating func append(repeating bit: Bool, count added: Int) {
    var left = added
    while left > 0, count & 63 != 0 {
      append(bit)
      left -= 1
    }
    while left >= 64 {
      storage.append(bit ? ~0 : 0)
      length += 64
      left -= 64
    }
    for _ in 0..<left { append(bit) }
  }

  /// The bits at `range`, moved to the front. Complexity: O(range.count / 64).
  public func slice(_ range: Range<Int>) -> Bitmap {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    let shift = UInt64(range.lowerBound & 63)
    let first = range.lowerBound >> 6
    var result: [UInt64] = []
    result.reserveCapacity((range.count + 63) / 64)
    for index in 0..<(range.count + 63) / 64 {
      var word = words[first + index] >> shift
      if shift > 0, first + index + 1 < words.count {
        word |= words[first + index + 1] << (64 - shift)
      }
      result.append(word)
    }
    return Bitmap(words: result, count: range.count)
  }

  /// The bits at the given indices, in that order.
  public func gather(_ indices: [Int32]) -> Bitmap {
    Bitmap(indices.lazy.map { self[Int($0)] })
  }
}
