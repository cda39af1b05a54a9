import Foundation

/// A session of the scripted server: understands as much SQL as is asked of a server's dictionary,
/// and refuses what its family does not have.
struct ScriptedSession {
  let server: ScriptedServer
  let id: Int
  /// 2026-03-01 12:00:00.123456 on the server's clock, in the forms that are asked for.
  static func clock(_ expression: String) -> ScriptedValue? {
    switch expression {
    case "UNIX_TIMESTAMP(NOW(6))": .text("1772366400.123456")
    case "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))": .text("1772366400123456")
    default: nil
    }
  }

  private var prepared: [Int: String] = [:]
  private var variables: [String: String] = [:]
  private var isInTransaction = false

  init(server: ScriptedServer, id: Int) {
    self.server = server
    self.id = id
  }

  private var family: ScriptedFamily { server.family }

  // MARK: Prepared statements

  mutating func prepare(_ statement: String) -> (id: Int, reply: ScriptedReply) {
    let number = prepared.count + 1
    prepared[number] = statement
    return (number, answer(statement))
  }

  mutating func execute(_ number: Int) -> ScriptedReply {
    guard let statement = prepared[number] else {
      return Self.failure(1243, "HY000", "Unknown prepared statement handler")
    }
    return answer(statement)
  }

  /// The number stays taken, as on a server.
  mutating func close(_ number: Int) {}

  // MARK: Statements

  mutating func answer(_ text: String) -> ScriptedReply {
    server.note(text)
    var statement = text.trimmingCharacters(in: .whitespacesAndNewlines)
    if statement.hasPrefix("/*"), let end = statement.range(of: "*/") {
      statement = statement[end.upperBound...].trimmingCharacters(in: .whitespaces)
    }
    let reply = known(statement, whole: text)
    guard let reply else {
      server.noteUnknown(text)
      return Self.failure(1064, "42000", "You have an error in your SQL syntax near '\(text)'")
    }
    return reply
  }

  private mutating func known(_ statement: String, whole: String) -> ScriptedReply? {
    if statement.hasPrefix("SET ") { return set(String(statement.dropFirst(4))) }
    if statement.hasPrefix("SHOW ") { return show(String(statement.dropFirst(5))) }
    if statement.hasPrefix("START TRANSACTION") {
      isInTransaction = true
      return .ok
    }
    if statement == "ROLLBACK" || statement == "COMMIT" {
      isInTransaction = false
      return .ok
    }
    if statement.hasPrefix("EXPLAIN ") {
      return .rows([.text("id"), .text("rows")], [[.integer(1), .integer(7)]])
    }
    guard statement.hasPrefix("SELECT ") else { return nil }
    if statement.hasPrefix("SELECT SUM("), statement.hasSuffix(") AS sample") {
      // Of the dates of a sample none is zero: as many zeros as there are sums.
      let count = statement.components(separatedBy: "SUM(").count - 1
      return .rows(
        (0..<count).map { .text("s\($0)") }, [Array(repeating: .text("0"), count: count)])
    }
    guard let select = ScriptedSelect(String(statement.dropFirst(7))) else { return nil }
    guard let source = select.source else { return constants(select) }
    if let columns = family.dictionary[source.lowercased()] {
      return dictionary(source.lowercased(), columns, select, whole)
    }
    if source.lowercased().hasPrefix("information_schema.") {
      let name = source.split(separator: ".").last ?? ""
      return Self.failure(1109, "42S02", "Unknown table '\(name)' in information_schema")
    }
    return rows(select, source)
  }

  static func failure(_ code: UInt16, _ state: String, _ message: String) -> ScriptedReply {
    .failure(.init(code: code, state: state, message: message))
  }

  private mutating func set(_ text: String) -> ScriptedReply? {
    if text.hasPrefix("NAMES ") || text.hasPrefix("SESSION TRANSACTION ISOLATION LEVEL ") {
      return .ok
    }
    for part in text.components(separatedBy: ", ") {
      let sides = part.components(separatedBy: "=")
      guard sides.count >= 2 else { return nil }
      let name = sides[0].trimmingCharacters(in: .whitespaces).lowercased()
        .replacingOccurrences(of: "session ", with: "")
        .replacingOccurrences(of: "@@session.", with: "")
        .replacingOccurrences(of: "@@", with: "")
      guard family.sessionVariables.contains(name) else {
        return Self.failure(1193, "HY000", "Unknown system variable '\(name)'")
      }
      variables[name] = sides[1].trimmingCharacters(in: .whitespaces)
    }
    return .ok
  }

  private func show(_ text: String) -> ScriptedReply? {
    guard family.shows.contains(where: text.hasPrefix) else {
      return Self.failure(
        1064, "42000",
        "You have an error in your SQL syntax; check the manual that corresponds to your MySQL "
          + "server version for the right syntax to use near '\(text)' at line 1")
    }
    if text.hasPrefix("GLOBAL VARIABLES") || text.hasPrefix("SESSION VARIABLES") {
      let rows = family.globals.filter { text.contains("'\($0.key)'") }.sorted { $0.key < $1.key }
      return .rows(
        [.text("Variable_name"), .text("Value")], rows.map { [.text($0.key), .text($0.value)] })
    }
    if text.hasPrefix("GLOBAL STATUS") {
      let figures = [("Uptime", "86400"), ("Threads_running", "2")]
      return .rows(
        [.text("Variable_name"), .text("Value")],
        figures.filter { text.contains("'\($0.0)'") }.map { [.text($0.0), .text($0.1)] })
    }
    return .rows([.text("Slave_IO_State")], [])
  }

  /// `SELECT` without FROM.
  private func constants(_ select: ScriptedSelect) -> ScriptedReply? {
    var row: [ScriptedValue] = []
    for item in select.items {
      switch item {
      case _ where Self.clock(item) != nil: row.append(Self.clock(item) ?? .null)
      case "CURRENT_USER()": row.append(.text("\(ScriptedServer.user)@%"))
      case _ where item.hasPrefix("CONVERT_TZ("): row.append(.null)
      case _ where item.hasPrefix("DATE_FORMAT(UTC_TIMESTAMP()"):
        row.append(.text("2026-03-01T12:00:00Z"))
      case _ where item.hasPrefix("@@"):
        let name = item.split(separator: ".").last.map(String.init) ?? item
        guard let value = family.globals[name.replacingOccurrences(of: "@@", with: "")] else {
          return Self.failure(1193, "HY000", "Unknown system variable '\(name)'")
        }
        row.append(.text(value))
      default: return nil
      }
    }
    return .rows(select.items.map(ScriptedColumn.text), [row])
  }

  /// Rows of a table of the script.
  private func rows(_ select: ScriptedSelect, _ source: String) -> ScriptedReply? {
    guard let table = server.tables.first(where: { source == "`shop`.`\($0.name)`" }) else {
      return Self.failure(1146, "42S02", "Table '\(source)' doesn't exist")
    }
    // Comparing a dirty read with the snapshot: nothing differs.
    if select.isGrouped { return .rows(select.items.map(ScriptedColumn.text), []) }
    var indexes: [Int] = []
    let items = select.items == ["*"] ? table.columns.map(\.wire.name) : select.items
    for item in items {
      let name = item.components(separatedBy: " AS ")[0].trimmingCharacters(in: ["`"])
      guard let index = table.columns.firstIndex(where: { $0.wire.name == name }) else {
        return Self.failure(1054, "42S22", "Unknown column '\(name)' in 'field list'")
      }
      indexes.append(index)
    }
    return .rows(
      indexes.map { table.columns[$0].wire }, table.rows.map { row in indexes.map { row[$0] } })
  }

  // MARK: The dictionary

  private func dictionary(
    _ source: String, _ columns: [String], _ select: ScriptedSelect, _ whole: String
  ) -> ScriptedReply? {
    if family.denied.contains(source) {
      return Self.failure(
        1227, "42000",
        "Access denied; you need (at least one of) the PROCESS privilege(s) for this operation")
    }
    var select = select
    if select.items == ["*"] { select.items = columns }
    let known = Set(columns.map { $0.uppercased() })
    if let unknown = select.names.first(where: { !known.contains($0.uppercased()) }) {
      return Self.failure(1054, "42S22", "Unknown column '\(unknown)' in 'field list'")
    }
    let rows = ScriptedDictionary(
      server: server, connection: id,
      remembersFigures: family.remembersFigures
        && variables["information_schema_stats_expiry"] != "0",
      transactionStatement: isInTransaction ? whole : nil
    ).rows(source)
    guard let rows else { return nil }
    let found = rows.filter { select.accepts($0, connection: id) }
    var result: [[ScriptedValue]] = []
    for row in found {
      var values: [ScriptedValue] = []
      for item in select.items {
        guard let value = ScriptedExpression(connection: id).value(item, row) else { return nil }
        values.append(value)
      }
      result.append(values)
    }
    return .rows(select.items.map(ScriptedColumn.text), result)
  }
}
