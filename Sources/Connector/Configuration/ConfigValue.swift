internal import Base

/// A value of the config with the line it stands on, as the file says it: nothing is typed yet.
public struct ConfigValue: Hashable, Sendable {
  public indirect enum Content: Hashable, Sendable {
    case null
    /// The text as written; `isQuoted` where quotes or a tag make it a string whatever it says.
    case scalar(String, isQuoted: Bool)
    case list([ConfigValue])
    case map([Entry])
  }

  public struct Entry: Hashable, Sendable {
    public var key: String
    public var value: ConfigValue
    public init(key: String, value: ConfigValue) {
      self.key = key
      self.value = value
    }
  }

  public var content: Content
  /// From 1; 0 where it stands in no file.
  public var line: Int
  /// Where it stands: `streams.shop.orders.bookmark.by`.
  public var path: String

  public init(_ content: Content, line: Int = 0, path: String = "") {
    self.content = content
    self.line = line
    self.path = path
  }

  public static func map(_ entries: KeyValuePairs<String, ConfigValue>) -> ConfigValue {
    ConfigValue(.map(entries.map { Entry(key: $0.key, value: $0.value) }))
  }

  public static func string(_ text: String) -> ConfigValue {
    ConfigValue(.scalar(text, isQuoted: true))
  }
  public static func plain(_ text: String) -> ConfigValue {
    ConfigValue(.scalar(text, isQuoted: false))
  }
  public static func list(_ items: [ConfigValue]) -> ConfigValue { ConfigValue(.list(items)) }

  public subscript(key: String) -> ConfigValue? {
    guard case .map(let entries) = content else { return nil }
    return entries.first { $0.key == key }?.value
  }

  public var entries: [Entry] {
    if case .map(let entries) = content { entries } else { [] }
  }

  public var isNull: Bool { content == .null }

  public var string: String? {
    if case .scalar(let text, _) = content { text } else { nil }
  }

  public var integer: Int? { string.flatMap { Int($0.filter { $0 != "_" }) } }

  public var boolean: Bool? {
    guard case .scalar(let text, isQuoted: false) = content else { return nil }
    switch text.lowercased() {
    case "true", "yes", "on": return true
    case "false", "no", "off": return false
    default: return nil
    }
  }

  /// Seconds of a duration such as `10m`.
  public var seconds: Double? { string.flatMap(Units.seconds) }

  /// Bytes of a size such as `256MB`.
  public var bytes: Int? { string.flatMap(Units.bytes) }

  public var list: [ConfigValue]? {
    if case .list(let items) = content { items } else { nil }
  }

  /// The strings of a list, or of a single string standing for a list of one.
  public var strings: [String]? {
    if let string { return [string] }
    guard let list else { return nil }
    let strings = list.compactMap(\.string)
    return strings.count == list.count ? strings : nil
  }
}

/// A source of the config, validated against its type's keys.
public struct SourceConfiguration: Sendable {
  public var name: String
  public var options: ConfigValue

  public init(name: String, options: ConfigValue) {
    self.name = name
    self.options = options
  }
}

/// A stream of the config, validated against the keys of streams and of its source's type.
public struct StreamConfiguration: Sendable {
  /// `shop.orders`.
  public var name: String
  /// What comes after the source's name: a table, or a name of one's own.
  public var item: String
  /// The columns that identify a row, from `key:`; empty where not given.
  public var key: [String]
  public var options: ConfigValue

  public init(name: String, item: String, key: [String] = [], options: ConfigValue) {
    self.name = name
    self.item = item
    self.key = key
    self.options = options
  }
}
