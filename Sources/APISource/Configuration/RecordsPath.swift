internal import Connector
internal import Formats

/// Where the records are in a response, and what else goes into them.
struct RecordsPath: Sendable {
  enum Place: Sendable {
    /// The response itself is the array of records.
    case whole
    case json(JSONPath)
    /// Elements of an XML body.
    case xml(XMLPath)
  }

  /// A field of each record that lies outside it.
  struct Inclusion: Sendable {
    var name: String
    /// As the config has it.
    var text: String
    var json: JSONInclusion?
    var xml: XMLPath?
  }

  /// From which of the values on the way to a record, and by which steps from there on.
  struct JSONInclusion: Sendable {
    /// How many steps of the records' path lead to it.
    var stepCount: Int
    var rest: [JSONPath.Step]
  }

  var place: Place
  var inclusions: [Inclusion]

  init(_ options: ConfigValue) throws(ConnectorError) {
    place = try Self.place(options["records"])
    inclusions = []
    for entry in options["include"]?.entries ?? [] {
      inclusions.append(try Self.inclusion(entry, place))
    }
  }

  private static func place(_ value: ConfigValue?) throws(ConnectorError) -> Place {
    guard let value, let text = value.string else { return .whole }
    guard text.hasPrefix("/") else { return .json(try value.jsonPath()) }
    return .xml(try value.xmlPath())
  }

  private static func inclusion(_ entry: ConfigValue.Entry, _ place: Place)
    throws(ConnectorError) -> Inclusion
  {
    let text = entry.value.string ?? ""
    if case .xml = place {
      return Inclusion(name: entry.key, text: text, xml: try entry.value.xmlPath())
    }
    let path = try entry.value.jsonPath()
    var common = 0
    if case .json(let records) = place { common = records.commonStepCount(with: path) }
    let rest = path.steps.dropFirst(common)
    guard rest.allSatisfy({ $0.isSingle }) else {
      throw misconfigured(
        entry.value,
        "'\(path)' names several values for one record: from '\(path.text(ofFirst: common))' on it "
          + "parts from the records' path",
        remedy: "Begin it as records does, and go on with names alone: records: "
          + "$.groups[*].members[*] and include: {group_id: $.groups[*].id}.")
    }
    return Inclusion(
      name: entry.key, text: text, json: JSONInclusion(stepCount: common, rest: Array(rest)))
  }

  /// What must not change under a bookmark; nil where the config does not say where records are.
  var description: String? {
    switch place {
    case .whole: nil
    case .json(let path): path.description
    case .xml(let path): path.description
    }
  }
}

extension JSONPath.Step {
  fileprivate var isSingle: Bool {
    switch self {
    case .member, .element: true
    case .all, .slice, .filter, .descend: false
    }
  }
}

extension ConfigValue {
  func xmlPath() throws(ConnectorError) -> XMLPath {
    do {
      return try XMLPath(parsing: string ?? "")
    } catch {
      throw misconfigured(self, error.message, remedy: error.remedy)
    }
  }
}
