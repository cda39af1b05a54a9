internal import Base

/// The year of stamps that leave it out, from line to line of a file.
///
/// By default the file's modification time decides, as `TimePattern` says. Where the year of a
/// file's first line is given, as for files that were copied or lie in an archive, each stamp is
/// of the year that brings it behind the one before, or at most 30 days before it. So the years go
/// on over any number of New Years, and `state` keeps them where a file is read on.
struct StampYears {
  private let firstYear: Int?
  private let zone: TimeZoneRules
  /// What `TimePattern.parse` takes.
  private(set) var reference: Instant?
  private var last: Int64?

  private static let day: Int64 = 86_400_000_000
  /// With the day that `TimePattern` adds: a year less 30 days.
  private static let ahead: Int64 = 334 * day

  init(firstYear: Int?, zone: TimeZoneRules) {
    self.firstYear = firstYear
    self.zone = zone
  }

  /// Nothing is kept where the modification time decides.
  var state: JSONValue? {
    firstYear == nil ? nil : last.map { .object([.init(key: "last", value: .integer($0))]) }
  }

  mutating func begin(_ file: TextFile) {
    last = nil
    guard let firstYear else {
      reference = file.modified
      return
    }
    if let known = file.state?["last"]?.integer {
      note(known)
    } else {
      let end = CivilTime(year: firstYear + 1, month: 1, day: 1).microseconds
      reference = Instant(microseconds: zone.utcMicroseconds(local: end) - 1 - Self.day)
    }
  }

  /// Says what the last stamp was.
  mutating func note(_ microseconds: Int64) {
    guard firstYear != nil else { return }
    last = microseconds
    let (sum, overflow) = microseconds.addingReportingOverflow(Self.ahead)
    if !overflow { reference = Instant(microseconds: sum) }
  }
}
