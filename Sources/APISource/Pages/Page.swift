internal import Base
internal import Connector
internal import Formats
internal import HTTPClient

/// One response, taken apart.
struct Page: Sendable {
  var form: BodyForm
  /// Of the body.
  var byteCount: Int
  var records: [JSONCursor]
  var total: Int?
  /// How many pages there are, where the config says how to know.
  var pageCount: Int?
  var next: String?
  var hasMore: Bool?
  /// Where the response came from, without secrets.
  var place: String
  var head: HTTPHead
  var root: JSONCursor
}

extension Page {
  /// - Parameter request: what was asked.
  /// - Throws: `.malformed` where the response cannot be read, or holds no records where it should.
  init(
    _ response: HTTPResponse, of request: HTTPRequest, _ endpoint: EndpointSettings
  ) throws(ConnectorError) {
    place = request.description
    head = response.head
    let problem = PageProblem(response: response, request: request)
    let body = try PageBody(problem, endpoint)
    form = body.form
    byteCount = response.body.count
    root = body.root
    records = try PageRecords(problem, endpoint.records).records(body)
    let pagination = endpoint.pagination
    hasMore = pagination.hasMore(root)
    switch pagination.way {
    case .cursor(let path, _): next = Self.token(root.value(at: path))
    case .headerCursor(let name, _): next = head.header(name).flatMap { $0.isEmpty ? nil : $0 }
    case .after(let path, _):
      next = Self.token(records.last?.value(at: path))
      if next == nil, !records.isEmpty {
        throw problem.error(
          "the last record has no '\(path)', by which the next page is asked for",
          .records(suggestion: nil))
      }
    case .next(let path): next = Self.url(Self.token(root.value(at: path)), at: head.url)
    case .link: next = Self.url(LinkHeader.next(head.headers.all("link")), at: head.url)
    case .single, .page, .offset: next = nil
    }
    total = Self.total(root, response.head, pagination.total)
    pageCount = pagination.pages.flatMap { Self.count(root.value(at: $0)) }
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

  /// A count as a number or as a text.
  private static func count(_ value: JSONCursor?) -> Int? {
    value?.integer.flatMap { Int(exactly: $0) } ?? value?.string.flatMap { Int($0) }
  }

  private static func total(_ root: JSONCursor, _ head: HTTPHead, _ path: JSONPath?) -> Int? {
    if let path {
      return count(root.value(at: path))
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
