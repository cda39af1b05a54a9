internal import GRDB

extension LogTables {
  /// Of the tables below; rises when they change.
  static let format = 2

  /// Creates what is missing, and brings tables of an older format up to date.
  /// - Throws: `.corrupt` where a newer Tidemark made them.
  static func create(_ db: GRDB.Database) throws {
    try db.execute(sql: tables)
    let text = try meta("format", in: db)
    guard let found = text.flatMap(Int.init) else { return try setMeta("format", "\(format)", db) }
    if found > format {
      throw BookmarksError(
        .corrupt, "the state has format \(found); this Tidemark knows \(format) and older",
        remedy: "Use the Tidemark that wrote it, or a newer one.")
    }
    if found < 2 {
      try db.execute(
        sql: """
          ALTER TABLE stream ADD COLUMN lease_sequence INTEGER;
          DROP INDEX commit_unpublished;
          """)
      try db.execute(sql: tables)
    }
    if found < format { try setMeta("format", "\(format)", db) }
  }

  static func meta(_ key: String, in db: GRDB.Database) throws -> String? {
    try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = ?", arguments: [key])
  }

  static func setMeta(_ key: String, _ value: String, _ db: GRDB.Database) throws {
    try db.execute(
      sql: "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", arguments: [key, value])
  }

  private static let tables = """
    CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS commit_log (
      sequence INTEGER PRIMARY KEY,
      stream TEXT NOT NULL, version INTEGER NOT NULL, id TEXT NOT NULL UNIQUE,
      kind TEXT NOT NULL, run TEXT, decided_at INTEGER NOT NULL,
      published INTEGER NOT NULL DEFAULT 0, entry TEXT NOT NULL,
      UNIQUE (stream, version));
    CREATE INDEX IF NOT EXISTS commit_unpublished ON commit_log (stream, version)
      WHERE published = 0;
    CREATE INDEX IF NOT EXISTS commit_run ON commit_log (run, stream, version);
    CREATE TABLE IF NOT EXISTS stream (
      name TEXT PRIMARY KEY, version INTEGER NOT NULL DEFAULT 0,
      published_version INTEGER NOT NULL DEFAULT 0,
      bookmark TEXT, binding TEXT, schemas TEXT, content_hash TEXT, hold_reason TEXT,
      updated_at INTEGER NOT NULL DEFAULT 0,
      lease_epoch INTEGER NOT NULL DEFAULT 0, lease_owner TEXT, lease_heartbeat INTEGER,
      lease_sequence INTEGER);
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
    """
}
