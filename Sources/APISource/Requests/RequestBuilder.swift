internal import Base
internal import Connector
internal import HTTPClient

/// Where a page is: parameters to add to the stream's request, or a URL that the server gave.
enum PagePlace: Hashable, Sendable {
  case parameters([Parameter])
  case url(String)
}

/// Makes the requests of one stream.
struct RequestBuilder: Sendable {
  var settings: APISettings
  var template: RequestTemplate
  var credentials: Credentials
  var fixedParameters: [Parameter]
  /// Where parameters of pages go; nil: into a JSON body where there is one, else into the query.
  var carrier: Pagination.Carrier?
  var accepts = "application/json"

  /// - Throws: `.misconfigured` where the path needs a value that the window does not have, and
  ///   `.refused` where a server's URL leads away from it.
  func request(_ texts: WindowTexts, _ place: PagePlace) throws(ConnectorError) -> HTTPRequest {
    var request: HTTPRequest
    switch place {
    case .parameters(let added): request = try own(texts, fixedParameters + added)
    case .url(let url): request = HTTPRequest(.get, try follow(url).text)
    }
    let own = request.headers
    // What leads to the page comes in the place of what the config begins with.
    request.headers =
      (settings.headers + template.headers).filter { own.first($0.name.lowercased()) == nil } + own
    if request.headers.first("accept") == nil {
      request.headers.append(HTTPHeader("Accept", accepts))
    }
    if let header = credentials.header {
      request.headers.removeAll { $0.name.lowercased() == header.name.lowercased() }
      request.headers.append(header)
    }
    // A next URL may hold the key already.
    if let parameter = credentials.parameter, !has(parameter, request.url) {
      request.url = adding([parameter], to: request.url)
    }
    request.secrets = credentials.secrets
    request.authorizer = credentials.authorizer
    // Whatever its method, it only asks.
    request.isIdempotent = true
    request.timeouts = settings.limits.timeouts
    return request
  }

  private func own(_ texts: WindowTexts, _ added: [Parameter]) throws(ConnectorError) -> HTTPRequest
  {
    guard let path = texts.fill(template.path) else {
      throw ConnectorError(
        .misconfigured, "the path '\(template.path)' needs a beginning, and there is none yet",
        remedy: "Add start: 2024-01-01 under bookmark.")
    }
    var parameters: [Parameter] = template.parameters.compactMap { parameter in
      texts.fill(parameter.value).map { Parameter(parameter.name, $0) }
    }
    var document: JSONValue?
    if case .json(let json) = template.body { document = texts.fill(json) ?? .object([]) }
    var headers: [HTTPHeader] = []
    switch carrier ?? (document == nil ? .query : .body) {
    // What leads to the page comes in the place of what the config begins with.
    case .query:
      parameters.removeAll { parameter in added.contains { $0.name == parameter.name } }
      parameters += added
    case .header: headers = added.map { HTTPHeader($0.name, $0.value, isSensitive: false) }
    case .body:
      document = document ?? .object([])
      for parameter in added { document?.set(parameter.name, parameter) }
    }
    var body = document.map { HTTPBody($0.text()) }
    if case .text(let text) = template.body { body = HTTPBody(texts.fill(text) ?? text) }
    let base = settings.base.text.prefix { $0 != "?" && $0 != "#" }
    let root = base.hasSuffix("/") ? base.dropLast() : base
    let url = root + (path.hasPrefix("/") || path.isEmpty ? "" : "/") + path
    var request = HTTPRequest(template.method, adding(parameters, to: String(url)), body: body)
    if document != nil { request.headers.append(HTTPHeader("Content-Type", "application/json")) }
    request.headers += headers
    return request
  }

  /// The address of a URL that the server gave, where it is the API's own. Servers behind a proxy
  /// write their inner scheme and port for themselves; they are asked the way that base_url says.
  private func follow(_ url: String) throws(ConnectorError) -> HTTPAddress {
    guard let address = settings.base.resolving(url) else {
      throw ConnectorError(
        .malformed, "the server's next URL is not one: '\(excerpt(url))'",
        remedy: "Check the path under paginate.")
    }
    guard address.host == settings.base.host,
      let address = address.moved(toOriginOf: settings.base)
    else {
      throw ConnectorError(
        .refused, "the server's next URL leads to another server, '\(address.origin)'",
        remedy: "Where that server is trusted with the credentials, use it as base_url.")
    }
    return address
  }

  private func excerpt(_ text: String) -> String {
    Redactor(secrets: credentials.secrets + (credentials.authorizer?.secrets ?? []))
      .excerpt(Array(text.utf8))
  }

  private func adding(_ parameters: [Parameter], to url: String) -> String {
    if parameters.isEmpty { return url }
    let query = PercentEncoding.query(parameters.map { ($0.name, $0.value) })
    return url + (url.contains("?") ? "&" : "?") + query
  }

  private func has(_ parameter: Parameter, _ url: String) -> Bool {
    let start = PercentEncoding.encode(parameter.name) + "="
    return url.drop { $0 != "?" }.dropFirst().split(separator: "&").contains { $0.hasPrefix(start) }
  }
}

extension JSONValue {
  /// Sets a member of an object, or of objects within it: `variables.after`.
  fileprivate mutating func set(_ name: String, _ parameter: Parameter) {
    guard case .object(var members) = self else { return }
    let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
    guard let key = parts.first else { return }
    let index = members.firstIndex { $0.key == key }
    var value = index.map { members[$0].value } ?? .object([])
    if parts.count == 2 {
      if value.members == nil { value = .object([]) }
      value.set(parts[1], parameter)
    } else {
      let number = parameter.isNumber ? Int64(parameter.value) : nil
      value = number.map { .integer($0) } ?? .string(parameter.value)
    }
    if let index {
      members[index].value = value
    } else {
      members.append(.init(key: key, value: value))
    }
    self = .object(members)
  }
}
