internal import Base
internal import Connector

/// Asks the server what a window needs to know, in the order that makes it exact: the highest
/// number, the writers, the snapshot, the highest number in the snapshot.
struct WindowPlanner {
  let settings: StreamSettings
  let relation: Relation
  let connection: Connection
  let board: WriterBoard
  let sleep: (Double) -> Void

  /// How long a first read waits for short transactions to end, so that it need not remember
  /// their gaps.
  private static let patienceSeconds = 4.0

  /// - Parameter limit: a number at which a window of numbers ends, where it would go further.
  /// - Postcondition: the snapshot is open.
  func plan(_ request: PlanRequest, limit: Int128? = nil) throws(Trouble) -> PreparedWindow {
    guard let cursor = settings.cursor, let first = relation.cursors.first else {
      return try full()
    }
    if let refusal = refusal(cursor) { throw .connector(refusal) }
    var prepared: PreparedWindow
    if first.isTime {
      prepared = try timeWindow(request, cursor)
    } else if relation.isSerial, !isSettled(request.bookmark) {
      prepared = try serialWindow(request, cursor, limit: limit)
    } else {
      prepared = try settledWindow(request, cursor)
    }
    if relation.isCursorIndexed == false, let table = relation.table, table.rowCount ?? 0 > 10_000 {
      prepared.warnings.append(
        "the cursor `\(first.name)` has no index: every run reads the whole table; "
          + IndexAdvice.statement(table, first))
    }
    return prepared
  }

  private func isSettled(_ bookmark: Bookmark?) -> Bool {
    bookmark.flatMap(SettledWindow.State.init) != nil
  }

  /// What cannot be read exactly as configured.
  private func refusal(_ cursor: StreamSettings.Cursor) -> ConnectorError? {
    guard let first = relation.cursors.first, !first.isTime else { return nil }
    if cursor.lookbackSeconds != nil {
      return ConnectorError(
        .misconfigured, "`lookback` is a duration, and the cursor `\(first.name)` is no time",
        remedy: "Take `lookback` out; late numbers are followed without it.",
        place: settings.name)
    }
    if relation.isSerial || cursor.settleSeconds != nil { return nil }
    let what =
      relation.cursors.count > 1
      ? "a tuple that begins with a number" : "`\(first.name)`, which is not AUTO_INCREMENT,"
    return ConnectorError(
      .refused, "\(what) may be committed out of order, and nothing tells for how long",
      remedy: "Add `settle: 10m` to the bookmark, longer than any transaction takes; or go by a "
        + "time column.",
      place: settings.name)
  }

  private func server<Result>(
    _ body: () throws(ServerError) -> Result
  ) throws(Trouble) -> Result {
    do throws(ServerError) { return try body() } catch { throw .server(error) }
  }

  private func connector<Result>(
    _ body: () throws(ConnectorError) -> Result
  ) throws(Trouble) -> Result {
    do throws(ConnectorError) { return try body() } catch { throw .connector(error) }
  }

  private func openSnapshot() throws(Trouble) {
    try server { () throws(ServerError) in
      try connection.run(["START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"])
    }
  }

  // MARK: Everything

  private func full() throws(Trouble) -> PreparedWindow {
    try openSnapshot()
    let now = try server { () throws(ServerError) in
      try connection.value("SELECT DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-%dT%H:%i:%sZ')")
    }
    let mark = now ?? ""
    return PreparedWindow(
      window: Window(
        from: nil, to: mark, predicate: "all rows",
        reason: "the stream has no `bookmark`: every run reads the table whole and replaces it"),
      condition: nil, label: "all rows", isEmpty: false,
      makeProgress: { [settings] in
        PlainProgress(
          Advance(bookmark: Bookmark(kind: .full, mark: mark), isSignificant: true),
          refusesNulls: false, cursorName: "", place: settings.name)
      })
  }

  // MARK: Times

  private func timeWindow(
    _ request: PlanRequest, _ cursor: StreamSettings.Cursor
  ) throws(Trouble) -> PreparedWindow {
    let first = relation.cursors[0]
    let writers = try server { () throws(ServerError) in
      try board.writers(for: settings.name, connection)
    }
    let (ceiling, reason) = writers.ceiling(settleSeconds: cursor.settleSeconds)
    var clock = TimeWindow.Clock(
      ceiling: ceiling?.microseconds, reason: reason, now: writers.now.microseconds)
    if first.isLocal {
      let zone = try self.zone(cursor, first)
      clock = try server { () throws(ServerError) in
        TimeWindow.Clock(
          ceiling: try ceiling.map { (at) throws(ServerError) in
            try zone.ceiling(at: at, connection)
          },
          reason: "\(reason), in the zone \(zone.name)",
          now: try zone.localTime(at: writers.now, connection))
      }
    }
    try openSnapshot()
    let window = TimeWindow(cursors: relation.cursors, settings: cursor, place: settings.name)
    if writers.mayHaveWritten, let limit = try uncommitted(request, clock, window) {
      clock.ceiling = limit
      clock.reason = "a row that is written and not committed"
    }
    var prepared = try connector { () throws(ConnectorError) in
      try window.prepare(request, clock)
    }
    prepared.warnings += warnings(writers)
    return prepared
  }

  /// The cursor of the first row below the ceiling that is not committed yet.
  private func uncommitted(
    _ request: PlanRequest, _ clock: TimeWindow.Clock, _ window: TimeWindow
  ) throws(Trouble) -> Int64? {
    let cursor = relation.cursors[0]
    guard let ceiling = clock.ceiling.map(cursor.floored) else { return nil }
    let mark = try connector { () throws(ConnectorError) in try window.state(request.bookmark)?.mark
    }
    let from = max(mark ?? .min, cursor.floored(ceiling - UncommittedRows.reachMicroseconds))
    return try server { () throws(ServerError) in
      try UncommittedRows(
        snapshot: connection,
        source: relation.source(
          nil, WindowBounds(from: mark.map(cursor.literal), to: cursor.literal(ceiling))),
        cursor: cursor
      ).earliest(from: from, to: ceiling)
    }
  }

  private func zone(
    _ cursor: StreamSettings.Cursor, _ column: CursorColumn
  ) throws(Trouble) -> WritersZone {
    if cursor.zone == nil, !column.isColumn {
      throw .connector(
        ConnectorError(
          .misconfigured,
          "the expression `\(column.name)` is a DATETIME, and it does not tell in which zone",
          remedy: "Add `zone:` to the bookmark: +00:00 where the expression is made of TIMESTAMP "
            + "columns, else the zone of the clocks that write it.",
          place: settings.name))
    }
    let name = try server { () throws(ServerError) in
      try WritersZone.name(cursor.zone, connection)
    }
    return try connector { () throws(ConnectorError) in
      try WritersZone(name, connection, place: settings.name)
    }
  }

  private func warnings(_ writers: Writers) -> [String] {
    guard let hidden = writers.hidden else { return [] }
    return [
      "writers cannot be seen: \(hidden.reason); a configured `settle` stands in (5m by default)"
    ]
  }

  // MARK: Numbers

  private func serialWindow(
    _ request: PlanRequest, _ cursor: StreamSettings.Cursor, limit: Int128?
  ) throws(Trouble) -> PreparedWindow {
    let window = SerialWindow(
      cursor: relation.cursors[0], settleSeconds: cursor.settleSeconds, place: settings.name)
    let state = try connector { () throws(ConnectorError) in try window.state(request.bookmark) }
    let mark = state?.mark
    if let state, state.gaps.isEmpty, try highest() == mark {
      // Nothing is above the mark and nothing open below it, whoever writes.
      return window.nothing(request, mark)
    }
    let (before, found) = try lookForNumbers(request.bookmark)
    var writers = found
    var stillActive = writers
    if request.bookmark == nil, limit == nil, before ?? 0 > 100_000, writers.hidden == nil {
      stillActive = try waited(for: writers)
    }
    try openSnapshot()
    var findings = SerialWindow.Findings(
      highestBefore: before, writers: writers, highest: try highest())
    if let limit, let highest = findings.highest { findings.highest = min(highest, limit) }
    if let mark, findings.highest.map({ $0 < mark }) ?? true { findings.next = try nextNumber() }
    // Who was at work at first and has ended since can no longer fill a gap from before.
    writers.active = writers.active.filter {
      stillActive.stillBusy([$0.connectionID], since: writers.now)
    }
    findings.writers = writers
    var prepared = try connector { () throws(ConnectorError) in
      try window.prepare(request, findings)
    }
    prepared.warnings += warnings(writers)
    return prepared
  }

  /// The highest number that had been given out, and who was at work after that.
  private func lookForNumbers(_ bookmark: Bookmark?) throws(Trouble) -> (Int128?, Writers) {
    try server { () throws(ServerError) in
      let ask = { () throws(ServerError) -> Int128? in
        try connection.value(relation.highestCursor).flatMap { Int128($0) }
      }
      guard let table = relation.table else { return (try ask(), try board.look(connection)) }
      return try board.writers(
        for: settings.name, numbersOf: table, mark: bookmark.flatMap(SerialState.init)?.mark,
        connection, highest: ask)
    }
  }

  /// The writers once those that were at work have ended, or when patience has.
  private func waited(for writers: Writers) throws(Trouble) -> Writers {
    let ids = Set(writers.active.map(\.connectionID))
    var latest = writers
    var left = Self.patienceSeconds
    while left > 0, latest.hidden == nil, latest.stillBusy(ids, since: writers.now) {
      sleep(0.25)
      left -= 0.25
      latest = try server { () throws(ServerError) in try board.look(connection) }
    }
    return latest
  }

  private func highest() throws(Trouble) -> Int128? {
    try server { () throws(ServerError) in
      try connection.value(relation.highestCursor).flatMap { Int128($0) }
    }
  }

  private func nextNumber() throws(Trouble) -> Int128? {
    guard let table = relation.table else { return nil }
    return try server { () throws(ServerError) in
      return try connection.value(
        """
        SELECT AUTO_INCREMENT FROM information_schema.TABLES \
        WHERE TABLE_SCHEMA = \(SQLText.literal(table.schema)) \
        AND TABLE_NAME = \(SQLText.literal(table.name))
        """
      ).flatMap { Int128($0) }
    }
  }

  private func settledWindow(
    _ request: PlanRequest, _ cursor: StreamSettings.Cursor
  ) throws(Trouble) -> PreparedWindow {
    let writers = try server { () throws(ServerError) in
      try board.writers(for: settings.name, connection)
    }
    try openSnapshot()
    let window = SettledWindow(
      cursors: relation.cursors,
      settleSeconds: cursor.settleSeconds ?? Writers.hiddenSettleSeconds, nulls: cursor.nulls,
      place: settings.name)
    let floor = request.bookmark == nil ? try floorAtFirst() : nil
    return try connector { () throws(ConnectorError) in
      try window.prepare(
        request, now: writers.now, hidden: writers.hidden, floorAtFirst: floor)
    }
  }

  private func floorAtFirst() throws(Trouble) -> [Int128]? {
    let columns = relation.cursors.map(\.sql).joined(separator: ", ")
    let order = relation.cursors.map { "\($0.sql) DESC" }.joined(separator: ", ")
    let rows = try server { () throws(ServerError) in
      try connection.rows(
        "SELECT \(columns) FROM \(relation.source) ORDER BY \(order) "
          + "LIMIT 1 OFFSET \(SettledWindow.rememberedAtFirst)")
    }
    guard let row = rows.first else { return nil }
    let numbers = zip(relation.cursors, row).compactMap { cursor, text -> Int128? in
      guard let text else { return nil }
      return cursor.isTime ? CivilTime.parse(text).map { Int128($0) } : Int128(text)
    }
    return numbers.count == row.count ? numbers : nil
  }
}
