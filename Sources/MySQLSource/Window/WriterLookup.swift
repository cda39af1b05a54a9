internal import Base

/// Looks for writers on the server.
///
/// The order matters, and each step's reason is a row that would otherwise be lost:
///
/// 1. the clock: whatever begins later carries a later time;
/// 2. the process list: a statement that waits for a metadata lock is in no transaction yet;
/// 3. the transactions: a statement that ended between 2 and 3 has left its transaction open.
///
/// A transaction that has ended before 3 is visible in every snapshot opened afterwards.
struct WriterLookup {
  let connection: Connection
  /// Distinguishes this look from all others.
  let nonce: String
  let sleep: (Double) -> Void

  /// - Postcondition: no transaction is open; the session's `time_zone` is +00:00.
  func look() throws(ServerError) -> Writers {
    try connection.run(["SET time_zone = 'SYSTEM'"])
    var writers = try lookInSystemZone()
    try connection.run(["ROLLBACK", "SET time_zone = '+00:00'"])
    if writers.hidden == nil { writers.hidden = try replicaRole() }
    return writers
  }

  private func lookInSystemZone() throws(ServerError) -> Writers {
    let now = try clock()
    var writers = Writers(now: now, active: [])
    do throws(ServerError) {
      try connection.run(["START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"])
      let statements = try statements()
      guard let transactions = try transactions() else {
        writers.hidden = .init(
          reason: "the list of transactions is being read so often that it is never fresh",
          lagSeconds: 0)
        return writers
      }
      writers.active = statements + transactions
    } catch  where error.isDenied || error.isUnknownFeature {
      writers.hidden = .init(
        reason: "the user may not see other users' transactions (PROCESS is not granted)",
        lagSeconds: 0)
    }
    return writers
  }

  /// Microseconds since 1970. `UNIX_TIMESTAMP(NOW(6))` goes by way of the local time, which means
  /// two instants in the hour that a clock change repeats, and is an hour ahead in the first.
  private static let clock = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))"

  private func clock() throws(ServerError) -> Instant {
    let text = try connection.value("SELECT \(Self.clock)") ?? ""
    guard let now = Int64(text) else {
      throw ServerError(code: 2027, message: "the server's clock says '\(text)'")
    }
    return Instant(microseconds: now)
  }

  private func statements() throws(ServerError) -> [Writers.Writer] {
    let milliseconds = connection.isMariaDB ? "TIME_MS" : "TIME * 1000"
    let rows = try processList(
      """
      SELECT ID, COMMAND, \(milliseconds), STATE, LEFT(INFO, 4096), \(Self.clock) \
      FROM information_schema.PROCESSLIST \
      WHERE ID <> CONNECTION_ID() AND COMMAND IN ('Query', 'Execute', 'Fetch', 'Delayed insert', \
      'Connect', 'Long Data')
      """)
    let resolution = connection.isMariaDB ? 0.002 : 1.0
    return rows.compactMap { row in
      let text = row[4]
      // A connection that is being made, or an idle applier: no statement.
      if text == nil, row[1] == "Connect" || row[1] == "Long Data" { return nil }
      let waits = row[3].map { $0.hasPrefix("Waiting for") && $0.hasSuffix("lock") } ?? false
      if let text, !waits, StatementText.isPlainRead(text) { return nil }
      guard let id = row[0].flatMap(Int64.init), let now = row[5].flatMap(Int64.init) else {
        return nil
      }
      let elapsed = row[2].flatMap(Double.init) ?? 0
      return Writers.Writer(
        connectionID: id,
        start: Instant(microseconds: now).advanced(
          seconds: -(max(0, elapsed) / 1000 + resolution)),
        name: "statement of connection \(id)")
    }
  }

  /// Rows of the process list, from where this server keeps it: MySQL means to do away with
  /// `information_schema.PROCESSLIST` and has the same columns in another schema since 8.0.22.
  private func processList(_ statement: String) throws(ServerError) -> Connection.Rows {
    do throws(ServerError) {
      return try connection.rows(statement)
    } catch {
      guard error.isUnknownFeature, !connection.isMariaDB else { throw error }
      return try connection.rows(
        statement.replacing(
          "information_schema.PROCESSLIST", with: "performance_schema.processlist"))
    }
  }

  /// The transactions that hold or wait for locks or run a statement; nil where the server never
  /// gives a fresh list.
  ///
  /// The server answers from a copy as long as anybody asks again within 100 ms. Our own
  /// transaction with this very statement in the list proves that the list is fresh.
  private func transactions() throws(ServerError) -> [Writers.Writer]? {
    let started = "UNIX_TIMESTAMP(trx_started)"
    // Local time occurs twice when clocks go back: of two starts the earlier one counts.
    let earliest = """
      CASE WHEN FROM_UNIXTIME(\(started) - 3600) = trx_started THEN \(started) - 3600 \
      WHEN FROM_UNIXTIME(\(started) - 1800) = trx_started THEN \(started) - 1800 \
      ELSE \(started) END
      """
    for attempt in 0..<30 {
      let mark = "\(nonce)-\(attempt)"
      let rows = try connection.rows(
        """
        /* tidemark \(mark) */ SELECT trx_mysql_thread_id, \(earliest), trx_id, \
        trx_mysql_thread_id = CONNECTION_ID(), trx_query IS NOT NULL, \
        trx_state <> 'RUNNING' OR trx_lock_structs > 0 OR trx_tables_locked > 0 \
        OR trx_rows_locked > 0 OR trx_rows_modified > 0, \
        trx_is_read_only = 1 OR trx_autocommit_non_locking = 1, \
        LOCATE('\(mark) ', COALESCE(trx_query, '')) FROM information_schema.INNODB_TRX
        """)
      if rows.contains(where: { $0[3] == "1" && $0[7] != "0" }) {
        let serverStart = try recoveryTime(rows)
        return rows.compactMap { Self.writer($0, serverStart: serverStart) }
      }
      sleep(0.11 + Double(attempt % 5) * 0.013)
    }
    return nil
  }

  private static func writer(_ row: [String?], serverStart: Instant?) -> Writers.Writer? {
    let isOurs = row[3] == "1"
    let isBusy = row[4] == "1" || row[5] == "1"
    let onlyReads = row[6] == "1"
    guard !isOurs, isBusy, !onlyReads, let id = row[0].flatMap(Int64.init) else { return nil }
    // trx_started is in whole seconds, and the statement may be a moment older.
    var start = row[1].flatMap(instant)?.advanced(seconds: -1)
    if id == 0, let began = start, let serverStart, began <= serverStart {
      // Prepared before the server was started: what it says is when it was recovered.
      start = nil
    }
    let name =
      id == 0 ? "prepared XA transaction \(row[2] ?? "")" : "transaction of connection \(id)"
    return Writers.Writer(connectionID: id, start: start, name: name, isTransaction: true)
  }

  /// The time by which the server had recovered its transactions, where any could be among them.
  private func recoveryTime(_ rows: Connection.Rows) throws(ServerError) -> Instant? {
    guard rows.contains(where: { $0[0] == "0" }) else { return nil }
    let status = try connection.rows("SHOW GLOBAL STATUS LIKE 'Uptime'")
    guard let uptime = status.first?.last.flatMap({ $0 }).flatMap(Double.init) else { return nil }
    return try clock().advanced(seconds: 60 - uptime)
  }

  /// Where the writers are elsewhere: on a replica's primary, on a cluster's other nodes.
  private func replicaRole() throws(ServerError) -> Writers.Hidden? {
    let variables = try ServerVariables(connection)
    if variables["wsrep_on"] == "ON", let address = variables["wsrep_cluster_address"],
      !address.isEmpty
    {
      return .init(reason: "the server is one of a cluster that is written to", lagSeconds: 0)
    }
    if variables["group_replication_single_primary_mode"] == "OFF",
      let group = variables["group_replication_group_name"], !group.isEmpty
    {
      return .init(reason: "the server is one of a group that is written to", lagSeconds: 0)
    }
    let isReadOnly = variables["read_only"].map { $0 != "OFF" } ?? false
    do throws(ServerError) {
      let statuses = try replicaStatuses()
      if !statuses.isEmpty { return try Self.replica(statuses) }
    } catch  where error.isDenied || error.isUnknownFeature {
      // Not knowing, a read-only server is taken for a replica.
    }
    if variables["innodb_read_only"] == "ON" {
      return .init(reason: "the server is a reader of a cluster", lagSeconds: 0)
    }
    return isReadOnly
      ? .init(reason: "the server is read-only, as replicas are", lagSeconds: 0) : nil
  }

  private func replicaStatuses() throws(ServerError) -> [[String: String]] {
    if connection.isMariaDB { return try connection.namedRows("SHOW ALL SLAVES STATUS") }
    do throws(ServerError) {
      return try connection.namedRows("SHOW REPLICA STATUS")
    } catch  where error.isUnknownFeature {
      return try connection.namedRows("SHOW SLAVE STATUS")
    }
  }

  private static func replica(_ statuses: [[String: String]]) throws(ServerError) -> Writers.Hidden
  {
    var lag = 0.0
    for status in statuses {
      let text = status["seconds_behind_source"] ?? status["seconds_behind_master"]
      guard let seconds = text.flatMap(Double.init) else {
        throw ServerError(
          code: 1053, message: "the server is a replica whose replication has stopped")
      }
      lag = max(lag, seconds)
    }
    return .init(reason: "the server is a replica", lagSeconds: lag)
  }

  /// Seconds since the epoch with up to six digits after the point, exactly.
  static func instant(_ text: String) -> Instant? {
    let parts = text.split(separator: ".", maxSplits: 1)
    guard let whole = parts.first.flatMap({ Int64($0) }), whole.magnitude < 1 << 40 else {
      return nil
    }
    let fraction = parts.count > 1 ? String(parts[1].prefix(6)) : ""
    let filled = fraction + String(repeating: "0", count: 6 - fraction.count)
    guard let micros = Int64(filled), micros >= 0 else { return nil }
    return Instant(microseconds: whole * 1_000_000 + micros)
  }
}

/// Global variables of the server that decide how it is read; empty where one does not exist.
struct ServerVariables {
  private var values: [String: String] = [:]

  private static let names = [
    "time_zone", "read_only", "innodb_read_only", "wsrep_on", "wsrep_cluster_address",
    "group_replication_single_primary_mode", "group_replication_group_name",
  ]

  init(_ connection: Connection) throws(ServerError) {
    let list = Self.names.map(SQLText.literal).joined(separator: ", ")
    for row in try connection.rows("SHOW GLOBAL VARIABLES WHERE Variable_name IN (\(list))") {
      if let name = row.first ?? nil { values[name] = row.last ?? "" }
    }
  }

  subscript(name: String) -> String? { values[name] }
}
