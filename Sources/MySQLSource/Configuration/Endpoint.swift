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

  /// What is done with the bytes on their way. zstd is MySQL's alone, and libmariadb lacks it.
  enum Compression: String, Sendable, CaseIterable {
    case off, zlib
  }

  /// How long to wait for the server.
  struct Patience: Sendable, Equatable {
    /// For the next bytes of an answer.
    var readSeconds = 3600
    /// For a lock on a table (`LOCK TABLES`, an ALTER) that another connection holds.
    var lockSeconds = 300
  }

  /// How much of the server a run may take.
  struct Limits: Sendable, Equatable {
    var connections = ConnectionLimit.countDefault
    /// How many of them one stream may read a large table over.
    var readers = 1
    /// nil: as fast as the server gives.
    var rowsPerSecond: Int?
    /// Reading pauses while the server runs more threads; nil: it is not watched.
    var threadsRunning: Int?
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
  var compression = Compression.off
  var patience = Patience()
  var limits = Limits()

  /// Where, in words without secrets: `shop (db.example.com:3306)`.
  var place: String { "\(sourceName) (\(socket ?? "\(host):\(port)"))" }
}

extension Endpoint: CustomStringConvertible, CustomDebugStringConvertible {
  var description: String { place }
  var debugDescription: String { place }
}
