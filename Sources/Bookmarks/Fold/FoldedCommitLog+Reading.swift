public import Base
public import Connector
internal import GRDB
internal import Records
public import Storage

extension FoldedCommitLog {
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

  public func marks(of stream: String) throws(BookmarksError) -> [VersionMark] {
    try read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT version, kind, decided_at, json_extract(entry, '$.after') AS bookmark
          FROM commit_log WHERE stream = ? ORDER BY version DESC
          """, arguments: [stream]
      ).map { row in
        let text: String? = row["bookmark"]
        return VersionMark(
          version: row["version"], kind: Commit.Kind(rawValue: row["kind"]) ?? .append,
          bookmark: try text.flatMap { Bookmark(json: try JSONValue(parsing: $0)) },
          decidedAt: Instant(microseconds: row["decided_at"]))
      }
    }
  }

  public func lastVersion(of stream: String, inRun run: String) throws(BookmarksError) -> Int? {
    try read { db in
      try Int.fetchOne(
        db, sql: "SELECT max(version) FROM commit_log WHERE stream = ? AND run = ?",
        arguments: [stream, run])
    }
  }

  public func lastVersion(of stream: String, at time: Instant) throws(BookmarksError) -> Int? {
    try read { db in
      // By version: a clock that was set back does not make a later commit an earlier one.
      try Int.fetchOne(
        db,
        sql: """
          SELECT version FROM commit_log WHERE stream = ? AND decided_at <= ?
          ORDER BY version DESC LIMIT 1
          """, arguments: [stream, time.microseconds])
    }
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
      return try texts.map { try Self.dataFile($0, of: stream) }
    }
  }

  public func files(withKeys keys: [String]) throws(BookmarksError) -> [DataFile] {
    try read { db in
      let statement = try db.makeStatement(sql: "SELECT entry, stream FROM file WHERE key = ?")
      return try keys.compactMap { key in
        try Row.fetchOne(statement, arguments: [key]).map { row in
          try Self.dataFile(row["entry"], of: row["stream"])
        }
      }
    }
  }

  public func ledger(of stream: String) -> any Ledger { FoldedLedger(log: self, stream: stream) }

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

extension FoldedCommitLog {
  public func summary() throws(BookmarksError) -> LogSummary {
    try journal.refresh(isUrgent: true)
    var summary = try tables.read { db in
      func count(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: sql) ?? 0 }
      var summary = LogSummary()
      summary.commitCount = try count("SELECT count(*) FROM commit_log")
      summary.streamCount = try count("SELECT count(*) FROM stream WHERE version > 0")
      summary.fileCount = try count("SELECT count(*) FROM file_span WHERE removed IS NULL")
      summary.unpublishedCount = try count("SELECT count(*) FROM commit_log WHERE published = 0")
      summary.lastCommitAt =
        try Int64.fetchOne(db, sql: "SELECT decided_at FROM commit_log ORDER BY sequence DESC")
        .map { Instant(microseconds: $0) }
      summary.lastRun = try Row.fetchOne(
        db, sql: "SELECT * FROM run ORDER BY started_at DESC, id DESC LIMIT 1"
      ).map(Self.record)
      summary.byteCount = try count(
        "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
      summary.leases = try Row.fetchAll(
        db,
        sql: """
          SELECT name, lease_epoch, lease_owner, lease_heartbeat FROM stream
          WHERE lease_owner IS NOT NULL ORDER BY name
          """
      ).map { row in
        HeldLease(
          stream: row["name"], epoch: row["lease_epoch"],
          holder: LeaseOwner.describe(row["lease_owner"]),
          lastSign: Instant(microseconds: row["lease_heartbeat"] ?? 0))
      }
      return summary
    }
    try journal.describe(&summary)
    return summary
  }
}
