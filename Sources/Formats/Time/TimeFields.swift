internal import Base
internal import Kernels

/// What a text says of a time, part by part.
struct TimeFields {
  var year: Int?
  var month = 0
  var day = 0
  var dayOfYear: Int?
  var hour = 0
  var minute = 0
  var second = 0
  var microsecond = 0
  var isAfternoon: Bool?
  /// Seconds east of UTC.
  var offset: Int?
  /// Seconds that an abbreviation may stand for, the usual meaning first.
  var meanings: [Int] = []
  /// Seconds since the epoch, which says all.
  var epoch: Int64?

  /// Reads the parts of a pattern, and moves behind them.
  /// - Returns: whether all were there. Numbers are checked when the time is asked for.
  mutating func scan(
    _ steps: [TimeStep], _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ end: Int
  ) -> Bool {
    for step in steps where !scan(step, bytes, &index, end) { return false }
    return true
  }

  @inline(__always)
  private mutating func scan(
    _ step: TimeStep, _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ end: Int
  ) -> Bool {
    switch step {
    case .literal(let byte):
      guard index < end, bytes[index] == byte else { return false }
      index += 1
    case .space:
      let start = index
      while index < end, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
      return index > start
    case .fractionMark:
      guard index < end, bytes[index] == 0x2E || bytes[index] == 0x2C else { return false }
      index += 1
    case .year:
      year = TimeStep.number(bytes, &index, end, digits: 4...4)
      return year != nil
    case .yearOfCentury:
      guard let value = TimeStep.number(bytes, &index, end, digits: 2...2) else { return false }
      year = value < 69 ? 2000 + value : 1900 + value
    case .month: return number(&month, bytes, &index, end)
    case .monthName: return scanMonthName(bytes, &index, end)
    case .weekday: return Self.scanWeekday(bytes, &index, end)
    case .day:
      // Padded with a space, where the pattern has none of its own before it.
      if index < end, bytes[index] == 0x20 { index += 1 }
      return number(&day, bytes, &index, end)
    case .dayOfYear:
      dayOfYear = TimeStep.number(bytes, &index, end, digits: 1...3)
      return dayOfYear != nil
    case .hour, .hourOfHalf: return number(&hour, bytes, &index, end)
    case .half: return scanHalf(bytes, &index, end)
    case .minute: return number(&minute, bytes, &index, end)
    case .second: return number(&second, bytes, &index, end)
    case .fraction:
      guard let fraction = TimeScan.fraction(bytes, index, end) else { return false }
      microsecond = fraction.microseconds
      index = fraction.end
    case .offset, .abbreviation:
      return scanZone(bytes, &index, end)
    case .epoch:
      let isNegative = index < end && bytes[index] == 0x2D
      if isNegative { index += 1 }
      guard let value = TimeStep.number(bytes, &index, end, digits: 1...12) else { return false }
      epoch = Int64(isNegative ? -value : value)
    }
    return true
  }

  /// An offset, or an abbreviation.
  private mutating func scanZone(
    _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ end: Int
  ) -> Bool {
    guard index < end, bytes[index] != 0x20 else { return false }
    offset = TimeScan.offset(bytes, &index, end)
    if offset == nil { meanings = ZoneAbbreviations.scan(bytes, &index, end) }
    return offset != nil || !meanings.isEmpty
  }

  private func number(
    _ field: inout Int, _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ end: Int
  ) -> Bool {
    guard let value = TimeStep.number(bytes, &index, end, digits: 1...2) else { return false }
    field = value
    return true
  }

  /// `Nov`, `November`, in any case.
  private mutating func scanMonthName(
    _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ end: Int
  ) -> Bool {
    guard end - index >= 3, let base = bytes.baseAddress, let number = scanMonth(base + index)
    else { return false }
    month = number
    return Self.finishName(Self.monthRests[number - 1], bytes, &index, end)
  }

  private static func scanWeekday(
    _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ end: Int
  ) -> Bool {
    guard end - index >= 3 else { return false }
    let start = index
    for name in weekdays where (0..<3).allSatisfy({ bytes[start + $0] | 0x20 == name[$0] }) {
      return finishName(Array(name.dropFirst(3)), bytes, &index, end)
    }
    return false
  }

  /// Moves behind three letters, and behind the rest of the name where it is there.
  private static func finishName(
    _ rest: [UInt8], _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ end: Int
  ) -> Bool {
    index += 3
    guard end - index >= rest.count else { return true }
    let start = index
    if rest.indices.allSatisfy({ bytes[start + $0] | 0x20 == rest[$0] }) { index += rest.count }
    return true
  }

  private static let monthRests = [
    "uary", "ruary", "ch", "il", "", "e", "y", "ust", "tember", "ober", "ember", "ember",
  ].map { Array($0.utf8) }
  private static let weekdays = [
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
  ].map { Array($0.utf8) }

  private mutating func scanHalf(
    _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ end: Int
  ) -> Bool {
    guard end - index >= 2, bytes[index + 1] | 0x20 == UInt8(ascii: "m") else { return false }
    switch bytes[index] | 0x20 {
    case UInt8(ascii: "a"): isAfternoon = false
    case UInt8(ascii: "p"): isAfternoon = true
    default: return false
    }
    index += 2
    return true
  }

  /// `Nov 21 10:00:00`; some devices put a year in front, before or behind the clock, a fraction
  /// behind it, a weekday before the month, and a `*` or `.` in front of all.
  mutating func scanRFC3164(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ end: Int)
    -> Bool
  {
    if index < end, bytes[index] == 0x2A || bytes[index] == 0x2E { index += 1 }
    if end - index >= 5, bytes[index + 4] == 0x20, let given = scanDigits(bytes, index, 4) {
      year = given
      index += 5
    }
    guard end - index >= 14, let base = bytes.baseAddress, bytes[index + 3] == 0x20 else {
      return false
    }
    var number = scanMonth(base + index)
    if number == nil, end - index >= 18, Self.scanWeekday(bytes, &index, end),
      bytes[index] == 0x20, bytes[index + 4] == 0x20
    {
      index += 1
      number = scanMonth(base + index)
    }
    guard let number else { return false }
    month = number
    index += 4
    if bytes[index] == 0x20 { index += 1 }
    guard self.number(&day, bytes, &index, end), index < end, bytes[index] == 0x20 else {
      return false
    }
    index += 1
    if end - index >= 5, bytes[index + 4] == 0x20, let given = scanDigits(bytes, index, 4) {
      year = given
      index += 5
    }
    guard let clock = ISOTime.scanClock(bytes, index, end), clock.end - index >= 8 else {
      return false
    }
    second = Int(clock.microseconds / 1_000_000)
    microsecond = Int(clock.microseconds % 1_000_000)
    // The clock's seconds of the day are whole already.
    hour = second / 3600
    minute = second / 60 % 60
    second -= hour * 3600 + minute * 60
    if hour == 24 { (hour, minute, second) = (23, 59, 60) }
    index = clock.end
    if year == nil, end - index >= 5, bytes[index] == 0x20,
      end - index == 5 || bytes[index + 5] == 0x20, let given = scanDigits(bytes, index + 1, 4),
      (1970...2199).contains(given)
    {
      year = given
      index += 5
    }
    return true
  }
}

extension TimeFields {
  /// Microseconds since the epoch; nil where there is no such time.
  /// - Parameter used: becomes the seconds east of UTC that were taken for it.
  mutating func microseconds(in zone: TimeZoneRules, reference: Instant?, offset used: inout Int)
    -> Int64?
  {
    if let epoch { return epoch * 1_000_000 + Int64(microsecond) }
    if let isAfternoon {
      guard (1...12).contains(hour) else { return nil }
      hour = hour % 12 + (isAfternoon ? 12 : 0)
    }
    guard hour < 24, minute < 60, second <= 60 else { return nil }
    if let year { return microseconds(year, zone, &used) }
    guard let reference else { return nil }
    let day = CivilTime.microsecondsPerDay
    let (latest, overflow) = reference.microseconds.addingReportingOverflow(day)
    guard !overflow, abs(latest / day) < 3_000_000 else { return nil }
    // Clocks may be ahead of UTC, and leap days eight years apart.
    let last = CivilTime(microseconds: latest).year + 1
    for year in stride(from: last, through: last - 9, by: -1) {
      if let time = microseconds(year, zone, &used), time <= latest { return time }
    }
    return nil
  }

  private func microseconds(_ year: Int, _ zone: TimeZoneRules, _ used: inout Int) -> Int64? {
    guard (1...9999).contains(year) else { return nil }
    let days: Int
    if let dayOfYear {
      let isLeap = scanIsDay(year: year, month: 2, day: 29)
      guard (1...(isLeap ? 366 : 365)).contains(dayOfYear) else { return nil }
      days = scanDays(year: year, month: 1, day: 1) + dayOfYear - 1
    } else {
      guard scanIsDay(year: year, month: month, day: day) else { return nil }
      days = scanDays(year: year, month: month, day: day)
    }
    let local = Int64(days * 86_400 + hour * 3600 + minute * 60 + second)
    used = offset ?? zone.offsetSeconds(atLocal: local)
    // Where a word has several meanings, that of the zone counts, if it is among them.
    if let usual = meanings.first, !meanings.contains(used) { used = usual }
    return (local - Int64(used)) * 1_000_000 + Int64(microsecond)
  }
}
