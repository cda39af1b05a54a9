internal import Base
internal import Connector
internal import Foundation
internal import HTTPClient

/// What the config says of one API.
struct APISettings: Sendable {
  var base: HTTPAddress
  var auth: Authentication
  var headers: [HTTPHeader]
  var requestsPerMinute: Int?
  var timeoutSeconds: Double
  var retries: Int
  var responseBytesMax: Int
  /// What the bookmarks know the API by.
  var identity: String

  init(_ options: ConfigValue) throws(ConnectorError) {
    base = try Self.base(options)
    auth = try Authentication(options["auth"])
    headers = (options["headers"]?.entries ?? []).map {
      HTTPHeader($0.key, $0.value.string ?? "")
    }
    requestsPerMinute = options["rate"]?["per_minute"]?.integer
    timeoutSeconds = options["timeout"]?.seconds ?? 60
    retries = options["retries"]?.integer ?? 5
    responseBytesMax = options["response_max"]?.bytes ?? 64_000_000
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

/// How requests prove who asks. Holds names of variables, never their values.
enum Authentication: Sendable {
  case none
  case bearer(variable: String)
  case header(name: String, variable: String)
  case basic(user: String, variable: String)
  case query(name: String, variable: String)

  init(_ options: ConfigValue?) throws(ConnectorError) {
    guard let options else {
      self = .none
      return
    }
    func text(_ key: String, _ inner: String) -> String { options[key]?[inner]?.string ?? "" }
    switch try options.only(of: ["bearer_env", "header", "basic", "query"]) {
    case "bearer_env": self = .bearer(variable: options["bearer_env"]?.string ?? "")
    case "header":
      self = .header(name: text("header", "name"), variable: text("header", "value_env"))
    case "basic":
      self = .basic(user: text("basic", "user"), variable: text("basic", "password_env"))
    case "query": self = .query(name: text("query", "name"), variable: text("query", "value_env"))
    default:
      throw misconfigured(
        options, "auth names no way to authenticate",
        remedy: "Write one of bearer_env, header, basic or query under auth.")
    }
  }

  /// - Throws: `.misconfigured` where the variable is not set.
  func credentials(_ environment: (String) -> String?) throws(ConnectorError) -> Credentials {
    func secret(_ variable: String) throws(ConnectorError) -> String {
      guard let value = environment(variable), !value.isEmpty else {
        throw ConnectorError(
          .misconfigured, "the environment variable \(variable) is not set",
          remedy: "Set it before the run: export \(variable)=…")
      }
      // The line break that files and shells leave at the end is not part of a secret.
      return String(value.reversed().drop { $0.isNewline }.reversed())
    }
    switch self {
    case .none: return Credentials()
    case .bearer(let variable):
      let token = try secret(variable)
      return Credentials(
        header: HTTPHeader("Authorization", "Bearer \(token)", isSensitive: true), secrets: [token])
    case .header(let name, let variable):
      let value = try secret(variable)
      return Credentials(header: HTTPHeader(name, value, isSensitive: true), secrets: [value])
    case .basic(let user, let variable):
      let password = try secret(variable)
      let pair = Data("\(user):\(password)".utf8).base64EncodedString()
      return Credentials(
        header: HTTPHeader("Authorization", "Basic \(pair)", isSensitive: true),
        secrets: [password, pair])
    case .query(let name, let variable):
      let value = try secret(variable)
      return Credentials(parameter: Parameter(name, value), secrets: [value])
    }
  }
}

/// The credentials of one run: what they add to a request, and what must not show.
struct Credentials: Sendable {
  var header: HTTPHeader?
  var parameter: Parameter?
  var secrets: [String] = []
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
