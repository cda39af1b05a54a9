public import Base

/// Writes times as a pattern says, with the directives of `TimePattern`.
///
///     try TimeWriter("%d.%m.%Y %H:%M", zone: .utc).text(instant)      21.11.2026 07:34
public struct TimeWriter: Sendable {
  private let zone: TimeZoneRules
  private let parts: [Part]

  private enum Part: Hashable {
    case literal(String)
    case directive(Character)
  }

  /// What stands for several directives.
  private static let composed: [Character: String] = [
    "T": "%H:%M:%S", "R": "%H:%M", "F": "%Y-%m-%d", "D": "%m/%d/%y",
  ]
  private static let known: Set<Character> = [
    "Y", "y", "m", "d", "e", "b", "B", "a", "A", "H", "I", "p", "M", "S", "z", "s", "j",
  ]

  /// - Parameter zone: whose clock is written.
  /// - Throws: `.invalidOption` where a text of the pattern names no day.
  public init(_ pattern: String, zone: TimeZoneRules) throws(FormatError) {
    // Finds what is no pattern at all.
    _ = try TimePattern(pattern, zone: zone)
    var parts: [Part] = []
    var rest = pattern[...]
    while let character = rest.popFirst() {
      guard character == "%", let directive = rest.popFirst() else {
        parts.append(.literal(String(character)))
        continue
      }
      if directive == "%" {
        parts.append(.literal("%"))
      } else if let meaning = Self.composed[directive] {
        rest = meaning + rest
      } else if Self.known.contains(directive) {
        parts.append(.directive(directive))
      } else {
        throw Self.invalid(pattern, "%\(directive) cannot be written")
      }
    }
    let names = Set(parts.compactMap { if case .directive(let name) = $0 { name } else { nil } })
    guard !names.isDisjoint(with: ["Y", "y", "s"]) else {
      throw Self.invalid(pattern, "it has no year")
    }
    self.zone = zone
    self.parts = parts
  }

  private static func invalid(_ pattern: String, _ why: String) -> FormatError {
    FormatError(
      .invalidOption, "times cannot be written as '\(pattern.prefix(100))': \(why)",
      remedy: "Use %Y %y %m %d %e %b %B %a %A %H %I %p %M %S %z %s %j %T %D %F %R %%; for a "
        + "fraction write its zeros, for UTC a Z.",
      place: "time_format")
  }

  private func has(_ names: Character...) -> Bool {
    names.contains { parts.contains(.directive($0)) }
  }

  /// Whether a text says which time it is, whatever the zone.
  public var isAbsolute: Bool { has("s", "z") }

  /// The finest step that a text can name.
  public var stepMicroseconds: Int64 {
    if has("S", "s") { return 1_000_000 }
    if has("M") { return 60_000_000 }
    return has("H", "I") ? 3_600_000_000 : CivilTime.microsecondsPerDay
  }

  public func text(_ instant: Instant) -> String {
    let seconds = instant.microseconds.floorDivided(by: 1_000_000)
    let offset = zone.offsetSeconds(atUTC: seconds)
    let time = CivilTime(
      microseconds: instant.microseconds &+ Int64(offset) &* 1_000_000)
    return parts.reduce(into: "") { text, part in
      switch part {
      case .literal(let literal): text += literal
      case .directive(let name): text += Self.text(name, time, seconds, offset)
      }
    }
  }

  private static func text(_ name: Character, _ time: CivilTime, _ seconds: Int64, _ offset: Int)
    -> String
  {
    switch name {
    case "Y": padded(time.year, 4)
    case "y": padded(time.year % 100, 2)
    case "m": padded(time.month, 2)
    case "d": padded(time.day, 2)
    case "e": String(time.day)
    case "b": String(months[time.month - 1].prefix(3))
    case "B": months[time.month - 1]
    case "a": String(weekday(time).prefix(3))
    case "A": weekday(time)
    case "H": padded(time.hour, 2)
    case "I": padded((time.hour + 11) % 12 + 1, 2)
    case "p": time.hour < 12 ? "AM" : "PM"
    case "M": padded(time.minute, 2)
    case "S": padded(time.second, 2)
    case "s": String(seconds)
    case "j": padded(dayOfYear(time), 3)
    default:
      (offset < 0 ? "-" : "+") + padded(abs(offset) / 3600, 2) + padded(abs(offset) / 60 % 60, 2)
    }
  }

  private static func dayOfYear(_ time: CivilTime) -> Int {
    time.daysSinceEpoch - CivilTime(year: time.year, month: 1, day: 1).daysSinceEpoch + 1
  }

  private static func weekday(_ time: CivilTime) -> String {
    // The epoch began on a Thursday.
    weekdays[((time.daysSinceEpoch + 4) % 7 + 7) % 7]
  }

  private static let weekdays = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]
}
