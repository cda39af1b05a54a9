internal import Base
internal import Connector
internal import HTTPClient

/// What the config says of one API.
struct APISettings: Sendable {
  var base: HTTPAddress
  var auth: Authentication
  var headers: [HTTPHeader]
  var limits: RequestLimits
  var version: HTTPSession.HTTPVersion
  var responseBytesMax: Int
  /// Of times that name no zone, where the stream does not say; nil: UTC.
  var zoneName: String?
  /// What the bookmarks know the API by.
  var identity: String

  init(_ options: ConfigValue) throws(ConnectorError) {
    base = try Self.base(options)
    auth = try Authentication(options["auth"])
    headers = (options["headers"]?.entries ?? []).map {
      HTTPHeader($0.key, $0.value.string ?? "")
    }
    limits = RequestLimits(options)
    version =
      options["http_version"]?.string.flatMap(HTTPSession.HTTPVersion.init(rawValue:))
      ?? .automatic
    responseBytesMax = options["response_max"]?.bytes ?? 64_000_000
    zoneName = options["time_zone"]?.string
    identity = options["identity"]?.string ?? Self.identity(base)
  }

  private static func base(_ options: ConfigValue) throws(ConnectorError) -> HTTPAddress {
    let value = options["base_url"] ?? options
    guard let base = value.string.flatMap({ HTTPAddress($0) }) else {
      throw misconfigured(
        value, "base_url is not the address of a web server",
        remedy: "Write a whole URL such as https://api.example.com/v1.")
    }
    guard !base.hasCredentials, base.query == nil else {
      throw misconfigured(
        value, "base_url holds credentials or a query",
        remedy: "Name the credentials' environment variables under auth, and put what stays the "
          + "same in every request under the stream's request.params.")
    }
    return base
  }

  /// Host and path. A bare address or this machine says nothing of what the API is, so that an
  /// API may move to another port or address there.
  private static func identity(_ base: HTTPAddress) -> String {
    let isAddress =
      base.host.hasPrefix("[") || base.host == "localhost"
      || base.host.allSatisfy { $0 == "." || $0.isNumber }
    let path = base.path.hasSuffix("/") ? String(base.path.dropLast()) : base.path
    let identity = (isAddress ? "" : base.host) + path
    return identity.isEmpty ? "/" : identity
  }
}

/// One parameter of a query string.
struct Parameter: Hashable, Sendable {
  var name: String
  var value: String
  /// Whether a JSON body holds it as a number.
  var isNumber = false

  init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  init(_ name: String, _ number: Int) {
    self.init(name, String(number))
    isNumber = true
  }
}
