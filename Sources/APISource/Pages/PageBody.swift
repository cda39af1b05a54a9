internal import Base
internal import Connector
internal import Formats
internal import HTTPClient

/// The body of a response as documents, whatever it is written in: what comes behind this knows
/// JSON alone.
struct PageBody: Sendable {
  var form: BodyForm
  /// The response: CSV and JSON lines as the array of their records, XML as an object with its root.
  var root: JSONCursor
  /// The records where an XPath finds them, with what `include` says.
  var records: JSONCursor?

  init(_ problem: PageProblem, _ endpoint: EndpointSettings) throws(ConnectorError) {
    let response = problem.response
    form = try problem.form(endpoint)
    if problem.isBlank {
      // Nothing to parse: no records, where that is allowed.
      let empty = try Self.document(problem, form) { () throws(FormatError) in
        try JSONDocument(parsing: "[]")
      }
      root = empty.root
      records = empty.root
      return
    }
    let encoding = try problem.encoding(endpoint.body)
    let bytes = encoding.map { $0.utf8(response.body) } ?? response.body
    let form = form
    var found: JSONDocument?
    let document = try Self.document(problem, form) { () throws(FormatError) in
      switch form {
      case .json: return try JSONDocument(parsing: bytes)
      case .jsonl: return try JSONDocument(parsingLines: bytes)
      case .csv:
        let isTabbed = response.head.contentType == "text/tab-separated-values"
        return try JSONDocument(parsing: try endpoint.body.csv.json(bytes, isTabbed: isTabbed))
      case .xml:
        let xml = try XMLDocument(parsing: bytes, encoding: encoding == nil ? nil : "UTF-8")
        if case .xml(let path) = endpoint.records.place {
          found = try JSONDocument(parsing: try xml.json(path, including: endpoint.records.xml))
        }
        return try JSONDocument(parsing: xml.json())
      }
    }
    root = document.root
    records = found?.root
  }

  private static func document(
    _ problem: PageProblem, _ form: BodyForm, _ parse: () throws(FormatError) -> JSONDocument
  ) throws(ConnectorError) -> JSONDocument {
    do throws(FormatError) {
      return try parse()
    } catch {
      if error.kind == .outOfMemory {
        throw ConnectorError(error, place: problem.request.description)
      }
      throw problem.error("the response is not whole \(form.title): \(error)", .unreadable)
    }
  }
}

extension RecordsPath {
  /// What else goes into the records of an XML body.
  fileprivate var xml: [(name: String, path: XMLPath)] {
    inclusions.compactMap { inclusion in inclusion.xml.map { (inclusion.name, $0) } }
  }
}

/// Says what is wrong with a response, with enough of it to see why.
struct PageProblem {
  enum Advice {
    case contentType, unreadable, server, empty, encoding
    case records(suggestion: String?)
  }

  var response: HTTPResponse
  var request: HTTPRequest

  /// Whether there is nothing but spaces.
  var isBlank: Bool {
    response.body.allSatisfy { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
  }

  /// What the body is written in.
  /// - Throws: `.malformed` where it is empty though it must not be, or says of itself that it is
  ///   none of what is read here.
  func form(_ endpoint: EndpointSettings) throws(ConnectorError) -> BodyForm {
    let type = response.head.contentType
    let said = type.flatMap { BodyForm(contentType: $0) }
    if isBlank {
      let form = endpoint.body.form ?? said ?? .json
      // No lines are no records, and nothing that broke off.
      let isWhole = form == .jsonl && response.status != 204
      if endpoint.body.mayBeEmpty || isWhole { return form }
      throw error(
        response.status == 204
          ? "the response has no content, and \(form.title) was expected"
          : "the response is empty, and \(form.title) was expected", .empty)
    }
    let isPage = type == "text/html" || type == "application/xhtml+xml"
    if let form = endpoint.body.form {
      // Whatever the config says, a page for people is no data.
      if (isPage && beginsWithMarkup && form != .xml) || isHTML { throw noForm(form.title) }
      return form
    }
    guard let form = type == nil ? .json : said, !isHTML else { throw noForm("JSON") }
    return form
  }

  private func noForm(_ title: String) -> ConnectorError {
    error("the response is no \(title)", .contentType)
  }

  private var start: [UInt8] {
    Array(response.body.prefix(512).drop { $0 <= 0x20 || $0 >= 0x80 }.prefix(20))
  }
  private var beginsWithMarkup: Bool { start.first == UInt8(ascii: "<") }
  private var isHTML: Bool {
    let text = String(decoding: start, as: UTF8.self).lowercased()
    return text.hasPrefix("<!doctype html") || text.hasPrefix("<html")
  }

  /// What the body's text is encoded in; nil where nothing says so.
  func encoding(_ body: BodySettings) throws(ConnectorError) -> TextEncoding? {
    if let encoding = body.encoding ?? TextEncoding.marked(response.body) { return encoding }
    let type = response.header("content-type") ?? ""
    for part in type.split(separator: ";").dropFirst() {
      let pair = part.split(separator: "=", maxSplits: 1)
      guard pair.count == 2, pair[0].filter({ $0 != " " }).lowercased() == "charset" else {
        continue
      }
      let name = pair[1].filter { $0 != " " && $0 != "\"" && $0 != "'" }
      if let encoding = TextEncoding(name: name) { return encoding }
      throw error("the response is encoded in '\(name.prefix(40))'", .encoding)
    }
    return nil
  }

  func error(_ message: String, _ advice: Advice) -> ConnectorError {
    let type = response.head.contentType.map { "of type \($0)" } ?? "without a content type"
    let size = Units.describe(bytes: response.body.count)
    let excerpt = request.redactor.excerpt(response.body)
    let remedy =
      switch advice {
      case .contentType:
        "Check base_url and path: an HTML page often means a login or a wrong address. Where the "
          + "server only says a wrong type, name the right one: body: json, jsonl, csv or xml."
      case .unreadable:
        "Ask for the address by hand; where it stays so, report it to who runs the API."
      case .server: "Read the server's error, and mend the request."
      case .empty: "Where that means that there are no records, add allow_empty: true."
      case .encoding:
        "Name one that it is written in as well: charset: utf-8. Known are \(TextEncoding.names)."
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
