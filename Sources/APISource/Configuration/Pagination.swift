internal import Connector
internal import Formats

/// How one response leads to the next.
struct Pagination: Sendable {
  enum Way: Sendable {
    /// There is one response.
    case single
    case page(parameter: String, start: Int, size: Int?, sizeParameter: String?)
    case offset(parameter: String, limit: Int, limitParameter: String)
    case cursor(JSONPath, parameter: String)
    /// The cursor of the next page is in a header of the response.
    case headerCursor(String, parameter: String)
    /// A field of the last record stands for the next page.
    case after(JSONPath, parameter: String)
    /// The next URL is in the body.
    case next(JSONPath)
    /// The next URL is in the Link header.
    case link
  }

  /// Where requests carry what leads to the next page.
  enum Carrier: String, Sendable, CaseIterable {
    case query, header, body
  }

  var way: Way
  /// nil: a JSON body where the request has one, else the query string.
  var carrier: Carrier?
  /// Where a response says whether there are more.
  var more: JSONPath?
  /// Where a response says that it is the last.
  var stop: JSONPath?
  /// Where a response says how many records there are in all; nil: at the customary places.
  var total: JSONPath?
  /// Where a response says how many pages there are.
  var pages: JSONPath?
  /// How many numbered pages are asked for at a time, once it is known how many there are.
  var parallel: Int
  /// More records than this the server gives for no request, whatever its total.
  var cap: Int?
  /// Whether to make sure that no record slipped between two pages.
  var verifies: Bool
  /// Parameters that every request carries.
  private(set) var fixedParameters: [Parameter] = []

  init(_ options: ConfigValue?) throws(ConnectorError) {
    guard let options else {
      way = .single
      verifies = true
      parallel = 1
      return
    }
    more = try options["more"]?.jsonPath()
    stop = try options["stop"]?.jsonPath()
    total = try options["total"]?.jsonPath()
    pages = try options["pages"]?.jsonPath()
    parallel = options["parallel"]?.integer ?? 1
    cap = options["cap"]?.integer
    carrier = options["in"]?.string.flatMap(Carrier.init(rawValue:))
    verifies = options["verify"]?.boolean ?? true
    way = try Self.way(options)
    try checkSettings(options)
    fixedParameters = sizeParameters(options)
  }

  private static let ways = ["page", "offset", "cursor", "cursor_header", "after", "next", "link"]

  private static func way(_ options: ConfigValue) throws(ConnectorError) -> Way {
    switch try options.only(of: ways) {
    case "page":
      return .page(
        parameter: options["page"]?.string ?? "page", start: options["start"]?.integer ?? 1,
        size: options["size"]?.integer, sizeParameter: options["size_param"]?.string)
    case "offset":
      return .offset(
        parameter: options["offset"]?.string ?? "offset", limit: options["limit"]?.integer ?? 100,
        limitParameter: options["limit_param"]?.string ?? "limit")
    case "cursor":
      return .cursor(try path(options, "cursor", "$.next"), parameter: try parameter(options))
    case "cursor_header":
      return .headerCursor(
        options["cursor_header"]?.string ?? "", parameter: try parameter(options))
    case "after":
      return .after(try path(options, "after", "id"), parameter: try parameter(options))
    case "next": return .next(try path(options, "next", "$.links.next"))
    case "link": return .link
    case nil where options["cap"] != nil || options["total"] != nil: return .single
    default:
      throw misconfigured(
        options, "paginate does not say how one response leads to the next",
        remedy: "Add one of \(ways.joined(separator: ", ")).")
    }
  }

  private static func path(_ options: ConfigValue, _ key: String, _ example: String)
    throws(ConnectorError) -> JSONPath
  {
    guard let path = try options[key]?.jsonPath() else {
      throw misconfigured(
        options, "\(key) holds no path", remedy: "Write a path such as \(example).")
    }
    return path
  }

  /// The parameter that takes a cursor.
  private static func parameter(_ options: ConfigValue) throws(ConnectorError) -> String {
    if let parameter = options["param"]?.string { return parameter }
    throw misconfigured(
      options, "a cursor is found, but no parameter takes it",
      remedy: "Add 'param', the name of the parameter: paginate: {cursor: $.next, param: cursor}.")
  }

  private func checkSettings(_ options: ConfigValue) throws(ConnectorError) {
    switch way {
    case .page, .offset: return
    default: break
    }
    if let value = options["parallel"], parallel > 1 {
      throw misconfigured(
        value, "only numbered pages and offsets can be asked for several at a time",
        remedy: "Remove 'parallel': where each page leads to the next, they come one by one.")
    }
  }

  /// The names of what requests carry.
  var parameterNames: [String] {
    let names: [String] =
      switch way {
      case .single, .next, .link: []
      case .page(let name, _, _, _), .offset(let name, _, _), .cursor(_, let name),
        .headerCursor(_, let name), .after(_, let name):
        [name]
      }
    return names + fixedParameters.map(\.name)
  }

  /// The size of a page, where a parameter takes it.
  private func sizeParameters(_ options: ConfigValue) -> [Parameter] {
    if case .offset(_, let limit, let parameter) = way { return [Parameter(parameter, limit)] }
    guard let parameter = options["size_param"]?.string, let size = options["size"]?.integer else {
      return []
    }
    return [Parameter(parameter, size)]
  }

  /// Whether a response says that there are more; nil where it does not.
  func hasMore(_ root: JSONCursor) -> Bool? {
    if let stop, let isLast = root.value(at: stop)?.truth { return !isLast }
    return more.flatMap { root.value(at: $0)?.truth }
  }
}

extension JSONCursor {
  /// A boolean, also as a text or number; nil where it is none.
  fileprivate var truth: Bool? {
    if let boolean { return boolean }
    switch scalarText?.lowercased() {
    case "true", "1": return true
    case "false", "0": return false
    default: return nil
    }
  }
}

extension ConfigValue {
  func jsonPath() throws(ConnectorError) -> JSONPath {
    do {
      return try JSONPath(parsing: string ?? "")
    } catch {
      throw misconfigured(self, error.message, remedy: error.remedy)
    }
  }
}
