internal import Base
internal import CMariaDB
internal import Connector
internal import Records

/// The columns that a bookmark goes by, and where they are among those that are read.
struct CursorSelection {
  /// A column that is read for the cursor alone.
  struct Extra {
    var sql: String
    var plan: ColumnPlan
  }

  private(set) var cursors: [CursorColumn] = []
  private(set) var extra: [Extra] = []
  private(set) var indexes: [Int] = []

  init(
    _ settings: StreamSettings, _ table: TableDescription?, columns: ColumnSelection,
    source: String, _ connection: Connection
  ) throws(ConnectorError) {
    guard let cursor = settings.cursor else { return }
    let known = table.map { ($0.columns + $0.invisibleColumns).map(\.name) } ?? columns.names
    for written in cursor.columns {
      let column =
        known.first { $0 == written } ?? known.first { $0.lowercased() == written.lowercased() }
      if column == nil, Self.isName(written) {
        throw Self.missing(written, table, known: known, place: settings.name)
      }
      let sql = column.map(SQLText.name) ?? "(\(written))"
      let found: CursorColumn
      let plan: ColumnPlan
      do throws(ServerError) {
        let statement = try Statement(connection, "SELECT \(sql) FROM \(source)")
        defer { statement.close() }
        guard statement.columns.count == 1, let description = statement.columns.first else {
          throw ServerError(code: 1064, message: "'\(written)' is not one expression")
        }
        found = CursorColumn(name: column ?? written, isColumn: column != nil, description)
        plan = ColumnPlan(description, comment: nil, zeroDates: .null)
      } catch {
        throw error.connectorError(place: settings.name)
      }
      if case .unusable(let type) = found.kind {
        throw Self.unusable(found.name, type, table, place: settings.name)
      }
      cursors.append(found)
      // A copy of its own where the stream's column is left out or turned into text.
      if let column, let index = columns.names.firstIndex(of: column),
        columns.plans[index].wire == plan.wire
      {
        indexes.append(index)
      } else {
        indexes.append(columns.plans.count + extra.count)
        extra.append(Extra(sql: "\(sql) AS tidemark_cursor_\(extra.count)", plan: plan))
      }
    }
  }

  /// Whether a text can be nothing but a column's name.
  private static func isName(_ text: String) -> Bool {
    text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "$" }
  }

  private static func candidates(_ table: TableDescription?) -> String {
    let names = table?.cursorCandidates ?? []
    return names.isEmpty
      ? "Add a column `updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE "
        + "CURRENT_TIMESTAMP(6)` with an index, or leave `bookmark` out and read all rows."
      : "Columns here that can be a cursor: \(names.joined(separator: ", "))."
  }

  private static func missing(
    _ name: String, _ table: TableDescription?, known: [String], place: String
  ) -> ConnectorError {
    let near = nearestName(to: name, among: known).map { "Did you mean `\($0)`? " } ?? ""
    return ConnectorError(
      .notFound, "`bookmark.by` names a column `\(name)` that does not exist",
      remedy: near + candidates(table), place: place)
  }

  private static func unusable(
    _ name: String, _ type: String, _ table: TableDescription?, place: String
  ) -> ConnectorError {
    ConnectorError(
      .misconfigured,
      "`bookmark.by` names `\(name)`, whose type \(type) cannot be a cursor: it must be a"
        + " TIMESTAMP, DATETIME, DATE or whole number",
      remedy: candidates(table), place: place)
  }
}
