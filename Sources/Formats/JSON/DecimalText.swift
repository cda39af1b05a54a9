/// Decimal numbers as text: `-12.50`, `1e+20`, `3`.
enum DecimalText {
  /// 10⁰ to 10¹⁸.
  static let powersOfTen: [UInt64] = (0...18).map { exponent in
    (0..<exponent).reduce(1) { power, _ in power * 10 }
  }

  /// The number times 10^scale.
  /// - Parameter rounds: digits beyond the scale are rounded half away from zero; otherwise they
  ///   must be zeros.
  /// - Returns: nil where the text is no number or the result needs more than 18 digits.
  static func unscaled(_ text: [UInt8], scale: Int, rounds: Bool) -> Int64? {
    var index = 0
    let isNegative = text.first == UInt8(ascii: "-")
    if isNegative || text.first == UInt8(ascii: "+") { index += 1 }
    var digits: [UInt8] = []
    /// Where the point stands, as a count of digits before it.
    var point: Int?
    while index < text.count {
      let byte = text[index]
      if byte == UInt8(ascii: "."), point == nil {
        point = digits.count
      } else if byte >= 0x30, byte <= 0x39 {
        digits.append(byte - 0x30)
      } else {
        break
      }
      index += 1
    }
    guard !digits.isEmpty, digits.count < 400 else { return nil }
    var exponent = 0
    if index < text.count {
      guard text[index] | 0x20 == UInt8(ascii: "e"),
        let parsed = Int(String(decoding: text[(index + 1)...], as: UTF8.self)),
        abs(parsed) < 400
      else { return nil }
      exponent = parsed
    }
    return unscaled(
      digits, wholeDigits: (point ?? digits.count) + exponent + scale, isNegative, rounds)
  }

  /// - Parameter wholeDigits: how many of the digits count; beyond their number, zeros follow.
  private static func unscaled(
    _ digits: [UInt8], wholeDigits: Int, _ isNegative: Bool, _ rounds: Bool
  ) -> Int64? {
    var value: UInt64 = 0
    for position in 0..<max(0, wholeDigits) {
      let digit = position < digits.count ? digits[position] : 0
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow || product > 1_000_000_000_000_000_000 { return nil }
      value = product + UInt64(digit)
    }
    let rest = wholeDigits < 0 ? [0] + digits : Array(digits.dropFirst(wholeDigits))
    if rounds {
      if rest.first ?? 0 >= 5 { value += 1 }
    } else if rest.contains(where: { $0 != 0 }) {
      return nil
    }
    guard value < powersOfTen[18] else { return nil }
    return isNegative ? -Int64(value) : Int64(value)
  }
}
