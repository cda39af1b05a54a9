internal import Base

extension TableFacts {
  /// Looks up all tables of a database, or one, by name; four small statements however many.
  static func look(
    _ connection: Connection, schema: String, table: String? = nil
  ) throws(ServerError) -> [TableFacts] {
    let place =
      "TABLE_SCHEMA = \(SQLText.literal(schema))"
      + (table.map { " AND TABLE_NAME = \(SQLText.literal($0))" } ?? "")
    var tables = try connection.rows(
      """
      SELECT TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_ROWS, DATA_LENGTH \
      FROM information_schema.TABLES WHERE \(place)
      """
    ).compactMap { Self.table($0, schema: schema) }
    tables.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    var positions: [String: Int] = [:]
    for (index, table) in tables.enumerated() { positions[table.name] = index }
    let columns = try connection.rows(
      """
      SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, DATA_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, \
      PRIVILEGES, CHARACTER_SET_NAME FROM information_schema.COLUMNS WHERE \(place) \
      ORDER BY TABLE_NAME, ORDINAL_POSITION
      """)
    for row in columns {
      guard let position = row[0].flatMap({ positions[$0] }), let column = Self.column(row)
      else { continue }
      tables[position].columns.append(column)
    }
    // All columns: which of them tells of an index that is never used depends on the server.
    let parts = try connection.namedRows(
      """
      SELECT * FROM information_schema.STATISTICS WHERE \(place) \
      ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX
      """)
    for row in parts {
      guard let position = row["table_name"].flatMap({ positions[$0] }),
        let name = row["index_name"], row["is_visible"] != "NO", row["ignored"] != "YES",
        // Texts and shapes are found by these, in no order.
        !["FULLTEXT", "SPATIAL", "HASH"].contains(row["index_type"])
      else { continue }
      if tables[position].indexes.last?.name == name {
        let last = tables[position].indexes.count - 1
        tables[position].indexes[last].columns.append(row["column_name"])
      } else {
        tables[position].indexes.append(
          Index(name: name, columns: [row["column_name"]], isUnique: row["non_unique"] == "0"))
      }
    }
    return tables
  }

  private static func table(_ row: [String?], schema: String) -> TableFacts? {
    guard let name = row[0] else { return nil }
    let kind: Kind =
      switch row[1] ?? "" {
      case let type where type.contains("VIEW"): .view
      case "SEQUENCE": .sequence
      default: .table
      }
    return TableFacts(
      schema: schema, name: name, kind: kind, engine: row[2],
      rowCount: row[3].flatMap { Int($0) }, dataBytes: row[4].flatMap { Int($0) })
  }

  private static func column(_ row: [String?]) -> Column? {
    guard let name = row[1], let type = row[2], let kind = row[3] else { return nil }
    return Column(
      name: name, type: type.lowercased(), kind: kind.lowercased(), isNullable: row[4] == "YES",
      // MariaDB writes the word where the default is NULL, and quotes texts.
      defaultText: row[5] == "NULL" ? nil : row[5].map { String($0.trimmed(of: "'")) },
      extra: (row[6] ?? "").uppercased(),
      isReadable: (row[7] ?? "").lowercased().split(separator: ",").contains("select"),
      characterSet: row[8])
  }
}
