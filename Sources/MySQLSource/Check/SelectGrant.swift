internal import Connector

/// What a user lacks to read a table, and the statement that mends it.
enum SelectGrant {
  /// Columns that the user may not read: the dictionary hides them, and `SELECT *` does not.
  static func hiddenColumns(
    _ table: TableFacts, _ connection: Connection
  ) throws(ServerError) -> [Finding] {
    do throws(ServerError) {
      let statement = try Statement(connection, "SELECT * FROM \(table.sqlName)")
      statement.close()
      return []
    } catch {
      guard error.isDenied else { throw error }
    }
    let account = try connection.value("SELECT CURRENT_USER()") ?? ""
    let readable = table.readableColumns.map(\.name).joined(separator: ", ")
    return [
      Finding(
        .warning, "the user may not read all columns, and those left are not in the lake",
        remedy: statement(table.sqlName, account), code: "columns_denied",
        subject: "only \(readable)")
    ]
  }

  /// - Parameter account: as `CURRENT_USER()` tells it.
  static func statement(_ table: String, _ account: String) -> String {
    "GRANT SELECT ON \(table) TO \(ServerFacts.quoted(account))"
  }

  /// The finding for a table that is not there or may not be read: the same words for all of them.
  ///
  /// - Returns: nil where the error is about something else.
  static func finding(
    _ error: ConnectorError, _ stream: StreamConfiguration, _ endpoint: Endpoint
  ) -> Finding? {
    guard error.kind == .denied || error.kind == .notFound,
      let settings = try? StreamSettings(stream, database: endpoint.database),
      case .table(let schema, let name) = settings.origin,
      let connection = try? Connection(endpoint)
    else { return nil }
    defer { connection.close() }
    guard let account = try? connection.value("SELECT CURRENT_USER()"),
      let tables = try? TableFacts.look(connection, schema: schema, table: name)
    else { return nil }
    let grant = statement(SQLText.name(schema) + "." + SQLText.name(name), account)
    if !tables.isEmpty {
      return error.kind == .notFound
        ? nil
        : Finding(
          .error, "the user may not read the table", remedy: grant, code: "table_denied")
    }
    let isGuess = error.remedy.hasPrefix("Did you mean")
    return Finding(
      .error, "there is no such table, or none that the user may see",
      remedy: isGuess ? error.remedy : "Correct the name, or: \(grant)", code: "table_not_seen")
  }
}
