internal import Base
internal import Connector

/// The text of a `query`, with places for the window: so that its own joins and groups read no
/// more than the window needs.
///
///     SELECT … FROM orders o JOIN lines l … WHERE o.updated_at >= {from} AND o.updated_at < {to}
///     SELECT … WHERE {window: o.updated_at}
///
/// Whatever a query does with them, the window's own condition is applied to its result.
struct QueryTemplate: Sendable {
  enum Piece: Sendable, Equatable {
    case text(String)
    /// The window's lower bound as a literal.
    case from
    /// Its upper bound.
    case to
    /// The whole condition, about the cursor's own columns or about others that stand for them.
    case window(columns: [String])
  }

  /// What is filled in.
  struct Filling {
    var from: String
    var to: String
    /// The condition, and the cursor's columns as they stand in it.
    var condition: String
    var cursors: [String] = []
  }

  static let names = ["from", "to", "window"]

  let pieces: [Piece]

  /// - Throws: `.misconfigured` where a placeholder is misspelled or stands in quotes.
  init(_ text: String, place: String) throws(ConnectorError) {
    var scanner = SQLScanner(text)
    var pieces: [Piece] = []
    var plain = ""
    while let token = scanner.next() {
      if token.isQuoted {
        if let name = Self.names.first(where: { Self.mentions(token.text, $0) }) {
          throw ConnectorError(
            .misconfigured, "the query's {\(name)} stands in quotes, where it is text",
            remedy: "Take the quotes away: {\(name)} is put in with what quotes it needs.",
            place: place)
        }
      }
      guard !token.isQuoted, !token.isComment, token.text == "{",
        let (piece, rest) = try Self.placeholder(scanner.rest, place)
      else {
        plain += token.text
        continue
      }
      scanner.rest = rest
      if !plain.isEmpty { pieces.append(.text(plain)) }
      plain = ""
      pieces.append(piece)
    }
    if !plain.isEmpty { pieces.append(.text(plain)) }
    self.pieces = pieces
  }

  private static func mentions(_ text: Substring, _ name: String) -> Bool {
    text.contains("{\(name)}") || text.contains("{\(name):")
  }

  /// What stands behind a `{`; nil where that is SQL of its own, such as `{d '2026-11-21'}`.
  private static func placeholder(
    _ text: Substring, _ place: String
  ) throws(ConnectorError) -> (Piece, rest: Substring)? {
    var rest = text.drop { $0.isWhitespace }
    let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    rest = rest.dropFirst(name.count).drop { $0.isWhitespace }
    guard !name.isEmpty, let end = rest.first, end == "}" || end == ":" else { return nil }
    guard names.contains(String(name)) else {
      throw ConnectorError(
        .misconfigured, "the query has a placeholder {\(name)} that there is not",
        remedy: nearestName(to: String(name), among: names).map { "Did you mean {\($0)}?" }
          ?? "Placeholders are {from}, {to} and {window}.",
        place: place)
    }
    rest = rest.dropFirst()
    if end == "}" {
      return (name == "from" ? .from : name == "to" ? .to : .window(columns: []), rest)
    }
    guard name == "window" else {
      throw ConnectorError(
        .misconfigured, "the query's {\(name): …} names columns, and {\(name)} is one value",
        remedy: "Write {\(name)}, or {window: COLUMN} for the whole condition.", place: place)
    }
    let (columns, behind) = Self.columns(rest)
    guard let behind, !columns.contains("") else {
      throw ConnectorError(
        .misconfigured, "the query's {window: …} does not end, or lacks a column",
        remedy: "Write {window: COLUMN}, with commas where the cursor has several columns.",
        place: place)
    }
    return (.window(columns: columns), behind)
  }

  /// The columns up to the closing brace; no rest where there is none.
  private static func columns(_ text: Substring) -> ([String], rest: Substring?) {
    var scanner = SQLScanner(text)
    var columns = [""]
    var depth = 0
    while let token = scanner.next() {
      if !token.isQuoted && !token.isComment {
        if token.text == "(" { depth += 1 }
        if token.text == ")" { depth -= 1 }
        if token.text == "," && depth == 0 {
          columns.append("")
          continue
        }
        if token.text == "}" { return (columns.map { String($0.trimmed) }, scanner.rest) }
      }
      if !token.isComment { columns[columns.count - 1] += token.text }
    }
    return (columns.map { String($0.trimmed) }, nil)
  }

  var hasFrom: Bool { pieces.contains(.from) }
  var hasTo: Bool { pieces.contains(.to) }
  var hasPlaceholders: Bool {
    pieces.contains { if case .text = $0 { false } else { true } }
  }

  /// The query with its places filled.
  func text(_ filling: Filling) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .from: filling.from
      case .to: filling.to
      case .window(let columns):
        "(" + Self.about(columns, filling.cursors, filling.condition) + ")"
      }
    }.joined()
  }

  /// A condition with other columns in the place of the cursor's.
  private static func about(
    _ columns: [String], _ cursors: [String], _ condition: String
  ) -> String {
    let pairs = Array(zip(cursors, columns))
    if pairs.isEmpty { return condition }
    var result = ""
    var rest = Substring(condition)
    while let first = rest.first {
      if let (cursor, column) = pairs.first(where: { rest.hasPrefix($0.0) }) {
        result += "(\(column))"
        rest = rest.dropFirst(cursor.count)
      } else if first == "'" {
        var scanner = SQLScanner(rest)
        result += scanner.next()?.text ?? ""
        rest = scanner.rest
      } else {
        result.append(first)
        rest = rest.dropFirst()
      }
    }
    return result
  }
}
