internal import Kernels

/// A date or time of the ISO 8601 family, told apart by what it says.
///
///     2026-11-21                                    date
///     2026-11-21T10:00:00.123456Z                   timestamp with zone
///     2026-11-21 10:00:00,123 +02:00                timestamp with zone; also +0200 and +02
///     2026-11-21 10:00                              timestamp without zone
///
/// The fraction has any number of digits, of which those beyond the microsecond are dropped. A
/// leap second is the second after it.
public struct ISOTime: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case date, timestampWithZone, timestampWithoutZone
  }

  public var kind: Kind
  /// Since 1970-01-01T00:00:00: in UTC where there is a zone, else by the clock of who wrote it.
  public var microseconds: Int64
  /// The whole range; nil where it is anything else.
  public init?(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    var index = range.lowerBound
    guard let time = Self.scan(bytes, &index, range.upperBound), index == range.upperBound else {
      return nil
    }
    self = time
  }

  private init(_ kind: Kind, _ microseconds: Int64) {
    self.kind = kind
    self.microseconds = microseconds
  }

  /// In UTC; what has no zone was written in this one.
  public func utcMicroseconds(in zone: TimeZoneRules) -> Int64 {
    kind == .timestampWithZone ? microseconds : zone.utcMicroseconds(local: microseconds)
  }

  /// As much as there is of one, and moves behind it.
  static func scan(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ end: Int) -> ISOTime?
  {
    let start = index
    guard end - start >= 10, bytes[start + 4] == 0x2D, bytes[start + 7] == 0x2D,
      let year = scanDigits(bytes, start, 4), let month = scanDigits(bytes, start + 5, 2),
      let day = scanDigits(bytes, start + 8, 2), year > 0,
      scanIsDay(year: year, month: month, day: day)
    else { return nil }
    let days = Int64(scanDays(year: year, month: month, day: day)) * 86_400_000_000
    index = start + 10
    guard end - index >= 6, isSeparator(bytes[index]), let clock = scanClock(bytes, index + 1, end)
    else { return ISOTime(.date, days) }
    index = clock.end
    let local = days + clock.microseconds
    guard let offset = TimeScan.offset(bytes, &index, end) else {
      return ISOTime(.timestampWithoutZone, local)
    }
    return ISOTime(.timestampWithZone, local - Int64(offset) * 1_000_000)
  }

  private static func isSeparator(_ byte: UInt8) -> Bool { byte | 0x20 == 0x74 || byte == 0x20 }

  /// `10:00`, `10:00:00`, `10:00:00.5`: microseconds of the day, and where it ends.
  static func scanClock(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int)
    -> (microseconds: Int64, end: Int)?
  {
    guard end - start >= 5, bytes[start + 2] == 0x3A, let hour = scanDigits(bytes, start, 2),
      let minute = scanDigits(bytes, start + 3, 2), hour < 24, minute < 60
    else { return nil }
    var seconds = hour * 3600 + minute * 60
    var index = start + 5
    var fraction = 0
    if end - index >= 3, bytes[index] == 0x3A {
      guard let second = scanDigits(bytes, index + 1, 2), second <= 60 else { return nil }
      seconds += second
      index += 3
      if end - index >= 2, bytes[index] == 0x2E || bytes[index] == 0x2C,
        let micros = TimeScan.fraction(bytes, index + 1, end)
      {
        fraction = micros.microseconds
        index = micros.end
      }
    }
    return (Int64(seconds) * 1_000_000 + Int64(fraction), index)
  }
}

/// Parts of times.
enum TimeScan {
  /// Digits behind a point, as microseconds: those beyond are dropped.
  static func fraction(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int)
    -> (microseconds: Int, end: Int)?
  {
    var (value, unit, index) = (0, 100_000, start)
    while index < end, bytes[index] &- 0x30 <= 9 {
      value += Int(bytes[index] &- 0x30) * unit
      unit /= 10
      index += 1
    }
    return index == start ? nil : (value, index)
  }

  /// Seconds east of UTC of `Z`, `+02`, `+0200`, `+02:00`, `UTC`, `GMT+2`, also behind a space; moves
  /// behind it.
  static func offset(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ end: Int) -> Int? {
    var place = index
    if place < end, bytes[place] == 0x20 { place += 1 }
    guard place < end else { return nil }
    if bytes[place] | 0x20 == 0x7A {
      // A word such as `zoo` is no zone.
      if place + 1 < end, isLetter(bytes[place + 1]) { return nil }
      index = place + 1
      return 0
    }
    let hasName = isUniversal(bytes, place, end)
    if hasName {
      place += 3
      guard place < end, bytes[place] == 0x2B || bytes[place] == 0x2D else {
        if place < end, isLetter(bytes[place]) { return nil }
        index = place
        return 0
      }
    }
    let isWest = bytes[place] == 0x2D
    guard isWest || bytes[place] == 0x2B, end - place >= 2 else { return nil }
    place += 1
    // GMT+2
    let isShort = hasName && (end - place == 1 || bytes[place + 1] &- 0x30 > 9)
    guard end - place >= (isShort ? 1 : 2),
      let hours = scanDigits(bytes, place, isShort ? 1 : 2), hours < 24
    else { return nil }
    place += isShort ? 1 : 2
    var minutes = 0
    let digits = place < end && bytes[place] == 0x3A ? place + 1 : place
    if digits + 2 <= end, let parsed = scanDigits(bytes, digits, 2), parsed < 60 {
      minutes = parsed
      place = digits + 2
    }
    if place < end, bytes[place] &- 0x30 <= 9 || bytes[place] == 0x3A { return nil }
    index = place
    let seconds = hours * 3600 + minutes * 60
    return isWest ? -seconds : seconds
  }

  /// Whether `UTC` or `GMT` stands there.
  private static func isUniversal(_ bytes: UnsafeBufferPointer<UInt8>, _ place: Int, _ end: Int)
    -> Bool
  {
    guard end - place >= 3 else { return false }
    let name = (bytes[place], bytes[place + 1], bytes[place + 2])
    return name == (0x55, 0x54, 0x43) || name == (0x47, 0x4D, 0x54)
  }

  static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
}
