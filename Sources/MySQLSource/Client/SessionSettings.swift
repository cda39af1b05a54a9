internal import Base

/// What a connection's session is: it reads, in one snapshot at a time, and waits for whom it
/// must wait for.
struct SessionSettings {
  private let patience: Endpoint.Patience

  init(_ patience: Endpoint.Patience) { self.patience = patience }

  /// How long the server waits for a reader that is busy with its own writer. A reader that paces
  /// itself never pauses for as long.
  static let writeSeconds = 3600

  /// - Throws: what the server says, but for settings that it does not know.
  func apply(to connection: Connection) throws(ServerError) {
    do throws(ServerError) {
      try connection.run(["SET " + variables(connection).joined(separator: ", ")])
    } catch {
      guard error.isUnknownFeature else { throw error }
      // A proxy or a relative of MySQL that lacks one of them.
      for variable in variables(connection) { try runWhereKnown("SET \(variable)", connection) }
    }
    // MySQL 8 tells sizes and AUTO_INCREMENT as of up to a day ago unless it is told otherwise.
    if !connection.isMariaDB {
      try runWhereKnown("SET SESSION information_schema_stats_expiry = 0", connection)
    }
    do throws(ServerError) {
      try connection.run(["SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"])
    } catch {
      guard error.isUnknownFeature else { throw error }
      try connection.run(["SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"])
    }
  }

  private func variables(_ connection: Connection) -> [String] {
    [
      // A server may be told to ignore the client's character set, or to end long results early.
      "NAMES utf8mb4",
      "SESSION sql_select_limit = 18446744073709551615",
      "SESSION sql_mode = ''",
      "SESSION net_write_timeout = \(Self.writeSeconds)",
      // Between two parts, what was read is written and committed.
      "SESSION wait_timeout = 28800",
      "SESSION lock_wait_timeout = \(patience.lockSeconds)",
      // A limit for all users is meant for applications; dump programs lift it as well.
      connection.isMariaDB ? "SESSION max_statement_time = 0" : "SESSION max_execution_time = 0",
    ]
  }

  private func runWhereKnown(
    _ statement: String, _ connection: Connection
  ) throws(ServerError) {
    do throws(ServerError) {
      try connection.run([statement])
    } catch {
      guard error.isUnknownFeature || error.isDenied else { throw error }
    }
  }
}
