internal import Base

/// A key's bytes in 128 bits; equal digests are taken for equal keys.
typealias KeyDigest = Hash128

extension KeyDigest {
  static let byteCount = 16

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
    self.init(
      high: Self.word(bytes[...], start, 8), low: Self.word(bytes[...], start + 8, 8))
  }
}
