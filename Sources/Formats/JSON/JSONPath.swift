/// A place inside a JSON document: `$`, `$.data.items`, `$['odd name'][0]`, `$.pages[*].rows[-1]`.
///
/// The part of JSONPath (RFC 9535) that names places: members, elements by position (from the end
/// where negative), and all of them with `*`.
public struct JSONPath: Hashable, Sendable, CustomStringConvertible {
  public enum Step: Hashable, Sendable {
    case member(String)
    case element(Int)
    /// All elements of an array, or all values of an object.
    case all
  }

  public let steps: [Step]
  public let description: String

  /// - Throws: `.invalidOption` that says where the path stops being one.
  public init(parsing text: String) throws(FormatError) {
    var parser = PathParser(text: text)
    steps = try parser.steps()
    description = text
  }
}

extension JSONCursor {
  /// The values at the path, in the order of the document.
  public func values(at path: JSONPath) -> [JSONCursor] {
    var values = [self]
    for step in path.steps {
      switch step {
      case .member(let name): values = values.compactMap { $0[name] }
      case .element(let position): values = values.compactMap { $0[position] }
      case .all: values = values.flatMap { Array($0.elements) + $0.members.map(\.value) }
      }
    }
    return values
  }

  /// The first value at the path; nil where there is none.
  public func value(at path: JSONPath) -> JSONCursor? { values(at: path).first }
}

private struct PathParser {
  let text: String
  var rest: Substring

  init(text: String) {
    self.text = text
    rest = text[...]
  }

  private func problem(_ message: String) -> FormatError {
    FormatError(
      .invalidOption, "'\(text)' is no JSON path: \(message)",
      remedy: "Write a path such as $.data.items, $['odd name'][0] or $.pages[*].rows.")
  }

  mutating func steps() throws(FormatError) -> [JSONPath.Step] {
    var steps: [JSONPath.Step] = []
    // `data.items` is what people write for `$.data.items`.
    if rest.hasPrefix("$") { rest.removeFirst() } else { rest = "." + rest }
    while let first = rest.first {
      switch first {
      case ".":
        rest.removeFirst()
        let name = rest.prefix { $0 != "." && $0 != "[" }
        if name.isEmpty { throw problem("a name is missing behind '.'") }
        rest = rest[name.endIndex...]
        steps.append(name == "*" ? .all : .member(String(name)))
      case "[": steps.append(try bracket())
      default: throw problem("expected '.' or '[' before '\(rest)'")
      }
    }
    return steps
  }

  private mutating func bracket() throws(FormatError) -> JSONPath.Step {
    rest.removeFirst()
    if let quote = rest.first, quote == "'" || quote == "\"" {
      rest.removeFirst()
      var name = ""
      while let character = rest.first, character != quote {
        rest.removeFirst()
        if character == "\\", let escaped = rest.first {
          rest.removeFirst()
          name.append(escaped)
        } else {
          name.append(character)
        }
      }
      guard rest.hasPrefix("\(quote)]") else {
        throw problem("a quoted name does not end in \(quote)]")
      }
      rest.removeFirst(2)
      return .member(name)
    }
    let content = rest.prefix { $0 != "]" }
    guard content.endIndex < rest.endIndex else { throw problem("a ']' is missing") }
    rest = rest[content.endIndex...].dropFirst()
    if content == "*" { return .all }
    guard let position = Int(content), position > -1_000_000_000, position < 1_000_000_000 else {
      throw problem("'\(content)' is neither a position nor '*' nor a quoted name")
    }
    return .element(position)
  }
}
