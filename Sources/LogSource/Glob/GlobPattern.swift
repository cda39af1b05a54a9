internal import Connector

/// A path with wildcards: `*` and `?` within a name, `[a-z]`, `{a,b}`, and `**` for any folders.
///
/// As in a shell, a wildcard at the start of a name does not match a dot. A backslash takes a
/// character as it is.
struct GlobPattern: Sendable {
  /// The deepest folder without wildcards, with a slash at its end.
  let root: String
  /// The rest of each alternative, name by name.
  let alternatives: [[Name]]

  enum Name: Hashable, Sendable {
    case folders
    case exactly(String)
    case matching([Token])
  }

  enum Token: Hashable, Sendable {
    case character(Character)
    case any
    case anyText
    case oneOf([ClosedRange<Character>], isNegated: Bool)
  }

  /// - Parameter path: absolute.
  /// - Throws: `.misconfigured` where braces or brackets do not close.
  init(_ path: String) throws(ConnectorError) {
    var expanded: [[Name]] = []
    for alternative in try BraceExpansion.expand(path) {
      var names: [Name] = []
      for part in alternative.split(separator: "/", omittingEmptySubsequences: true)
      where part != "." {
        if part == "**" {
          if names.last != .folders { names.append(.folders) }
        } else {
          names.append(try Self.name(String(part), path))
        }
      }
      guard !names.isEmpty, names.last != .folders else {
        throw ConnectorError(
          .misconfigured, "the path '\(path)' names folders, not files",
          remedy: "End it in a file's name, such as \(path)\(path.hasSuffix("/") ? "" : "/")*.log.")
      }
      expanded.append(names)
    }
    // The folder that all have in common, never a file itself.
    var common = expanded[0].count - 1
    for names in expanded {
      common = min(common, names.count - 1)
      for place in 0..<common where names[place] != expanded[0][place] || !names[place].isExact {
        common = place
        break
      }
    }
    let folder = expanded[0].prefix(common).map { name in
      if case .exactly(let text) = name { return text + "/" }
      return ""
    }
    root = "/" + folder.joined()
    alternatives = expanded.map { Array($0.dropFirst(common)) }
  }

  /// The text as a pattern for itself alone.
  static func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      if "*?[]{},\\".contains(character) { result.append("\\") }
      result.append(character)
    }
  }

  private static func name(_ text: String, _ path: String) throws(ConnectorError) -> Name {
    var tokens: [Token] = []
    var rest = text[...]
    while let character = rest.popFirst() {
      switch character {
      case "*": if tokens.last != .anyText { tokens.append(.anyText) }
      case "?": tokens.append(.any)
      case "[": tokens.append(try brackets(&rest, path))
      case "\\": tokens.append(.character(rest.popFirst() ?? "\\"))
      default: tokens.append(.character(character))
      }
    }
    var exact = ""
    for token in tokens {
      guard case .character(let character) = token else { return .matching(tokens) }
      exact.append(character)
    }
    return .exactly(exact)
  }

  private static func brackets(_ rest: inout Substring, _ path: String) throws(ConnectorError)
    -> Token
  {
    let isNegated = rest.first == "!" || rest.first == "^"
    if isNegated { rest.removeFirst() }
    var ranges: [ClosedRange<Character>] = []
    while let first = rest.popFirst() {
      if first == "]" && !ranges.isEmpty { return .oneOf(ranges, isNegated: isNegated) }
      if rest.first == "-", let last = rest.dropFirst().first, last != "]", first <= last {
        rest.removeFirst(2)
        ranges.append(first...last)
      } else {
        ranges.append(first...first)
      }
    }
    throw ConnectorError(
      .misconfigured, "a '[' in the path '\(path)' is not closed",
      remedy: "Close it with ']', or write '\\[' for the character itself.")
  }

  /// Whether a path below the root is meant.
  func matches(_ path: String) -> Bool {
    alternatives.contains { Self.match($0[...], path) }
  }

  /// Whether names match a path.
  static func match(_ pattern: ArraySlice<Name>, _ path: String) -> Bool {
    match(pattern, path.split(separator: "/").map(String.init)[...])
  }

  private static func match(_ pattern: ArraySlice<Name>, _ names: ArraySlice<String>) -> Bool {
    guard let first = pattern.first else { return names.isEmpty }
    if first == .folders {
      let rest = pattern.dropFirst()
      return (0...names.count).contains { count in
        !names.prefix(count).contains { $0.hasPrefix(".") } && match(rest, names.dropFirst(count))
      }
    }
    guard let name = names.first, first.matches(name) else { return false }
    return match(pattern.dropFirst(), names.dropFirst())
  }
}

extension GlobPattern.Name {
  var isExact: Bool {
    if case .exactly = self { true } else { false }
  }

  /// What all names that are meant begin with.
  var literalStart: String {
    switch self {
    case .folders: return ""
    case .exactly(let text): return text
    case .matching(let tokens):
      var start = ""
      for token in tokens {
        guard case .character(let character) = token else { break }
        start.append(character)
      }
      return start
    }
  }

  /// Whether one name is meant. Complexity: O(pattern × name).
  func matches(_ name: String) -> Bool {
    switch self {
    case .folders: return true
    case .exactly(let text): return text == name
    case .matching(let tokens):
      if name.hasPrefix("."), tokens.first != .character(".") { return false }
      return Self.match(tokens, Array(name))
    }
  }

  /// With one place to return to, that of the last `*`.
  private static func match(_ tokens: [GlobPattern.Token], _ name: [Character]) -> Bool {
    var token = 0
    var place = 0
    var retry: (token: Int, place: Int)?
    while place < name.count {
      if token < tokens.count, tokens[token] == .anyText {
        retry = (token + 1, place)
        token += 1
      } else if token < tokens.count, tokens[token].matches(name[place]) {
        token += 1
        place += 1
      } else if let last = retry {
        retry = (last.token, last.place + 1)
        token = last.token
        place = last.place + 1
      } else {
        return false
      }
    }
    return tokens[token...].allSatisfy { $0 == .anyText }
  }
}

extension GlobPattern.Token {
  func matches(_ character: Character) -> Bool {
    switch self {
    case .character(let own): own == character
    case .any, .anyText: true
    case .oneOf(let ranges, let isNegated):
      ranges.contains { $0.contains(character) } != isNegated
    }
  }
}
