import Foundation

/// A row of the dictionary by its columns' names in upper case.
typealias ScriptedRow = [String: ScriptedValue]

/// The dictionary's rows, made of the script's tables and activities.
struct ScriptedDictionary {
  let server: ScriptedServer
  let connection: Int
  let remembersFigures: Bool
  /// The statement that asks, where a transaction is open.
  let transactionStatement: String?

  func rows(_ source: String) -> [ScriptedRow]? {
    switch source {
    case "information_schema.columns": server.tables.flatMap(columns)
    case "information_schema.tables": server.tables.map(table)
    case "information_schema.statistics": server.tables.flatMap(statistics)
    case "information_schema.processlist", "performance_schema.processlist":
      server.others.map(process)
    case "information_schema.innodb_trx": transactions()
    case "information_schema.check_constraints": []
    default: nil
    }
  }

  private func place(_ table: ScriptedTable) -> ScriptedRow {
    ["TABLE_SCHEMA": .text("shop"), "TABLE_NAME": .text(table.name)]
  }

  private func columns(_ table: ScriptedTable) -> [ScriptedRow] {
    table.columns.enumerated().map { index, column in
      place(table).merging([
        "COLUMN_NAME": .text(column.wire.name), "ORDINAL_POSITION": .integer(Int64(index + 1)),
        "COLUMN_TYPE": .text(column.type), "EXTRA": .text(column.extra),
        "COLUMN_COMMENT": .text(column.comment),
        "DATA_TYPE": .text(String(column.type.prefix { $0.isLetter })),
        "IS_NULLABLE": .text(column.wire.flags & ScriptedColumn.notNull != 0 ? "NO" : "YES"),
      ]) { $1 }
    }
  }

  private func table(_ table: ScriptedTable) -> ScriptedRow {
    let count = remembersFigures ? table.oldRowCount : table.rows.count
    return place(table).merging([
      "TABLE_TYPE": .text(table.isView ? "VIEW" : "BASE TABLE"),
      "ENGINE": table.isView ? .null : .text("InnoDB"),
      "TABLE_ROWS": table.isView ? .null : .integer(Int64(count)),
      "DATA_LENGTH": table.isView ? .null : .integer(16_384),
      "AUTO_INCREMENT": .null, "CREATE_TIME": .text("2026-01-01 00:00:00"),
      "TABLE_COMMENT": .text(table.isView ? "VIEW" : ""),
    ]) { $1 }
  }

  private func statistics(_ table: ScriptedTable) -> [ScriptedRow] {
    table.keys.map { key in
      place(table).merging([
        "INDEX_NAME": .text(key.index), "SEQ_IN_INDEX": .integer(Int64(key.position)),
        "COLUMN_NAME": key.column.map { .text($0) } ?? .null,
        "EXPRESSION": key.column == nil ? .text("lower(`name`)") : .null,
        "NON_UNIQUE": .integer(key.index == "PRIMARY" ? 0 : 1), "SUB_PART": .null,
        "IS_VISIBLE": .text(key.isVisible ? "YES" : "NO"),
      ]) { $1 }
    }
  }

  private func process(_ other: ScriptedActivity) -> ScriptedRow {
    [
      "ID": .integer(Int64(other.id)), "COMMAND": .text(other.command),
      "TIME": .integer(Int64(other.seconds)), "STATE": .text(other.state),
      "INFO": other.statement.map { .text($0) } ?? .null,
    ]
  }

  private func transactions() -> [ScriptedRow] {
    var rows = server.others.compactMap { other -> ScriptedRow? in
      guard let start = other.transactionStart else { return nil }
      return [
        "TRX_MYSQL_THREAD_ID": .integer(Int64(other.id)), "TRX_ID": .text("421\(other.id)"),
        "TRX_QUERY": other.statement.map { .text($0) } ?? .null,
        "START": .integer(Int64(start)), "LOCKS": .integer(other.hasLocks ? 1 : 0),
        "READS": .integer(0),
      ]
    }
    if let transactionStatement {
      rows.append([
        "TRX_MYSQL_THREAD_ID": .integer(Int64(connection)), "TRX_ID": .text("421000"),
        "TRX_QUERY": .text(transactionStatement), "START": .integer(1_772_366_400),
        "LOCKS": .integer(0), "READS": .integer(1),
      ])
    }
    return rows
  }
}

/// The expressions that are asked of the dictionary.
struct ScriptedExpression {
  let connection: Int

  func value(_ item: String, _ row: ScriptedRow) -> ScriptedValue? {
    if let value = row[item.uppercased()] { return value }
    func has(_ column: String) -> ScriptedValue { row[column] ?? .null }
    switch item {
    case _ where ScriptedSession.clock(item) != nil: return ScriptedSession.clock(item)
    case "TIME * 1000":
      guard case .integer(let seconds) = has("TIME") else { return .null }
      return .integer(seconds * 1000)
    case _ where item.hasPrefix("LEFT(INFO"): return has("INFO")
    case _ where item.hasPrefix("CASE WHEN FROM_UNIXTIME("): return has("START")
    case "trx_mysql_thread_id = CONNECTION_ID()":
      return .integer(has("TRX_MYSQL_THREAD_ID") == .integer(Int64(connection)) ? 1 : 0)
    case "trx_query IS NOT NULL": return .integer(has("TRX_QUERY") == .null ? 0 : 1)
    case _ where item.contains("trx_lock_structs > 0"): return has("LOCKS")
    case _ where item.contains("trx_is_read_only = 1"): return has("READS")
    case _ where item.hasPrefix("LOCATE('"):
      let mark = item.components(separatedBy: "'")[1]
      guard case .text(let query) = has("TRX_QUERY") else { return .integer(0) }
      return .integer(query.contains(mark) ? 1 : 0)
    // Columns that the family has and the script says nothing of.
    case _ where item.allSatisfy({ $0.isLetter || $0 == "_" }): return .null
    default: return nil
    }
  }
}

/// A SELECT, as far as a dictionary's reader writes one.
struct ScriptedSelect {
  var items: [String]
  /// nil where there is no FROM.
  var source: String?
  private(set) var isGrouped = false
  private var condition = ""

  /// - Parameter text: behind `SELECT`.
  init?(_ text: String) {
    var rest = text
    if let from = rest.range(of: " FROM ", options: .backwards) {
      var behind = String(rest[from.upperBound...])
      rest = String(rest[..<from.lowerBound])
      isGrouped = behind.contains(" GROUP BY ")
      if let order = behind.range(of: " ORDER BY ") {
        behind = String(behind[..<order.lowerBound])
      }
      if let limit = behind.range(of: " LIMIT ") { behind = String(behind[..<limit.lowerBound]) }
      if let found = behind.range(of: " WHERE ") {
        condition = String(behind[found.upperBound...])
        behind = String(behind[..<found.lowerBound])
      }
      source = behind.trimmingCharacters(in: .whitespaces)
    }
    items = Self.split(rest)
    if items.isEmpty { return nil }
  }

  /// At commas that stand in no bracket and no quote.
  private static func split(_ text: String) -> [String] {
    var items = [""]
    var depth = 0
    var quote: Character?
    for character in text {
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "'" || character == "`" {
        quote = character
      } else if character == "(" {
        depth += 1
      } else if character == ")" {
        depth -= 1
      } else if character == ",", depth == 0 {
        items.append("")
        continue
      }
      items[items.count - 1].append(character)
    }
    return items.map { $0.trimmingCharacters(in: .whitespaces) }
  }

  private static let words: Set<String> = [
    "CASE", "WHEN", "THEN", "ELSE", "END", "IS", "NOT", "NULL", "AND", "OR", "IN", "LIKE", "TRUE",
    "FALSE", "AS", "DISTINCT", "MICROSECOND",
  ]

  /// Names of columns: words that are no keyword, no function, and in no quote.
  var names: [String] {
    let text = (items + [condition]).joined(separator: " , ")
      .replacing(#/'[^']*'/#, with: " ")
    return text.matches(of: #/([A-Za-z_][A-Za-z_0-9]*)\s*(\(?)/#).compactMap { match in
      let name = String(match.output.1)
      let isFunction = match.output.2 == "("
      return Self.words.contains(name.uppercased()) || isFunction ? nil : name
    }
  }

  /// Whether a row fulfils the equalities and lists of the condition.
  func accepts(_ row: ScriptedRow, connection: Int) -> Bool {
    for match in condition.matches(of: #/([A-Za-z_]+) = '([^']*)'/#) {
      if row[match.output.1.uppercased()] != .text(String(match.output.2)) { return false }
    }
    for match in condition.matches(of: #/([A-Za-z_]+) IN \(([^)]*)\)/#) {
      guard case .text(let value) = row[match.output.1.uppercased()] else { return false }
      if !match.output.2.contains("'\(value)'") { return false }
    }
    if condition.contains("ID <> CONNECTION_ID()"), row["ID"] == .integer(Int64(connection)) {
      return false
    }
    return true
  }
}
