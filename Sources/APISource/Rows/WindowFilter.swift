internal import Base
internal import Connector
internal import Formats

/// What of a source one split reads.
enum ReadWindow: Sendable {
  case full
  case time(TimeWindow)
  /// Beyond an id.
  case id(after: RecordID?)
  case token(String?)
}

/// [from, to) of time.
struct TimeWindow: Hashable, Sendable {
  /// nil: from the beginning.
  var from: Instant?
  var to: Instant
  /// From where late records are looked for: at or before `from`.
  var lateFrom: Instant?
  /// Whether it ends where the config says that a window ends, and not only where the clock is.
  var isWhole: Bool
}

/// Decides which records are the window's own. The window decides, not the server: one that
/// treats its edges otherwise, or does not filter at all, must neither double nor lose records.
struct WindowFilter: Sendable {
  enum Verdict: Sendable, Equatable {
    /// With the time it is known by, where it is by time.
    case keep(Instant?)
    /// Before the window, but not further than late records are looked for.
    case late(Instant)
    /// Asked for only to be sure of the window's edges.
    case overlap
    /// Not asked for: the server does not filter, or not so.
    case outside
    /// Has no 'by', and the config says to drop it.
    case missing
  }

  private let progress: Progress
  private let window: ReadWindow
  /// The edges of what was asked for, in microseconds.
  private let askedFrom: Instant
  private let askedTo: Instant
  private(set) var largestID: RecordID?

  /// - Parameter template: where it does not ask for an edge of the window, what lies beyond it was
  ///   to be expected.
  init(_ progress: Progress, _ window: ReadWindow, _ template: RequestTemplate) {
    self.progress = progress
    self.window = window
    if case .id(let after) = window { largestID = after }
    guard case .time(let time) = progress, case .time(let span) = window else {
      askedFrom = .init(microseconds: .min)
      askedTo = .init(microseconds: .max)
      return
    }
    // Servers may round to the step in which they were asked.
    let margin = max(time.overlapSeconds, Double(time.format.stepMicroseconds) / 1e6)
    let to = template.uses("to") ? span.to : nil
    let from = template.uses("from") ? span.lateFrom ?? span.from : nil
    askedTo = to?.advanced(seconds: margin) ?? .init(microseconds: .max)
    askedFrom = from?.advanced(seconds: -margin) ?? .init(microseconds: .min)
  }

  /// - Throws: `.malformed` where the record's 'by' is none.
  mutating func verdict(_ record: JSONCursor, place: String) throws(ConnectorError) -> Verdict {
    switch progress {
    case .full, .token: return .keep(nil)
    case .time(let time):
      guard let value = try present(record, time.path, time.field, time.dropsNulls, place) else {
        return .missing
      }
      return try verdict(time: value, time, place)
    case .id(let id):
      guard let value = try present(record, id.path, id.field, id.dropsNulls, place) else {
        return .missing
      }
      return try verdict(id: value, id, place)
    }
  }

  private func present(
    _ record: JSONCursor, _ path: JSONPath, _ field: String, _ dropsNulls: Bool, _ place: String
  ) throws(ConnectorError) -> JSONCursor? {
    if let value = record.value(at: path), !value.isNull { return value }
    if dropsNulls { return nil }
    throw ConnectorError(
      .malformed, "a record has no '\(field)', by which the bookmark knows it",
      remedy: "Check the name under bookmark.by; where it may be missing, add nulls: drop.",
      place: place)
  }

  private func verdict(time value: JSONCursor, _ time: TimeProgress, _ place: String)
    throws(ConnectorError) -> Verdict
  {
    guard case .time(let span) = window else { return .keep(nil) }
    guard let found = time.times.time(value) else {
      throw ConnectorError(
        .malformed, "'\(time.field)' holds \(value.text.prefix(60)), and a time was expected",
        remedy:
          "Check the name under bookmark.by; for ids that grow, add kind: id; times in another "
          + "form than ISO 8601 need a type: columns: {\(time.field): 'timestamp(%d.%m.%Y %H:%M)'}.",
        place: place)
    }
    // A record of today may get its date at any hour of today.
    guard !found.isDate || time.format.namesDays else {
      throw ConnectorError(
        .misconfigured,
        "'\(time.field)' holds dates without a time of day, and the window ends within a day",
        remedy: "Add time_format: date under request, so that windows are whole days.", place: place
      )
    }
    let instant = found.instant
    if instant >= span.to { return instant < askedTo ? .overlap : .outside }
    guard let from = span.from, instant < from else { return .keep(instant) }
    if let late = span.lateFrom, instant >= late { return .late(instant) }
    return instant >= askedFrom ? .overlap : .outside
  }

  private mutating func verdict(id value: JSONCursor, _ id: IDProgress, _ place: String)
    throws(ConnectorError) -> Verdict
  {
    guard case .id(let after) = window else { return .keep(nil) }
    guard let found = RecordID(value) else {
      throw ConnectorError(
        .malformed, "'\(id.field)' holds \(value.text.prefix(60)), and an id was expected",
        remedy: "Check the name under bookmark.by.", place: place)
    }
    if let after {
      guard after.isNumber == found.isNumber else {
        throw ConnectorError(
          .malformed,
          "'\(id.field)' holds \(value.text.prefix(60)), and the bookmark stands at "
            + "'\(after.text)': numbers and texts have no common order",
          remedy: "Use a bookmark by time.", place: place)
      }
      guard after < found else { return .outside }
    }
    if let largest = largestID {
      guard largest.isNumber == found.isNumber else {
        throw ConnectorError(
          .malformed, "'\(id.field)' holds numbers and texts, which have no common order",
          remedy: "Use a bookmark by time.", place: place)
      }
      if largest < found { largestID = found }
    } else {
      largestID = found
    }
    return .keep(nil)
  }
}

/// An id that grows: a whole number, of any length, or a text in the order of its bytes.
struct RecordID: Hashable, Comparable, Sendable {
  let text: String
  let isNumber: Bool

  init?(_ value: JSONCursor) {
    guard value.kind == .string || value.kind == .number, let text = value.scalarText else {
      return nil
    }
    self.init(text)
  }

  /// Digits alone are a number.
  init?(_ text: String) {
    guard !text.isEmpty, text.utf8.count <= 1024 else { return nil }
    isNumber = text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    guard isNumber else {
      self.text = text
      return
    }
    let digits = text.drop { $0 == "0" }
    self.text = digits.isEmpty ? "0" : String(digits)
  }

  static func < (a: RecordID, b: RecordID) -> Bool {
    if a.isNumber, b.isNumber, a.text.utf8.count != b.text.utf8.count {
      return a.text.utf8.count < b.text.utf8.count
    }
    return a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
  }
}
