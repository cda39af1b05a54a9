/// Where a server is and who asks. The password never leaves this value but for the library.
struct Endpoint: Sendable {
  struct TLS: Sendable, Equatable {
    enum Mode: String, Sendable, CaseIterable {
      case off, prefer, require, verify
    }
    var mode: Mode
    var authorityPath: String?
    var certificatePath: String?
    var keyPath: String?
  }

  /// The source's name in the config, for messages.
  var sourceName: String
  var host: String
  var port: Int
  var socket: String?
  var user: String?
  var password: String?
  var database: String
  var tls: TLS
  var connectTimeoutSeconds: Int

  /// Where, in words without secrets: `shop (db.example.com:3306)`.
  var place: String { "\(sourceName) (\(socket ?? "\(host):\(port)"))" }
}

extension Endpoint: CustomStringConvertible, CustomDebugStringConvertible {
  var description: String { place }
  var debugDescription: String { place }
}
