internal import Base
internal import HTTPClient

/// Credentials that the place where the program runs gives out. No proxy stands between.
extension CredentialSearch {
  private func direct() -> HTTPSession {
    var settings = HTTPSession.Settings()
    settings.clock = clock
    settings.randomness = randomness
    return HTTPSession(settings)
  }

  private static let containerHost = "http://169.254.170.2"
  private static let instanceHost = "http://169.254.169.254"

  /// nil where no container says that it has some.
  func fromContainer() throws(AWSError) -> AWSCredentials? {
    let url: String
    if let path = environment.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
      url = Self.containerHost + path
    } else if let full = environment.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
      url = full
    } else {
      return nil
    }
    guard let address = HTTPAddress(url), isTrusted(address) else {
      throw AWSError(
        .credentials,
        "AWS_CONTAINER_CREDENTIALS_FULL_URI leads to a host that gets no credentials asked of it",
        remedy: "Use https, a loopback address, or the container's own metadata address.",
        place: Redactor(secrets: []).url(url))
    }
    var request = HTTPRequest(.get, url)
    var token = environment.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")
    if let path = environment.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
      guard let bytes = environment.file(path) else {
        throw AWSError(
          .credentials, "the container's authorization token cannot be read",
          remedy: "Check AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE.", place: path)
      }
      token = String(decoding: bytes, as: UTF8.self)
    }
    if let token {
      let line = token.filter { !$0.isNewline }
      request.headers.append(HTTPHeader("Authorization", line, isSensitive: true))
    }
    let body = try ask(request, "container metadata")
    return try credentials(in: body, request, origin: "the container's metadata")
  }

  /// Credentials go over plain HTTP only where nobody listens in.
  private func isTrusted(_ address: HTTPAddress) -> Bool {
    address.scheme == "https"
      || [
        "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "localhost", "127.0.0.1", "[::1]",
      ].contains(address.host)
      || address.host.hasPrefix("127.")
        && address.host.utf8.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) }
  }

  /// nil where no instance answers.
  func fromInstance() throws(AWSError) -> AWSCredentials? {
    if environment.isTrue("AWS_EC2_METADATA_DISABLED") { return nil }
    var host = environment.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? Self.instanceHost
    if host.hasSuffix("/") { host.removeLast() }
    var ask = HTTPRequest(
      .put, "\(host)/latest/api/token",
      headers: [HTTPHeader("X-aws-ec2-metadata-token-ttl-seconds", "21600", isSensitive: false)])
    ask.timeouts = HTTPTimeouts(connectSeconds: 1, totalSeconds: 2, stalledSeconds: 2)
    ask.retry = .never
    ask.redirectsMax = 0
    ask.responseBytesMax = 64 << 10
    // No answer, or none that is a token: this is no instance.
    guard let answer = try? direct().send(ask), answer.isSuccess else { return nil }
    let token = String(decoding: answer.body, as: UTF8.self).filter { !$0.isNewline }
    func request(_ path: String) -> HTTPRequest {
      HTTPRequest(
        .get, "\(host)/latest/meta-data/iam/security-credentials/\(path)",
        headers: [HTTPHeader("X-aws-ec2-metadata-token", token, isSensitive: true)])
    }
    let list = String(decoding: try self.ask(request(""), "instance metadata"), as: UTF8.self)
    guard let role = list.split(whereSeparator: \.isNewline).first else {
      throw AWSError(
        .credentials, "the instance has no role", remedy: "Give it an instance profile.",
        place: "instance metadata")
    }
    let detail = request(PercentEncoding.encode(String(role)))
    let body = try self.ask(detail, "instance metadata")
    return try credentials(in: body, detail, origin: "the instance's role '\(role)'")
  }

  private func ask(_ request: HTTPRequest, _ place: String) throws(AWSError) -> [UInt8] {
    var request = request
    request.timeouts = HTTPTimeouts(connectSeconds: 2, totalSeconds: 10, stalledSeconds: 5)
    request.retry = RetryPolicy(retriesMax: 3, firstWaitSeconds: 0.2, longestWaitSeconds: 2)
    request.redirectsMax = 0
    request.responseBytesMax = 64 << 10
    do throws(HTTPError) {
      return try direct().send(request).requireSuccess(of: request).body
    } catch {
      let isNone = error.kind == .notFound
      throw AWSError(
        .credentials,
        isNone ? "there is no role: \(error)" : "the \(place) did not answer: \(error)",
        remedy: isNone ? "Give the machine a role that may use the lake." : error.remedy,
        place: place, isRetryable: error.isRetryable)
    }
  }

  private func credentials(in body: [UInt8], _ request: HTTPRequest, origin: String)
    throws(AWSError) -> AWSCredentials
  {
    let root = try? JSONValue(parsing: body)
    guard let key = root?["AccessKeyId"]?.string, let secret = root?["SecretAccessKey"]?.string,
      !key.isEmpty, !secret.isEmpty
    else {
      let code = root?["Code"]?.string ?? root?["code"]?.string
      throw AWSError(
        .credentials,
        "the metadata hold no credentials" + (code.map { ": \($0.prefix(80))" } ?? ""),
        remedy: "Check the role of the container or instance.", place: request.place)
    }
    return AWSCredentials(
      accessKeyID: key, secretKey: secret, sessionToken: root?["Token"]?.string,
      expiration: root?["Expiration"]?.string.flatMap { Instant($0) }, origin: origin)
  }
}
