internal import Base
internal import Connector
internal import Formats
internal import Records

/// What the config says of one stream.
struct EndpointSettings: Sendable {
  var name: String
  var template: RequestTemplate
  var body: BodySettings
  var records: RecordsPath
  var pagination: Pagination
  var progress: Progress
  var key: [String]
  var rows: JSONRowOptions
  var children: [ChildTable]
  /// A hash of all that the config says of the stream; nil where responses are not asked for
  /// conditionally.
  var cacheConfig: String?

  init(_ stream: StreamConfiguration) throws(ConnectorError) {
    let options = stream.options
    name = stream.name
    key = stream.key
    guard let request = options["request"] else {
      throw misconfigured(
        options, "the stream does not say what to ask for",
        remedy: "Add request: {path: /…}.")
    }
    template = try RequestTemplate(request)
    body = try BodySettings(options)
    records = try RecordsPath(options)
    pagination = try Pagination(options["paginate"])
    progress = try Progress(options["bookmark"], format: template.format)
    rows = try JSONRowOptions(options)
    children = try ChildTable.tables(options["children"])
    try checkRecords(options)
    try checkPlaceholders(request)
    if case .full = progress, case .single = pagination.way, options["cache"]?.boolean ?? true {
      let text = key.joined(separator: ",") + options.json.text()
      let hash = Hash128(Array(text.utf8)[...])
      cacheConfig = String(hash.high, radix: 16) + String(hash.low, radix: 16)
    }
  }

  private func checkRecords(_ options: ConfigValue) throws(ConnectorError) {
    if case .xml(let path) = records.place, let form = body.form, form != .xml {
      throw misconfigured(
        options["records"] ?? options, "'\(path)' is an XPath, and the body is \(form.title)",
        remedy: "Write a JSON path such as $.data, or body: xml.")
    }
    if !children.isEmpty && key.isEmpty {
      throw misconfigured(
        options["children"] ?? options,
        "the stream has child tables and no key, by which their rows would know their parents",
        remedy: "Add key: [id], or whatever identifies a record.")
    }
  }

  /// A window that the request does not mention would be asked for without its beginning.
  private func checkPlaceholders(_ request: ConfigValue) throws(ConnectorError) {
    switch progress {
    case .full:
      for name in ["from", "to"] where template.uses(name) {
        throw misconfigured(
          request, "the request has the placeholder {\(name)}, but the stream no bookmark",
          remedy: "Add bookmark: {by: …}, or write a fixed value.")
      }
    case .id, .token:
      guard !template.uses("to") else {
        throw misconfigured(
          request, "the request has the placeholder {to}, which only a bookmark by time has",
          remedy: "Remove it, or add kind: time under bookmark.")
      }
      if case .token = progress, !template.uses("from") {
        throw misconfigured(
          request, "the request does not take the token of the last run",
          remedy: "Add a parameter with the value \"{from}\" under request.params.")
      }
    case .time: break
    }
  }
}
