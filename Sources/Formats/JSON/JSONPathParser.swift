/// Reads paths as people write them.
struct JSONPathParser {
  private let text: String
  private var rest: Substring

  /// Parentheses and negations in one another.
  private static let nestingMax = 32

  /// - Throws: `.invalidOption` where the text is too long for a path.
  init(_ text: String) throws(FormatError) {
    self.text = text
    rest = text[...]
    guard text.utf8.count <= JSONPath.textMax else {
      throw FormatError(
        .invalidOption, "a JSON path has \(text.utf8.count) bytes, and at most \(JSONPath.textMax)",
        remedy: "Write a shorter path.")
    }
  }

  /// Characters read; a point that was put before the text does not count.
  private var offset: Int { max(0, text.count - rest.count) }

  private func problem(_ message: String) -> FormatError {
    FormatError(
      .invalidOption, "'\(text)' is no JSON path: \(message)",
      remedy: "Write a path such as $.data.items, $['odd name'][0], $.pages[*].rows, $..items[*] "
        + "or $.rows[?(@.kind == 'post')].",
      place: offset == 0 ? nil : "character \(offset + 1)")
  }

  mutating func path() throws(FormatError) -> [(step: JSONPath.Step, end: Int)] {
    var steps: [(step: JSONPath.Step, end: Int)] = []
    // `data.items` is what people write for `$.data.items`.
    if rest.hasPrefix("$") { rest.removeFirst() } else { rest = "." + rest }
    while let first = rest.first {
      if rest.hasPrefix("..") {
        guard !steps.contains(where: { $0.step == .descend }) else {
          throw problem("it has more than one '..'")
        }
        rest.removeFirst()
        steps.append((.descend, offset))
        if rest.hasPrefix(".[") { rest.removeFirst() }
        continue
      }
      switch first {
      case ".": steps.append((try name(), 0))
      case "[": steps.append((try bracket(), 0))
      default: throw problem("expected '.' or '[' before '\(rest)'")
      }
      steps[steps.count - 1].end = offset
    }
    if case .descend? = steps.last?.step { throw problem("a name is missing behind '..'") }
    return steps
  }

  /// A name behind a point.
  private mutating func name() throws(FormatError) -> JSONPath.Step {
    rest.removeFirst()
    let name = rest.prefix { $0 != "." && $0 != "[" }
    if name.isEmpty { throw problem("a name is missing behind '.'") }
    rest = rest[name.endIndex...]
    return name == "*" ? .all : .member(String(name))
  }

  private mutating func bracket() throws(FormatError) -> JSONPath.Step {
    rest.removeFirst()
    skipSpace()
    if let quote = rest.first, quote == "'" || quote == "\"" {
      let name = try quoted()
      skipSpace()
      guard rest.hasPrefix("]") else { throw problem("a quoted name does not end in \(quote)]") }
      rest.removeFirst()
      return .member(name)
    }
    if rest.hasPrefix("?") {
      rest.removeFirst()
      let filter = try either(depth: 0)
      try take("]", behind: "a condition")
      return .filter(filter)
    }
    let content = rest.prefix { $0 != "]" }
    guard content.endIndex < rest.endIndex else { throw problem("a ']' is missing") }
    let step = try selector(String(content.filter { $0 != " " }))
    rest = rest[content.endIndex...].dropFirst()
    return step
  }

  private func selector(_ content: String) throws(FormatError) -> JSONPath.Step {
    if content == "*" { return .all }
    func number(_ text: Substring) throws(FormatError) -> Int? {
      if text.isEmpty { return nil }
      guard let number = Int(text), abs(number) < 1_000_000_000 else {
        throw problem("'\(text)' is no position")
      }
      return number
    }
    guard content.contains(":") else {
      guard let position = Int(content), position > -1_000_000_000, position < 1_000_000_000 else {
        throw problem("'\(content)' is neither a position nor '*' nor a quoted name")
      }
      return .element(position)
    }
    let parts = content.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 3 else { throw problem("'\(content)' is no slice such as 1:10") }
    let stride = parts.count == 3 ? try number(parts[2]) ?? 1 : 1
    guard stride >= 1 else { throw problem("a slice goes forward, by 1 or more") }
    return .slice(try number(parts[0]), try number(parts[1]), stride)
  }

  /// A text in quotes, where a backslash takes the next character as it is.
  private mutating func quoted() throws(FormatError) -> String {
    guard let quote = rest.popFirst() else { return "" }
    var text = ""
    while let character = rest.popFirst() {
      if character == quote { return text }
      if character == "\\", let escaped = rest.popFirst() {
        text.append(escaped)
      } else {
        text.append(character)
      }
    }
    throw problem("a quoted name does not end in \(quote)]")
  }

  private mutating func skipSpace() { rest = rest.drop { $0 == " " } }

  private mutating func take(_ text: String, behind what: String) throws(FormatError) {
    skipSpace()
    guard rest.hasPrefix(text) else {
      throw problem("expected '\(text)' behind \(what)" + (rest.isEmpty ? "" : ", found '\(rest)'"))
    }
    rest.removeFirst(text.count)
  }

  private mutating func takes(_ text: String) -> Bool {
    skipSpace()
    guard rest.hasPrefix(text) else { return false }
    rest.removeFirst(text.count)
    return true
  }

  // MARK: Conditions

  private mutating func either(depth: Int) throws(FormatError) -> JSONFilter {
    guard depth <= Self.nestingMax else {
      throw problem("a condition has more than \(Self.nestingMax) levels")
    }
    var filter = try both(depth: depth)
    while takes("||") { filter = .or(filter, try both(depth: depth)) }
    return filter
  }

  private mutating func both(depth: Int) throws(FormatError) -> JSONFilter {
    var filter = try single(depth: depth)
    while takes("&&") { filter = .and(filter, try single(depth: depth)) }
    return filter
  }

  private mutating func single(depth: Int) throws(FormatError) -> JSONFilter {
    guard depth <= Self.nestingMax else {
      throw problem("a condition has more than \(Self.nestingMax) levels")
    }
    if takes("!") { return .not(try single(depth: depth + 1)) }
    if takes("(") {
      let filter = try either(depth: depth + 1)
      try take(")", behind: "a condition")
      return filter
    }
    let left = try operand()
    skipSpace()
    for comparison in JSONFilter.Comparison.allCases where rest.hasPrefix(comparison.rawValue) {
      rest.removeFirst(comparison.rawValue.count)
      return .compare(left, comparison, try operand())
    }
    guard case .path(let steps) = left else {
      throw problem("expected a comparison such as == behind a value")
    }
    return .exists(steps)
  }

  private mutating func operand() throws(FormatError) -> JSONFilter.Operand {
    skipSpace()
    switch rest.first {
    case "@":
      rest.removeFirst()
      return .path(try relativeSteps())
    case "'", "\"": return .text(try quoted())
    default: break
    }
    let word = rest.prefix { $0.isLetter || $0.isNumber || "+-.".contains($0) }
    rest = rest[word.endIndex...]
    switch word {
    case "true", "false": return .boolean(word == "true")
    case "null": return .null
    default:
      guard let number = Double(word), number.isFinite else {
        throw problem(
          "expected @, a quoted text, a number, true, false or null"
            + (word.isEmpty && rest.isEmpty ? "" : ", found '\(word.isEmpty ? rest : word)'"))
      }
      return .number(number)
    }
  }

  /// Members and elements behind an `@`.
  private mutating func relativeSteps() throws(FormatError) -> [JSONPath.Step] {
    var steps: [JSONPath.Step] = []
    while let first = rest.first, first == "." || first == "[" {
      let step: JSONPath.Step
      if first == "[" {
        step = try bracket()
      } else {
        rest.removeFirst()
        let name = rest.prefix { $0.isLetter || $0.isNumber || "_-$".contains($0) }
        if name.isEmpty { throw problem("a name is missing behind '.'") }
        rest = rest[name.endIndex...]
        step = .member(String(name))
      }
      guard step.isSingular else {
        throw problem("a condition names one value: members and positions alone")
      }
      steps.append(step)
    }
    return steps
  }
}
