internal import Base
internal import Connector
internal import Foundation
internal import HTTPClient
internal import Synchronization

/// Access tokens of OAuth 2 (RFC 6749): by the client's credentials, or by a refresh token. All
/// streams of a source share one; whoever finds it spent fetches the next, and the others wait.
final class OAuth2Tokens: HTTPAuthorizer {
  private let settings: OAuth2Settings
  private let reader: SecretReader
  private let context: SourceContext
  private let clientID: String
  private let clientSecret: String?
  /// A session of its own: tokens count for no budget of calls, and are never recorded.
  private let http: HTTPSession
  private let state = Mutex(State())
  /// Beside the state, which is held while a token is fetched.
  private let known: Mutex<[String]>

  private struct State {
    var token: String?
    /// From here on it is not used any more; nil: until it is refused.
    var renewAt: Instant?
    /// What the server handed out in place of the one before.
    var refreshToken: String?
    var hasToldOfRotation = false
  }

  init(_ settings: OAuth2Settings, _ reader: SecretReader, _ context: SourceContext)
    throws(ConnectorError)
  {
    self.settings = settings
    self.reader = reader
    self.context = context
    clientID = try reader.read(settings.clientID)
    var secrets: [String] = []
    if let secret = settings.clientSecret {
      let value = try reader.read(secret)
      clientSecret = value
      secrets.append(value)
    } else {
      clientSecret = nil
    }
    if let secret = settings.refreshToken { secrets.append(try reader.read(secret)) }
    known = Mutex(secrets)
    var session = HTTPSession.Settings()
    session.proxy = .environment(context.environment)
    session.certificateBundlePath = context.environment("SSL_CERT_FILE")
    session.clock = context.clock
    session.randomness = context.randomness
    http = HTTPSession(session)
  }

  var secrets: [String] { known.withLock { $0 } }

  func authorize(_ request: inout HTTPRequest, _ cancellation: Cancellation?) throws(HTTPError) {
    let token = try state.withLock { (state) throws(HTTPError) -> String in
      if let token = state.token, state.renewAt.map({ context.clock.now < $0 }) ?? true {
        return token
      }
      return try fetch(&state, cancellation)
    }
    request.headers.removeAll { $0.name.lowercased() == "authorization" }
    request.headers.append(HTTPHeader("Authorization", Self.value(token), isSensitive: true))
  }

  func renew(refused request: HTTPRequest, _ head: HTTPHead) -> Bool {
    guard head.status == 401 else { return false }
    let used = request.headers.first("authorization")
    return state.withLock { state in
      // Another stream may have a new one already.
      if let token = state.token, Self.value(token) == used { state.token = nil }
      return true
    }
  }

  private static func value(_ token: String) -> String { "Bearer \(token)" }

  // MARK: Asking for a token

  private func fetch(_ state: inout State, _ cancellation: Cancellation?) throws(HTTPError)
    -> String
  {
    guard let secret = settings.refreshToken else {
      return try take(ask(["grant_type": "client_credentials"], cancellation), &state)
    }
    let file = try refreshFile(secret)
    // Some servers take a refresh token that comes twice for a stolen one.
    let lock = waitForOthers(file, cancellation)
    defer { withExtendedLifetime(lock) {} }
    var refreshToken = try current(secret, state)
    let answer: Answer
    do throws(HTTPError) {
      answer = try ask(Self.refresh(refreshToken), cancellation)
    } catch {
      // Another machine may have used it, and written the next one into the file.
      guard error.kind == .denied, file != nil, let next = try? current(secret, state),
        next != refreshToken
      else { throw error }
      refreshToken = next
      answer = try ask(Self.refresh(next), cancellation)
    }
    if let next = answer.refreshToken, next != refreshToken {
      state.refreshToken = next
      note(secret: next)
      if let file {
        do { try file.replace(by: next) } catch { context.notify("auth.oauth2: \(error)") }
      } else if !state.hasToldOfRotation {
        state.hasToldOfRotation = true
        context.notify(
          "auth.oauth2: the server has handed out another refresh token, which an environment "
            + "variable cannot keep; where it does not take the old one again, use "
            + "refresh_token_file")
      }
    }
    return take(answer, &state)
  }

  /// Nobody is waited for longer than a token server may take to answer.
  private func waitForOthers(_ file: SecretFile?, _ cancellation: Cancellation?)
    -> SecretFile.Lock?
  {
    var left = 60.0
    return file?.lock {
      context.clock.sleep(seconds: 0.05)
      left -= 0.05
      return left > 0 && cancellation?.reason == nil
    }
  }

  private static func refresh(_ token: String) -> KeyValuePairs<String, String> {
    ["grant_type": "refresh_token", "refresh_token": token]
  }

  /// The refresh token to use: a file says what is true now, a variable what once was.
  private func current(_ secret: Secret, _ state: State) throws(HTTPError) -> String {
    if case .variable = secret, let token = state.refreshToken { return token }
    do throws(ConnectorError) {
      let token = try reader.read(secret)
      note(secret: token)
      return token
    } catch {
      throw failure(.denied, error.message, remedy: error.remedy)
    }
  }

  /// Found to be writable before a token is used up whose successor must be written.
  private func refreshFile(_ secret: Secret) throws(HTTPError) -> SecretFile? {
    guard case .file(let name) = secret else { return nil }
    let file = SecretFile(reader.path(name))
    do throws(SecretFile.Problem) {
      try file.checkWritable()
    } catch {
      throw failure(
        .denied, error.description,
        remedy: "Make the file and its folder writable: the server may hand out another token, "
          + "which is kept there.")
    }
    return file
  }

  private struct Answer {
    var token: String
    var refreshToken: String?
    var renewAt: Instant?
  }

  private func take(_ answer: Answer, _ state: inout State) -> String {
    state.token = answer.token
    state.renewAt = answer.renewAt
    note(secret: answer.token)
    return answer.token
  }

  private func note(secret: String) {
    // Old ones stay: a server may repeat what it was sent a while ago.
    known.withLock { known in
      if !known.contains(secret) { known.append(secret) }
      if known.count > 64 { known.remove(at: 4) }
    }
  }

  private func ask(_ grant: KeyValuePairs<String, String>, _ cancellation: Cancellation?)
    throws(HTTPError) -> Answer
  {
    let begun = context.clock.now
    let request = request(grant)
    let response = try http.send(request, cancellation: cancellation)
    let document = try? JSONValue(parsing: response.body)
    guard response.isSuccess else {
      var error = HTTPError(status: response, of: request)
      if error.kind == .rejected || error.kind == .denied, let code = document?["error"]?.string {
        let said = document?["error_description"]?.string.map { ": \($0)" } ?? ""
        let text = request.redactor.excerpt(Array("\(code)\(said)".utf8))
        error = failure(
          .denied, "the token server refused: \(text)",
          remedy: "Check the client, its secret and its grant; a refresh token that was used or "
            + "revoked must be had anew from who runs the API.")
      }
      throw error
    }
    guard let token = document?["access_token"]?.string, !token.isEmpty else {
      throw failure(
        .malformed, "the token server's answer has no access_token",
        remedy: "Check that token_url is the address that gives out tokens.")
    }
    if let type = document?["token_type"]?.string, type.lowercased() != "bearer" {
      throw failure(
        .malformed, "the token is of type '\(type.prefix(40))', and only bearer tokens are known",
        remedy: "Ask who runs the API for bearer tokens.")
    }
    let refreshToken = document?["refresh_token"]?.string
    return Answer(
      token: token, refreshToken: refreshToken?.isEmpty ?? true ? nil : refreshToken,
      renewAt: document.flatMap(Self.lifetimeSeconds).map { begun.advanced(seconds: $0) })
  }

  /// How long a token is used: less than it lives, by a fifth or a minute.
  private static func lifetimeSeconds(_ document: JSONValue) -> Double? {
    let value = document["expires_in"]
    let seconds = value?.number ?? value?.string.flatMap { Double($0) }
    guard let seconds, seconds.isFinite, seconds > 0 else { return nil }
    return seconds - min(60, seconds / 5)
  }

  private func request(_ grant: KeyValuePairs<String, String>) -> HTTPRequest {
    var form = grant.map { (name: $0.key, value: $0.value) }
    var headers = [
      HTTPHeader("Content-Type", "application/x-www-form-urlencoded"),
      HTTPHeader("Accept", "application/json"),
    ]
    var secrets = secrets
    switch settings.style {
    case .body:
      form.append(("client_id", clientID))
      if let clientSecret { form.append(("client_secret", clientSecret)) }
    case .basic:
      let pair =
        PercentEncoding.encode(clientID) + ":" + PercentEncoding.encode(clientSecret ?? "")
      let text = Data(pair.utf8).base64EncodedString()
      secrets.append(text)
      headers.append(HTTPHeader("Authorization", "Basic \(text)", isSensitive: true))
    }
    if let scope = settings.scope { form.append(("scope", scope)) }
    if let audience = settings.audience { form.append(("audience", audience)) }
    var request = HTTPRequest(
      .post, settings.tokenURL.text, headers: headers, body: HTTPBody(PercentEncoding.query(form)))
    request.secrets = secrets
    // A redirect would carry the secrets of the form away.
    request.redirectsMax = 0
    request.responseBytesMax = 1 << 20
    request.timeouts = HTTPTimeouts(connectSeconds: 10, totalSeconds: 30, stalledSeconds: 10)
    // A refresh token may be good for one time only.
    request.isIdempotent = settings.refreshToken == nil
    return request
  }

  private func failure(_ kind: HTTPError.Kind, _ message: String, remedy: String) -> HTTPError {
    HTTPError(
      kind, message, remedy: remedy,
      place: "POST \(Redactor(secrets: secrets).url(settings.tokenURL.text))")
  }
}
