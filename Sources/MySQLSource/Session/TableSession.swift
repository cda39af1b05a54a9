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
  private let endpoint: Endpoint
  private let context: SourceContext
  private let board: WriterBoard
  private var connection: Connection
  private var isClosed = false
  /// What `plan` found; nil before it.
  private var prepared: PreparedWindow?
  private var reader: TableReader?

  init(
    settings: StreamSettings, relation: Relation, connection: Connection, endpoint: Endpoint,
    context: SourceContext, board: WriterBoard
  ) throws(ConnectorError) {
    self.settings = settings
    self.relation = relation
    deleted = try DeletedRows(settings, relation)
    self.connection = connection
    self.endpoint = endpoint
    self.context = context
    self.board = board
  }

  /// The database, the table or query, and the cursor: what survives a failover to another host.
  var binding: JSONValue {
    var members: [JSONValue.Member] = []
    switch settings.origin {
    case .table(let schema, let name):
      members.append(.init(key: "database", value: .string(schema)))
      members.append(.init(key: "table", value: .string(name)))
    case .query(let text):
      members.append(.init(key: "database", value: .string(endpoint.database)))
      members.append(.init(key: "query", value: .string(SQLText.oneLine(text))))
    }
    let by = relation.cursors.map { JSONValue.string($0.name) }
    if !by.isEmpty { members.append(.init(key: "by", value: .array(by))) }
    return .object(members)
  }

  func plan(_ request: PlanRequest) throws(ConnectorError) -> Plan {
    try reset()
    var prepared: PreparedWindow
    do throws(Trouble) {
      try checkHistory(request.bookmark)
      let planner = WindowPlanner(
        settings: settings, relation: relation, connection: connection, board: board,
        sleep: { [clock = context.clock] in clock.sleep(seconds: $0) })
      prepared = try planner.plan(request)
    } catch {
      throw error.connectorError(place: settings.name)
    }
    var plan = Plan(
      window: prepared.window, splits: [], replacesTable: settings.cursor == nil,
      warnings: prepared.warnings)
    if !prepared.isEmpty {
      plan.splits = [Split(index: 0, label: prepared.label)]
      estimate(&plan, prepared, isFirst: request.bookmark == nil)
    }
    prepared.warnings = []
    self.prepared = prepared
    return plan
  }

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
      tag: "tidemark \(String(context.randomness.next(), radix: 36))", progress: progress,
      options: options)
    self.reader = reader
    return reader
  }

  var deletions: Deletions {
    Deletions(
      column: deleted.column, compareSeconds: deleted.compareSeconds, key: deleted.key,
      waits: prepared?.behind)
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
      tag: "tidemark \(String(context.randomness.next(), radix: 36))", progress: KeyProgress(),
      options: options)
    self.reader = reader
    return reader
  }

  /// Ends what was being read, and sees to a connection that works.
  private func reset() throws(ConnectorError) {
    prepared = nil
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
    connection = try Connection(endpoint)
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
