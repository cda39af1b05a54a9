internal import Formats

/// 128 bits that stand for a value: two different values have the same ones by chance less than
/// once in 10^20 pairs of billions. Not for keeping enemies out: who can forge records need not.
struct Fingerprint: Hashable, Sendable {
  private(set) var high: UInt64 = 0x243F_6A88_85A3_08D3
  private(set) var low: UInt64 = 0x1319_8A2E_0370_7344

  init() {}

  init(_ text: some StringProtocol) { add(text) }

  mutating func add(_ word: UInt64) {
    high = Self.fold(high ^ word, 0x9E37_79B9_7F4A_7C15)
    low = Self.fold(low &+ word ^ 0xA409_3822_299F_31D0, 0xC2B2_AE3D_27D4_EB4F) ^ (high << 1)
  }

  /// Adds the bytes and their count, so that texts side by side do not run into each other.
  mutating func add(_ text: some StringProtocol) {
    var word: UInt64 = 0
    var count: UInt64 = 0
    for byte in text.utf8 {
      word = word << 8 | UInt64(byte)
      count += 1
      if count & 7 == 0 {
        add(word)
        word = 0
      }
    }
    add(word)
    add(count)
  }

  mutating func add(_ other: Fingerprint) {
    add(other.high)
    add(other.low)
  }

  /// The sum of two, whatever their order.
  func united(with other: Fingerprint) -> Fingerprint {
    var sum = self
    sum.high = high &+ other.high
    sum.low = low &+ other.low
    return sum
  }

  private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let (high, low) = a.multipliedFullWidth(by: b)
    return high ^ low
  }

  func hash(into hasher: inout Hasher) { hasher.combine(low) }
}

extension Fingerprint {
  /// Of a record's content: its members that are not null, in whatever order they come.
  init(content value: JSONCursor) {
    self.init()
    switch value.kind {
    case .object:
      var sum = Fingerprint()
      for (key, member) in value.members where !member.isNull {
        var pair = Fingerprint(key)
        pair.add(Fingerprint(content: member))
        sum = sum.united(with: pair)
      }
      add(1)
      add(sum)
    case .array:
      add(2)
      for element in value.elements { add(Fingerprint(content: element)) }
      add(3)
    case .string:
      add(4)
      add(value.string ?? "")
    case .number, .boolean, .null: add(value.text)
    }
  }

  /// 32 hexadecimal digits.
  var text: String {
    [high, low].map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  init?(text: some StringProtocol) {
    guard text.utf8.count == 32, let high = UInt64(text.prefix(16), radix: 16),
      let low = UInt64(text.suffix(16), radix: 16)
    else { return nil }
    self.high = high
    self.low = low
  }
}
