/// Why a call to a service of AWS, or one that speaks like it, did not do what it was asked.
public struct AWSError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// No credentials were found, or they cannot be had.
    case credentials
    /// An address, a profile or a setting that cannot be used.
    case configuration
    /// The service knows us, or not, and refuses.
    case denied
    case notFound
    /// A condition that the call named does not hold.
    case conflict
    /// Too many calls.
    case throttled
    /// The service cannot answer now.
    case unavailable
    /// Nobody answers.
    case unreachable
    /// The service finds the call itself wrong.
    case rejected
    /// The answer is not what the service's interface says.
    case malformed
    case cancelled
  }

  public var kind: Kind
  /// What was found and what was expected.
  public var message: String
  /// What to do next.
  public var remedy: String
  /// The call, without secrets.
  public var place: String
  /// The service's own name of the error: `NoSuchKey`.
  public var code: String?
  public var status: Int?
  public var isRetryable: Bool

  public init(
    _ kind: Kind, _ message: String, remedy: String, place: String, code: String? = nil,
    status: Int? = nil, isRetryable: Bool? = nil
  ) {
    self.kind = kind
    self.message = message
    self.remedy = remedy
    self.place = place
    self.code = code
    self.status = status
    self.isRetryable =
      isRetryable ?? (kind == .throttled || kind == .unavailable || kind == .unreachable)
  }

  public var description: String { "\(place): \(message)" }
}
