public import Records

/// A condition on one column that row groups and pages are left out by.
///
/// Pruning works on bounds: rows that are read may still fail the condition, rows that are left
/// out never meet it. A null meets no comparison.
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
