internal import Base
public import Connector
internal import GRDB
internal import Records
public import Storage

extension SQLiteCommitLog {
  public func stream(_ name: String) throws(BookmarksError) -> StreamState? {
    try read { db in
      try Row.fetchOne(
        db, sql: "SELECT * FROM stream WHERE name = ? AND version > 0", arguments: [name]
      ).map(Self.state)
    }
  }

  public func streams() throws(BookmarksError) -> [StreamState] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM stream WHERE version > 0 ORDER BY name")
        .map(Self.state)
    }
  }

  public func streamNames() throws(BookmarksError) -> [String] {
    try read { db in try String.fetchAll(db, sql: "SELECT name FROM stream ORDER BY name") }
  }

  private static func state(_ row: Row) throws -> StreamState {
    func json(_ column: String) throws -> JSONValue? {
      guard let text: String = row[column] else { return nil }
      return try JSONValue(parsing: text)
    }
    var schemas: [String: Schema] = [:]
    for member in try json("schemas")?.members ?? [] {
      schemas[member.key] = Schema(json: member.value)
    }
    return StreamState(
      name: row["name"], version: row["version"], publishedVersion: row["published_version"],
      bookmark: try json("bookmark").flatMap(Bookmark.init(json:)), binding: try json("binding"),
      schemas: schemas, contentHash: row["content_hash"], holdReason: row["hold_reason"],
      updatedAt: Instant(microseconds: row["updated_at"]))
  }

  public func unpublished() throws(BookmarksError) -> [Commit] {
    try commits("SELECT entry FROM commit_log WHERE published = 0 ORDER BY sequence", [])
  }

  public func commit(_ version: Int, of stream: String) throws(BookmarksError) -> Commit {
    let found = try commits(
      "SELECT entry FROM commit_log WHERE stream = ? AND version = ?", [stream, version])
    guard let commit = found.first else {
      throw BookmarksError(
        .notFound, "there is no version \(version)",
        remedy: "'tidemark bookmark history \(stream)' lists what there is.", place: stream)
    }
    return commit
  }

  public func history(of stream: String, limit: Int) throws(BookmarksError) -> [Commit] {
    try commits(
      "SELECT entry FROM commit_log WHERE stream = ? ORDER BY version DESC LIMIT ?",
      [stream, limit])
  }

  private func commits(_ sql: String, _ arguments: StatementArguments) throws(BookmarksError)
    -> [Commit]
  {
    try read { db in
      try String.fetchAll(db, sql: sql, arguments: arguments)
        .map { try Commit(json: JSONValue(parsing: $0)) }
    }
  }

  public func files(of stream: String, asOf version: Int?) throws(BookmarksError) -> [DataFile] {
    try read { db in
      let published = try Int.fetchOne(
        db, sql: "SELECT published_version FROM stream WHERE name = ?", arguments: [stream])
      let at = version ?? published ?? 0
      let texts = try String.fetchAll(
        db,
        sql: """
          SELECT entry FROM file_span JOIN file ON file.id = file_span.file
          WHERE file_span.stream = ? AND added <= ? AND (removed IS NULL OR removed > ?)
          ORDER BY file.id
          """, arguments: [stream, at, at])
      return try texts.map { text in
        guard let file = DataFile(json: try JSONValue(parsing: text)) else {
          throw BookmarksError(
            .corrupt, "a file of the log cannot be read: \(text.prefix(120))",
            remedy: "The state is damaged; restore it from a backup.", place: stream)
        }
        return file
      }
    }
  }

  public func ledger(of stream: String) -> any Ledger { SQLiteLedger(log: self, stream: stream) }

  public func ledgerChanges(of stream: String, backTo version: Int) throws(BookmarksError)
    -> [LedgerChange]
  {
    try read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT changed.key AS key, (
            SELECT value FROM ledger AS earlier
            WHERE earlier.stream = :stream AND earlier.key = changed.key
              AND earlier.version <= :version
            ORDER BY earlier.version DESC LIMIT 1) AS value
          FROM (SELECT DISTINCT key FROM ledger WHERE stream = :stream AND version > :version)
            AS changed
          ORDER BY changed.key
          """, arguments: ["stream": stream, "version": version]
      ).map { row in
        let text: String? = row["value"]
        return LedgerChange(key: row["key"], value: try text.map { try JSONValue(parsing: $0) })
      }
    }
  }
}

/// A stream's ledger as of its last commit.
struct SQLiteLedger: Ledger {
  let log: SQLiteCommitLog
  let stream: String

  func value(of key: String) throws(ConnectorError) -> JSONValue? {
    try lookingUp {
      try log.read { db in
        try String.fetchOne(
          db,
          sql: """
            SELECT value FROM ledger WHERE stream = ? AND key = ?
            ORDER BY version DESC LIMIT 1
            """, arguments: [stream, key]
        ).map { try JSONValue(parsing: $0) }
      }
    }
  }

  func entries() throws(ConnectorError) -> [(key: String, value: JSONValue)] {
    try lookingUp {
      try log.read { db in
        // With max(), SQLite takes the other columns from the row that holds the maximum.
        let rows = try Row.fetchCursor(
          db,
          sql:
            "SELECT key, value, max(version) FROM ledger WHERE stream = ? GROUP BY key ORDER BY key",
          arguments: [stream])
        var entries: [(key: String, value: JSONValue)] = []
        while let row = try rows.next() {
          guard let text: String = row["value"] else { continue }
          entries.append((row["key"], try JSONValue(parsing: text)))
        }
        return entries
      }
    }
  }

  private func lookingUp<T>(_ body: () throws -> T) throws(ConnectorError) -> T {
    do {
      return try body()
    } catch {
      throw ConnectorError(
        .interrupted, "the stream's ledger could not be read: \(error)",
        remedy: "Run again; nothing was changed.", place: stream, isRetryable: false)
    }
  }
}
