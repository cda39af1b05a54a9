internal import Base
internal import Connector
internal import Foundation
internal import HTTPClient

/// How requests prove who asks: what `auth:` of the config says. Holds where secrets are, never
/// their values.
enum Authentication: Sendable {
  case none
  case bearer(Secret)
  case header(name: String, Secret)
  case basic(user: String, Secret)
  case query(name: String, Secret)
  case oauth2(OAuth2Settings)
  case hmac(SignatureSettings)
  case sigv4(AWSSignatureSettings)

  private static let ways = [
    "bearer_env", "bearer_file", "header", "basic", "query", "oauth2", "hmac", "sigv4",
  ]

  init(_ options: ConfigValue?) throws(ConnectorError) {
    guard let options else {
      self = .none
      return
    }
    let way = try options.only(of: Self.ways)
    let inner = way.flatMap { options[$0] } ?? options
    func name(_ key: String) -> String { inner[key]?.string ?? "" }
    switch way {
    case "bearer_env", "bearer_file": self = .bearer(try .required(options, "bearer"))
    case "header": self = .header(name: name("name"), try .required(inner, "value"))
    case "basic": self = .basic(user: name("user"), try .required(inner, "password"))
    case "query": self = .query(name: name("name"), try .required(inner, "value"))
    case "oauth2": self = .oauth2(try OAuth2Settings(inner))
    case "hmac": self = .hmac(try SignatureSettings(inner))
    case "sigv4": self = .sigv4(AWSSignatureSettings(inner))
    default:
      throw misconfigured(
        options, "auth names no way to authenticate",
        remedy: "Write one of \(Self.ways.joined(separator: ", ")) under auth.")
    }
  }
}

/// The credentials of one run: what they add to requests, and what must not show.
struct Credentials: Sendable {
  var header: HTTPHeader?
  var parameter: Parameter?
  var secrets: [String] = []
  /// Adds what changes with time.
  var authorizer: (any HTTPAuthorizer)?
}

/// Stands for a proof that changes with time, which is not part of a recording. A refusal of it is:
/// what came of the better proof is asked for next.
struct ReplayedProof: HTTPAuthorizer {
  let secrets: [String] = []
  func authorize(_ request: inout HTTPRequest, _ cancellation: Cancellation?) {}
  func renew(refused request: HTTPRequest, _ head: HTTPHead) -> Bool { true }
}

extension Authentication {
  /// - Throws: `.misconfigured` where a secret is not there.
  func credentials(_ reader: SecretReader, _ context: SourceContext) throws(ConnectorError)
    -> Credentials
  {
    switch self {
    case .none: return Credentials()
    case .bearer(let secret):
      let token = try reader.read(secret)
      return Credentials(
        header: HTTPHeader("Authorization", "Bearer \(token)", isSensitive: true), secrets: [token])
    case .header(let name, let secret):
      let value = try reader.read(secret)
      return Credentials(header: HTTPHeader(name, value, isSensitive: true), secrets: [value])
    case .basic(let user, let secret):
      let password = try reader.read(secret)
      let pair = Data("\(user):\(password)".utf8).base64EncodedString()
      return Credentials(
        header: HTTPHeader("Authorization", "Basic \(pair)", isSensitive: true),
        secrets: [password, pair])
    case .query(let name, let secret):
      let value = try reader.read(secret)
      return Credentials(parameter: Parameter(name, value), secrets: [value])
    case .oauth2, .hmac, .sigv4:
      return Credentials(
        authorizer: reader.isReplay ? ReplayedProof() : try authorizer(reader, context))
    }
  }

  private func authorizer(_ reader: SecretReader, _ context: SourceContext)
    throws(ConnectorError) -> (any HTTPAuthorizer)?
  {
    switch self {
    case .oauth2(let settings): try OAuth2Tokens(settings, reader, context)
    case .hmac(let settings): try RequestSignature(settings, reader, context)
    case .sigv4(let settings): try AWSSignature(settings, context)
    default: nil
    }
  }
}
