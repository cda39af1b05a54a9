internal import Base
internal import Records

/// What DuckDB prints to standard error, as an error with a remedy.
struct DuckDBMessage {
  private let text: String
  private let category: String
  private let message: String

  init(_ text: String) {
    self.text = text.trimmingSuffix()
    let lines = self.text.split(separator: "\n", omittingEmptySubsequences: false)
    let first = lines.first { $0.contains("Error: ") } ?? lines.first ?? ""
    let parts = first.split(separator: "Error: ", maxSplits: 1)
    category = parts.count == 2 ? parts[0].filter { $0 != " " } : ""
    message = String(parts.last ?? "")
  }

  /// - Parameters:
  ///   - tables: all that there are.
  ///   - isSetUp: false where it went wrong before the statement's turn came.
  func error(tables: [QueryTable], isSetUp: Bool) -> QueryError {
    if category == "INTERNAL" || category == "FATAL" { return crash(nil) }
    if message.hasPrefix("Extension ") && message.contains("not found") {
      return make(
        .engineUnusable, "DuckDB's httpfs extension, which S3 needs, is not installed",
        "install the one of DuckDB's own version (`pip install duckdb-extension-httpfs`)")
    }
    if isAboutFile {
      return make(
        .unreadable, message,
        "check that the file is there and whole with `tidemark parquet verify`")
    }
    if !isSetUp {
      return make(
        .engineUnusable, "the query engine cannot be set up: \(message)",
        "use DuckDB 1.5 or newer; `duckdb --version` says which one there is")
    }
    switch category {
    case "Parser": return make(.syntax, message, "correct the statement; the dialect is DuckDB's")
    case "Catalog" where message.hasPrefix("Table with name"): return unknownTable(tables)
    case "Binder" where message.hasPrefix("Referenced table") || message.hasPrefix("Catalog \""):
      return make(.unknownTable, message, hint ?? Self.listTables)
    case "Binder": return unknownColumn(tables) ?? invalid
    case "Permission":
      return make(
        .refused, message, "only the tables of the lake can be read; `tidemark crawl` adds others")
    case "OutofMemory":
      return make(.outOfMemory, message, "allow more with --memory, or read fewer rows at once")
    default: return invalid
    }
  }

  private static let listTables = "see what there is with `tidemark catalog tables`"

  private var invalid: QueryError { make(.invalid, message, hint ?? "correct the statement") }

  /// A file that is missing or is not what it should be: DuckDB has several kinds of error for it.
  private var isAboutFile: Bool {
    ["IO", "HTTP"].contains(category)
      || ["No magic bytes", "Error while reading file", "too small to be a Parquet"].contains {
        message.contains($0)
      }
  }

  func crash(_ signal: Int32?) -> QueryError {
    make(
      .engineCrashed,
      "the query engine broke off" + (signal.map { " on signal \($0)" } ?? "")
        + (message.isEmpty ? "" : ": \(message)"),
      "run the statement again; if it happens every time, write it another way")
  }

  /// The name is `t`, or `"s.t"` where there is no schema `s` either.
  private func unknownTable(_ tables: [QueryTable]) -> QueryError {
    let text = message.dropFirst("Table with name ".count)
    let end = text.firstRange(of: " does not exist")?.lowerBound ?? text.endIndex
    let name = String(text[..<end]).replacing("\"", with: "")
    let names = tables.map { "\($0.database).\($0.name)" }
    var near = nearestName(to: name, among: names)
    if let short = nearestName(to: name, among: tables.map(\.name)) {
      near = tables.first { $0.name == short }.map { "\($0.database).\($0.name)" }
    }
    return make(
      .unknownTable, "there is no table '\(name)'",
      near.map { "did you mean '\($0)'?" } ?? Self.listTables)
  }

  private func unknownColumn(_ tables: [QueryTable]) -> QueryError? {
    let name =
      message.firstMatch(of: /^Referenced column "(.+)" not found/)?.1
      ?? message.firstMatch(of: /does not have a column named "(.+)"/)?.1
    guard let name else { return nil }
    if let hint { return make(.unknownColumn, message, hint) }
    let near = nearestName(to: String(name), among: tables.flatMap(\.columns.names))
    return make(
      .unknownColumn, message,
      near.map { "did you mean '\($0)'?" } ?? "see the table's columns with DESCRIBE")
  }

  /// DuckDB's own advice.
  private var hint: String? {
    let line = text.split(separator: "\n").first {
      $0.hasPrefix("Candidate") || $0.hasPrefix("Did you mean")
    }
    return line.map(String.init)
  }

  private func make(_ kind: QueryError.Kind, _ message: String, _ remedy: String) -> QueryError {
    QueryError(kind, message, remedy: remedy, place: excerpt, cause: text.isEmpty ? nil : text)
  }

  /// `LINE 1: select nope from t`.
  private var excerpt: String? {
    text.split(separator: "\n").first { $0.hasPrefix("LINE ") }.map { String($0.prefix(200)) }
  }
}

extension String {
  fileprivate func trimmingSuffix() -> String {
    var text = self[...]
    while text.last?.isWhitespace == true { text = text.dropLast() }
    return String(text)
  }
}
