internal import Base

/// Whether a text is one statement that only reads, and which tables it names: as DuckDB's own
/// parser has it, which serialises SELECT statements (among them WITH, FROM, VALUES, DESCRIBE,
/// SHOW and SUMMARIZE) and nothing else. The text goes there as a string and is not run, so
/// nothing in it can break out.
///
/// EXPLAIN is the exception: what it explains is checked.
struct StatementCheck {
  /// What is to be parsed: the statement, or what it explains.
  let parsedText: String
  /// What may be run once that has been found good. An EXPLAIN is put together anew, so that
  /// nothing runs that was not parsed.
  let executableText: String
  private let leadingWord: String

  init(_ sql: String) {
    var words = LeadingWords(sql)
    leadingWord = words.next()
    guard leadingWord == "EXPLAIN" else {
      parsedText = sql
      executableText = sql
      return
    }
    var prefix = "EXPLAIN "
    var rest = words
    if rest.next() == "ANALYZE" {
      words = rest
      prefix += "ANALYZE "
    }
    if let options = words.options() { prefix += "(\(options)) " }
    parsedText = words.remainder
    executableText = prefix + words.remainder
  }

  /// - Parameter answer: what `DuckDBScript.check` printed.
  /// - Returns: the tables that the statement may read.
  /// - Throws: `.syntax`, `.refused`.
  func tables(_ answer: JSONValue, of tables: [QueryTable]) throws(QueryError) -> [QueryTable] {
    if let message = answer["message"]?.string {
      throw problem(answer["type"]?.string ?? "", message, answer["position"]?.string)
    }
    let count = answer["statements"]?.integer ?? 0
    if count == 0 {
      throw QueryError(.syntax, "there is no statement", remedy: "give one, such as SELECT 1")
    }
    if count > 1 {
      throw QueryError(
        .refused, "there are \(count) statements; one at a time is possible",
        remedy: "run them one after the other")
    }
    let named = names("tables", answer)
    let known = Set(tables.map { $0.name.lowercased() })
    let unknown = named.subtracting(known).subtracting(names("expressions", answer))
    if !unknown.isEmpty || looksAround(answer) { return tables }
    return tables.filter { named.contains($0.name.lowercased()) }
  }

  private func names(_ key: String, _ answer: JSONValue) -> Set<String> {
    Set((answer[key]?.array ?? []).compactMap { $0.string?.lowercased() })
  }

  /// Whether the statement lists tables, or names them in strings.
  private func looksAround(_ answer: JSONValue) -> Bool {
    !names("shows", answer).isSubset(of: ["describe", "summary"])
      || names("functions", answer).contains { name in
        name.hasPrefix("duckdb_") || name.hasPrefix("pragma_") || name.hasPrefix("query")
      }
  }

  private func problem(_ type: String, _ message: String, _ position: String?) -> QueryError {
    switch type {
    case "parser":
      return QueryError(
        .syntax, message, remedy: "correct the statement; the dialect is DuckDB's",
        place: position.map { "byte \($0)" })
    case "not implemented" where leadingWord == "PIVOT":
      return QueryError(
        .refused, "PIVOT without its values would take more than one statement",
        remedy: "list the values: PIVOT t ON column IN (1, 2) USING …", cause: message)
    case "not implemented":
      return QueryError(
        .refused, "only statements that read are possible: the zones change by `tidemark run`",
        remedy: "use SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN",
        cause: message)
    default:
      return QueryError(.invalid, message, remedy: "correct the statement")
    }
  }
}

/// The words that a statement begins with, past white space and comments.
private struct LeadingWords {
  private var rest: Substring.UTF8View

  init(_ sql: String) { rest = sql[...].utf8 }

  var remainder: String { String(Substring(rest)) }

  /// The next word in upper case; empty where there is none.
  mutating func next() -> String {
    skipSpace()
    let word = rest.prefix(while: Self.isWordByte)
    rest = rest[word.endIndex...]
    return String(Substring(word)).uppercased()
  }

  /// What stands in parentheses, where it begins with FORMAT or ANALYZE and is nothing but words
  /// and commas: `FORMAT json`.
  mutating func options() -> String? {
    skipSpace()
    var inner = self
    guard inner.rest.first == UInt8(ascii: "(") else { return nil }
    inner.rest = inner.rest.dropFirst()
    let content = inner.rest.prefix { $0 != UInt8(ascii: ")") }
    guard ["FORMAT", "ANALYZE"].contains(inner.next()), content.endIndex < rest.endIndex,
      content.allSatisfy({ $0 == 0x20 || $0 == UInt8(ascii: ",") || Self.isWordByte($0) })
    else { return nil }
    rest = rest[rest.index(after: content.endIndex)...]
    return String(Substring(content))
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
  }

  private mutating func skipSpace() {
    while let first = rest.first {
      if first == 0x20 || (0x09...0x0D).contains(first) {
        rest = rest.dropFirst()
      } else if rest.starts(with: "--".utf8) {
        rest = rest.drop { $0 != 0x0A && $0 != 0x0D }
      } else if rest.starts(with: "/*".utf8) {
        skipComment()
      } else {
        return
      }
    }
  }

  /// Comments nest.
  private mutating func skipComment() {
    var depth = 0
    repeat {
      if rest.starts(with: "/*".utf8) {
        depth += 1
        rest = rest.dropFirst(2)
      } else if rest.starts(with: "*/".utf8) {
        depth -= 1
        rest = rest.dropFirst(2)
      } else {
        rest = rest.dropFirst()
      }
    } while depth > 0 && !rest.isEmpty
  }
}
