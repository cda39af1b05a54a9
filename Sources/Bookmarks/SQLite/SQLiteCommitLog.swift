public import Base
internal import Connector
public import GRDB
internal import Records

/// The commit log in a SQLite file: log, bookmarks and catalog change in one transaction.
///
///     commit_log   one row a commit, the whole commit as JSON
///     stream       where each stream stands after its last commit, and who holds it
///     file         every file that was ever part of a table
///     file_span    from which version to which each was
///     file_place   where a file is that is part of no table and not retired
///     ledger       each change of a ledger entry, by version
///     run, outcome what ran
///
/// `stream`, `file`, `file_span` and `ledger` are folded from the commits as they are appended.
public struct SQLiteCommitLog: CommitLog {
  public let id: String
  public let location: String
  let database: any DatabaseWriter
  let clock: WallClock
  let owner: LeaseOwner
  /// Applies a commit's catalog change; runs inside the transaction that decides the commit.
  let applyCatalogChange: @Sendable (JSONValue, GRDB.Database) throws -> Void

  /// Opens the log in a database, creating what is missing.
  /// - Parameters:
  ///   - location: for messages.
  ///   - newID: the log's name where it is new.
  ///   - applyCatalogChange: writes a commit's catalog change in the same transaction.
  public init(
    database: any DatabaseWriter, location: String, clock: WallClock, owner: LeaseOwner,
    newID: String,
    applyCatalogChange: @escaping @Sendable (JSONValue, GRDB.Database) throws -> Void
  ) throws(BookmarksError) {
    self.database = database
    self.location = location
    self.clock = clock
    self.owner = owner
    self.applyCatalogChange = applyCatalogChange
    id = try Self.translating(location) {
      try database.write { db in
        try LogSchema.create(db)
        try db.execute(
          sql: "INSERT OR IGNORE INTO meta (key, value) VALUES ('id', ?)", arguments: [newID])
        return try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'id'") ?? newID
      }
    }
  }

  func read<T>(_ body: (GRDB.Database) throws -> T) throws(BookmarksError) -> T {
    try Self.translating(location) { try database.read(body) }
  }

  func write<T>(_ body: (GRDB.Database) throws -> T) throws(BookmarksError) -> T {
    try Self.translating(location) { try database.write(body) }
  }

  /// Runs database work; its errors become ours.
  public static func translating<T>(_ location: String, _ body: () throws -> T)
    throws(BookmarksError) -> T
  {
    do {
      return try body()
    } catch let error as BookmarksError {
      throw error
    } catch let error as DatabaseError {
      throw Self.translate(error, location)
    } catch {
      throw BookmarksError(
        .corrupt, "the commit could not be recorded: \(error)",
        remedy: "Nothing was changed. Run again; if it stays, report it with this message.",
        place: location)
    }
  }

  private static func translate(_ error: DatabaseError, _ location: String) -> BookmarksError {
    let cause = error.message ?? "SQLite code \(error.resultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      return BookmarksError(
        .corrupt, "the state file is damaged or no SQLite database",
        remedy: "Restore it from a backup; nothing was changed.", place: location, cause: cause)
    case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN, .SQLITE_AUTH:
      return BookmarksError(
        .unreachable, "the state file cannot be opened for writing",
        remedy: "Check that its folder exists and that this user may write there.",
        place: location, cause: cause)
    case .SQLITE_FULL:
      return BookmarksError(
        .unreachable, "no room is left for the state file",
        remedy: "Make room on its disk and run again; nothing was lost.", place: location,
        cause: cause)
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return BookmarksError(
        .unreachable, "the state file stayed locked by another process",
        remedy: "Wait for the other run to end and run again.", place: location, cause: cause)
    default:
      return BookmarksError(
        .unreachable, "the state file could not be read or written",
        remedy: "Check its disk and run again; nothing was changed.", place: location,
        cause: cause)
    }
  }
}

enum LogSchema {
  static func create(_ db: GRDB.Database) throws {
    try db.execute(
      sql: """
        CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        INSERT OR IGNORE INTO meta (key, value) VALUES ('format', '1');
        CREATE TABLE IF NOT EXISTS commit_log (
          sequence INTEGER PRIMARY KEY,
          stream TEXT NOT NULL, version INTEGER NOT NULL, id TEXT NOT NULL UNIQUE,
          kind TEXT NOT NULL, run TEXT, decided_at INTEGER NOT NULL,
          published INTEGER NOT NULL DEFAULT 0, entry TEXT NOT NULL,
          UNIQUE (stream, version));
        CREATE INDEX IF NOT EXISTS commit_unpublished ON commit_log (sequence) WHERE published = 0;
        CREATE TABLE IF NOT EXISTS stream (
          name TEXT PRIMARY KEY, version INTEGER NOT NULL DEFAULT 0,
          published_version INTEGER NOT NULL DEFAULT 0,
          bookmark TEXT, binding TEXT, schemas TEXT, content_hash TEXT, hold_reason TEXT,
          updated_at INTEGER NOT NULL DEFAULT 0,
          lease_epoch INTEGER NOT NULL DEFAULT 0, lease_owner TEXT, lease_heartbeat INTEGER);
        CREATE TABLE IF NOT EXISTS file (
          id INTEGER PRIMARY KEY, stream TEXT NOT NULL, key TEXT NOT NULL UNIQUE,
          entry TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS file_span (
          file INTEGER NOT NULL REFERENCES file (id), stream TEXT NOT NULL,
          added INTEGER NOT NULL, removed INTEGER, PRIMARY KEY (file, added)) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS file_span_stream ON file_span (stream, removed, added);
        CREATE TABLE IF NOT EXISTS file_place (
          file INTEGER PRIMARY KEY REFERENCES file (id), place TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS ledger (
          stream TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, value TEXT,
          PRIMARY KEY (stream, key, version)) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS ledger_version ON ledger (stream, version);
        CREATE TABLE IF NOT EXISTS run (
          id TEXT PRIMARY KEY, started_at INTEGER NOT NULL, ended_at INTEGER,
          command TEXT NOT NULL, host TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS outcome (
          run TEXT NOT NULL, stream TEXT NOT NULL, entry TEXT NOT NULL,
          PRIMARY KEY (run, stream)) WITHOUT ROWID;
        """)
  }
}
