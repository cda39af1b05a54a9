internal import Base
internal import GRDB

/// What makes the operations of a log last, and gives them their order. What they mean is the
/// same for every journal: `LogTables`.
protocol Journal: Sendable {
  /// The log's name; settled with its first operation at the latest.
  var id: String { get }
  var location: String { get }

  /// Decides operations in one step: `make` looks at the tables and says what is to be done. They
  /// are applied, all or none. May call `make` several times, each time on what others have decided
  /// meanwhile.
  /// - Parameter outlasts: what they outlast once this returns.
  func decide<T>(
    outlasting outlasts: Outage,
    _ make: (GRDB.Database) throws -> (operations: [LogOperation], value: T)
  ) throws(BookmarksError) -> T

  /// Decides an operation that nobody waits for: soon, with the next ones at the latest.
  func decideSoon(_ operation: LogOperation) throws(BookmarksError)
  /// Decides what waits.
  func settle() throws(BookmarksError)

  /// Looks for what others have decided.
  /// - Parameter isUrgent: also where that was done a moment ago.
  func refresh(isUrgent: Bool) throws(BookmarksError)

  /// Records that the holder of a lease is alive.
  func renew(_ lease: Lease) throws(BookmarksError)
  /// Seconds since a lease's holder last gave a sign of life.
  func silence(of lease: Lease, in db: GRDB.Database) throws -> Double
  /// What is only known of this kind of log.
  func describe(_ summary: inout LogSummary) throws(BookmarksError)
}

/// What may happen right after an operation.
enum Outage: Hashable, Sendable {
  /// Every process is killed.
  case kill
  /// The machine loses power.
  case powerLoss
}

extension Journal {
  func decide<T>(_ make: (GRDB.Database) throws -> (operations: [LogOperation], value: T))
    throws(BookmarksError) -> T
  {
    try decide(outlasting: .powerLoss, make)
  }
}

/// Operations last with the transaction that applies them: the tables are the log.
///
/// They last in their order: one that outlasts a loss of power takes all before it along. The
/// others, in a log that only processes of this machine use, need no sync of their own.
struct SQLiteJournal: Journal {
  let id: String
  let tables: LogTables
  let clock: WallClock

  var location: String { tables.location }

  func decide<T>(
    outlasting outlasts: Outage,
    _ make: (GRDB.Database) throws -> (operations: [LogOperation], value: T)
  ) throws(BookmarksError) -> T {
    try tables.write(outlasting: outlasts) { db in
      let (operations, value) = try make(db)
      for operation in operations { try tables.apply(operation, at: nil, in: db) }
      return value
    }
  }

  func decideSoon(_ operation: LogOperation) throws(BookmarksError) {
    try decide(outlasting: .kill) { _ in ([operation], ()) }
  }

  func settle() throws(BookmarksError) {}

  func refresh(isUrgent: Bool) throws(BookmarksError) {}

  func renew(_ lease: Lease) throws(BookmarksError) {
    try tables.write(outlasting: .kill) { db in
      try tables.check(lease, in: db)
      try db.execute(
        sql: "UPDATE stream SET lease_heartbeat = ? WHERE name = ?",
        arguments: [clock.now.microseconds, lease.stream])
    }
  }

  func silence(of lease: Lease, in db: GRDB.Database) throws -> Double {
    let heartbeat = try Int64.fetchOne(
      db, sql: "SELECT lease_heartbeat FROM stream WHERE name = ?", arguments: [lease.stream])
    return clock.now.seconds(since: Instant(microseconds: heartbeat ?? 0))
  }

  func describe(_ summary: inout LogSummary) throws(BookmarksError) {}
}
