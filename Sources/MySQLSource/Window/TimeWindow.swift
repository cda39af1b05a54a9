internal import Base
internal import Connector
internal import Records

/// `by >= mark AND by < ceiling`: closed strictly in the past, so that rows of equal times are all
/// in it or all out of it.
struct TimeWindow {
  let cursors: [CursorColumn]
  let settings: StreamSettings.Cursor
  let place: String

  /// What time it is, in the cursor's calendar.
  struct Clock {
    /// nil where no ceiling can be told.
    var ceiling: Int64?
    var reason: String
    /// The local or UTC time of the server.
    var now: Int64
  }

  /// - Throws: `.refused` where the mark lies in the server's future.
  func prepare(
    _ request: PlanRequest, _ clock: Clock
  ) throws(ConnectorError) -> PreparedWindow {
    let cursor = cursors[0]
    let state = try self.state(request.bookmark)
    let mark = state?.mark
    if let mark { try check(mark, clock) }
    let ceiling = clock.ceiling.map { cursor.floored($0) }
    guard let ceiling, mark.map({ $0 < ceiling }) ?? true else {
      return PreparedWindow(
        window: Window(
          from: mark.map(cursor.markText), to: (mark ?? ceiling).map(cursor.markText),
          predicate: "nothing", reason: waitReason(clock, ceiling)),
        condition: "FALSE", label: "nothing", isEmpty: true,
        behind: ceiling.map { ceiling in mark.map { ceiling < $0 } ?? false } ?? true
          ? waitReason(clock, ceiling) : nil,
        makeProgress: { [self] in
          PlainProgress(
            Advance(bookmark: request.bookmark ?? Bookmark(kind: .time, mark: "")),
            refusesNulls: false, cursorName: cursor.name, place: place)
        })
    }
    let lookback = Int64(min(settings.lookbackSeconds ?? 0, 3.2e9) * 1_000_000)
    // A lookback that was lengthened reaches no further than the rows that are known by now.
    let reach = min(lookback, state?.lookback ?? 0)
    let from = mark.map { cursor.floored($0.subtractingReportingOverflow(reach).partialValue) }
    let condition = self.condition(from: from, then: reach > 0 ? [] : state?.then ?? [], ceiling)
    let next = TimeState(mark: ceiling, lookback: lookback).bookmark(cursors)
    var window = Window(
      from: mark.map(cursor.markText), to: cursor.markText(ceiling), predicate: condition,
      reason: "ceiling: \(clock.reason)")
    if reach > 0, let from { window.reason += "; read again from \(cursor.markText(from))" }
    let progress = progressMaker(
      request, mark: mark, lookback: lookback, ceiling: ceiling, next)
    let hasRest = lookback > 0 || (settings.nulls == .include && cursor.isNullable)
    let settled = cursor.floored(ceiling.subtractingReportingOverflow(lookback).partialValue)
    return PreparedWindow(
      window: window, condition: condition,
      bounds: WindowBounds(from: from.map(cursor.literal), to: cursor.literal(ceiling)),
      label: "\(cursor.name) \(mark.map { cursor.markText($0) } ?? "")…\(cursor.markText(ceiling))",
      isEmpty: false, splittable: mark == nil ? .times(ceiling: settled, hasRest: hasRest) : nil,
      makeProgress: progress)
  }

  func state(_ bookmark: Bookmark?) throws(ConnectorError) -> TimeState? {
    guard let bookmark else { return nil }
    guard let state = TimeState(bookmark) else {
      throw ConnectorError(
        .refused, "the bookmark is of kind \(bookmark.kind.rawValue), and the cursor is a time",
        remedy: "Set the bookmark anew, or reset the stream.", place: place)
    }
    return state
  }

  private func check(_ mark: Int64, _ clock: Clock) throws(ConnectorError) {
    // Two clocks of one cluster differ by moments; zones by hours.
    let tolerance: Int64 = cursors[0].isLocal ? 93_600_000_000 : 3_600_000_000
    let (limit, overflow) = clock.now.addingReportingOverflow(tolerance)
    guard overflow || mark <= limit else {
      throw ConnectorError(
        .refused,
        "the bookmark is at \(cursors[0].markText(mark)), but the server's clock shows"
          + " \(cursors[0].markText(clock.now)): the cursor went backwards",
        remedy: "Correct the server's clock, or set the bookmark to a time that has passed.",
        place: place)
    }
  }

  private func waitReason(_ clock: Clock, _ ceiling: Int64?) -> String {
    guard let ceiling else { return "the mark waits: \(clock.reason)" }
    return "the mark waits: the ceiling is \(cursors[0].markText(ceiling)), \(clock.reason)"
  }

  /// The rows' condition, with a tuple's comparison expanded so that an index serves it.
  func condition(from: Int64?, then: [String], _ ceiling: Int64) -> String {
    let cursor = cursors[0]
    var parts: [String] = []
    if let from {
      parts.append("\(cursor.sql) >= \(cursor.literal(from))")
      if !then.isEmpty {
        parts.append(
          "(\(cursor.sql) > \(cursor.literal(from)) OR "
            + TupleComparison.greater(Array(cursors.dropFirst()), then) + ")")
      }
    }
    parts.append("\(cursor.sql) < \(cursor.literal(ceiling))")
    let range = parts.joined(separator: " AND ")
    return settings.nulls != .skip && cursor.isNullable
      ? "(\(range)) OR \(cursor.sql) IS NULL" : range
  }

  /// The rows of a first read; of those without a cursor, only what stops the run.
  static func below(_ ceiling: Int64, _ cursor: CursorColumn, nulls: CursorNulls) -> String {
    let range = "\(cursor.sql) < \(cursor.literal(ceiling))"
    return nulls == .error && cursor.isNullable ? "\(range) OR \(cursor.sql) IS NULL" : range
  }

  private func progressMaker(
    _ request: PlanRequest, mark: Int64?, lookback: Int64, ceiling: Int64, _ next: Bookmark
  ) -> () throws(ConnectorError) -> any WindowProgress {
    let cursor = cursors[0]
    let refusesNulls = settings.nulls == .error && cursor.isNullable
    let includesNulls = settings.nulls == .include && cursor.isNullable
    guard lookback > 0 || includesNulls else {
      return { [place] in
        PlainProgress(
          Advance(bookmark: next), refusesNulls: refusesNulls, cursorName: cursor.name,
          place: place)
      }
    }
    let remembered: CursorBound =
      lookback > 0 ? .from([Int128(ceiling) - Int128(lookback)]) : .nothing
    let settings = RereadProgress.Settings(
      new: mark.map { .from([Int128($0)]) } ?? .everything, remembered: remembered,
      includesNulls: includesNulls, comparedCount: 1, refusesNulls: refusesNulls,
      cursorName: cursor.name,
      place: place, remedy: "Shorten the bookmark's `lookback`.")
    return { () throws(ConnectorError) -> any WindowProgress in
      try RereadProgress(settings, ledger: request.ledger) { _ in next }
    }
  }
}

/// Comparisons of several columns with several values.
enum TupleComparison {
  /// `a > x OR (a = x AND (b > y))`: what `(a, b) > (x, y)` means, in a form that indexes serve.
  static func greater(_ columns: [CursorColumn], _ values: [String]) -> String {
    guard let column = columns.first, let value = values.first else { return "FALSE" }
    let literal = Self.literal(value, column)
    if columns.count == 1 || values.count == 1 { return "\(column.sql) > \(literal)" }
    let rest = greater(Array(columns.dropFirst()), Array(values.dropFirst()))
    return "\(column.sql) > \(literal) OR (\(column.sql) = \(literal) AND (\(rest)))"
  }

  static func literal(_ value: String, _ column: CursorColumn) -> String {
    column.kind == .integer && value.allSatisfy { $0.isNumber || $0 == "-" }
      ? value : SQLText.literal(value)
  }
}
