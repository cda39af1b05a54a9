internal import Connector
internal import Formats
internal import HTTPClient

/// Finds the records in a response, and puts into them what `include` says.
struct PageRecords {
  private let problem: PageProblem
  private let path: RecordsPath

  init(_ problem: PageProblem, _ path: RecordsPath) {
    self.problem = problem
    self.path = path
  }

  /// - Throws: `.malformed` where there is nothing, or no records, where they should be.
  func records(_ body: PageBody) throws(ConnectorError) -> [JSONCursor] {
    if let records = body.records { return Array(records.elements) }
    let root = body.root
    try checkErrors(root)
    switch path.place {
    case .whole:
      guard root.kind == .array else { throw noArray(root) }
      return try including([(Array(root.elements), [root])])
    case .json(let place): return try records(root, place)
    case .xml(let place):
      throw ConnectorError(
        .misconfigured, "'\(place)' is an XPath, and the response is \(body.form.title)",
        remedy: "Write a JSON path such as $.data under records.",
        place: problem.request.description
      )
    }
  }

  private func noArray(_ root: JSONCursor) -> ConnectorError {
    let arrays = root.members.filter { $0.value.kind == .array }.map { "$.\($0.key)" }
    return problem.error(
      "the response is \(root.kind == .object ? "an object" : "a \(root.kind.rawValue)"), and "
        + "records were expected",
      .records(suggestion: arrays.first))
  }

  /// The records, with the values on the way to them.
  private typealias Found = (records: [JSONCursor], trail: [JSONCursor])

  private func records(_ root: JSONCursor, _ place: JSONPath) throws(ConnectorError) -> [JSONCursor]
  {
    var found: [Found] = []
    var isAnything = false
    var wrong: JSONCursor?
    root.visit(place) { trail in
      isAnything = true
      guard let value = trail.last else { return }
      let trail = path.inclusions.isEmpty ? [] : trail
      switch value.kind {
      case .array: found.append((Array(value.elements), trail))
      case .object: found.append(([value], trail))
      case .null: break
      case .boolean, .number, .string: wrong = wrong ?? value
      }
    }
    if let wrong {
      throw problem.error(
        "there is a \(wrong.kind.rawValue) at '\(place)', where the records should be",
        .records(suggestion: nil))
    }
    if !isAnything { try checkEmpty(root, place) }
    if found.isEmpty && isAnything { try checkNull(root, place) }
    return try including(found)
  }

  /// GraphQL answers with what it has, and with errors for what is missing in it.
  private func checkErrors(_ root: JSONCursor) throws(ConnectorError) {
    guard root.kind == .object, root["data"] != nil, let errors = root["errors"],
      let first = errors.elements.first(where: { _ in true }), first["message"] != nil
    else { return }
    throw problem.error(
      "the server reports an error beside its data: \(first["message"]?.text.prefix(200) ?? "")",
      .server)
  }

  /// Some servers write null for no records; others, beside an error, for an error.
  private func checkNull(_ root: JSONCursor, _ place: JSONPath) throws(ConnectorError) {
    for name in ["error", "errors"] {
      if let error = root[name], !error.isNull,
        error.elements.first(where: { _ in true }) != nil || error.kind != .array
      {
        throw problem.error("there is null at '\(place)', beside an error", .server)
      }
    }
  }

  /// A path that found nothing is right where it ends in an array without elements, or of which
  /// it takes none.
  private func checkEmpty(_ root: JSONCursor, _ place: JSONPath) throws(ConnectorError) {
    var reached: [JSONCursor] = [root]
    var count = 0
    while count < place.steps.count {
      guard let prefix = try? JSONPath(parsing: place.text(ofFirst: count + 1)) else { break }
      let values = root.values(at: prefix)
      if values.isEmpty { break }
      reached = values
      count += 1
    }
    guard count < place.steps.count else { return }
    let step = place.steps[count]
    let isEmpty = reached.allSatisfy { value in
      switch step {
      case .all:
        value.elements.first { _ in true } == nil && value.members.first { _ in true } == nil
          && (value.kind == .array || value.kind == .object)
      case .slice, .filter: value.kind == .array
      default: false
      }
    }
    if isEmpty { return }
    let end = place.text(ofFirst: count)
    let there = reached.first.map { describe($0) } ?? ""
    throw problem.error(
      "there is nothing at '\(place)', where the records should be: at '\(end)' there is \(there)",
      .records(suggestion: nil))
  }

  private func describe(_ value: JSONCursor) -> String {
    switch value.kind {
    case .object:
      let names = value.members.prefix(8).map(\.key)
      return names.isEmpty
        ? "an empty object" : "an object with " + names.joined(separator: ", ")
    case .array: return "an array"
    case .null: return "null"
    default: return "a \(value.kind.rawValue)"
    }
  }

  /// The records with the fields that they take from what they lie in.
  private func including(_ found: [Found]) throws(ConnectorError) -> [JSONCursor] {
    guard !path.inclusions.isEmpty else { return found.flatMap(\.records) }
    do throws(FormatError) {
      var composer = JSONComposer()
      var others: [Int: JSONCursor] = [:]
      for (records, trail) in found {
        let members = members(trail)
        for record in records {
          // What is no object stays what it is, and is rejected for it.
          if record.kind != .object { others[composer.count] = record }
          try composer.append(members, record, isBehind: true)
        }
      }
      let elements = Array(try composer.document().root.elements)
      return elements.enumerated().map { others[$0.offset] ?? $0.element }
    } catch {
      throw ConnectorError(error, place: problem.request.description)
    }
  }

  private func members(_ trail: [JSONCursor]) -> [(name: String, value: JSONComposer.Value)] {
    path.inclusions.map { inclusion in
      let value = inclusion.json.flatMap { place in
        trail.indices.contains(place.stepCount)
          ? trail[place.stepCount].value(at: place.rest[...]) : nil
      }
      return (inclusion.name, value.map { .cursor($0) } ?? .null)
    }
  }
}
