internal import Base

/// One key that may stand in a map of the config: said once, used to check configs, to explain
/// them and to print the JSON Schema.
public struct ConfigKey: Sendable {
  public var name: String
  public var schema: ConfigSchema
  public var isRequired: Bool
  /// One sentence for the person who writes the config.
  public var summary: String

  public init(_ name: String, _ schema: ConfigSchema, isRequired: Bool = false, _ summary: String) {
    self.name = name
    self.schema = schema
    self.isRequired = isRequired
    self.summary = summary
  }
}

/// What a value of the config may be.
public indirect enum ConfigSchema: Sendable {
  case string
  case integer(ClosedRange<Int>)
  case boolean
  /// `10m`, `1d`.
  case duration
  /// `256MB`.
  case bytes
  case choice([String])
  case list(ConfigSchema)
  /// A map with these keys and no others.
  case map([ConfigKey])
  /// A map with keys of the person's choosing.
  case dictionary(ConfigSchema)
  /// The first that fits the value's form.
  case oneOf([ConfigSchema])
  /// Anything; whoever reads it checks it.
  case any
}

/// What is wrong at one place of a config.
public struct ConfigProblem: Hashable, Sendable, CustomStringConvertible {
  public var line: Int
  public var path: String
  public var message: String
  public var remedy: String

  public init(at value: ConfigValue, _ message: String, remedy: String) {
    line = value.line
    path = value.path
    self.message = message
    self.remedy = remedy
  }

  public var description: String {
    (line > 0 ? "line \(line): " : "") + (path.isEmpty ? "" : "\(path): ") + message
  }
}

extension ConfigSchema {
  /// All that is wrong with the value, in the order of the file.
  public func problems(in value: ConfigValue) -> [ConfigProblem] {
    switch self {
    case .any: return []
    case .oneOf(let schemas):
      let results = schemas.map { $0.problems(in: value) }
      if results.contains(where: \.isEmpty) { return [] }
      // The alternative of the value's own form, and the nearest of several, has the most to say.
      let near = zip(schemas, results).filter { $0.0.hasForm(of: value) }.map(\.1)
      if near.count > 1, value.string != nil { return [mismatch(value)] }
      return near.min { $0.count < $1.count } ?? [mismatch(value)]
    case .map(let keys): return problems(in: value, keys: keys)
    case .dictionary(let schema):
      guard case .map(let entries) = value.content else { return [mismatch(value)] }
      return entries.flatMap { schema.problems(in: $0.value) }
    case .list(let schema):
      guard let items = value.list else { return [mismatch(value)] }
      return items.flatMap { schema.problems(in: $0) }
    default: return fits(value) ? [] : [mismatch(value)]
    }
  }

  private func problems(in value: ConfigValue, keys: [ConfigKey]) -> [ConfigProblem] {
    guard case .map(let entries) = value.content else { return [mismatch(value)] }
    var problems: [ConfigProblem] = []
    for entry in entries {
      guard let key = keys.first(where: { $0.name == entry.key }) else {
        let near = nearestName(to: entry.key, among: keys.map(\.name))
        problems.append(
          ConfigProblem(
            at: entry.value, "unknown key '\(entry.key)'",
            remedy: near.map { "Did you mean '\($0)'?" }
              ?? "Known keys here: \(keys.map(\.name).joined(separator: ", "))."))
        continue
      }
      problems += key.schema.problems(in: entry.value)
    }
    for key in keys where key.isRequired && value[key.name] == nil {
      problems.append(
        ConfigProblem(
          at: value, "the key '\(key.name)' is missing",
          remedy: "Add '\(key.name)': \(key.schema.expectation). \(key.summary)"))
    }
    return problems
  }

  private func mismatch(_ value: ConfigValue) -> ConfigProblem {
    ConfigProblem(
      at: value, "found \(value.form), expected \(expectation)",
      remedy: "Write \(expectation) here.")
  }

  private func fits(_ value: ConfigValue) -> Bool {
    switch self {
    case .string: value.string != nil
    case .integer(let range): value.integer.map(range.contains) ?? false
    case .boolean: value.boolean != nil
    case .duration: value.seconds != nil
    case .bytes: value.bytes != nil
    // YAML reads a bare `null` as nothing.
    case .choice(let words):
      value.isNull ? words.contains("null") : value.string.map(words.contains) ?? false
    default: true
    }
  }

  private func hasForm(of value: ConfigValue) -> Bool {
    switch (self, value.content) {
    case (.map, .map), (.dictionary, .map), (.list, .list): true
    case (.map, _), (.dictionary, _), (.list, _), (_, .map), (_, .list), (_, .null): false
    default: true
    }
  }

  /// What is expected, in words that follow "Write" or "expected".
  public var expectation: String {
    switch self {
    case .string: "a text"
    case .integer(let range):
      range.upperBound == .max
        ? "a whole number from \(range.lowerBound)"
        : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .boolean: "true or false"
    case .duration: "a duration such as 10m, 2h or 1d"
    case .bytes: "a size such as 256MB"
    case .choice(let words):
      words.count == 1 ? "'\(words[0])'" : "one of " + words.joined(separator: ", ")
    case .list(let schema): "a list of: \(schema.expectation)"
    case .map(let keys):
      "a map with " + keys.prefix(6).map(\.name).joined(separator: ", ")
        + (keys.count > 6 ? ", …" : "")
    case .dictionary: "a map"
    case .oneOf(let schemas): schemas.map(\.expectation).joined(separator: ", or ")
    case .any: "a value"
    }
  }
}

extension ConfigValue {
  /// What the value is, in words.
  var form: String {
    switch content {
    case .null: "nothing"
    case .scalar(let text, _): "'\(text)'"
    case .list: "a list"
    case .map: "a map"
    }
  }
}
