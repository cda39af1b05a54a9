/// Decimal numbers in ASCII to unscaled integers: `-12.50` at scale 2 is -1250.
///
/// The form is the one that database servers write for a column of that scale: an optional sign,
/// digits, and exactly `scale` digits after the point; no point at scale 0, no exponent.
@frozen
public enum ParseTextDecimal {
  /// An unscaled decimal of up to 18 digits, or nil where the text has another form or more digits.
  ///
  /// - Parameters:
  ///   - text: `count` characters; eight bytes before and behind them may be read.
  ///   - scale: digits after the point, 0 … 18.
  @inlinable @inline(__always)
  public static func int64(_ text: UnsafeRawPointer, count: Int, scale: Int) -> Int64? {
    var start = text
    var count = count
    var isNegative = false
    if count > 0, text.load(as: UInt8.self) == UInt8(ascii: "-") {
      isNegative = true
      start += 1
      count &-= 1
    }
    guard let magnitude = magnitude(start, count: count, scale: scale) else { return nil }
    return isNegative ? 0 &- magnitude : magnitude
  }

  @inlinable @inline(__always)
  static func magnitude(_ text: UnsafeRawPointer, count: Int, scale: Int) -> Int64? {
    if scale == 0 {
      if count == 0 || count > 18 { return nil }
      if count <= 8 {
        return ParseTextDigits.upToEight(text, count: count).map { Int64(bitPattern: $0) }
      }
      return ParseTextDigits.wide(text, count: count).map { Int64(truncatingIfNeeded: $0) }
    }
    let whole = count &- scale &- 1
    if whole < 1 || count > 20 { return nil }
    // 18 digits after the point have a zero before it that is no digit of the number.
    if count == 20, text.load(as: UInt8.self) != UInt8(ascii: "0") { return nil }
    if (text + whole).load(as: UInt8.self) != UInt8(ascii: ".") { return nil }
    if count <= 9 {
      // One word holds the digits: close the gap at the point.
      let word = UInt64(littleEndian: text.loadUnaligned(as: UInt64.self))
      let next = UInt64((text + 8).load(as: UInt8.self))
      let shift = UInt64(whole) &* 8
      let low: UInt64 = shift >= 64 ? ~0 : (1 << shift) &- 1
      let moved = (word >> 8) | (next << 56)
      let digits = (word & low) | (moved & ~low)
      let free = UInt64(9 &- count) &* 8
      let zeros: UInt64 = free == 0 ? 0 : 0x3030_3030_3030_3030 >> (64 &- free)
      return ParseTextDigits.eight((digits << free) | zeros).map { Int64(bitPattern: $0) }
    }
    guard let high = ParseTextDigits.wide(text, count: whole),
      let low = ParseTextDigits.wide(text + whole + 1, count: scale)
    else { return nil }
    return Int64(truncatingIfNeeded: high &* powerOfTen128(scale) &+ low)
  }

  /// An unscaled decimal of up to 38 digits, or nil where the text has another form or more digits.
  ///
  /// - Parameters:
  ///   - text: `count` characters; eight bytes behind them may be read.
  ///   - scale: digits after the point, 0 … 38.
  @inlinable
  public static func int128(_ text: UnsafeRawPointer, count: Int, scale: Int) -> Int128? {
    var start = text
    var count = count
    var isNegative = false
    if count > 0, text.load(as: UInt8.self) == UInt8(ascii: "-") {
      isNegative = true
      start += 1
      count &-= 1
    }
    let whole = scale == 0 ? count : count &- scale &- 1
    if whole < 1 || count > 40 { return nil }
    if scale > 0, (start + whole).load(as: UInt8.self) != UInt8(ascii: ".") { return nil }
    // A leading zero is no digit of the number: 38 digits may follow the point.
    let isZero = whole == 1 && start.load(as: UInt8.self) == UInt8(ascii: "0")
    if (isZero ? 0 : whole) + scale > 38 { return nil }
    guard let high = ParseTextDigits.wide(start, count: whole) else { return nil }
    var magnitude = high
    if scale > 0 {
      guard let low = ParseTextDigits.wide(start + whole + 1, count: scale) else { return nil }
      magnitude = high &* powerOfTen128(scale) &+ low
    }
    return isNegative ? 0 &- magnitude : magnitude
  }

  /// 10^exponent for 0 … 38.
  @inlinable
  static func powerOfTen128(_ exponent: Int) -> Int128 {
    var result: Int128 = 1
    for _ in 0..<exponent { result &*= 10 }
    return result
  }
}
