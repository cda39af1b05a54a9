internal import Base

/// The calendar fields of a DATE, DATETIME, TIMESTAMP or TIME value on the wire.
///
///     date, time stamp   [length 0, 4, 7 or 11][year 2][month][day][hour][minute][second][µs 4]
///     time               [length 0, 8 or 12][sign][days 4][hour][minute][second][µs 4]
enum CalendarFields {
  /// What a value turned out to be.
  enum Outcome {
    case value(Int64)
    /// 0000-00-00 or a date with a month or a day of 0, or one that no calendar has.
    case noDate
    case malformed
  }

  /// Days since 1970-01-01.
  @inline(__always)
  static func days(_ value: UnsafeRawPointer) -> Outcome {
    let length = value.load(as: UInt8.self)
    if length != 4 && length != 7 && length != 11 { return length == 0 ? .noDate : .malformed }
    let year = Int(UInt16(littleEndian: value.loadUnaligned(fromByteOffset: 1, as: UInt16.self)))
    let month = Int(value.load(fromByteOffset: 3, as: UInt8.self))
    let day = Int(value.load(fromByteOffset: 4, as: UInt8.self))
    // The last three days of a month are looked at closely, the others exist in every month.
    if month &- 1 < 0 || month > 12 || day &- 1 < 0 || day > 28 {
      if month < 1 || month > 12 || day < 1 || year > 9999
        || day > CivilTime.daysInMonth(year: year, month: month)
      {
        return .noDate
      }
    }
    return .value(Int64(CivilTime.daysSinceEpoch(year: year, month: month, day: day)))
  }

  /// Microseconds since 1970-01-01T00:00:00.
  @inline(__always)
  static func microseconds(_ value: UnsafeRawPointer) -> Outcome {
    let length = value.load(as: UInt8.self)
    guard case .value(let days) = days(value) else {
      return length == 0 || length == 4 || length == 7 || length == 11 ? .noDate : .malformed
    }
    var result = days &* CivilTime.microsecondsPerDay
    if length >= 7 {
      guard let seconds = secondsOfDay(value + 5), seconds < 86_400 else { return .malformed }
      result &+= seconds &* 1_000_000
    }
    if length == 11 {
      let fraction = UInt32(
        littleEndian: value.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
      if fraction > 999_999 { return .malformed }
      result &+= Int64(fraction)
    } else if length != 4 && length != 7 {
      return .malformed
    }
    return .value(result)
  }

  /// Microseconds of a duration, which may be negative and longer than a day.
  @inline(__always)
  static func duration(_ value: UnsafeRawPointer) -> Outcome {
    let length = value.load(as: UInt8.self)
    if length == 0 { return .value(0) }
    guard length == 8 || length == 12, let seconds = secondsOfDay(value + 6) else {
      return .malformed
    }
    // A column keeps 34 days; a million still fits the microseconds.
    let days = UInt32(littleEndian: value.loadUnaligned(fromByteOffset: 2, as: UInt32.self))
    if days > 1_000_000 { return .malformed }
    var result = (Int64(days) &* 86_400 &+ seconds) &* 1_000_000
    if length == 12 {
      let fraction = UInt32(
        littleEndian: value.loadUnaligned(fromByteOffset: 9, as: UInt32.self))
      if fraction > 999_999 { return .malformed }
      result &+= Int64(fraction)
    }
    return .value(value.load(fromByteOffset: 1, as: UInt8.self) == 0 ? result : 0 &- result)
  }

  @inline(__always)
  private static func secondsOfDay(_ value: UnsafeRawPointer) -> Int64? {
    let hour = Int64(value.load(as: UInt8.self))
    let minute = Int64(value.load(fromByteOffset: 1, as: UInt8.self))
    let second = Int64(value.load(fromByteOffset: 2, as: UInt8.self))
    if minute > 59 || second > 59 { return nil }
    return (hour &* 60 &+ minute) &* 60 &+ second
  }

  /// The value as the server writes it, whether or not it is a date: `2026-02-00`,
  /// `0000-00-00 00:00:00.000`. Nil where it is malformed.
  ///
  /// - Parameters:
  ///   - withTime: whether a time of day belongs to it.
  ///   - digits: digits after the point, 0 … 6.
  static func text(_ value: UnsafeRawPointer, withTime: Bool, digits: Int) -> String? {
    let length = Int(value.load(as: UInt8.self))
    guard [0, 4, 7, 11].contains(length) else { return nil }
    func byte(_ index: Int) -> Int {
      index < length ? Int(value.load(fromByteOffset: 1 + index, as: UInt8.self)) : 0
    }
    var text =
      padded(byte(0) | byte(1) << 8, 4) + "-" + padded(byte(2), 2) + "-"
      + padded(byte(3), 2)
    guard withTime else { return text }
    text += " " + (4...6).map { padded(byte($0), 2) }.joined(separator: ":")
    if digits > 0 {
      let fraction = byte(7) | byte(8) << 8 | byte(9) << 16 | byte(10) << 24
      guard fraction <= 999_999 else { return nil }
      text += "." + padded(fraction, 6).prefix(min(digits, 6))
    }
    return text
  }
}
