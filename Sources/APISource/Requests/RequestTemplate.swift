internal import Base
internal import Connector
internal import Formats
internal import HTTPClient

/// A request with places for the window: what `request:` of the config says.
struct RequestTemplate: Sendable {
  enum Body: Sendable {
    case json(JSONValue)
    case text(String)
  }

  var method: HTTPMethod
  var path: String
  var parameters: [Parameter]
  var headers: [HTTPHeader]
  var body: Body?
  var format: TimeFormat

  /// - Parameter zone: whose clock the times are of that are written without one.
  init(_ options: ConfigValue, zone: TimeZoneRules = .utc) throws(ConnectorError) {
    format = try TimeFormat(options["time_format"], zone: zone)
    path = options["path"]?.string ?? "/"
    parameters = []
    for entry in options["params"]?.entries ?? [] where !entry.value.isNull {
      for value in entry.value.strings ?? [] { parameters.append(Parameter(entry.key, value)) }
    }
    headers = (options["headers"]?.entries ?? []).map { HTTPHeader($0.key, $0.value.string ?? "") }
    if let value = options["body"], !value.isNull {
      body = value.string.map { .text($0) } ?? .json(value.json)
    }
    let named = options["method"]?.string.map { HTTPMethod($0) }
    method = named ?? (body == nil ? .get : .post)
    if path.contains("://") {
      throw misconfigured(
        options["path"] ?? options, "the path is a whole URL",
        remedy: "Write only what follows the source's base_url.")
    }
    if body != nil && method == .get {
      throw misconfigured(
        options["body"] ?? options, "a GET request carries no body",
        remedy: "Use method: POST, or params.")
    }
    for parameter in parameters { try Self.check(parameter.value, options["params"] ?? options) }
    try Self.check(path, options["path"] ?? options)
  }

  /// Names that stand in braces for a value of the window.
  private static let placeholders = ["from", "to"]

  private static func check(_ text: String, _ value: ConfigValue) throws(ConnectorError) {
    for part in text.split(separator: "{", omittingEmptySubsequences: false).dropFirst() {
      guard let end = part.firstIndex(of: "}") else { continue }
      let name = part[..<end]
      guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0 == "_" }),
        !placeholders.contains(String(name))
      else { continue }
      let near = nearestName(to: String(name), among: placeholders)
      throw misconfigured(
        value, "unknown placeholder '{\(name)}'",
        remedy: near.map { "Did you mean '{\($0)}'?" } ?? "Known ones: {from} and {to}.")
    }
  }

  /// Whether the body is sent as it is.
  var hasTextBody: Bool { if case .text = body { true } else { false } }

  /// Whether some part of the request asks for the placeholder.
  func uses(_ placeholder: String) -> Bool {
    let mark = "{\(placeholder)}"
    let bodyText =
      switch body {
      case .json(let json): json.text()
      case .text(let text): text
      case nil: ""
      }
    return path.contains(mark) || bodyText.contains(mark)
      || parameters.contains { $0.value.contains(mark) }
  }

  /// What must not change under a bookmark.
  var binding: JSONValue {
    var members: [JSONValue.Member] = [
      .init(key: "method", value: .string(method.name)),
      .init(key: "path", value: .string(path)),
      .init(
        key: "params",
        value: .object(parameters.map { .init(key: $0.name, value: .string($0.value)) })),
    ]
    switch body {
    case .json(let json): members.append(.init(key: "body", value: json))
    case .text(let text): members.append(.init(key: "body", value: .string(text)))
    case nil: break
    }
    return .object(members)
  }
}

/// What stands for the placeholders in one window.
struct WindowTexts: Hashable, Sendable {
  var from: String?
  var to: String?
  /// Whether the texts are numbers, and JSON documents hold them as such.
  var areNumbers = false

  /// The template with its placeholders filled; nil where one of them has no value.
  func fill(_ template: String) -> String? {
    var text = template
    for (mark, value) in [("{from}", from), ("{to}", to)] where text.contains(mark) {
      guard let value else { return nil }
      text = text.split(separator: mark, omittingEmptySubsequences: false).joined(separator: value)
    }
    return text
  }

  /// A document with its placeholders filled, without the members and items that have no value.
  func fill(_ template: JSONValue) -> JSONValue? {
    switch template {
    case .string(let text):
      guard let filled = fill(text) else { return nil }
      if areNumbers, text == "{from}" || text == "{to}", let number = Int64(filled) {
        return .integer(number)
      }
      return .string(filled)
    case .array(let items): return .array(items.compactMap(fill))
    case .object(let members):
      return .object(
        members.compactMap { member in
          fill(member.value).map { JSONValue.Member(key: member.key, value: $0) }
        })
    default: return template
    }
  }
}

extension ConfigValue {
  /// The value as JSON, typed as YAML types it.
  var json: JSONValue {
    switch content {
    case .null: return .null
    case .list(let items): return .array(items.map(\.json))
    case .map(let entries):
      return .object(entries.map { JSONValue.Member(key: $0.key, value: $0.value.json) })
    case .scalar(let text, let isQuoted):
      if isQuoted { return .string(text) }
      if text == "true" || text == "false" { return .boolean(text == "true") }
      if let integer = Int64(text) { return .integer(integer) }
      if let number = Double(text), number.isFinite,
        text.first.map({ $0.isNumber || $0 == "-" }) ?? false
      {
        return .double(number)
      }
      return text == "null" || text == "~" ? .null : .string(text)
    }
  }
}
