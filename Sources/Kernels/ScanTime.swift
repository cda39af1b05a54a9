/// Dates and times as text, without allocation.

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar (Howard Hinnant's
/// `days_from_civil`).
@inlinable
func scanDays(year: Int, month: Int, day: Int) -> Int {
  let y = month <= 2 ? year - 1 : year
  let era = (y >= 0 ? y : y - 399) / 400
  let yearOfEra = y - era * 400
  let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/// Whether the day exists in the month.
func scanIsDay(year: Int, month: Int, day: Int) -> Bool {
  guard month >= 1, month <= 12, day >= 1 else { return false }
  switch month {
  case 2: return day <= (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28)
  case 4, 6, 9, 11: return day <= 30
  default: return day <= 31
  }
}

/// The number that `count` digits make, from `start` on; nil where one is none.
@inlinable
func scanDigits(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ count: Int) -> Int? {
  guard start + count <= text.count else { return nil }
  var value = 0
  for index in start..<start + count {
    let digit = text[index] &- 0x30
    if digit > 9 { return nil }
    value = value * 10 + Int(digit)
  }
  return value
}

/// Days since 1970-01-01 of `2026-11-21`; nil for anything else.
public func scanDate(_ text: UnsafeBufferPointer<UInt8>) -> Int32? {
  guard text.count == 10 else { return nil }
  return scanDatePart(text).map { Int32($0) }
}

private func scanDatePart(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
  guard let year = scanDigits(text, 0, 4), let month = scanDigits(text, 5, 2),
    let day = scanDigits(text, 8, 2), text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
    scanIsDay(year: year, month: month, day: day)
  else { return nil }
  return scanDays(year: year, month: month, day: day)
}

/// Microseconds since 1970-01-01T00:00:00Z of an ISO 8601 date or date-time; no zone means UTC.
/// Digits beyond the microsecond are dropped; a leap second is the second after it.
public func scanTimestamp(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
  guard let days = scanDatePart(text) else { return nil }
  if text.count == 10 { return Int64(days) * 86_400_000_000 }
  guard
    text[10] == UInt8(ascii: "T") || text[10] == UInt8(ascii: " ")
      || text[10] == UInt8(ascii: "t"), let hour = scanDigits(text, 11, 2),
    let minute = scanDigits(text, 14, 2), text[13] == UInt8(ascii: ":"), hour < 24, minute < 60
  else { return nil }
  var index = 16
  var seconds = hour * 3600 + minute * 60
  var microseconds = 0
  if index < text.count, text[index] == UInt8(ascii: ":") {
    guard let second = scanDigits(text, 17, 2), second <= 60 else { return nil }
    seconds += second
    index = 19
    if index < text.count, text[index] == UInt8(ascii: ".") || text[index] == UInt8(ascii: ",") {
      index += 1
      var unit = 100_000
      let first = index
      while index < text.count, text[index] &- 0x30 <= 9 {
        microseconds += Int(text[index] &- 0x30) * unit
        unit /= 10
        index += 1
      }
      if index == first { return nil }
    }
  }
  if index < text.count, text[index] == UInt8(ascii: " ") { index += 1 }
  guard let offset = scanZone(text, index) else { return nil }
  return (Int64(days) * 86_400 + Int64(seconds - offset)) * 1_000_000 + Int64(microseconds)
}

/// Seconds east of UTC of `Z`, `+01:00`, `+0100`, `+01` or nothing, up to the end of the text.
func scanZone(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int? {
  if start == text.count { return 0 }
  let first = text[start]
  if first | 0x20 == UInt8(ascii: "z") { return start + 1 == text.count ? 0 : nil }
  guard first == UInt8(ascii: "+") || first == UInt8(ascii: "-"),
    let hours = scanDigits(text, start + 1, 2), hours < 24
  else { return nil }
  var index = start + 3
  var minutes = 0
  if index < text.count {
    if text[index] == UInt8(ascii: ":") { index += 1 }
    guard let parsed = scanDigits(text, index, 2), parsed < 60, index + 2 == text.count else {
      return nil
    }
    minutes = parsed
  }
  let offset = hours * 3600 + minutes * 60
  return first == UInt8(ascii: "-") ? -offset : offset
}
