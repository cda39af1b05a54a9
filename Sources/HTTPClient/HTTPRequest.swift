internal import Base

/// A method of HTTP: one of the named ones, or another word that a server understands.
public struct HTTPMethod: Hashable, Sendable, CustomStringConvertible {
  public let name: String

  public init(_ name: String) { self.name = name.uppercased() }

  public static let get = HTTPMethod("GET")
  public static let head = HTTPMethod("HEAD")
  public static let post = HTTPMethod("POST")
  public static let put = HTTPMethod("PUT")
  public static let patch = HTTPMethod("PATCH")
  public static let delete = HTTPMethod("DELETE")
  public static let options = HTTPMethod("OPTIONS")

  /// Whether doing it twice is as good as doing it once (RFC 9110, 9.2.2).
  public var isIdempotent: Bool { self != .post && self != .patch }

  public var description: String { name }
}

/// The bytes that a request carries, in pieces that are sent one after the other and never copied
/// together. They can be sent again, so a retry needs nothing from the caller.
public struct HTTPBody: Sendable {
  public let segments: [ArraySlice<UInt8>]
  public let count: Int

  public init(segments: [ArraySlice<UInt8>]) {
    self.segments = segments.filter { !$0.isEmpty }
    count = segments.reduce(0) { $0 + $1.count }
  }

  public init(_ bytes: [UInt8]) { self.init(segments: [bytes[...]]) }
  public init(_ text: String) { self.init(Array(text.utf8)) }
}

/// How long the parts of one attempt may take, in seconds; nil: no bound.
public struct HTTPTimeouts: Hashable, Sendable {
  /// Until the connection stands, name look-up and TLS included.
  public var connectSeconds: Double
  /// From the start to the last byte.
  public var totalSeconds: Double?
  /// Fewer than one byte a second for this long is the end.
  public var stalledSeconds: Double?

  public init(
    connectSeconds: Double = 10, totalSeconds: Double? = nil, stalledSeconds: Double? = 30
  ) {
    self.connectSeconds = connectSeconds
    self.totalSeconds = totalSeconds
    self.stalledSeconds = stalledSeconds
  }
}

/// What is asked of a server.
public struct HTTPRequest: Sendable {
  public var method: HTTPMethod
  /// `http` or `https`, percent-encoded; sent as it is, dot segments included.
  public var url: String
  public var headers: [HTTPHeader]
  public var body: HTTPBody?
  /// Whether it may be sent again when it is not known what became of it.
  public var isIdempotent: Bool
  /// A response of more bytes, after decompression, is an error.
  public var responseBytesMax = 64 << 20
  public var timeouts = HTTPTimeouts()
  /// Redirects followed before it is an error; at 0 the redirect itself is the response.
  public var redirectsMax = 5
  /// Whether compressed responses are asked for and decompressed.
  public var acceptsCompression = true
  /// When it is sent again; nil: as the session does.
  public var retry: RetryPolicy?
  /// Values that must not show in errors and descriptions, besides those of sensitive headers.
  public var secrets: [String] = []
  /// Called before every attempt, on the caller's thread: for signatures that carry the time.
  public var prepare: (@Sendable (inout HTTPRequest) throws(HTTPError) -> Void)?
  /// Called behind `prepare`, and asked for a better proof where an exchange is refused.
  public var authorizer: (any HTTPAuthorizer)?

  public init(
    _ method: HTTPMethod = .get, _ url: String, headers: [HTTPHeader] = [], body: HTTPBody? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    isIdempotent = method.isIdempotent
  }

  /// Knows the request's secrets.
  public var redactor: Redactor {
    var all = secrets + (authorizer?.secrets ?? [])
    for header in headers where header.isSensitive {
      all.append(header.value)
      // `Bearer abc`: the token alone must not show either.
      all += header.value.split(separator: " ").dropFirst().map(String.init)
    }
    return Redactor(secrets: all)
  }

  /// The URL for people, without secrets.
  public var place: String { redactor.url(url) }
}

extension HTTPRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "\(method) \(place)" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: ["request": description]) }
}
