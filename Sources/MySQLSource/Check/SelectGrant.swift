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

  /// The error with the statement, where it is about a table that may not be read.
  static func explained(
    _ error: ConnectorError, _ stream: StreamConfiguration, _ endpoint: Endpoint
  ) -> ConnectorError {
    guard error.kind == .denied,
      let settings = try? StreamSettings(stream, database: endpoint.database),
      case .table(let schema, let name) = settings.origin,
      let connection = try? Connection(endpoint)
    else { return error }
    defer { connection.close() }
    guard let account = try? connection.value("SELECT CURRENT_USER()") else { return error }
    var error = error
    error.remedy = statement(SQLText.name(schema) + "." + SQLText.name(name), account)
    return error
  }
}
