/// Decimal digits in ASCII to numbers, eight at a time.
///
/// Eight characters are one 64-bit word; three multiplications add neighbours up by pairs, fours
/// and eights ("SIMD within a register").
@frozen
public enum ParseTextDigits {
  /// The number that eight digits stand for, the first in the lowest byte; nil where a byte is
  /// no digit.
  @inlinable @inline(__always)
  public static func eight(_ word: UInt64) -> UInt64? {
    // A digit has 3 in its high half, and still has it after adding 6.
    let shifted = word &+ 0x0606_0606_0606_0606
    if (word & 0xF0F0_F0F0_F0F0_F0F0) | ((shifted & 0xF0F0_F0F0_F0F0_F0F0) >> 4)
      != 0x3333_3333_3333_3333
    {
      return nil
    }
    var value = word & 0x0F0F_0F0F_0F0F_0F0F
    value = (value &* 10 &+ (value >> 8)) & 0x00FF_00FF_00FF_00FF
    value = (value &* 100 &+ (value >> 16)) & 0x0000_FFFF_0000_FFFF
    return (value &* 10_000 &+ (value >> 32)) & 0xFFFF_FFFF
  }

  /// The number that up to eight digits stand for; nil where one of the bytes is no digit.
  ///
  /// - Parameters:
  ///   - bytes: `count` digits; eight bytes from here on may be read.
  ///   - count: 0 … 8. No digits are 0.
  @inlinable @inline(__always)
  public static func upToEight(_ bytes: UnsafeRawPointer, count: Int) -> UInt64? {
    if count == 0 { return 0 }
    let free = UInt64(8 &- count) &* 8
    let word = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    // Moved to the high end, with zeros as digits before it.
    let zeros: UInt64 = free == 0 ? 0 : 0x3030_3030_3030_3030 >> (64 &- free)
    return eight((word << free) | zeros)
  }

  /// The number that digits stand for; nil where one of the bytes is no digit, or beyond 128 bits.
  ///
  /// - Parameter bytes: `count` digits; eight bytes more than that may be read.
  @inlinable
  public static func wide(_ bytes: UnsafeRawPointer, count: Int) -> Int128? {
    if count > 38 { return nil }
    var value: Int128 = 0
    var index = 0
    while index < count {
      let step = min(8, count &- index)
      guard let digits = upToEight(bytes + index, count: step) else { return nil }
      value = value &* Int128(powerOfTen(step)) &+ Int128(digits)
      index &+= step
    }
    return value
  }

  /// 10^exponent for 0 … 8.
  @inlinable @inline(__always)
  static func powerOfTen(_ exponent: Int) -> Int64 {
    switch exponent {
    case 8: 100_000_000
    case 7: 10_000_000
    case 6: 1_000_000
    case 5: 100_000
    case 4: 10_000
    case 3: 1_000
    case 2: 100
    case 1: 10
    default: 1
    }
  }
}
