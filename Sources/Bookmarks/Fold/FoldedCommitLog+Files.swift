internal import Base
internal import GRDB
internal import Storage

extension FoldedCommitLog {
  public func keys(of stream: String) throws(BookmarksError) -> [String] {
    try read { db in
      try String.fetchAll(
        db,
        sql: """
          SELECT key FROM file_span JOIN file ON file.id = file_span.file
          WHERE file_span.stream = ? AND removed IS NULL ORDER BY file.id
          """, arguments: [stream])
    }
  }

  public func formerFiles(of stream: String) throws(BookmarksError) -> [FormerFile] {
    try read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT file.entry AS entry, max(file_span.removed) AS version, place, decided_at
          FROM file_span JOIN file ON file.id = file_span.file
            LEFT JOIN file_place ON file_place.file = file.id
            JOIN commit_log ON commit_log.stream = file_span.stream
              AND commit_log.version = file_span.removed
          WHERE file_span.stream = ? AND NOT EXISTS (
            SELECT 1 FROM file_span AS open WHERE open.file = file.id AND open.removed IS NULL)
          GROUP BY file.id ORDER BY file.id
          """, arguments: [stream]
      ).map { row in
        let place: String? = row["place"]
        return FormerFile(
          file: try Self.dataFile(row["entry"], of: stream),
          place: place.flatMap(FormerFile.Place.init(rawValue:)) ?? .retired,
          removedVersion: row["version"],
          removedAt: Instant(microseconds: row["decided_at"]))
      }
    }
  }

  static func dataFile(_ text: String, of stream: String) throws -> DataFile {
    guard let file = DataFile(json: try JSONValue(parsing: text)) else {
      throw BookmarksError(
        .corrupt, "a file of the log cannot be read: \(text.prefix(120))",
        remedy: "The state is damaged; restore it from a backup.", place: stream)
    }
    return file
  }
}

extension LogTables {
  /// Records where a commit puts the files that are not part of the table.
  static func foldPlaces(_ commit: Commit, in db: GRDB.Database) throws {
    func set(_ keys: [String], _ place: FormerFile.Place) throws {
      for key in keys {
        try db.execute(
          sql: """
            INSERT OR REPLACE INTO file_place (file, place) SELECT id, ? FROM file WHERE key = ?
            """,
          arguments: [place.rawValue, key])
      }
    }
    for key in commit.restored + commit.cleared {
      try db.execute(
        sql: "DELETE FROM file_place WHERE file = (SELECT id FROM file WHERE key = ?)",
        arguments: [key])
    }
    try set(commit.left, .left)
    try set(commit.gone, .gone)
  }
}
