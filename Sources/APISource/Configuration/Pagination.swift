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
    /// The next URL is in the body.
    case next(JSONPath)
    /// The next URL is in the Link header.
    case link
  }

  var way: Way
  /// Where a response says whether there are more.
  var more: JSONPath?
  /// Where a response says how many records there are in all; nil: at the customary places.
  var total: JSONPath?
  /// Whether to make sure that no record slipped between two pages.
  var verifies: Bool

  init(_ options: ConfigValue?) throws(ConnectorError) {
    guard let options else {
      way = .single
      verifies = true
      return
    }
    more = try options["more"]?.jsonPath()
    total = try options["total"]?.jsonPath()
    verifies = options["verify"]?.boolean ?? true
    switch try options.only(of: ["page", "offset", "cursor", "next", "link"]) {
    case "page":
      way = .page(
        parameter: options["page"]?.string ?? "page", start: options["start"]?.integer ?? 1,
        size: options["size"]?.integer, sizeParameter: options["size_param"]?.string)
    case "offset":
      way = .offset(
        parameter: options["offset"]?.string ?? "offset", limit: options["limit"]?.integer ?? 100,
        limitParameter: options["limit_param"]?.string ?? "limit")
    case "cursor":
      guard let path = try options["cursor"]?.jsonPath(), let parameter = options["param"]?.string
      else {
        throw misconfigured(
          options, "a cursor is found, but no parameter takes it",
          remedy:
            "Add 'param', the name of the parameter: paginate: {cursor: $.next, param: cursor}.")
      }
      way = .cursor(path, parameter: parameter)
    case "next":
      guard let path = try options["next"]?.jsonPath() else {
        throw misconfigured(
          options, "next holds no path", remedy: "Write a path such as $.links.next.")
      }
      way = .next(path)
    case "link": way = .link
    default:
      throw misconfigured(
        options, "paginate does not say how one response leads to the next",
        remedy: "Add one of page, offset, cursor, next or link.")
    }
  }

  /// Parameters that every request carries.
  var fixedParameters: [Parameter] {
    switch way {
    case .page(_, _, let size?, let parameter?): [Parameter(parameter, size)]
    case .offset(_, let limit, let parameter): [Parameter(parameter, limit)]
    default: []
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
