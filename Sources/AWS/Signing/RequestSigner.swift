public import Base
public import HTTPClient

/// Signs requests (AWS Signature Version 4).
///
///     RequestSigner(service: "s3", region: "eu-central-1").sign(&request, credentials, at: now)
public struct RequestSigner: Sendable {
  /// What the signature says of the body.
  public enum Payload: Hashable, Sendable {
    /// The hash of the request's body.
    case hashed
    /// A hash that is known already, in hexadecimal.
    case hash(String)
    /// Nothing: for requests whose body something else protects. S3 only.
    case unsigned
  }

  public let service: String
  public let region: String
  let pathRule: CanonicalRequest.PathRule
  /// S3 wants to see the hash of the body also in a header.
  let showsPayload: Bool

  public init(service: String, region: String) {
    self.service = service
    self.region = region
    pathRule = service == "s3" ? .asSent : .normalizedAndEncoded
    showsPayload = service == "s3"
  }

  /// For the published test suite, which combines the rules freely.
  init(
    service: String, region: String, pathRule: CanonicalRequest.PathRule, showsPayload: Bool
  ) {
    self.service = service
    self.region = region
    self.pathRule = pathRule
    self.showsPayload = showsPayload
  }

  private static let algorithm = "AWS4-HMAC-SHA256"
  static let emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
  static let unsignedPayload = "UNSIGNED-PAYLOAD"

  /// Adds the headers that sign the request: all headers that it has are signed. Signing again
  /// replaces what was there.
  public func sign(
    _ request: inout HTTPRequest, _ credentials: AWSCredentials, at time: Instant,
    payload: Payload = .hashed
  ) {
    let own = ["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"]
    request.headers.removeAll { own.contains($0.name.lowercased()) }
    let stamp = Self.stamp(time)
    let hash = hash(payload, request.body)
    request.headers.append(HTTPHeader("X-Amz-Date", stamp))
    if showsPayload { request.headers.append(HTTPHeader("X-Amz-Content-Sha256", hash)) }
    if let token = credentials.sessionToken {
      request.headers.append(HTTPHeader("X-Amz-Security-Token", token, isSensitive: true))
    }
    let canonical = CanonicalRequest(
      method: request.method.name, url: SplitURL(request.url), headers: request.headers,
      payload: hash, pathRule: pathRule)
    let signature = signature(canonical.text, stamp, credentials)
    request.headers.append(
      HTTPHeader(
        "Authorization",
        "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope(stamp)), "
          + "SignedHeaders=\(canonical.signedHeaders), Signature=\(signature)"))
    request.secrets += credentials.secrets
  }

  /// A URL that carries its own signature, for whoever has it to use until it expires.
  /// - Parameter headers: those that must be sent with it, besides `host`.
  public func presigned(
    _ method: HTTPMethod, _ url: String, headers: [HTTPHeader] = [], _ credentials: AWSCredentials,
    at time: Instant, expiresInSeconds: Int, payload: Payload = .unsigned
  ) -> String {
    let stamp = Self.stamp(time)
    let names = (headers.map { $0.name.lowercased() } + ["host"]).sorted()
    var seen: Set<String> = []
    var parameters = [
      ("X-Amz-Algorithm", Self.algorithm),
      ("X-Amz-Credential", "\(credentials.accessKeyID)/\(scope(stamp))"),
      ("X-Amz-Date", stamp), ("X-Amz-Expires", String(expiresInSeconds)),
      (
        "X-Amz-SignedHeaders",
        names.filter { seen.insert($0).inserted }.joined(separator: ";")
      ),
    ]
    if let token = credentials.sessionToken { parameters.append(("X-Amz-Security-Token", token)) }
    let added = PercentEncoding.query(parameters.map { (name: $0.0, value: $0.1) })
    let signed = url + (url.contains("?") ? "&" : "?") + added
    let canonical = CanonicalRequest(
      method: method.name, url: SplitURL(signed), headers: headers, payload: hash(payload, nil),
      pathRule: pathRule)
    return signed + "&X-Amz-Signature=\(signature(canonical.text, stamp, credentials))"
  }

  private func hash(_ payload: Payload, _ body: HTTPBody?) -> String {
    switch payload {
    case .hashed: body.map { Hashing.hex(Hashing.sha256($0)) } ?? Self.emptyHash
    case .hash(let hash): hash
    case .unsigned: Self.unsignedPayload
    }
  }

  /// `20150830T123600Z`
  private static func stamp(_ time: Instant) -> String {
    let civil = CivilTime(microseconds: time.microseconds)
    return "\(padded(civil.year, 4))\(padded(civil.month, 2))\(padded(civil.day, 2))T"
      + "\(padded(civil.hour, 2))\(padded(civil.minute, 2))\(padded(civil.second, 2))Z"
  }

  private func scope(_ stamp: String) -> String {
    "\(stamp.prefix(8))/\(region)/\(service)/aws4_request"
  }

  private func signature(_ canonical: String, _ stamp: String, _ credentials: AWSCredentials)
    -> String
  {
    let text = [
      Self.algorithm, stamp, scope(stamp), Hashing.hex(Hashing.sha256(canonical)),
    ].joined(separator: "\n")
    var key = Hashing.hmac(String(stamp.prefix(8)), key: Array("AWS4\(credentials.secretKey)".utf8))
    for part in [region, service, "aws4_request"] { key = Hashing.hmac(part, key: key) }
    return Hashing.hex(Hashing.hmac(text, key: key))
  }
}
