public import Base
internal import GRDB

extension FoldedCommitLog {
  public func beginRun(_ run: RunRecord) throws(BookmarksError) {
    try journal.decideSoon(.beginRun(run))
  }

  public func record(_ outcome: StreamOutcome, of run: String) throws(BookmarksError) {
    try journal.decideSoon(.recordOutcome(outcome, run: run))
  }

  public func endRun(_ id: String, at: Instant) throws(BookmarksError) {
    try journal.decide { _ in ([.endRun(id, at: at)], ()) }
  }

  public func runs(limit: Int) throws(BookmarksError) -> [RunRecord] {
    try journal.settle()
    return try read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM run ORDER BY started_at DESC, id DESC LIMIT ?", arguments: [limit]
      ).map(Self.record)
    }
  }

  public func run(_ id: String) throws(BookmarksError) -> (RunRecord, [StreamOutcome]) {
    try journal.settle()
    return try read { db in
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

  static func record(_ row: Row) -> RunRecord {
    let ended: Int64? = row["ended_at"]
    return RunRecord(
      id: row["id"], startedAt: Instant(microseconds: row["started_at"]),
      endedAt: ended.map { Instant(microseconds: $0) }, command: row["command"], host: row["host"])
  }
}
