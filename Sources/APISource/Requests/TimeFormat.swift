internal import Base
internal import Connector
internal import Formats

/// How a request writes points in time.
enum TimeFormat: Sendable {
  /// `2026-11-21T07:34:00Z`.
  case iso
  /// `2026-11-21`.
  case date
  /// Seconds since 1970.
  case unix
  /// Milliseconds since 1970.
  case unixMilliseconds
  /// As directives say: `%d.%m.%Y %H:%M`.
  case pattern(TimeWriter)

  private static let words: [String: TimeFormat] = [
    "iso": .iso, "date": .date, "unix": .unix, "unix_ms": .unixMilliseconds,
  ]

  /// - Parameter zone: whose clock a pattern writes.
  init(_ value: ConfigValue?, zone: TimeZoneRules) throws(ConnectorError) {
    guard let value, let text = value.string else {
      self = .iso
      return
    }
    if let word = Self.words[text] {
      self = word
      return
    }
    guard text.contains("%") else {
      throw misconfigured(
        value, "'\(text)' is no way to write times",
        remedy: "Use iso, date, unix, unix_ms or a pattern such as '%Y-%m-%d %H:%M:%S'.")
    }
    do throws(FormatError) {
      self = .pattern(try TimeWriter(text, zone: zone))
    } catch {
      throw misconfigured(value, error.message, remedy: error.remedy)
    }
  }

  /// The finest step that a text of this form can name, in microseconds. A window's edges are
  /// whole steps. Dates of servers have whole seconds, so nothing finer is of use.
  var stepMicroseconds: Int64 {
    switch self {
    case .date: CivilTime.microsecondsPerDay
    case .pattern(let writer): writer.stepMicroseconds
    case .iso, .unix, .unixMilliseconds: 1_000_000
    }
  }

  /// Whether it names days and no time of day.
  var namesDays: Bool { stepMicroseconds == CivilTime.microsecondsPerDay }

  /// The step's name in messages.
  var stepName: String {
    switch stepMicroseconds {
    case CivilTime.microsecondsPerDay: "day"
    case 3_600_000_000: "hour"
    case 60_000_000: "minute"
    default: "second"
    }
  }

  /// By how much more than the window is asked for by default: enough for servers that leave the
  /// edge out where it should be in. Dates are taken whole by every server, in or out.
  ///
  /// In a zone other than UTC days begin at another time than windows, and clocks show an hour
  /// twice.
  func overlapSeconds(zone: TimeZoneRules) -> Double {
    if namesDays { return zone.isUTC ? 0 : 86_400 }
    return Double(stepMicroseconds) / 1_000_000 + (zone.isUTC ? 0 : 3600)
  }

  func text(_ instant: Instant) -> String {
    switch self {
    case .iso: instant.description
    case .date: CivilTime(microseconds: instant.microseconds).dateText
    case .unix: String(instant.microseconds.floorDivided(by: 1_000_000))
    case .unixMilliseconds: String(instant.microseconds.floorDivided(by: 1000))
    case .pattern(let writer): writer.text(instant)
    }
  }

  var isNumber: Bool {
    switch self {
    case .unix, .unixMilliseconds: true
    case .iso, .date, .pattern: false
    }
  }

  /// The step at or before an instant.
  func floor(_ instant: Instant) -> Instant {
    let count = instant.microseconds.floorDivided(by: stepMicroseconds)
    return Instant(microseconds: count &* stepMicroseconds)
  }
}

extension TimeZoneRules {
  var isUTC: Bool { name == "UTC" }
}
