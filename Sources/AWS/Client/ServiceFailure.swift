internal import Base
internal import HTTPClient

/// What a service says of a call that it did not do.
struct ServiceFailure: Hashable, Sendable {
  /// `NoSuchKey`; empty where the answer names none, as with HEAD.
  var code = ""
  var message = ""
  /// The region that the service says it is in.
  var region: String?
  var status: Int

  init(_ response: HTTPResponse, _ format: AWSCall.ErrorFormat) {
    status = response.status
    switch format {
    case .xml:
      if let root = try? XMLElement(parsing: response.body) {
        // S3 answers `<Error>`, services of the query protocol `<ErrorResponse><Error>`.
        let error = root.name == "Error" ? root : root["Error"] ?? XMLElement(name: "Error")
        code = error.text(of: "Code") ?? ""
        message = error.text(of: "Message") ?? ""
        region = error.text(of: "Region")
      }
    case .json:
      let type = response.header("x-amzn-errortype")
      let root = try? JSONValue(parsing: response.body)
      let name = type ?? root?["__type"]?.string ?? root?["code"]?.string ?? ""
      // `com.amazonaws.glue#EntityNotFoundException:http://…`
      code = String((name.split(separator: "#").last ?? "").prefix { $0 != ":" })
      message = root?["Message"]?.string ?? root?["message"]?.string ?? ""
    }
    region = (response.header("x-amz-bucket-region") ?? region).flatMap {
      // It becomes part of a host's name.
      AWSRegion.isValid($0) ? $0 : nil
    }
  }

  /// The failure inside an answer of status 200; nil where the call was done.
  static func insideSuccess(_ response: HTTPResponse) -> ServiceFailure? {
    guard let root = try? XMLElement(parsing: response.body), root.name == "Error" else {
      return nil
    }
    var failure = ServiceFailure(response, .xml)
    if failure.code.isEmpty { failure.code = "InternalError" }
    return failure
  }

  private static let throttlingCodes: Set<String> = [
    "SlowDown", "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled",
    "RequestThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
    "BandwidthLimitExceeded", "ProvisionedThroughputExceededException", "PriorRequestNotComplete",
  ]
  private static let passingCodes: Set<String> = [
    "InternalError", "InternalFailure", "InternalServerException", "ServiceUnavailable",
    "ServiceUnavailableException", "RequestTimeout", "RequestTimeoutException",
    "OperationAborted", "BadDigest", "IncompleteBody",
  ]
  private static let skewCodes: Set<String> = [
    "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture",
  ]
  private static let expiryCodes: Set<String> = [
    "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired",
  ]

  var isThrottling: Bool { status == 429 || Self.throttlingCodes.contains(code) }

  /// Whether the same call may succeed soon without anyone mending anything. A body that arrived
  /// damaged is sent again too.
  var isPassing: Bool {
    isThrottling || Self.passingCodes.contains(code) || [408, 500, 502, 503, 504].contains(status)
  }

  /// The service's clock and ours differ too much for it to take the signature.
  var isClockSkew: Bool {
    Self.skewCodes.contains(code)
      || (code == "InvalidSignatureException" && message.contains("Signature expired"))
      || (code == "InvalidSignatureException" && message.contains("Signature not yet current"))
  }

  /// A refusal without a word, as HEAD is answered: it is taken for clock skew where the clocks do
  /// differ.
  func mayBeClockSkew(_ seconds: Double) -> Bool {
    code.isEmpty && status == 403 && abs(seconds) > 240
  }

  /// An answer to HEAD that may stand for any of several errors.
  var isMute: Bool { code.isEmpty && status == 400 && region == nil }

  var areCredentialsExpired: Bool { Self.expiryCodes.contains(code) }

  /// Whether the bucket is in another region than the one that was asked.
  var isElsewhere: Bool {
    [301, 307, 308].contains(status) || code == "AuthorizationHeaderMalformed"
      || code == "IllegalLocationConstraintException" || code == "PermanentRedirect"
      || code == "TemporaryRedirect" || (code.isEmpty && status == 400)
  }
}

enum AWSRegion {
  static func isValid(_ text: String) -> Bool {
    (1...40).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
      }
  }

  /// The domain that the region's services have their names in.
  static func domain(_ region: String) -> String {
    region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
  }
}
