internal import Base
internal import Connector

/// What the server or libmariadb said: a number and a sentence.
struct ServerError: Error {
  var code: UInt32
  var message: String
  /// Of a row that does not fit in memory.
  var rowBytes: Int?

  /// The kinds of trouble by their numbers in the server's and the client library's lists.
  func connectorError(place: String) -> ConnectorError {
    let rule = ErrorRule.rule(for: code)
    return ConnectorError(
      rule.kind, isOfLibrary ? message : "the server says: \(message)", remedy: rule.remedy,
      place: place, isRetryable: rule.isRetryable, cause: "error \(code)")
  }

  /// Whether libmariadb found it, or this side, not the server.
  private var isOfLibrary: Bool { (2000..<3000).contains(code) || code >= 5000 && code < 6000 }

  /// Whether a privilege is missing.
  var isDenied: Bool { ErrorRule.rule(for: code).kind == .denied }

  /// Whether the server does not know a word, variable, table or function of the statement.
  var isUnknownFeature: Bool { [1054, 1064, 1109, 1146, 1193, 1235, 1305].contains(code) }

  /// Whether a wait of the library ended without an answer.
  var isTimeout: Bool {
    let text = message.lowercased()
    return text.contains("timed out") || text.contains("timeout") || text.contains("temporarily")
  }

  /// A row does not fit in memory.
  static func row(bytes: Int, bytesMax: Int) -> ServerError {
    ServerError(
      code: 2020,
      message: "a row has \(Units.describe(bytes: bytes)), and"
        + " \(Units.describe(bytes: bytesMax)) is the most that the run's memory allows",
      rowBytes: bytes)
  }

  /// Nothing came for so long.
  static func silence(seconds: Int) -> ServerError {
    ServerError(
      code: 2013, message: "the server sent nothing for \(seconds) s (`read_timeout`)")
  }
}
