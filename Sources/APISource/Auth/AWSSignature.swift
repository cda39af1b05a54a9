internal import AWS
internal import Base
internal import Connector
internal import HTTPClient
internal import Synchronization

/// What `auth: {sigv4: …}` says.
struct AWSSignatureSettings: Sendable {
  /// As signatures name it: `execute-api`, `es`, `aps`.
  var service: String
  /// nil: as environment or profile say.
  var region: String?
  var profile: String?

  init(_ options: ConfigValue) {
    service = options["service"]?.string ?? ""
    region = options["region"]?.string
    profile = options["profile"]?.string
  }
}

/// Signs requests for services of AWS, with credentials from where AWS's own tools look for them.
final class AWSSignature: HTTPAuthorizer {
  private let signer: RequestSigner
  private let source: any CredentialSource
  private let clock: WallClock
  private let state = Mutex(State())

  private struct State {
    var skew = ClockSkew()
    var used: AWSCredentials?
    var secrets: [String] = []
  }

  init(_ settings: AWSSignatureSettings, _ context: SourceContext) throws(ConnectorError) {
    var session = HTTPSession.Settings()
    session.clock = context.clock
    session.randomness = context.randomness
    let search = CredentialSearch(
      AWSEnvironment(variable: context.environment, readFile: AWSEnvironment.read),
      profile: settings.profile, session: HTTPSession(session), clock: context.clock,
      randomness: context.randomness)
    guard let region = settings.region ?? search.region else {
      throw ConnectorError(
        .misconfigured, "no region is known to sign requests for",
        remedy: "Add region under auth.sigv4, or set AWS_REGION.")
    }
    signer = RequestSigner(service: settings.service, region: region)
    source = search.source()
    clock = context.clock
  }

  var secrets: [String] { state.withLock { $0.secrets } }

  func authorize(_ request: inout HTTPRequest, _ cancellation: Cancellation?) throws(HTTPError) {
    let credentials: AWSCredentials
    do throws(AWSError) {
      credentials = try source.credentials()
    } catch {
      let kind: HTTPError.Kind =
        switch error.kind {
        case .unreachable, .unavailable, .throttled: .unreachable
        case .cancelled: .cancelled
        default: .denied
        }
      throw HTTPError(kind, error.message, remedy: error.remedy, place: error.place)
    }
    let skew = state.withLock { state in
      state.used = credentials
      for secret in [credentials.secretKey, credentials.sessionToken].compactMap(\.self)
      where !state.secrets.contains(secret) { state.secrets.append(secret) }
      return state.skew
    }
    signer.sign(&request, credentials, at: skew.now(clock))
  }

  func renew(refused request: HTTPRequest, _ head: HTTPHead) -> Bool {
    state.withLock { state in
      if state.skew.correct(by: head, clock) { return true }
      // Keys of a session expire, and may have been renewed where they came from.
      guard let used = state.used, used.sessionToken != nil else { return false }
      return source.discard(used)
    }
  }
}

/// By how much a server's clock is ahead of ours, for signatures that carry the time.
struct ClockSkew: Sendable {
  private var seconds = 0.0
  /// Servers allow some minutes; what is less than this is not why a signature was refused.
  private static let noticedSeconds = 30.0

  func now(_ clock: WallClock) -> Instant { clock.now.advanced(seconds: seconds) }

  /// Takes the clock of a server that refused a signature.
  /// - Returns: whether it is far from what was assumed.
  mutating func correct(by head: HTTPHead, _ clock: WallClock) -> Bool {
    guard let date = head.date else { return false }
    let found = date.seconds(since: clock.now)
    guard abs(found - seconds) > Self.noticedSeconds else { return false }
    seconds = found
    return true
  }
}
