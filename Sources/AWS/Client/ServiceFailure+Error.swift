internal import HTTPClient

extension ServiceFailure {
  /// The failure as an error that teaches.
  func error(
    of call: AWSCall, _ response: HTTPResponse, _ request: HTTPRequest,
    _ credentials: AWSCredentials?
  ) -> AWSError {
    let (kind, remedy) = advice(call, credentials)
    let said =
      code.isEmpty
      ? "the service answered \(status)"
      : "the service answered \(status) \(code)"
    var words = message
    if words.isEmpty, code.isEmpty { words = request.redactor.excerpt(response.body) }
    let clean = request.redactor.excerpt(Array(words.utf8), bytesMax: 300)
    return AWSError(
      kind, clean.isEmpty ? said : "\(said): \(clean)", remedy: remedy,
      place: "\(call.operation) \(request.redactor.clean(call.place))",
      code: code.isEmpty ? nil : code, status: status)
  }

  private func advice(_ call: AWSCall, _ credentials: AWSCredentials?) -> (AWSError.Kind, String) {
    let who = credentials.map { "'\($0.accessKeyID)' (from \($0.origin))" } ?? "in use"
    switch code {
    case "InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException",
      "InvalidSecurity":
      return (
        .denied, "The access key \(who) is not known there: check it, and the endpoint."
      )
    case "SignatureDoesNotMatch":
      return (.denied, "Check the secret key that belongs to the access key \(who).")
    case "ExpiredToken", "ExpiredTokenException":
      return (.denied, "The session of the access key \(who) has expired: get new credentials.")
    case "InvalidToken":
      return (.denied, "The session token of the access key \(who) is not valid: get a new one.")
    case "RequestTimeTooSkewed": return (.denied, "Set this machine's clock.")
    case "NoSuchBucket":
      return (.notFound, "Create the bucket, or check its name, the region and the endpoint.")
    case "NoSuchKey", "NoSuchUpload", "NoSuchVersion": return (.notFound, "Check the path.")
    case "PreconditionFailed", "ConditionalRequestConflict":
      return (.conflict, "Someone else wrote it; read it again and decide anew.")
    case "InvalidBucketName": return (.configuration, "Check the bucket's name.")
    case "NotImplemented":
      return (.rejected, "This store lacks '\(call.operation)', which is needed.")
    default: break
    }
    switch status {
    case _ where isThrottling: return (.throttled, "Make fewer calls at a time, or wait.")
    case 401, 403:
      return (
        .denied,
        "Allow \(call.service):\(call.operation) to the access key \(who), or use another."
      )
    case 404: return (.notFound, "Check the path.")
    case 409, 412: return (.conflict, "Someone else wrote it; read it again and decide anew.")
    case 300...399:
      return (
        .configuration,
        region.map { "The bucket is in the region '\($0)': set it." }
          ?? "Set the region that the bucket is in."
      )
    case 408, 500...599: return (.unavailable, "Try again later.")
    default:
      return (.rejected, "Check what is asked for and whether the endpoint is the one meant.")
    }
  }
}

extension AWSError {
  /// No answer came.
  init(_ error: HTTPError, of call: AWSCall, _ request: HTTPRequest) {
    let kind: Kind =
      switch error.kind {
      case .unresolved, .unreachable, .timeout, .disconnected, .truncated, .unavailable:
        .unreachable
      case .throttled: .throttled
      case .cancelled, .closed: .cancelled
      case .malformed, .tooLarge: .malformed
      case .invalidRequest, .tls, .redirect, .unrecorded: .configuration
      case .denied: .denied
      case .notFound: .notFound
      case .rejected: .rejected
      }
    self.init(
      kind, "\(error.message) (\(request.place))", remedy: error.remedy,
      place: "\(call.operation) \(request.redactor.clean(call.place))", status: error.status,
      isRetryable: error.isRetryable)
  }
}
