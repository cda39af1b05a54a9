internal import Base
internal import Formats

/// How a request writes points in time.
enum TimeFormat: String, Sendable, CaseIterable {
  /// `2026-11-21T07:34:00Z`.
  case iso
  /// `2026-11-21`.
  case date
  /// Seconds since 1970.
  case unix
  /// Milliseconds since 1970.
  case unixMilliseconds = "unix_ms"

  /// The finest step that a text of this form can name, in microseconds. A window's edges are
  /// whole steps. Dates of servers have whole seconds, so nothing finer is of use.
  var stepMicroseconds: Int64 { self == .date ? CivilTime.microsecondsPerDay : 1_000_000 }

  /// By how much more than the window is asked for by default: enough for servers that leave the
  /// edge out where it should be in. Dates are taken whole by every server, in or out.
  var overlapSeconds: Double { self == .date ? 0 : 1 }

  func text(_ instant: Instant) -> String {
    switch self {
    case .iso: instant.description
    case .date: CivilTime(microseconds: instant.microseconds).dateText
    case .unix: String(instant.microseconds.floorDivided(by: 1_000_000))
    case .unixMilliseconds: String(instant.microseconds.floorDivided(by: 1000))
    }
  }

  var isNumber: Bool { self == .unix || self == .unixMilliseconds }

  /// The step at or before an instant.
  func floor(_ instant: Instant) -> Instant {
    let count = instant.microseconds.floorDivided(by: stepMicroseconds)
    return Instant(microseconds: count &* stepMicroseconds)
  }
}

/// A point in time as a record holds it.
struct RecordTime {
  var instant: Instant
  /// Whether it names a day and no time of day.
  var isDate: Bool

  /// ISO 8601 with or without a zone (none means UTC), a date, or a number: seconds up to 10^11,
  /// then milliseconds up to 10^14, then microseconds; also as a text. Nil where it is none.
  init?(_ value: JSONCursor) {
    if let number = value.number {
      self.init(number: number, exact: value.integer)
    } else if let text = value.string {
      if let instant = Instant(text) {
        self.init(instant: instant, isDate: text.utf8.count == 10)
      } else if let number = Double(text) {
        self.init(number: number, exact: Int64(text))
      } else {
        return nil
      }
    } else {
      return nil
    }
  }

  private init(instant: Instant, isDate: Bool) {
    self.instant = instant
    self.isDate = isDate
  }

  private init?(number: Double, exact: Int64?) {
    guard number.isFinite, number.magnitude < 1e17 else { return nil }
    let factor: Int64 = number.magnitude < 1e11 ? 1_000_000 : number.magnitude < 1e14 ? 1000 : 1
    if let exact {
      self.init(instant: Instant(microseconds: exact * factor), isDate: false)
    } else {
      self.init(instant: Instant(seconds: number * Double(factor) / 1_000_000), isDate: false)
    }
  }
}
