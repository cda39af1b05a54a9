/// Stands between a session and the network: keeps what comes for a replay, or gives what was
/// kept. Each attempt counts by itself, so that retries take the same course again.
public protocol HTTPRecording: Sendable {
  /// The outcome kept for a request; nil: the network is to be asked.
  /// - Throws: `.unrecorded` where the network must not be asked.
  func replay(_ request: HTTPRequest) throws(HTTPError) -> Result<HTTPResponse, HTTPError>?

  /// Keeps what an attempt came to.
  /// - Parameters:
  ///   - request: as the caller made it, without what differs between attempts.
  ///   - redactor: knows all secrets of the attempt; none of them may be kept.
  /// - Throws: `.unrecorded` where it cannot be kept.
  func keep(
    _ outcome: Result<HTTPResponse, HTTPError>, of request: HTTPRequest, _ redactor: Redactor
  ) throws(HTTPError)
}
