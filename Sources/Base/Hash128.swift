/// A hash for telling things apart that nobody forges: the mixing of MurmurHash3 x64 128.
///
/// Equal hashes are taken for equal things: among a billion of them, two different ones share
/// theirs once in 10^20 times.
///
/// - SeeAlso: Austin Appleby, public domain.
public struct Hash128: Hashable, Comparable, Sendable {
  public var high: UInt64
  public var low: UInt64

  public static let zero = Hash128(high: 0, low: 0)

  @inlinable public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Of bytes; another seed gives another hash.
  @inlinable public init(_ bytes: ArraySlice<UInt8>, seed: Hash128 = .zero) {
    self.init(high: seed.low, low: seed.high)
    var index = bytes.startIndex
    while bytes.endIndex - index >= 16 {
      mix(Self.word(bytes, index, 8), Self.word(bytes, index + 8, 8))
      index += 16
    }
    let left = bytes.endIndex - index
    if left > 0 {
      mix(
        Self.word(bytes, index, min(8, left)),
        left > 8 ? Self.word(bytes, index + 8, left - 8) : 0)
    }
    finish(UInt64(bytes.count))
  }

  /// Of two words, as if they were 16 bytes.
  @inlinable public init(words first: UInt64, _ second: UInt64, seed: Hash128) {
    self.init(high: seed.low, low: seed.high)
    mix(first, second)
    finish(16)
  }

  @inlinable public static func < (a: Hash128, b: Hash128) -> Bool {
    a.high != b.high ? a.high < b.high : a.low < b.low
  }

  /// A little-endian number of up to eight bytes.
  /// - Precondition: so many bytes are there from `start`.
  @inlinable public static func word(
    _ bytes: ArraySlice<UInt8>, _ start: Int, _ count: Int
  ) -> UInt64 {
    var result: UInt64 = 0
    for index in 0..<count { result |= UInt64(bytes[start + index]) << UInt64(8 * index) }
    return result
  }

  @inlinable mutating func mix(_ first: UInt64, _ second: UInt64) {
    let c1: UInt64 = 0x87c3_7b91_1142_53d5
    let c2: UInt64 = 0x4cf5_ad43_2745_937f
    high ^= Self.rotated(first &* c1, 31) &* c2
    high = (Self.rotated(high, 27) &+ low) &* 5 &+ 0x52dc_e729
    low ^= Self.rotated(second &* c2, 33) &* c1
    low = (Self.rotated(low, 31) &+ high) &* 5 &+ 0x3849_5ab5
  }

  @inlinable mutating func finish(_ count: UInt64) {
    high ^= count
    low ^= count
    high &+= low
    low &+= high
    high = Self.avalanche(high)
    low = Self.avalanche(low)
    high &+= low
    low &+= high
  }

  @inlinable static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 {
    value << bits | value >> (64 - bits)
  }

  @inlinable static func avalanche(_ value: UInt64) -> UInt64 {
    var value = value
    value ^= value >> 33
    value &*= 0xff51_afd7_ed55_8ccd
    value ^= value >> 33
    value &*= 0xc4ce_b9fe_1a85_ec53
    return value ^ value >> 33
  }
}
