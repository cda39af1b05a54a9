internal import Base
internal import Connector
internal import Records

/// One stream, opened for a run: looks for writers, fixes the ceiling, opens the snapshot, reads.
///
/// One thread at a time uses it.
final class TableSession: StreamSession, @unchecked Sendable {
  private let settings: StreamSettings
  private let relation: Relation
  private let deleted: DeletedRows
  private let access: SourceAccess
  /// Of the stream's own limit.
  private let rate: RowRate?
  private let context: SourceContext
  private let board: WriterBoard
  private var connection: Connection
  private var isClosed = false
  /// What `plan` found; nil before it.
  private var prepared: PreparedWindow?
  /// What it cut into parts; read by several threads at once, changed by no other than `plan`.
  private var backfill: Backfill?
  /// How many parts are read at a time.
  private let readers: Int
  private var reader: TableReader?

  init(
    settings: StreamSettings, relation: Relation, connection: Connection, access: SourceAccess,
    context: SourceContext, board: WriterBoard
  ) throws(ConnectorError) {
    self.settings = settings
    self.relation = relation
    deleted = try DeletedRows(settings, relation)
    self.connection = connection
    self.access = access
    rate = settings.rowsPerSecondMax.map { RowRate(perSecond: $0) }
    self.context = context
    self.board = board
    readers = access.endpoint.limits.readers
  }

  /// The database, the table or query, and the cursor: what survives a failover to another host.
  var binding: JSONValue {
    var members: [JSONValue.Member] = []
    switch settings.origin {
    case .table(let schema, let name):
      members.append(.init(key: "database", value: .string(schema)))
      members.append(.init(key: "table", value: .string(name)))
    case .query(let text):
      members.append(.init(key: "database", value: .string(access.endpoint.database)))
      members.append(.init(key: "query", value: .string(SQLText.oneLine(text))))
    }
    let by = relation.cursors.map { JSONValue.string($0.name) }
    if !by.isEmpty { members.append(.init(key: "by", value: .array(by))) }
    return .object(members)
  }

  /// The primary key, where all of it is read.
  var key: [String] {
    let key = relation.table?.primaryKey ?? []
    return key.allSatisfy { relation.schema[$0] != nil } ? key : []
  }

  func plan(_ request: PlanRequest) throws(ConnectorError) -> Plan {
    try reset()
    var prepared: PreparedWindow
    var isLimited = false
    do throws(Trouble) {
      try checkHistory(request.bookmark)
      if let state = request.bookmark.flatMap(BackfillState.init) {
        return plan(try resumed(state), warnings: [])
      }
      let planner = WindowPlanner(
        settings: settings, relation: relation, connection: connection, board: board,
        sleep: { [clock = context.clock] in clock.sleep(seconds: $0) })
      prepared = try planner.plan(request)
      if let parts = try split(prepared) { return plan(parts, warnings: prepared.warnings) }
      if let limit = try limit(prepared) {
        prepared = try planner.plan(request, limit: limit)
        isLimited = true
      }
    } catch {
      throw error.connectorError(place: settings.name)
    }
    var plan = Plan(
      window: prepared.window, splits: [], leavesRest: isLimited,
      replacesTable: settings.cursor == nil, warnings: prepared.warnings)
    if !prepared.isEmpty {
      plan.splits = [Split(index: 0, label: prepared.label)]
      estimate(&plan, prepared, isFirst: request.bookmark == nil)
    }
    prepared.warnings = []
    self.prepared = prepared
    return plan
  }

  private var backfillPlanner: BackfillPlanner {
    BackfillPlanner(
      settings: settings, relation: relation, connection: connection, readers: readers)
  }

  private func split(_ prepared: PreparedWindow) throws(Trouble) -> Backfill? {
    do throws(ServerError) { return try backfillPlanner.split(prepared) } catch {
      throw .server(error)
    }
  }

  private func limit(_ prepared: PreparedWindow) throws(Trouble) -> Int128? {
    do throws(ServerError) {
      guard let limit = try backfillPlanner.limit(prepared) else { return nil }
      try connection.run(["COMMIT"])
      return limit
    } catch {
      throw .server(error)
    }
  }

  private func resumed(_ state: BackfillState) throws(Trouble) -> Backfill {
    let found: Backfill?
    do throws(ServerError) { found = try backfillPlanner.resume(state) } catch {
      throw .server(error)
    }
    if let found { return found }
    throw .connector(
      ConnectorError(
        .refused,
        "the first read went by the key (\(state.key.joined(separator: ", "))), which the table "
          + "has no more",
        remedy: "Give the table its key back, or reset the stream to begin anew.",
        place: settings.name))
  }

  private func plan(_ backfill: Backfill, warnings: [String]) -> Plan {
    self.backfill = backfill
    // Parts have connections and snapshots of their own; this one's place is theirs.
    connection.close()
    isClosed = true
    var plan = Plan(
      window: backfill.window,
      splits: backfill.parts.enumerated().map { Split(index: $0, label: $1.label) },
      readsAhead: readers, leavesRest: backfill.leavesRest,
      estimatedRows: backfill.estimatedRows ?? relation.table?.rowCount, warnings: warnings)
    if let all = relation.table?.rowCount, let bytes = relation.table?.dataBytes, all > 0,
      let rows = plan.estimatedRows
    {
      plan.estimatedBytes = Int(clamping: Int128(rows) * Int128(bytes) / Int128(all))
    }
    return plan
  }

  /// Opens a part over a connection of its own.
  private func read(
    _ part: Backfill.Part, _ backfill: Backfill, _ options: ReadOptions
  ) throws(ConnectorError) -> any BatchReader {
    let connection = try access.connect()
    do throws(ConnectorError) {
      do throws(ServerError) {
        try connection.run([
          "SET time_zone = '+00:00'", "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
        ])
      } catch {
        throw error.connectorError(place: settings.name)
      }
      return try TableReader(
        relation: relation, settings: settings, statement: relation.select(part.condition),
        connection: connection, ownsConnection: true, tag: tag(),
        progress: PlainProgress(
          Advance(bookmark: part.bookmark, isSignificant: true),
          refusesNulls: backfill.refusesNulls, cursorName: relation.cursors.first?.name ?? "",
          place: settings.name),
        pace: access.pace(rate, options.cancellation), options: options)
    } catch {
      connection.close()
      throw error
    }
  }

  private func tag() -> String { "tidemark \(String(context.randomness.next(), radix: 36))" }

  /// - Throws: `.refused` where the table is not the one that the bookmark is about.
  private func checkHistory(_ bookmark: Bookmark?) throws(Trouble) {
    guard let history = bookmark.flatMap(TableHistory.init), let table = relation.table,
      let created = table.created, created != history.created
    else { return }
    guard try history.verdict(relation, connection) == .another else { return }
    throw .connector(
      ConnectorError(
        .refused,
        "the table \(table.sqlName) was created anew at \(created), and rows that were read from"
          + " the one of \(history.created) are not in it",
        remedy: "Reset the stream to read it from the beginning, or set its bookmark to go on"
          + " from there.",
        place: settings.name))
  }

  /// What the server's optimizer expects to find.
  private func estimate(_ plan: inout Plan, _ prepared: PreparedWindow, isFirst: Bool) {
    guard let table = relation.table else { return }
    var rows = table.rowCount
    if !isFirst, let condition = prepared.condition {
      let plans = try? connection.namedRows(
        "EXPLAIN SELECT 1 FROM \(relation.source) WHERE \(condition)")
      rows = plans?.first?["rows"].flatMap { Int($0) }
    }
    plan.estimatedRows = rows
    if let rows, let all = table.rowCount, let bytes = table.dataBytes, all > 0 {
      plan.estimatedBytes = Int(clamping: Int128(rows) * Int128(bytes) / Int128(all))
    }
  }

  func read(_ split: Split, _ options: ReadOptions) throws(ConnectorError) -> any BatchReader {
    if let backfill, backfill.parts.indices.contains(split.index) {
      return try read(backfill.parts[split.index], backfill, options)
    }
    guard let prepared, !prepared.isEmpty, split.index == 0, !isClosed else {
      throw ConnectorError(
        .interrupted, "there is no plan to read a part of", remedy: "Plan the stream again.",
        place: settings.name)
    }
    reader?.close()
    if reader?.hasBrokenOff == true {
      // The snapshot went with the connection.
      throw ConnectorError(
        .interrupted, "the snapshot was lost with its connection",
        remedy: "Plan the stream again.", place: settings.name)
    }
    let progress = try prepared.makeProgress()
    let reader = try TableReader(
      relation: relation, settings: settings,
      statement: relation.select(prepared.condition, prepared.bounds), connection: connection,
      tag: tag(), progress: progress, pace: access.pace(rate, options.cancellation),
      options: options)
    self.reader = reader
    return reader
  }

  var deletions: Deletions {
    Deletions(
      column: deleted.column, compareSeconds: deleted.compareSeconds, key: deleted.key,
      waits: backfill == nil
        ? prepared?.behind : "the table is read in parts; a later run compares")
  }

  func keys(_ options: ReadOptions) throws(ConnectorError) -> any BatchReader {
    guard prepared?.behind == nil, prepared != nil, reader?.hasBrokenOff != true, !isClosed else {
      // Another connection may lead to a server that has not all that was read from this one.
      throw ConnectorError(
        .interrupted, "the connection that the rows came over is gone",
        remedy: "Plan the stream again.", place: settings.name)
    }
    reader?.close()
    do throws(ServerError) {
      try connection.run(["ROLLBACK", "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"])
    } catch {
      throw error.connectorError(place: settings.name)
    }
    let keys = Relation(deleted.key, of: relation)
    let reader = try TableReader(
      relation: keys, settings: settings, statement: keys.select(nil), connection: connection,
      tag: tag(), progress: KeyProgress(), pace: access.pace(rate, options.cancellation),
      options: options)
    self.reader = reader
    return reader
  }

  /// Ends what was being read, and sees to a connection that works.
  private func reset() throws(ConnectorError) {
    prepared = nil
    backfill = nil
    reader?.close()
    let isLost = reader?.hasBrokenOff ?? false
    reader = nil
    if !isLost && !isClosed {
      do throws(ServerError) {
        try connection.run(["ROLLBACK", "SET time_zone = '+00:00'"])
        return
      } catch {
        // Lost while nobody looked.
      }
    }
    connection.close()
    connection = try access.connect()
    isClosed = false
    do throws(ServerError) {
      try connection.run(["SET time_zone = '+00:00'"])
    } catch {
      throw error.connectorError(place: settings.name)
    }
  }

  func bookmark(from text: String) throws(ConnectorError) -> Bookmark {
    try MarkText(cursors: relation.cursors, isSerial: relation.isSerial, place: settings.name)
      .bookmark(text)
  }

  func close() {
    reader?.close()
    reader = nil
    prepared = nil
    connection.close()
    isClosed = true
  }
}

/// Either what the server said or what that means.
enum Trouble: Error {
  case server(ServerError)
  case connector(ConnectorError)

  func connectorError(place: String) -> ConnectorError {
    switch self {
    case .server(let error): error.connectorError(place: place)
    case .connector(let error): error
    }
  }
}
