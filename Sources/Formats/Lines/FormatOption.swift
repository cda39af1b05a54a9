public import Base

/// One option of a format: what may stand below its name in `parse: {csv: {…}}`.
public struct FormatOption: Sendable {
  public enum Kind: Sendable {
    case text
    case flag
    case number(ClosedRange<Int>)
    case choice([String])
    /// A list of texts, or one that stands for a list of one.
    case texts
    /// Texts by names of the person's choosing, in the order written.
    case dictionary
    /// The path of a small file of text in the config; the format is given what it holds.
    case file
  }

  public var name: String
  public var kind: Kind
  public var isRequired: Bool
  /// One sentence for the person who writes the config.
  public var summary: String

  public init(_ name: String, _ kind: Kind, isRequired: Bool = false, _ summary: String) {
    self.name = name
    self.kind = kind
    self.isRequired = isRequired
    self.summary = summary
  }
}

/// What the config gives for a format's options, checked against their kinds.
public struct FormatOptions: Hashable, Sendable {
  /// Texts are strings, flags booleans, numbers integers, lists arrays, dictionaries objects.
  public var values: JSONValue

  public init(_ values: JSONValue = .object([:])) { self.values = values }

  public func text(_ name: String) -> String? { values[name]?.string }
  public func flag(_ name: String) -> Bool? { values[name]?.boolean }
  public func number(_ name: String) -> Int? { values[name]?.integer.flatMap { Int(exactly: $0) } }
  public func texts(_ name: String) -> [String]? { values[name]?.array?.compactMap(\.string) }

  /// In the order written.
  public func dictionary(_ name: String) -> [(key: String, value: String)]? {
    values[name]?.members?.compactMap { member in member.value.string.map { (member.key, $0) } }
  }
}
