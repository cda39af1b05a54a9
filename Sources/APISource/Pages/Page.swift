internal import Base
internal import Connector
internal import Formats
internal import HTTPClient

/// One response, taken apart.
struct Page: Sendable {
  var records: [JSONCursor]
  var total: Int?
  var next: String?
  var hasMore: Bool?
  /// Where the response came from, without secrets.
  var place: String
  var head: HTTPHead
  var root: JSONCursor
}

extension Page {
  /// - Parameter request: what was asked.
  /// - Throws: `.malformed` where the response is not JSON or holds no records where it should.
  init(
    _ response: HTTPResponse, of request: HTTPRequest, _ endpoint: EndpointSettings
  ) throws(ConnectorError) {
    place = request.description
    head = response.head
    let problem = PageProblem(response: response, request: request)
    try problem.checkContentType()
    let document: JSONDocument
    do {
      document = try JSONDocument(parsing: response.body)
    } catch {
      throw problem.error("the response is not whole JSON: \(error)", .unreadable)
    }
    root = document.root
    records = try Self.records(root, endpoint.records, problem)
    let pagination = endpoint.pagination
    hasMore = pagination.more.flatMap { root.value(at: $0)?.boolean }
    switch pagination.way {
    case .cursor(let path, _): next = Self.token(root.value(at: path))
    case .next(let path): next = Self.url(Self.token(root.value(at: path)), at: head.url)
    case .link: next = Self.url(LinkHeader.next(head.headers.all("link")), at: head.url)
    case .single, .page, .offset: next = nil
    }
    total = Self.total(root, response.head, pagination.total)
  }

  private static func records(
    _ root: JSONCursor, _ path: JSONPath?, _ problem: PageProblem
  ) throws(ConnectorError) -> [JSONCursor] {
    guard let path else {
      if root.kind == .array { return Array(root.elements) }
      let arrays = root.members.filter { $0.value.kind == .array }.map { "$.\($0.key)" }
      throw problem.error(
        "the response is \(root.kind == .object ? "an object" : "a \(root.kind.rawValue)"), and "
          + "records were expected",
        .records(suggestion: arrays.first))
    }
    let values = root.values(at: path)
    if values.isEmpty, try !isEmptyByRight(root, path) {
      throw problem.error(
        "there is nothing at '\(path)', where the records should be", .records(suggestion: nil))
    }
    var records: [JSONCursor] = []
    for value in values {
      switch value.kind {
      case .array: records.append(contentsOf: value.elements)
      case .object: records.append(value)
      case .null:
        // Some servers write null for no records; others, beside an error, for an error.
        for name in ["error", "errors"] {
          if let error = root[name], !error.isNull,
            error.elements.first(where: { _ in true }) != nil || error.kind != .array
          {
            throw problem.error("there is null at '\(path)', beside an error", .server)
          }
        }
      case .boolean, .number, .string:
        throw problem.error(
          "there is a \(value.kind.rawValue) at '\(path)', where the records should be",
          .records(suggestion: nil))
      }
    }
    return records
  }

  /// Whether a path with `[*]` found nothing because there are no elements.
  private static func isEmptyByRight(_ root: JSONCursor, _ path: JSONPath) throws(ConnectorError)
    -> Bool
  {
    guard let all = path.steps.firstIndex(of: .all) else { return false }
    var value: JSONCursor? = root
    for step in path.steps[..<all] {
      switch step {
      case .member(let name): value = value?[name]
      case .element(let position): value = value?[position]
      case .all: break
      }
    }
    return value.map { $0.kind == .array && $0.elements.first { _ in true } == nil } ?? false
  }

  /// A cursor or URL; nil where its place is empty, null or false.
  private static func token(_ value: JSONCursor?) -> String? {
    guard let value, value.kind != .boolean, let text = value.scalarText, !text.isEmpty else {
      return nil
    }
    return text
  }

  /// A URL as a document at `base` means it.
  private static func url(_ reference: String?, at base: String) -> String? {
    guard let reference else { return nil }
    return HTTPAddress(base)?.resolving(reference)?.text ?? reference
  }

  private static func total(_ root: JSONCursor, _ head: HTTPHead, _ path: JSONPath?) -> Int? {
    if let path {
      let value = root.value(at: path)
      return value?.integer.flatMap { Int(exactly: $0) } ?? value?.string.flatMap { Int($0) }
    }
    for name in ["x-total-count", "x-total", "x-wp-total"] {
      if let count = head.header(name).flatMap({ Int($0) }), count >= 0 { return count }
    }
    let places = [[], ["meta"], ["pagination"], ["meta", "pagination"], ["page"], ["paging"]]
    for place in places {
      guard let object = place.reduce(JSONCursor?.some(root), { $0?[$1] }), object.kind == .object
      else { continue }
      for name in ["total", "total_count", "totalCount", "totalElements", "total_results"] {
        if let count = object[name]?.integer.flatMap({ Int(exactly: $0) }), count >= 0 {
          return count
        }
      }
    }
    return nil
  }
}

/// Says what is wrong with a response, with enough of it to see why.
struct PageProblem {
  enum Advice {
    case contentType, unreadable, server
    case records(suggestion: String?)
  }

  var response: HTTPResponse
  var request: HTTPRequest

  private static let plainTypes: Set<String> = [
    "text/plain", "application/octet-stream", "text/json",
  ]

  /// JSON, or what may well be JSON: some servers do not know what they send.
  func checkContentType() throws(ConnectorError) {
    if response.body.allSatisfy({ $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }) {
      throw error("the response is empty, and JSON was expected", .unreadable)
    }
    guard let type = response.head.contentType else { return }
    let isJSON =
      type == "application/json" || type.hasSuffix("+json") || type.hasSuffix("/json")
      || type.hasSuffix("javascript") || Self.plainTypes.contains(type)
    if isJSON { return }
    throw error("the response is no JSON", .contentType)
  }

  func error(_ message: String, _ advice: Advice) -> ConnectorError {
    let type = response.head.contentType.map { "of type \($0)" } ?? "without a content type"
    let size = Units.describe(bytes: response.body.count)
    let excerpt = request.redactor.excerpt(response.body)
    let remedy =
      switch advice {
      case .contentType:
        "Check base_url and path: an HTML page often means a login or a wrong address."
      case .unreadable:
        "Ask for the address by hand; where it stays so, report it to who runs the API."
      case .server: "Read the server's error, and mend the request."
      case .records(let suggestion?): "Add records: \(suggestion) to the stream."
      case .records(nil): "Set the stream's records to the path of the array: records: $.data."
      }
    return ConnectorError(
      .malformed,
      "\(message) (status \(response.status), \(type), \(size)"
        + (excerpt.isEmpty ? ")" : ", it begins: \(excerpt))"),
      remedy: remedy, place: request.description)
  }
}
