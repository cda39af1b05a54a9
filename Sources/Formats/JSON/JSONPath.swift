/// A place inside a JSON document, or several: `$`, `$.data.items`, `$['odd name'][0]`,
/// `$.groups[*].members[*]`, `$..items[*]`, `$.rows[?(@.kind == 'post')]`, `$.rows[1:]`.
///
/// The part of JSONPath (RFC 9535) that names records: members, elements by position (from the end
/// where negative), all of them with `*`, slices, filters, and one descent to any depth with `..`.
public struct JSONPath: Hashable, Sendable, CustomStringConvertible {
  public enum Step: Hashable, Sendable {
    case member(String)
    case element(Int)
    /// All elements of an array, or all values of an object.
    case all
    /// Elements from one position up to another, every so many; negative positions count from the
    /// end. The last number is at least 1.
    case slice(Int?, Int?, Int)
    /// The elements, or values of an object, for which the condition holds.
    case filter(JSONFilter)
    /// The value itself and all values in it, at any depth.
    case descend
  }

  public let steps: [Step]
  public let description: String
  /// Where in the text each step ends, in characters.
  private let ends: [Int]

  /// Characters of the longest path.
  static let textMax = 2000

  /// - Throws: `.invalidOption` that says where the path stops being one.
  public init(parsing text: String) throws(FormatError) {
    var parser = try JSONPathParser(text)
    let parsed = try parser.path()
    steps = parsed.map(\.step)
    ends = parsed.map(\.end)
    description = text
  }

  /// Whether it names one place at most.
  public var isSingular: Bool { steps.allSatisfy(\.isSingular) }

  /// The text of the first steps.
  public func text(ofFirst count: Int) -> String {
    count == 0 ? "$" : String(description.prefix(ends[count - 1]))
  }

  /// How many steps it has in common with another one, from the root on.
  public func commonStepCount(with other: JSONPath) -> Int {
    zip(steps, other.steps).prefix { $0 == $1 }.count
  }
}

extension JSONPath.Step {
  var isSingular: Bool {
    switch self {
    case .member, .element: true
    case .all, .slice, .filter, .descend: false
    }
  }

  /// Whether it may find nothing though its place is right.
  public var selects: Bool {
    switch self {
    case .all, .slice, .filter: true
    case .member, .element, .descend: false
    }
  }
}

extension JSONCursor {
  /// The values at the path, in the order of the document; behind `..`, those in a value come
  /// before those deeper in it.
  public func values(at path: JSONPath) -> [JSONCursor] {
    if path.isSingular { return value(at: path).map { [$0] } ?? [] }
    var values: [JSONCursor] = []
    visit(path) { values.append($0[$0.count - 1]) }
    return values
  }

  /// The first value at the path; nil where there is none.
  public func value(at path: JSONPath) -> JSONCursor? { value(at: path.steps[...]) }

  /// The first value behind some steps; nil where there is none.
  public func value(at steps: ArraySlice<JSONPath.Step>) -> JSONCursor? {
    var value = self
    for (index, step) in zip(steps.indices, steps) {
      switch step {
      case .member(let name):
        guard let member = value[name] else { return nil }
        value = member
      case .element(let position):
        guard let element = value[position] else { return nil }
        value = element
      case .all, .slice, .filter, .descend:
        var first: JSONCursor?
        var trail = [value]
        value.visit(steps[index...], &trail) { if first == nil { first = $0.last } }
        return first
      }
    }
    return value
  }

  /// Calls the body for each value at the path, in the order of the document, with the value after
  /// each step: this one, … and the value itself.
  /// - Complexity: O(values), each passed once: a path has one descent at most.
  public func visit(_ path: JSONPath, _ body: (_ trail: [JSONCursor]) -> Void) {
    var trail = [self]
    visit(path.steps[...], &trail, body)
  }

  private func visit(
    _ steps: ArraySlice<JSONPath.Step>, _ trail: inout [JSONCursor],
    _ body: (_ trail: [JSONCursor]) -> Void
  ) {
    guard let step = steps.first else { return body(trail) }
    let rest = steps.dropFirst()
    func follow(_ value: JSONCursor) {
      trail.append(value)
      value.visit(rest, &trail, body)
      trail.removeLast()
    }
    switch step {
    case .member(let name): self[name].map(follow)
    case .element(let position): self[position].map(follow)
    case .all:
      for element in elements { follow(element) }
      for (_, value) in members { follow(value) }
    case .filter(let filter):
      for element in elements where filter.holds(element) { follow(element) }
      for (_, value) in members where filter.holds(value) { follow(value) }
    case .slice(let from, let to, let stride):
      for element in slice(from, to, stride) { follow(element) }
    case .descend: descend(follow)
    }
  }

  private func slice(_ from: Int?, _ to: Int?, _ stride: Int) -> [JSONCursor] {
    guard kind == .array else { return [] }
    let elements = Array(elements)
    func place(_ position: Int) -> Int {
      min(max(position < 0 ? position + elements.count : position, 0), elements.count)
    }
    let start = place(from ?? 0)
    let end = place(to ?? elements.count)
    return Swift.stride(from: start, to: max(start, end), by: stride).map { elements[$0] }
  }

  /// This value and all in it. Recursion is as deep as the document.
  private func descend(_ body: (JSONCursor) -> Void) {
    body(self)
    for element in elements { element.descend(body) }
    for (_, value) in members { value.descend(body) }
  }
}
