internal import Connector

/// A stream's settings, as its config says them.
struct StreamSettings: Sendable {
  struct Cursor: Sendable {
    /// Columns or expressions, as written.
    var columns: [String]
    /// nil: auto.
    var settleSeconds: Double?
    var lookbackSeconds: Double?
    var zone: String?
    var nulls: CursorNulls
  }

  /// What the stream reads.
  enum Origin: Sendable, Hashable {
    case table(schema: String, name: String)
    case query(String)
  }

  var name: String
  var origin: Origin
  var key: [String]
  var columns: [String]?
  var exclude: [String]
  var zeroDates: ZeroDates
  var cursor: Cursor?
  /// Rows of a part of a large read; nil where the table's size tells.
  var partRows: Int?
  /// nil: no limit of its own.
  var rowsPerSecondMax: Int?
  /// The column that marks a row as deleted, as written.
  var deletedColumn: String?
  /// How often keys are compared.
  var compareSeconds: Double?

  init(_ stream: StreamConfiguration, database: String) throws(ConnectorError) {
    func problem(_ message: String, _ remedy: String) -> ConnectorError {
      ConnectorError(.misconfigured, message, remedy: remedy, place: stream.name)
    }
    let options = stream.options
    name = stream.name
    key = stream.key
    columns = options["columns"]?.strings
    exclude = options["exclude"]?.strings ?? []
    partRows = options["backfill"]?["part_rows"]?.integer
    rowsPerSecondMax = options["max_rows_per_second"]?.integer
    zeroDates = options["zero_dates"]?.string.flatMap(ZeroDates.init(rawValue:)) ?? .null
    if let query = options["query"]?.string {
      if options["table"] != nil {
        throw problem("both `table` and `query` are given", "Keep one of the two.")
      }
      let text = String(query.trimmed(of: ";"))
      if text.isEmpty { throw problem("`query` is empty", "Write a SELECT, or take it out.") }
      _ = try QueryTemplate(text, place: stream.name)
      origin = .query(text)
    } else if let table = options["table"]?.string {
      guard let parsed = Self.parseTable(table) else {
        throw problem("`table: \(table)` is no table's name", "Write table, or database.table.")
      }
      origin = .table(schema: parsed.schema ?? database, name: parsed.name)
    } else {
      origin = .table(schema: database, name: stream.item)
    }
    if let bookmark = options["bookmark"], !bookmark.isNull {
      guard let by = bookmark["by"]?.strings, !by.isEmpty, !by.contains("") else {
        throw problem("`bookmark` names no column", "Add `by: COLUMN` to it.")
      }
      let settle = bookmark["settle"]
      cursor = Cursor(
        columns: by, settleSeconds: settle?.string == "auto" ? nil : settle?.seconds,
        lookbackSeconds: bookmark["lookback"]?.seconds, zone: bookmark["zone"]?.string,
        nulls: bookmark["nulls"]?.string.flatMap(CursorNulls.init(rawValue:)) ?? .error)
    }
    deletedColumn = options["deletes"]?["column"]?.string
    compareSeconds = options["deletes"]?["compare"]?.seconds
    if compareSeconds != nil, cursor == nil {
      throw problem(
        "`deletes.compare` finds rows that a bookmark does not see, and the stream has none",
        "Take it out: every run replaces the table, so deleted rows are gone from it.")
    }
  }

  /// `orders`, `shop.orders`, or with backticks around either.
  static func parseTable(_ text: String) -> (schema: String?, name: String)? {
    var parts: [String] = []
    var rest = Substring(text)
    while true {
      guard let part = takeName(&rest) else { return nil }
      parts.append(part)
      if rest.isEmpty { break }
      guard rest.first == "." else { return nil }
      rest = rest.dropFirst()
    }
    switch parts.count {
    case 1: return (nil, parts[0])
    case 2: return (parts[0], parts[1])
    default: return nil
    }
  }

  private static func takeName(_ text: inout Substring) -> String? {
    guard text.first == "`" else {
      let name = text.prefix { $0 != "." }
      text = text.dropFirst(name.count)
      return name.isEmpty ? nil : String(name)
    }
    text = text.dropFirst()
    var name = ""
    while let character = text.popFirst() {
      if character != "`" {
        name.append(character)
      } else if text.first == "`" {
        name.append("`")
        text = text.dropFirst()
      } else {
        return name.isEmpty ? nil : name
      }
    }
    return nil
  }
}
