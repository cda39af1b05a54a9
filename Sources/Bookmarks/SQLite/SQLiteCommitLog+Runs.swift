public import Base
internal import GRDB

extension SQLiteCommitLog {
  public func beginRun(_ run: RunRecord) throws(BookmarksError) {
    try write { db in
      try db.execute(
        sql: "INSERT INTO run (id, started_at, command, host) VALUES (?, ?, ?, ?)",
        arguments: [run.id, run.startedAt.microseconds, run.command, run.host])
    }
  }

  public func record(_ outcome: StreamOutcome, of run: String) throws(BookmarksError) {
    try write { db in
      try db.execute(
        sql: "INSERT OR REPLACE INTO outcome (run, stream, entry) VALUES (?, ?, ?)",
        arguments: [run, outcome.stream, outcome.json.text()])
    }
  }

  public func endRun(_ id: String, at: Instant) throws(BookmarksError) {
    try write { db in
      try db.execute(
        sql: "UPDATE run SET ended_at = ? WHERE id = ?", arguments: [at.microseconds, id])
    }
  }

  public func runs(limit: Int) throws(BookmarksError) -> [RunRecord] {
    try read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM run ORDER BY started_at DESC, id DESC LIMIT ?", arguments: [limit]
      ).map(Self.record)
    }
  }

  public func run(_ id: String) throws(BookmarksError) -> (RunRecord, [StreamOutcome]) {
    try read { db in
      let rows = try Row.fetchAll(
        db, sql: "SELECT * FROM run WHERE id >= ? AND id < ? ORDER BY id LIMIT 2",
        arguments: [id, id + "~"])
      guard let row = rows.first, rows.count == 1 || row["id"] == id else {
        throw BookmarksError(
          .notFound, rows.isEmpty ? "there is no run '\(id)'" : "several runs begin with '\(id)'",
          remedy: "'tidemark runs' lists them.")
      }
      let record = Self.record(row)
      let outcomes = try String.fetchAll(
        db, sql: "SELECT entry FROM outcome WHERE run = ? ORDER BY stream", arguments: [record.id])
      return (record, try outcomes.compactMap { StreamOutcome(json: try JSONValue(parsing: $0)) })
    }
  }

  private static func record(_ row: Row) -> RunRecord {
    let ended: Int64? = row["ended_at"]
    return RunRecord(
      id: row["id"], startedAt: Instant(microseconds: row["started_at"]),
      endedAt: ended.map { Instant(microseconds: $0) }, command: row["command"], host: row["host"])
  }
}

extension StreamOutcome {
  /// The shape that `tidemark run --json` prints, with `counts` and `remedy` besides.
  public var json: JSONValue {
    [
      "stream": .string(stream), "status": .string(status.rawValue), "rows": .init(rows),
      "bytes": .init(bytes), "files": .init(files), "commits": .init(commits),
      "seconds": .double((seconds * 1000).rounded() / 1000), "from": .init(from), "to": .init(to),
      "error": .init(error), "remedy": .init(remedy),
      "counts": .object(
        counts.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: .init($0.value)) }),
    ]
  }

  public init?(json: JSONValue) {
    guard let stream = json["stream"]?.string,
      let status = json["status"]?.string.flatMap(Status.init(rawValue:))
    else { return nil }
    self.init(stream: stream, status: status)
    func count(_ key: String) -> Int { Int(json[key]?.integer ?? 0) }
    rows = count("rows")
    bytes = count("bytes")
    files = count("files")
    commits = count("commits")
    seconds = json["seconds"]?.number ?? 0
    from = json["from"]?.string
    to = json["to"]?.string
    error = json["error"]?.string
    remedy = json["remedy"]?.string
    for member in json["counts"]?.members ?? [] {
      counts[member.key] = Int(member.value.integer ?? 0)
    }
  }
}
