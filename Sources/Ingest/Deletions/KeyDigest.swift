/// A key's bytes in 128 bits. Equal digests are taken for equal keys: among a billion keys two
/// different ones share theirs once in 10^20 comparisons.
///
/// - SeeAlso: MurmurHash3 x64 128, Austin Appleby, public domain.
struct KeyDigest: Hashable, Comparable, Sendable {
  var high: UInt64
  var low: UInt64

  static let byteCount = 16

  static func < (a: KeyDigest, b: KeyDigest) -> Bool {
    a.high != b.high ? a.high < b.high : a.low < b.low
  }

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  init(_ bytes: ArraySlice<UInt8>) {
    high = 0
    low = 0
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

  /// Which of so many bins it belongs to, evenly; bins of another level are others.
  func bin(of count: Int, level: Int) -> Int {
    let turned = low << UInt64(level * 11) | low >> UInt64(64 - level * 11)
    return Int(turned.multipliedFullWidth(by: UInt64(count)).high)
  }

  // MARK: As bytes

  func append(to bytes: inout [UInt8]) {
    Self.append(high, to: &bytes)
    Self.append(low, to: &bytes)
  }

  static func append(_ word: UInt64, to bytes: inout [UInt8]) {
    for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift * 8))) }
  }

  /// - Precondition: 16 bytes from `start`.
  init(at start: Int, in bytes: [UInt8]) {
    high = Self.word(bytes[...], start, 8)
    low = Self.word(bytes[...], start + 8, 8)
  }

  /// A little-endian number.
  static func word(_ bytes: ArraySlice<UInt8>, _ start: Int, _ count: Int) -> UInt64 {
    var result: UInt64 = 0
    for index in 0..<count { result |= UInt64(bytes[start + index]) << UInt64(8 * index) }
    return result
  }

  // MARK: Mixing

  private mutating func mix(_ first: UInt64, _ second: UInt64) {
    let c1: UInt64 = 0x87c3_7b91_1142_53d5
    let c2: UInt64 = 0x4cf5_ad43_2745_937f
    high ^= Self.rotated(first &* c1, 31) &* c2
    high = (Self.rotated(high, 27) &+ low) &* 5 &+ 0x52dc_e729
    low ^= Self.rotated(second &* c2, 33) &* c1
    low = (Self.rotated(low, 31) &+ high) &* 5 &+ 0x3849_5ab5
  }

  private mutating func finish(_ count: UInt64) {
    high ^= count
    low ^= count
    high &+= low
    low &+= high
    high = Self.avalanche(high)
    low = Self.avalanche(low)
    high &+= low
    low &+= high
  }

  private static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 {
    value << bits | value >> (64 - bits)
  }

  private static func avalanche(_ value: UInt64) -> UInt64 {
    var value = value
    value ^= value >> 33
    value &*= 0xff51_afd7_ed55_8ccd
    value ^= value >> 33
    value &*= 0xc4ce_b9fe_1a85_ec53
    value ^= value >> 33
    return value
  }
}
