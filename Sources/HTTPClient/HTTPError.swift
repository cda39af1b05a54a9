internal import Base

/// Why a request did not get the answer that it asked for.
public struct HTTPError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The request cannot be sent: its URL, its headers.
    case invalidRequest
    /// The host's name has no address.
    case unresolved
    /// Nobody answers at the address, or the connection is turned away.
    case unreachable
    /// The server's certificate is not trusted, or no secure connection comes about.
    case tls
    /// It took longer than it may.
    case timeout
    /// The connection broke.
    case disconnected
    /// The body ended before the length that the server had announced.
    case truncated
    /// What the server sent is no HTTP, or not compressed as it says.
    case malformed
    /// The response is larger than the request allows.
    case tooLarge
    /// Too many redirects, or one that must not be followed.
    case redirect
    /// 401 and 403.
    case denied
    /// 404 and 410.
    case notFound
    /// 429: too many requests.
    case throttled
    /// 5xx and 408: the server cannot answer now.
    case unavailable
    /// Any other status that is not a success.
    case rejected
    /// The recording holds no answer to the request, or cannot be written or read.
    case unrecorded
    /// Somebody asked to stop.
    case cancelled
    /// The session was closed.
    case closed
  }

  public var kind: Kind
  /// What was found and what was expected.
  public var message: String
  /// What to do next.
  public var remedy: String
  /// The method and the URL, without secrets.
  public var place: String
  /// The response's status, where there was one.
  public var status: Int?
  /// Whether the same request may succeed later without anyone mending anything.
  public var isRetryable: Bool

  public init(
    _ kind: Kind, _ message: String, remedy: String? = nil, place: String, status: Int? = nil,
    isRetryable: Bool? = nil
  ) {
    self.kind = kind
    self.message = message
    self.remedy = remedy ?? kind.remedy
    self.place = place
    self.status = status
    self.isRetryable = isRetryable ?? kind.isRetryable
  }

  public var description: String { "\(place): \(message)" }
}

extension HTTPError.Kind {
  /// Whether errors of the kind pass by themselves, as a rule.
  public var isRetryable: Bool {
    switch self {
    case .unresolved, .unreachable, .timeout, .disconnected, .truncated, .throttled, .unavailable:
      true
    case .invalidRequest, .tls, .malformed, .tooLarge, .redirect, .denied, .notFound, .rejected,
      .unrecorded, .cancelled, .closed:
      false
    }
  }

  /// Whether the request certainly never reached the server.
  var isBeforeSending: Bool { self == .unresolved || self == .unreachable }

  /// What to do next where nothing better is known.
  public var remedy: String {
    switch self {
    case .invalidRequest: "Mend the URL or the header."
    case .unresolved: "Check the host's name, and whether this machine can look names up."
    case .unreachable: "Check that the server runs, its port, and firewalls and proxies between."
    case .tls: "Check the server's certificate, and whether this machine trusts who issued it."
    case .timeout: "Ask for less at a time, or allow more time."
    case .disconnected, .truncated: "Try again; where it lasts, ask for less at a time."
    case .malformed: "Check that the URL is that of the server meant."
    case .tooLarge: "Ask for less at a time, or allow larger responses."
    case .redirect: "Ask for the final address."
    case .denied: "Check the credentials and what they may do."
    case .notFound: "Check the path."
    case .throttled: "Wait, and make fewer requests in a minute."
    case .unavailable: "Try again later."
    case .rejected: "Check what the request asks for."
    case .unrecorded: "Record it anew."
    case .cancelled: "Run it again to go on."
    case .closed: "Make a new session."
    }
  }
}

extension HTTPError {
  /// The error that a response other than a success is.
  public init(status response: HTTPResponse, of request: HTTPRequest) {
    let kind: Kind
    var remedy: String?
    switch response.status {
    case _ where response.head.isThrottled:
      kind = .throttled
      if let seconds = response.head.secondsToWait(now: response.head.date ?? Instant(seconds: 0)),
        response.head.date != nil || Double(response.header("retry-after") ?? "") != nil
      {
        remedy = "The server asks to wait \(Units.describe(seconds: seconds)): try again then."
      }
    case 401, 403: kind = .denied
    case 404, 410: kind = .notFound
    case 408, 500...599: kind = .unavailable
    default: kind = .rejected
    }
    let excerpt = request.redactor.excerpt(response.body)
    self.init(
      kind,
      "the server answered \(response.status)\(Self.reason(response.status))"
        + (excerpt.isEmpty ? "" : ": \(excerpt)"),
      remedy: remedy, place: request.description, status: response.status)
  }

  private static func reason(_ status: Int) -> String {
    let reasons: [Int: String] = [
      301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified",
      307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request",
      401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
      408: "Request Timeout", 409: "Conflict", 410: "Gone", 412: "Precondition Failed",
      413: "Content Too Large", 416: "Range Not Satisfiable", 422: "Unprocessable Content",
      429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented",
      502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
    ]
    return reasons[status].map { " \($0)" } ?? ""
  }
}
