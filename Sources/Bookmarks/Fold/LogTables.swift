public import Base
public import GRDB

/// What a commit log means: tables in SQLite that are folded from its operations, and read.
///
///     commit_log   one row a commit, the whole commit as JSON
///     stream       where each stream stands after its last commit, and who holds it
///     file         every file that was ever part of a table
///     file_span    from which version to which each was
///     file_place   where a file is that is part of no table and not retired
///     ledger       each change of a ledger entry, by version
///     run, outcome what ran
///     meta         the log's name, and how much of a log in the lake is folded in
struct LogTables: Sendable {
  let database: any DatabaseWriter
  /// For messages.
  let location: String
  /// Whether all of it can be had again from the lake.
  var isCache = false
  /// Applies a catalog change; runs inside the transaction of its operation.
  let applyCatalogChange: CatalogApplier

  /// Does what an operation says, or throws and the caller rolls back.
  /// - Parameter sequence: the entry that it came with, in a log that has entries.
  func apply(_ operation: LogOperation, at sequence: Int?, in db: GRDB.Database) throws {
    switch operation {
    case .takeLease(let stream, let epoch, let owner, let time):
      try takeLease(on: stream, epoch: epoch, owner: owner, at: time, sequence: sequence, in: db)
    case .releaseLease(let lease):
      try db.execute(
        sql: "UPDATE stream SET lease_owner = NULL WHERE name = ? AND lease_epoch = ?",
        arguments: [lease.stream, lease.epoch])
    case .append(let commit, let lease): try append(commit, under: lease, in: db)
    case .markPublished(let stream, let version):
      try markPublished(version, of: stream, in: db)
    case .beginRun(let run):
      try db.execute(
        sql: "INSERT OR IGNORE INTO run (id, started_at, command, host) VALUES (?, ?, ?, ?)",
        arguments: [run.id, run.startedAt.microseconds, run.command, run.host])
    case .recordOutcome(let outcome, let run):
      try db.execute(
        sql: "INSERT OR REPLACE INTO outcome (run, stream, entry) VALUES (?, ?, ?)",
        arguments: [run, outcome.stream, outcome.json.text()])
    case .endRun(let run, let time):
      try db.execute(
        sql: "UPDATE run SET ended_at = ? WHERE id = ?", arguments: [time.microseconds, run])
    case .changeCatalog(let change): try applyCatalogChange(change, db)
    }
  }

  func read<T>(_ body: (GRDB.Database) throws -> T) throws(BookmarksError) -> T {
    try translating { try database.read(body) }
  }

  /// One transaction. Without a sync of its own, it lasts with the next that has one.
  func write<T>(outlasting outage: Outage = .powerLoss, _ body: (GRDB.Database) throws -> T)
    throws(BookmarksError) -> T
  {
    try translating {
      try database.writeWithoutTransaction { db in
        // Each time: a level that were left behind would make a decision last too short.
        let level = outage == .powerLoss && !isCache ? "FULL" : "NORMAL"
        try db.execute(sql: "PRAGMA synchronous = \(level)")
        var value: T?
        try db.inTransaction(.immediate) {
          value = try body(db)
          return .commit
        }
        guard let value else {
          throw BookmarksError(
            .unreachable, "the state file took no transaction", remedy: "Run again.",
            place: location)
        }
        return value
      }
    }
  }

  func translating<T>(_ body: () throws -> T) throws(BookmarksError) -> T {
    do {
      return try FoldedCommitLog.translating(location, body)
    } catch {
      // With a cause: SQLite itself says that the file is damaged.
      guard isCache, error.kind == .corrupt, error.place == location, error.cause != nil else {
        throw error
      }
      var error = error
      error.remedy = "Remove it: it is a cache, and is made anew from the lake."
      throw error
    }
  }

  // MARK: - Leases

  private func takeLease(
    on stream: String, epoch: Int, owner: String, at time: Instant, sequence: Int?,
    in db: GRDB.Database
  ) throws {
    try db.execute(sql: "INSERT OR IGNORE INTO stream (name) VALUES (?)", arguments: [stream])
    try db.execute(
      sql: """
        UPDATE stream SET lease_epoch = :epoch, lease_owner = :owner, lease_heartbeat = :at,
          lease_sequence = :sequence
        WHERE name = :stream AND lease_epoch = :epoch - 1
        """,
      arguments: [
        "epoch": epoch, "owner": owner, "at": time.microseconds, "sequence": sequence,
        "stream": stream,
      ])
    if db.changesCount != 1 { throw Self.leaseLost(stream) }
  }

  func check(_ lease: Lease, in db: GRDB.Database) throws {
    let epoch = try Int.fetchOne(
      db, sql: "SELECT lease_epoch FROM stream WHERE name = ? AND lease_owner IS NOT NULL",
      arguments: [lease.stream])
    if epoch != lease.epoch { throw Self.leaseLost(lease.stream) }
  }

  static func leaseLost(_ stream: String) -> BookmarksError {
    BookmarksError(
      .leaseLost, "another run has taken the stream over",
      remedy: "Nothing more of this run is committed. Let the other run end, then run again.",
      place: stream)
  }
}

/// Applies a catalog change in a transaction; the catalog module's part of a commit.
public typealias CatalogApplier = @Sendable (JSONValue, GRDB.Database) throws -> Void
