internal import Base
internal import Connector
internal import GRDB

/// A stream's ledger as of its last commit.
struct FoldedLedger: Ledger {
  let log: FoldedCommitLog
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

  func forEachEntry(
    _ body: (_ key: String, _ value: JSONValue) throws(ConnectorError) -> Void
  ) throws(ConnectorError) {
    // What `body` throws is its own, and no trouble of the log's.
    var refusal: ConnectorError?
    try lookingUp {
      try log.read { db in
        // With max(), SQLite takes the other columns from the row that holds the maximum.
        let rows = try Row.fetchCursor(
          db,
          sql:
            "SELECT key, value, max(version) FROM ledger WHERE stream = ? GROUP BY key ORDER BY key",
          arguments: [stream])
        while refusal == nil, let row = try rows.next() {
          guard let text: String = row[1] else { continue }
          let value = try JSONValue(parsing: text)
          do throws(ConnectorError) {
            try body(row[0], value)
          } catch {
            refusal = error
          }
        }
      }
    }
    if let refusal { throw refusal }
  }

  func history(of key: String) throws(ConnectorError) -> [(version: Int, value: JSONValue?)] {
    try lookingUp {
      try log.read { db in
        try Row.fetchAll(
          db,
          sql: "SELECT version, value FROM ledger WHERE stream = ? AND key = ? ORDER BY version",
          arguments: [stream, key]
        ).map { row in
          let text: String? = row["value"]
          return (row["version"], try text.map { try JSONValue(parsing: $0) })
        }
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
