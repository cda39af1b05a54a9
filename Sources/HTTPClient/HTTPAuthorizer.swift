public import Base

/// Proves who asks, where the proof changes with time: tokens that expire, signatures that carry
/// the hour. Used by several threads.
public protocol HTTPAuthorizer: Sendable {
  /// Adds the proof to one attempt, just before it is sent, on the caller's thread. May itself ask
  /// a server, and then blocks.
  func authorize(_ request: inout HTTPRequest, _ cancellation: Cancellation?) throws(HTTPError)

  /// An attempt was refused with 401 or 403.
  /// - Parameter request: as it was sent, with the proof that was refused.
  /// - Returns: whether there is a better proof now; the request is then sent once more, at once.
  func renew(refused request: HTTPRequest, _ head: HTTPHead) -> Bool

  /// What must not show of all proofs so far: a server may repeat an old one.
  var secrets: [String] { get }
}
