internal import Base
internal import Connector
internal import Formats
internal import HTTPClient
internal import Records

/// What the config says of one stream.
struct EndpointSettings: Sendable {
  var name: String
  var template: RequestTemplate
  var body: BodySettings
  var records: RecordsPath
  var pagination: Pagination
  var progress: Progress
  /// How far back the server's records go; nil: not known.
  var historySeconds: Double?
  var key: [String]
  var rows: JSONRowOptions
  var children: [ChildTable]
  /// Of times that name no zone.
  var zone: TimeZoneRules
  /// A hash of all that the config says of the stream; nil where responses are not asked for
  /// conditionally.
  var cacheConfig: String?

  /// - Parameter zoneName: of times that name no zone, where the stream does not say.
  init(_ stream: StreamConfiguration, zoneName: String? = nil) throws(ConnectorError) {
    let options = stream.options
    name = stream.name
    key = stream.key
    zone = try Self.zone(options["time_zone"]?.string ?? zoneName ?? "UTC", stream.name)
    guard let request = options["request"] else {
      throw misconfigured(
        options, "the stream does not say what to ask for",
        remedy: "Add request: {path: /…}.")
    }
    template = try RequestTemplate(request, zone: zone)
    body = try BodySettings(options)
    records = try RecordsPath(options)
    pagination = try Pagination(options["paginate"])
    let rows = try JSONRowOptions(options, zone: zone)
    self.rows = rows
    let by = options["bookmark"]?["by"]?.string
    let declared = rows.declared.first { $0.name == by }.map { ($0.type, rows.times[$0.name]) }
    progress = try Progress(
      options["bookmark"], format: template.format,
      times: RecordTimes(zone: zone, declared: declared))
    historySeconds = options["bookmark"]?["history"]?.seconds
    children = try ChildTable.tables(options["children"], zone: zone)
    try checkRecords(options)
    try checkPagination(options["paginate"])
    try checkPlaceholders(request)
    if case .full = progress, case .single = pagination.way, options["cache"]?.boolean ?? true {
      let text = key.joined(separator: ",") + options.json.text()
      let hash = Hash128(Array(text.utf8)[...])
      cacheConfig = String(hash.high, radix: 16) + String(hash.low, radix: 16)
    }
  }

  private static func zone(_ name: String, _ stream: String) throws(ConnectorError)
    -> TimeZoneRules
  {
    do throws(FormatError) {
      return try TimeZoneRules(name)
    } catch {
      throw ConnectorError(error, place: stream)
    }
  }

  /// Where a paging's values are to go, there must be room for them.
  private func checkPagination(_ options: ConfigValue?) throws(ConnectorError) {
    guard let options, let value = options["in"] else { return }
    if pagination.carrier == .body, template.method == .get || template.hasTextBody {
      throw misconfigured(
        value, "the request has no JSON body that could take what leads to the next page",
        remedy: "Write request.body as a map, with method: POST, or in: query or header.")
    }
    if pagination.carrier == .header {
      for name in pagination.parameterNames {
        if let problem = HTTPHeader(name, "x").problem {
          throw misconfigured(options, problem, remedy: "Write the name of a header.")
        }
      }
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
