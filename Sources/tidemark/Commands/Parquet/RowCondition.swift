import Ingest
import Parquet

/// A condition as `--where` takes it: `price >= 9.95`, `name is not null`.
struct RowCondition {
  var column: String
  var symbol: String
  var text: String

  /// - Throws: `.configuration` where there is no operator in it, or nothing beside it.
  init(parsing condition: String) throws(IngestError) {
    guard let found = Self.words(condition) ?? Self.comparison(condition),
      !found.column.isEmpty
    else {
      throw IngestError(
        .configuration, "--where '\(condition)': expected COLUMN OPERATOR VALUE",
        remedy: "Write it as --where 'price >= 9.95' or --where 'name is not null'; operators are "
          + "= != < <= > >=, is null and is not null.")
    }
    self = found
  }

  private init(_ column: Substring, _ symbol: String, _ text: Substring) {
    self.column = Self.unquoted(Self.trimmed(column))
    self.symbol = symbol
    self.text = Self.trimmed(text)
  }

  /// `COLUMN is null`, `COLUMN is not null`, in any case.
  private static func words(_ condition: String) -> RowCondition? {
    let words = condition.split(separator: " ").map { $0.lowercased() }
    for symbol in ["is not null", "is null"] {
      let expected = symbol.split(separator: " ").map(String.init)
      guard words.count > expected.count, words.suffix(expected.count) == expected[...] else {
        continue
      }
      let rest = condition.split(separator: " ").dropLast(expected.count)
      guard let first = rest.first, let last = rest.last else { return nil }
      return RowCondition(condition[first.startIndex..<last.endIndex], symbol, "")
    }
    return nil
  }

  private static func comparison(_ condition: String) -> RowCondition? {
    // A column in double quotes may have signs of operators in its name.
    var start = condition.startIndex
    let trimmedStart = condition.firstIndex { $0 != " " } ?? start
    if trimmedStart < condition.endIndex, condition[trimmedStart] == "\"" {
      let rest = condition.index(after: trimmedStart)
      if let end = condition[rest...].firstIndex(of: "\"") { start = condition.index(after: end) }
    }
    guard let sign = condition[start...].firstIndex(where: { "=!<>".contains($0) }) else {
      return nil
    }
    let next = condition.index(after: sign)
    let two = next < condition.endIndex ? String(condition[sign...next]) : ""
    for symbol in ["==", "!=", "<>", "<=", ">="] where two == symbol {
      return RowCondition(
        condition[..<sign], symbol, condition[condition.index(after: next)...])
    }
    if condition[sign] == "!" { return nil }
    return RowCondition(condition[..<sign], String(condition[sign]), condition[next...])
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while text.first == " " { text = text.dropFirst() }
    while text.last == " " { text = text.dropLast() }
    return String(text)
  }

  private static func unquoted(_ name: String) -> String {
    guard name.count >= 2, name.first == "\"", name.last == "\"" else { return name }
    return String(name.dropFirst().dropLast())
  }
}
