internal import Base
internal import Formats
internal import Records

/// How records write the time that a bookmark knows them by.
struct RecordTimes: Sendable {
  /// Of times that name no zone.
  let zone: TimeZoneRules
  /// What `columns` says of the field; nil: what `RecordTime` knows by itself.
  private let pattern: TimePattern?
  /// What `columns` says is a day.
  private let isDate: Bool
  /// Times in ISO 8601, where those without a zone are not in UTC.
  private let local: TimePattern?

  /// - Parameter declared: the column that holds the field, and how it is written, where the config
  ///   says so.
  init(zone: TimeZoneRules, declared: (type: DataType, pattern: TimePattern?)? = nil) {
    self.zone = zone
    isDate = declared?.type == .date
    // That is what texts are without being declared.
    pattern = declared?.pattern.flatMap { $0.text == "iso8601" ? nil : $0 }
    local = zone.isUTC ? nil : try? TimePattern("iso8601", zone: zone)
  }

  /// nil where the value is no time.
  func time(_ value: JSONCursor) -> RecordTime? {
    if let pattern { return time(value, pattern) }
    guard let time = RecordTime(value) else { return nil }
    guard let local, let text = value.string, !time.isDate,
      let found = local.parse(text: text)
    else { return time }
    return RecordTime(instant: Instant(microseconds: found), isDate: false)
  }

  private func time(_ value: JSONCursor, _ pattern: TimePattern) -> RecordTime? {
    guard let text = value.scalarText, value.kind != .boolean else { return nil }
    if isDate {
      return pattern.parseDate(text: text).map { days in
        RecordTime(
          instant: Instant(microseconds: Int64(days) * CivilTime.microsecondsPerDay), isDate: true)
      }
    }
    let found = pattern.parse(text: text) ?? value.number.flatMap(pattern.parse(number:))
    return found.map { RecordTime(instant: Instant(microseconds: $0), isDate: false) }
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

  fileprivate init(instant: Instant, isDate: Bool) {
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
