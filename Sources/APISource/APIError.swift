internal import Base
internal import Connector
internal import Formats
internal import HTTPClient

extension ConnectorError {
  /// What an HTTP error means for a source.
  init(_ error: HTTPError) {
    let kind: Kind
    switch error.kind {
    case .invalidRequest, .rejected, .unrecorded: kind = .misconfigured
    case .unresolved, .unreachable, .tls, .throttled, .unavailable: kind = .unreachable
    case .timeout, .disconnected, .truncated, .closed: kind = .interrupted
    case .malformed, .tooLarge, .redirect: kind = .malformed
    case .denied: kind = .denied
    case .notFound: kind = .notFound
    case .cancelled: kind = .cancelled
    }
    self.init(
      kind, error.message, remedy: Self.remedy(error), place: error.place,
      isRetryable: error.isRetryable)
  }

  private static func remedy(_ error: HTTPError) -> String {
    switch error.kind {
    case .denied where error.remedy == HTTPError.Kind.denied.remedy:
      "Check the variable named under auth, and what its owner may read."
    case .notFound where error.status == 410:
      "It was there once. Where the server says so of a token that is too old, read everything anew: "
        + "tidemark bookmark reset STREAM."
    case .notFound: "Check the source's base_url and the stream's request.path."
    case .tls:
      "Check the host in base_url and the server's certificate. One that an authority of your own "
        + "has issued is trusted where SSL_CERT_FILE names a file with that authority's."
    case .rejected: "Check the stream's request: its params, body and time_format."
    case .tooLarge:
      "Ask for smaller pages, or raise the source's response_max and the memory of the run."
    case .timeout: "Ask for smaller pages, or raise the source's timeout."
    case .redirect: "Write the final address as the source's base_url."
    default: error.remedy
    }
  }

  init(_ error: FormatError, place: String) {
    switch error.kind {
    case .malformed, .nameCollision, .tooManyColumns:
      self.init(.malformed, error.message, remedy: error.remedy, place: place)
    case .unknownFormat, .invalidOption:
      self.init(.misconfigured, error.message, remedy: error.remedy, place: place)
    case .outOfMemory: self.init(.interrupted, error.message, remedy: error.remedy, place: place)
    }
  }
}
