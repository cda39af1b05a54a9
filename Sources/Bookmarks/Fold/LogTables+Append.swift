internal import Base
internal import Connector
internal import GRDB
internal import Records
internal import Storage

extension LogTables {
  func append(_ commit: Commit, under lease: Lease, in db: GRDB.Database) throws {
    try check(lease, in: db)
    let version =
      try Int.fetchOne(
        db, sql: "SELECT version FROM stream WHERE name = ?", arguments: [commit.stream]) ?? 0
    guard commit.version == version + 1, commit.stream == lease.stream else {
      throw BookmarksError(
        .conflict, "the stream is at version \(version), expected \(commit.version - 1)",
        remedy: "Somebody else moved it. Look at 'tidemark bookmark history' and run again.",
        place: commit.stream)
    }
    let texts = commit.texts()
    try db.execute(
      sql: """
        INSERT INTO commit_log (stream, version, id, kind, run, decided_at, entry)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        commit.stream, commit.version, commit.id, commit.kind.rawValue, commit.run,
        commit.decidedAt.microseconds, texts.entry,
      ])
    try Self.fold(commit, ledger: texts.ledger, in: db)
    try applyCatalogChange(commit.catalogChange, db)
  }

  /// Brings the tables that are read off the log up to date with one more commit.
  private static func fold(_ commit: Commit, ledger: [String?], in db: GRDB.Database) throws {
    let hold: String? = commit.kind == .hold ? (commit.note ?? "held") : nil
    let holdClause =
      commit.kind == .hold || commit.kind == .release ? "hold_reason = :hold," : ""
    try db.execute(
      sql: """
        UPDATE stream SET version = :version, bookmark = :bookmark, binding = :binding,
          schemas = :schemas, content_hash = :hash, \(holdClause) updated_at = :at
        WHERE name = :name
        """,
      arguments: StatementArguments(
        [
          "version": commit.version, "bookmark": commit.bookmarkAfter?.json.text(),
          "binding": commit.binding?.text(), "schemas": schemasText(commit.schemas),
          "hash": commit.contentHash, "at": commit.decidedAt.microseconds, "name": commit.stream,
        ] as [String: (any DatabaseValueConvertible)?])
        + (holdClause.isEmpty ? [] : ["hold": hold]))
    for key in commit.removed { try close(key, at: commit.version, in: db) }
    for var file in commit.added {
      if file.origins.isEmpty {
        file.origins = [RowOrigin(version: commit.version, rowCount: file.rowCount)]
      }
      try db.execute(
        sql: "INSERT INTO file (stream, key, entry) VALUES (?, ?, ?)",
        arguments: [commit.stream, file.key, file.json.text()])
      try open(file.key, at: commit.version, of: commit.stream, in: db)
    }
    for key in commit.restored { try open(key, at: commit.version, of: commit.stream, in: db) }
    try foldPlaces(commit, in: db)
    let statement = try db.makeStatement(
      sql: "INSERT OR REPLACE INTO ledger (stream, key, version, value) VALUES (?, ?, ?, ?)")
    for (change, value) in zip(commit.ledger, ledger) {
      try statement.execute(arguments: [commit.stream, change.key, commit.version, value])
    }
  }

  private static func open(_ key: String, at version: Int, of stream: String, in db: GRDB.Database)
    throws
  {
    try db.execute(
      sql: """
        INSERT INTO file_span (file, stream, added)
        SELECT id, ?, ? FROM file WHERE key = ?
        """, arguments: [stream, version, key])
    guard db.changesCount == 1 else { throw unknownFile(key) }
  }

  private static func close(_ key: String, at version: Int, in db: GRDB.Database) throws {
    try db.execute(
      sql: """
        UPDATE file_span SET removed = ?
        WHERE file = (SELECT id FROM file WHERE key = ?) AND removed IS NULL
        """, arguments: [version, key])
    guard db.changesCount == 1 else { throw unknownFile(key) }
  }

  private static func unknownFile(_ key: String) -> BookmarksError {
    BookmarksError(
      .corrupt, "a commit names a file that is not part of the table",
      remedy: "Nothing was changed. Look at 'tidemark bookmark history' for what moved it.",
      place: key)
  }

  static func schemasText(_ schemas: [String: Schema]) -> String {
    JSONValue.object(
      schemas.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: $0.value.json) }
    ).text()
  }

  func markPublished(_ version: Int, of stream: String, in db: GRDB.Database) throws {
    try db.execute(
      sql: "UPDATE commit_log SET published = 1 WHERE stream = ? AND version = ?",
      arguments: [stream, version])
    try db.execute(
      sql: """
        UPDATE stream SET published_version = coalesce(
          (SELECT min(version) - 1 FROM commit_log WHERE stream = :name AND published = 0),
          version)
        WHERE name = :name
        """, arguments: ["name": stream])
  }
}
