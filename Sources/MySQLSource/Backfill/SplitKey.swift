internal import Base

/// The key that a large read is split by: the primary one, or a unique one without NULLs.
struct SplitKey: Sendable {
  struct Part: Sendable {
    enum Kind: Sendable {
      case integer
      /// Never in quotes: a server would take it for a DOUBLE.
      case decimal
      /// Compared in the column's own collation.
      case text
      case time
      case bytes
    }

    var name: String
    var kind: Kind

    var sql: String { SQLText.name(name) }

    /// How a value is read so that `literal` can give it back.
    var selected: String { kind == .bytes ? "HEX(\(sql))" : sql }

    /// A value as it was read, as the column's literal.
    func literal(_ value: String) -> String {
      switch kind {
      case .integer: Int128(value).map { String($0) } ?? SQLText.literal(value)
      case .decimal:
        value.allSatisfy { $0.isNumber || "-.".contains($0) } ? value : SQLText.literal(value)
      case .text, .time: SQLText.literal(value)
      case .bytes: value.allSatisfy(\.isHexDigit) ? "x'\(value)'" : SQLText.literal(value)
      }
    }
  }

  var index: String
  var parts: [Part]

  /// Whether the first column alone can be counted through.
  var isCountable: Bool { parts.first?.kind == .integer }

  /// The rows behind a bound, in a form that the index serves.
  /// - Parameter bound: values of the first columns, or of all.
  func after(_ bound: [String]) -> String { compare(bound, ">", last: ">") }

  /// The rows up to a bound, it included.
  func upTo(_ bound: [String]) -> String { compare(bound, "<", last: "<=") }

  /// The rows between two bounds; nil where there is neither.
  func between(_ lower: [String]?, _ upper: [String]?) -> String? {
    let conditions = [lower.map(after), upper.map(upTo)].compactMap(\.self)
    return conditions.isEmpty ? nil : conditions.joined(separator: " AND ")
  }

  /// A bound for people.
  func text(_ bound: [String]) -> String {
    zip(parts, bound).map { "\($0.name) \($1)" }.joined(separator: ", ")
  }

  private func compare(_ bound: [String], _ sign: String, last: String) -> String {
    let pairs = zip(parts, bound).map { ($0.sql, $0.literal($1)) }
    guard let first = pairs.first, let end = pairs.last else { return "FALSE" }
    if pairs.count == 1 { return "\(first.0) \(last) \(first.1)" }
    var condition = "\(end.0) \(last) \(end.1)"
    for (name, value) in pairs.dropLast().reversed() {
      condition = "\(name) \(sign) \(value) OR (\(name) = \(value) AND (\(condition)))"
    }
    // What bounds the index's range stands by itself.
    return "\(first.0) \(sign)= \(first.1) AND (\(condition))"
  }
}

extension SplitKey {
  /// Looks for a table's best key; nil where it has none.
  static func find(
    _ table: TableDescription, _ connection: Connection
  ) throws(ServerError) -> SplitKey? {
    let place =
      "TABLE_SCHEMA = \(SQLText.literal(table.schema)) "
      + "AND TABLE_NAME = \(SQLText.literal(table.name))"
    var kinds: [String: Part.Kind] = [:]
    let columns = try connection.rows(
      "SELECT COLUMN_NAME, DATA_TYPE, IS_NULLABLE FROM information_schema.COLUMNS WHERE \(place)")
    for row in columns where row[2] == "NO" {
      if let name = row[0] { kinds[name] = row[1].flatMap(kind) }
    }
    let rows = try connection.namedRows(
      "SELECT * FROM information_schema.STATISTICS "
        + "WHERE \(place) ORDER BY INDEX_NAME, SEQ_IN_INDEX")
    var keys: [SplitKey] = []
    var unusable: Set<String> = []
    for row in rows {
      guard let index = row["index_name"] else { continue }
      if keys.last?.index != index { keys.append(SplitKey(index: index, parts: [])) }
      let isUsed = row["is_visible"] != "NO" && row["ignored"] != "YES"
      if isUsed, row["non_unique"] == "0", row["sub_part"] == nil, let name = row["column_name"],
        let kind = kinds[name]
      {
        keys[keys.count - 1].parts.append(Part(name: name, kind: kind))
      } else {
        unusable.insert(index)
      }
    }
    let usable = keys.filter { !unusable.contains($0.index) }
    return usable.first { $0.index == "PRIMARY" } ?? usable.first
  }

  /// nil for what does not compare as it is ordered: numbers that are not exact, ENUM and SET.
  private static func kind(_ type: String) -> Part.Kind? {
    switch type.lowercased() {
    case "tinyint", "smallint", "mediumint", "int", "bigint", "year": .integer
    case "char", "varchar", "tinytext", "text", "uuid", "inet4", "inet6": .text
    case "decimal": .decimal
    case "date", "datetime", "timestamp": .time
    case "binary", "varbinary", "tinyblob", "blob": .bytes
    default: nil
    }
  }
}
