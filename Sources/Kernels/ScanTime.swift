/// Dates and times as text, without allocation.

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar (Howard Hinnant's
/// `days_from_civil`).
@inlinable
public func scanDays(year: Int, month: Int, day: Int) -> Int {
  let y = month <= 2 ? year - 1 : year
  let era = (y >= 0 ? y : y - 399) / 400
  let yearOfEra = y - era * 400
  let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/// Whether the day exists in the month.
@inlinable
public func scanIsDay(year: Int, month: Int, day: Int) -> Bool {
  guard month >= 1, month <= 12, day >= 1 else { return false }
  switch month {
  case 2: return day <= (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28)
  case 4, 6, 9, 11: return day <= 30
  default: return day <= 31
  }
}

/// The number that `count` digits make, from `start` on; nil where one is none.
@inlinable
public func scanDigits(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ count: Int) -> Int? {
  guard start + count <= text.count else { return nil }
  var value = 0
  for index in start..<start + count {
    let digit = text[index] &- 0x30
    if digit > 9 { return nil }
    value = value * 10 + Int(digit)
  }
  return value
}

/// Seconds east of UTC of `Z`, `+01:00`, `+0100`, `+01` or nothing, up to the end of the text.
public func scanZone(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int? {
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
