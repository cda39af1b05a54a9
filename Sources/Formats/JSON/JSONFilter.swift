/// A condition on a value, as paths have it in brackets: `[?(@.kind == 'post' && @.size > 10)]`.
///
/// A path alone asks whether there is something. A number and a text that is one compare as numbers,
/// since XML and CSV know texts alone; other values of different kinds are unequal, and neither is
/// the smaller one.
public indirect enum JSONFilter: Hashable, Sendable {
  case exists([JSONPath.Step])
  case compare(Operand, Comparison, Operand)
  case not(JSONFilter)
  case and(JSONFilter, JSONFilter)
  case or(JSONFilter, JSONFilter)

  public enum Operand: Hashable, Sendable {
    /// Members and elements from the value on.
    case path([JSONPath.Step])
    case text(String)
    case number(Double)
    case boolean(Bool)
    case null
  }

  public enum Comparison: String, Hashable, Sendable, CaseIterable {
    case equal = "=="
    case notEqual = "!="
    case atMost = "<="
    case atLeast = ">="
    case less = "<"
    case greater = ">"
  }

  func holds(_ value: JSONCursor) -> Bool {
    switch self {
    case .exists(let steps): value.value(at: steps[...]) != nil
    case .not(let filter): !filter.holds(value)
    case .and(let a, let b): a.holds(value) && b.holds(value)
    case .or(let a, let b): a.holds(value) || b.holds(value)
    case .compare(let a, let comparison, let b):
      Self.holds(a.scalar(value), comparison, b.scalar(value))
    }
  }

  private static func holds(_ a: Operand?, _ comparison: Comparison, _ b: Operand?) -> Bool {
    switch comparison {
    case .equal: isEqual(a, b)
    case .notEqual: !isEqual(a, b)
    case .less: isLess(a, b)
    case .greater: isLess(b, a)
    case .atMost: isLess(a, b) || isEqual(a, b)
    case .atLeast: isLess(b, a) || isEqual(a, b)
    }
  }

  private static func isEqual(_ a: Operand?, _ b: Operand?) -> Bool {
    if let (a, b) = numbers(a, b) { return a == b }
    return a == b
  }

  private static func isLess(_ a: Operand?, _ b: Operand?) -> Bool {
    if let (a, b) = numbers(a, b) { return a < b }
    guard case .text(let a)? = a, case .text(let b)? = b else { return false }
    return a.utf8.lexicographicallyPrecedes(b.utf8)
  }

  private static func numbers(_ a: Operand?, _ b: Operand?) -> (Double, Double)? {
    switch (a, b) {
    case (.number(let a)?, .number(let b)?): (a, b)
    case (.number(let a)?, .text(let b)?): Double(b).map { (a, $0) }
    case (.text(let a)?, .number(let b)?): Double(a).map { ($0, b) }
    default: nil
    }
  }
}

extension JSONFilter.Operand {
  /// What it stands for; nil where there is nothing, or no scalar.
  fileprivate func scalar(_ value: JSONCursor) -> Self? {
    guard case .path(let steps) = self else { return self }
    guard let found = value.value(at: steps[...]) else { return nil }
    switch found.kind {
    case .null: return .null
    case .boolean: return .boolean(found.boolean ?? false)
    case .number: return .number(found.number ?? 0)
    case .string: return .text(found.string ?? "")
    case .array, .object: return nil
    }
  }
}
