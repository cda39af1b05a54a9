internal import Base
internal import Connector

/// What the server's dictionary says about a table.
struct TableDescription: Sendable {
  struct Column: Sendable {
    var name: String
    var comment: String?
    var type: String
    var isAutoIncrement: Bool
    /// Whether `SELECT *` passes over it.
    var isInvisible: Bool
  }

  var schema: String
  var name: String
  /// The columns that `SELECT *` gives, in order.
  var columns: [Column]
  /// The columns that only their names give.
  var invisibleColumns: [Column] = []
  var primaryKey: [String] = []
  /// The first column of every index that the server uses.
  var indexedColumns: Set<String> = []
  /// nil for a view.
  var engine: String?
  /// An estimate.
  var rowCount: Int?
  var dataBytes: Int?
  /// As the server tells it; it changes when the table is created anew, truncated or rebuilt.
  var created: String?

  var sqlName: String { SQLText.name(schema) + "." + SQLText.name(name) }

  subscript(column: String) -> Column? {
    let all = columns + invisibleColumns
    return all.first { $0.name == column }
      ?? all.first { $0.name.lowercased() == column.lowercased() }
  }

  /// Whether NOT NULL is kept in every row. What a server says about a view's columns is not
  /// always so: joins and roll-ups put NULL where the column below them has none.
  var keepsNotNull: Bool { engine != nil }

  /// Whether reads of it are consistent.
  var isTransactional: Bool {
    engine.map { ["innodb", "rocksdb", "tokudb", "ndbcluster"].contains($0.lowercased()) } ?? true
  }

  /// Columns that could be a bookmark's cursor, best first, in words.
  var cursorCandidates: [String] {
    let times = columns.filter { $0.type.hasPrefix("timestamp") || $0.type.hasPrefix("datetime") }
    let numbers = columns.filter(\.isAutoIncrement)
    return times.map { "\($0.name) (\($0.type))" }
      + numbers.map { "\($0.name) (AUTO_INCREMENT, for tables that only grow)" }
  }
}

extension TableDescription {
  /// Looks a table up; nil where it does not exist or is hidden from the user.
  static func find(
    _ connection: Connection, schema: String, name: String
  ) throws(ServerError) -> TableDescription? {
    let place =
      "TABLE_SCHEMA = \(SQLText.literal(schema)) AND TABLE_NAME = \(SQLText.literal(name))"
    let columns = try connection.rows(
      """
      SELECT COLUMN_NAME, COLUMN_COMMENT, COLUMN_TYPE, EXTRA FROM information_schema.COLUMNS \
      WHERE \(place) ORDER BY ORDINAL_POSITION
      """)
    if columns.isEmpty { return nil }
    let described = columns.compactMap(Self.column)
    var table = TableDescription(
      schema: schema, name: name, columns: described.filter { !$0.isInvisible },
      invisibleColumns: described.filter(\.isInvisible))
    let facts = try connection.rows(
      """
      SELECT ENGINE, TABLE_ROWS, DATA_LENGTH, CREATE_TIME FROM information_schema.TABLES \
      WHERE \(place)
      """)
    if let facts = facts.first {
      table.engine = facts[0]
      table.rowCount = facts[1].flatMap { Int($0) }
      table.dataBytes = facts[2].flatMap { Int($0) }
      table.created = facts[3]
    }
    // All columns: which of them tells of an index that is never used depends on the server.
    let parts = try connection.namedRows(
      """
      SELECT * FROM information_schema.STATISTICS \
      WHERE \(place) ORDER BY INDEX_NAME, SEQ_IN_INDEX
      """)
    for part in parts { table.add(keyPart: part) }
    return table
  }

  /// - Parameter part: a row of STATISTICS by its columns' names in lower case.
  private mutating func add(keyPart part: [String: String]) {
    // A part that is an expression has no column.
    guard let column = part["column_name"] else { return }
    if part["index_name"] == "PRIMARY" { primaryKey.append(column) }
    let isUnused = part["is_visible"] == "NO" || part["ignored"] == "YES"
    if part["seq_in_index"] == "1", !isUnused { indexedColumns.insert(column) }
  }

  private static func column(_ row: [String?]) -> Column? {
    guard let name = row[0], let type = row[2] else { return nil }
    let extra = (row[3] ?? "").uppercased()
    return Column(
      name: name, comment: row[1].flatMap { $0.isEmpty ? nil : $0 }, type: type.lowercased(),
      isAutoIncrement: extra.contains("AUTO_INCREMENT"), isInvisible: extra.contains("INVISIBLE"))
  }

  /// The tables and views of a database, by name.
  static func names(
    _ connection: Connection, schema: String, withViews: Bool
  ) throws(ServerError) -> [String] {
    let kinds = withViews ? "" : "AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')"
    return try connection.rows(
      """
      SELECT TABLE_NAME FROM information_schema.TABLES \
      WHERE TABLE_SCHEMA = \(SQLText.literal(schema)) \(kinds) ORDER BY TABLE_NAME
      """
    ).compactMap { $0[0] }
  }

  /// The error for a table that is not there.
  static func notFound(
    _ connection: Connection, schema: String, name: String, place: String
  ) -> ConnectorError {
    let names = (try? Self.names(connection, schema: schema, withViews: true)) ?? []
    let near = nearestName(to: name, among: names)
    return ConnectorError(
      .notFound, "the database `\(schema)` has no table `\(name)` that the user may see",
      remedy: near.map { "Did you mean `\($0)`?" }
        ?? (names.isEmpty
          ? "Check the database's name, and grant SELECT on the table to the user."
          : "Tables here: \(names.prefix(12).joined(separator: ", "))."),
      place: place)
  }
}
