internal import Base
internal import HTTPClient

/// AWS STS: gives out the credentials of roles.
struct TokenService: Sendable {
  let session: HTTPSession
  let environment: AWSEnvironment
  let region: String
  let endpoint: String
  let clock: WallClock
  let randomness: Randomness

  func assumeRole(
    _ role: String, with base: AWSCredentials, session name: String?, externalID: String?,
    durationSeconds: Int?
  ) throws(AWSError) -> AWSCredentials {
    var parameters = [
      ("Action", "AssumeRole"), ("Version", "2011-06-15"), ("RoleArn", role),
      ("RoleSessionName", name ?? sessionName),
    ]
    if let externalID { parameters.append(("ExternalId", externalID)) }
    if let durationSeconds { parameters.append(("DurationSeconds", String(durationSeconds))) }
    return try call("AssumeRole", parameters, role, FixedCredentials(base), isSigned: true)
  }

  func assumeRole(_ role: String, webIdentityFile path: String, session name: String?)
    throws(AWSError) -> AWSCredentials
  {
    guard let bytes = environment.file(path) else {
      throw AWSError(
        .credentials, "the web identity token cannot be read",
        remedy:
          "Check AWS_WEB_IDENTITY_TOKEN_FILE or web_identity_token_file, and who may read it.",
        place: path)
    }
    let token = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
      .joined()
    let parameters = [
      ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("RoleArn", role),
      ("RoleSessionName", name ?? sessionName), ("WebIdentityToken", token),
    ]
    let nobody = AWSCredentials(accessKeyID: "", secretKey: "")
    return try call(
      "AssumeRoleWithWebIdentity", parameters, role, FixedCredentials(nobody), isSigned: false,
      secrets: [token])
  }

  private var sessionName: String { "tidemark-\(String(randomness.next(), radix: 36))" }

  private func call(
    _ operation: String, _ parameters: [(String, String)], _ role: String,
    _ credentials: any CredentialSource, isSigned: Bool, secrets: [String] = []
  ) throws(AWSError) -> AWSCredentials {
    var settings = AWSClient.Settings()
    settings.clock = clock
    settings.randomness = randomness
    settings.retriesMax = 4
    let client = AWSClient(
      session: session, credentials: credentials, region: region, settings: settings)
    let body = PercentEncoding.query(parameters.map { (name: $0.0, value: $0.1) })
    let url = endpoint.hasSuffix("/") ? endpoint : endpoint + "/"
    var call = AWSCall(operation, service: "sts", place: role) { _ in
      var request = HTTPRequest(
        .post, url,
        headers: [
          HTTPHeader("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
        ], body: HTTPBody(body))
      request.responseBytesMax = 1 << 20
      request.timeouts.connectSeconds = 5
      request.secrets = secrets
      return request
    }
    call.isSigned = isSigned
    let answer = try client.send(call)
    let result = (try? XMLElement(parsing: answer.response.body))?["\(operation)Result"]
    guard let given = result?["Credentials"], let key = given.text(of: "AccessKeyId"),
      let secret = given.text(of: "SecretAccessKey"), let token = given.text(of: "SessionToken"),
      !key.isEmpty, !secret.isEmpty
    else {
      throw AWSError(
        .malformed, "the answer holds no credentials",
        remedy: "Check that the endpoint \(endpoint) is that of STS.", place: "\(operation) \(role)"
      )
    }
    return AWSCredentials(
      accessKeyID: key, secretKey: secret, sessionToken: token,
      expiration: given.text(of: "Expiration").flatMap { Instant($0) },
      origin: "the role \(role)")
  }
}
