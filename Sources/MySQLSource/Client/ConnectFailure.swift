internal import Base
internal import Connector
internal import Foundation

/// Why there is no connection, and what to do about it: depends on how it was to be made.
struct ConnectFailure {
  private let error: ServerError
  private let endpoint: Endpoint
  private let hasTimedOut: Bool

  /// - Parameter seconds: that were waited. The library does not tell a refused connection from
  ///   one that nobody answered.
  init(_ error: ServerError, _ endpoint: Endpoint, after seconds: Duration) {
    self.error = error
    self.endpoint = endpoint
    hasTimedOut = seconds >= .milliseconds(endpoint.connectTimeoutSeconds * 1000 - 50)
  }

  var connectorError: ConnectorError {
    if error.code == 2026, error.message.contains("does not support") {
      return Self.noTLS(endpoint)
    }
    var result = error.connectorError(place: endpoint.place)
    switch error.code {
    case 2002, 2003: takeNoAnswer(&result)
    case 2005:
      result.remedy =
        "Correct `host` (\(endpoint.host)), or see why its name is not found from this machine."
    case 2006, 2012, 2013, 2055:
      // Losing the connection while it is being made is not the loss of a result.
      result.kind = .unreachable
      if hasTimedOut {
        takeTimeout(&result)
      } else {
        result.message = "the server did not complete the connection: \(error.message)"
        result.remedy = "Check host and port, and that a MySQL server answers there."
      }
    case 2026: takeTLS(&result)
    case 1045:
      // The server says the same of all three.
      result.remedy = "Check the user and the password"
      result.remedy +=
        endpoint.tls.certificatePath == nil
        ? ", and whether the user must come with TLS (`tls: require`) or a client certificate"
          + " (`tls: {cert: …, key: …}`): \(Self.showUser)."
        : ", and what the server demands of the client's certificate: \(Self.showUser)."
    case 1044, 1049:
      result.remedy =
        "Correct the database (`\(endpoint.database)`) in the source's settings, or grant the user"
        + " SELECT on it."
    default: break
    }
    return result
  }

  /// The server has no TLS, and it was asked for.
  static func noTLS(_ endpoint: Endpoint) -> ConnectorError {
    ConnectorError(
      .unreachable, "`tls` is \(endpoint.tls.mode), and the server offers none",
      remedy: "Have the server offer TLS (`ssl_cert`, `ssl_key`), or set `tls: prefer` where the"
        + " network is safe.", place: endpoint.place, isRetryable: false)
  }

  private static let showUser = "SHOW CREATE USER tells"

  private func takeNoAnswer(_ result: inout ConnectorError) {
    if let socket = endpoint.socket {
      result.remedy =
        "See that the server runs on this machine, and that \(socket) is its socket (SELECT"
        + " @@socket) and open to the user that runs Tidemark."
    } else if hasTimedOut {
      takeTimeout(&result)
    } else {
      result.remedy =
        "See that the server runs, listens on port \(endpoint.port) of an address that this machine"
        + " reaches (its `bind_address`), and is not behind a firewall."
    }
  }

  private func takeTimeout(_ result: inout ConnectorError) {
    let waited = Units.describe(seconds: Double(endpoint.connectTimeoutSeconds))
    result.message = "the server did not answer within \(waited): \(error.message)"
    result.remedy =
      "See whether a firewall drops what goes to port \(endpoint.port), or raise"
      + " `connect_timeout` where the server is merely slow."
  }

  private func takeTLS(_ result: inout ConnectorError) {
    let message = error.message.lowercased()
    let names = ["host name", "hostname", "name mismatch", "validation of ssl server certificate"]
    let trust = ["self-signed", "self signed", "issuer", "verify failed", "authority"]
    let files = ["no such file", "pem", "key values mismatch"]
    result.isRetryable = false
    if let path = unreadableFile {
      result.message = "the file \(path) under `tls` cannot be read"
      result.remedy = "Correct its name, or open it to the user that runs Tidemark."
    } else if files.contains(where: message.contains) {
      result.remedy = "Check the files under `tls`: `ca`, `cert` and `key`, in PEM form."
    } else if names.contains(where: message.contains) {
      result.remedy =
        "The certificate is not for \(endpoint.host): use a name it is made out to, or"
        + " `tls: require` to go without that check."
    } else if trust.contains(where: message.contains) {
      result.remedy =
        "Give `tls: {mode: verify, ca: FILE}` the certificate that the server's was signed with."
    } else {
      result.isRetryable = true
    }
  }

  private var unreadableFile: String? {
    let tls = endpoint.tls
    return [tls.authorityPath, tls.certificatePath, tls.keyPath].compactMap(\.self).first {
      !FileManager.default.isReadableFile(atPath: $0)
    }
  }
}
