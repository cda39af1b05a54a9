public import HTTPClient

/// One call to a service.
public struct AWSCall: Sendable {
  public enum ErrorFormat: Hashable, Sendable { case xml, json }

  /// The operation's name, for people: `PutObject`.
  public var operation: String
  /// What it is about, for people: `s3://bucket/key`.
  public var place: String
  /// As the signature names it: `s3`, `sts`, `glue`.
  public var service: String
  /// Makes the request for a region; it is signed when it is sent.
  public var request: @Sendable (_ region: String) -> HTTPRequest
  public var payload = RequestSigner.Payload.hashed
  public var isSigned = true
  public var errorFormat = ErrorFormat.xml
  /// Whether an error may come with status 200: S3 answers long work early, and says later how it
  /// went.
  public var mayFailInSuccess = false
  /// Statuses besides 2xx that are answers and not failures.
  public var acceptedStatuses: Set<Int> = []
  /// Whether it matters how often the service was asked. On a kept connection that turns out to be
  /// dead libcurl sends again without a word, so such a call gets a connection of its own.
  public var countsAttempts = false
  /// Whether a 409 that asks to try again is one.
  public var retriesConflicts = false

  public init(
    _ operation: String, service: String, place: String,
    request: @escaping @Sendable (_ region: String) -> HTTPRequest
  ) {
    self.operation = operation
    self.service = service
    self.place = place
    self.request = request
  }
}

/// What a service answered, and how often it had been asked before: an earlier attempt may have
/// done the work although its answer was lost.
public struct AWSAnswer: Sendable {
  public var response: HTTPResponse
  public var retries: Int
}
