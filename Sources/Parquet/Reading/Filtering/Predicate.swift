public import Records

/// A condition on one column. A null meets no comparison, and neither does what is not a number.
///
///     let reader = try file.reader(
///       columns: ["id"], filter: [Predicate("price", .greaterOrEqual, .decimal(995, scale: 2))])
///
/// As one of a reader's `predicates` it leaves out row groups and pages by their bounds: rows that
/// are read may still fail it. As one of its `filter` it is exact.
public struct Predicate: Hashable, Sendable {
  public enum Comparison: Hashable, Sendable, CaseIterable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, isNull, isNotNull
  }

  /// The dotted path of a leaf column outside of lists.
  public var column: String
  public var comparison: Comparison
  /// Not used by `isNull` and `isNotNull`.
  public var value: Value

  public init(_ column: String, _ comparison: Comparison, _ value: Value = .null) {
    self.column = column
    self.comparison = comparison
    self.value = value
  }
}

extension Predicate.Comparison {
  /// As it is written: `=`, `!=`, `<`, `<=`, `>`, `>=`, `is null`, `is not null`.
  public var symbol: String {
    switch self {
    case .equal: "="
    case .notEqual: "!="
    case .less: "<"
    case .lessOrEqual: "<="
    case .greater: ">"
    case .greaterOrEqual: ">="
    case .isNull: "is null"
    case .isNotNull: "is not null"
    }
  }

  /// By its symbol, in any case; `==` and `<>` are known too. Nil for any other text.
  public init?(symbol: String) {
    let words = symbol.lowercased().split(separator: " ").joined(separator: " ")
    switch words {
    case "==": self = .equal
    case "<>": self = .notEqual
    default:
      guard let known = Self.allCases.first(where: { $0.symbol == words }) else { return nil }
      self = known
    }
  }

  /// Whether there is a value to compare with.
  public var hasOperand: Bool { self != .isNull && self != .isNotNull }
}
