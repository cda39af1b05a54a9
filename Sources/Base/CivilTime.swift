/// A date and a time of day in the proleptic Gregorian calendar, without a zone.
///
/// The conversions are Howard Hinnant's `days_from_civil` and `civil_from_days`: exact over the
/// whole range, with no tables and no locale.
public struct CivilTime: Hashable, Sendable {
  public var year: Int
  public var month: Int
  public var day: Int
  public var hour = 0
  public var minute = 0
  public var second = 0
  public var microsecond = 0

  public init(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0,
    microsecond: Int = 0
  ) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
    self.microsecond = microsecond
  }

  public static let microsecondsPerDay: Int64 = 86_400_000_000

  /// - Parameter microseconds: since 1970-01-01T00:00:00.
  public init(microseconds: Int64) {
    let days = microseconds.floorDivided(by: Self.microsecondsPerDay)
    let rest = Int(microseconds &- days &* Self.microsecondsPerDay)
    self.init(daysSinceEpoch: Int(days))
    microsecond = rest % 1_000_000
    let seconds = rest / 1_000_000
    second = seconds % 60
    minute = seconds / 60 % 60
    hour = seconds / 3600
  }

  public init(daysSinceEpoch days: Int) {
    let z = days + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthIndex = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
    month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// Days from 1970-01-01 to this date. The fields must be a real date within ±1,000,000 years.
  public var daysSinceEpoch: Int {
    Self.daysSinceEpoch(year: year, month: month, day: day)
  }

  @inlinable
  public static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// Microseconds since 1970-01-01T00:00:00.
  public var microseconds: Int64 {
    Int64(daysSinceEpoch) * Self.microsecondsPerDay
      + Int64(((hour * 60 + minute) * 60 + second)) * 1_000_000 + Int64(microsecond)
  }

  public static func daysInMonth(year: Int, month: Int) -> Int {
    switch month {
    case 2: return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: return 30
    default: return 31
    }
  }

  public var isValid: Bool {
    (1...12).contains(month) && day >= 1 && day <= Self.daysInMonth(year: year, month: month)
      && (0...23).contains(hour) && (0...59).contains(minute) && (0...59).contains(second)
      && (0...999_999).contains(microsecond)
  }

  /// `2026-11-21`.
  public var dateText: String {
    "\(year < 0 ? "-" : "")\(padded(abs(year), 4))-\(padded(month, 2))-\(padded(day, 2))"
  }

  /// `07:34:00` or `07:34:00.25`: the fraction without trailing zeros.
  public var timeText: String {
    var text = "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2))"
    if microsecond != 0 {
      var fraction = padded(microsecond, 6)
      while fraction.hasSuffix("0") { fraction.removeLast() }
      text += ".\(fraction)"
    }
    return text
  }

  /// `2026-11-21T07:34:00`.
  public var text: String { "\(dateText)T\(timeText)" }

  /// Microseconds since the epoch of an ISO 8601 date or date-time; no zone means UTC.
  public static func parse(_ text: some StringProtocol) -> Int64? {
    var scanner = DigitScanner(text)
    guard let year = scanner.digits(4), scanner.skip("-"), let month = scanner.digits(2),
      scanner.skip("-"), let day = scanner.digits(2)
    else { return nil }
    var time = CivilTime(year: year, month: month, day: day)
    var offsetSeconds = 0
    if scanner.skip("T") || scanner.skip("t") || scanner.skip(" ") {
      guard let hour = scanner.digits(2), scanner.skip(":"), let minute = scanner.digits(2)
      else { return nil }
      time.hour = hour
      time.minute = minute
      if scanner.skip(":") {
        guard let second = scanner.digits(2) else { return nil }
        time.second = second
        if scanner.skip(".") || scanner.skip(",") {
          guard let fraction = scanner.fraction() else { return nil }
          time.microsecond = fraction
        }
      }
      _ = scanner.skip(" ")
      if !scanner.skip("Z") && !scanner.skip("z") && !scanner.isAtEnd {
        let sign: Int
        if scanner.skip("+") {
          sign = 1
        } else if scanner.skip("-") {
          sign = -1
        } else {
          return nil
        }
        guard let hours = scanner.digits(2) else { return nil }
        _ = scanner.skip(":")
        let minutes = scanner.isAtEnd ? 0 : scanner.digits(2)
        guard let minutes, hours < 24, minutes < 60 else { return nil }
        offsetSeconds = sign * (hours * 3600 + minutes * 60)
      }
    }
    guard scanner.isAtEnd, time.isValid else { return nil }
    return time.microseconds - Int64(offsetSeconds) * 1_000_000
  }
}

extension Int64 {
  @inlinable
  public func floorDivided(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}

/// The number in decimal, filled up with zeros on the left.
public func padded(_ number: Int, _ width: Int) -> String {
  let digits = String(number)
  return digits.count >= width
    ? digits : String(repeating: "0", count: width - digits.count) + digits
}

private struct DigitScanner {
  private let bytes: [UInt8]
  private var index = 0

  init(_ text: some StringProtocol) { bytes = Array(text.utf8) }

  var isAtEnd: Bool { index == bytes.count }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  mutating func digits(_ count: Int) -> Int? {
    guard index + count <= bytes.count else { return nil }
    var value = 0
    for byte in bytes[index..<index + count] {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      value = value * 10 + Int(byte - 0x30)
    }
    index += count
    return value
  }

  /// Digits after the point, as microseconds; further digits are dropped.
  mutating func fraction() -> Int? {
    var value = 0
    var count = 0
    while index < bytes.count, bytes[index] >= 0x30, bytes[index] <= 0x39 {
      if count < 6 { value = value * 10 + Int(bytes[index] - 0x30) }
      count += 1
      index += 1
    }
    guard count > 0 else { return nil }
    while count < 6 {
      value *= 10
      count += 1
    }
    return value
  }
}
