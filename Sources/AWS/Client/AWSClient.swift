public import Base
public import HTTPClient
internal import Synchronization

/// Signs calls, sends them, and sends them again where that may help: after throttling, 5xx,
/// broken connections and truncated answers with growing waits; at once where the service says
/// that the region is another, that our clock is wrong or that the credentials have expired.
///
/// Safe for several threads.
public final class AWSClient: Sendable {
  public struct Settings: Sendable {
    /// How often a call is sent again.
    public var retriesMax = 10
    /// The longest first wait; it doubles with each, and chance takes up to half of it.
    public var firstWaitSeconds = 0.1
    public var longestWaitSeconds = 10.0
    public var clock = WallClock.system
    public var randomness = Randomness.system

    public init() {}
  }

  /// Changes of region or of the clock, and new credentials, within one call.
  private static let correctionsMax = 3

  public let settings: Settings
  private let session: HTTPSession
  private let credentials: any CredentialSource
  private let state: Mutex<State>

  private struct State {
    var region: String
    /// The service's clock less ours.
    var skewSeconds = 0.0
  }

  public init(
    session: HTTPSession, credentials: any CredentialSource, region: String,
    settings: Settings = Settings()
  ) {
    self.session = session
    self.credentials = credentials
    self.settings = settings
    state = Mutex(State(region: region))
  }

  /// The region that calls are signed for: the service may have corrected it.
  public var region: String { state.withLock { $0.region } }

  /// Sends the call and waits for the answer: 2xx or a status that the call accepts.
  public func send(_ call: AWSCall, cancellation: Cancellation? = nil)
    throws(AWSError) -> AWSAnswer
  {
    var retries = 0
    var corrections = 0
    while true {
      let attempt = try attempt(call, cancellation)
      let verdict = verdict(attempt, call)
      switch verdict {
      case .done(let response): return AWSAnswer(response: response, retries: retries)
      case .fail(let error): throw error
      case .correct(let error):
        corrections += 1
        if corrections > Self.correctionsMax { throw error }
        retries += 1
      case .again(let error, let asked):
        if retries >= settings.retriesMax { throw error }
        try pause(seconds: asked ?? wait(retries), cancellation, call)
        retries += 1
      }
    }
  }

  // MARK: One attempt

  private struct Attempt {
    var request: HTTPRequest
    var region: String
    var credentials: AWSCredentials?
    /// What was added to our clock for the signature; nil where there was none.
    var skewSeconds: Double?
    var outcome: Result<HTTPResponse, HTTPError>
  }

  private enum Verdict {
    case done(HTTPResponse)
    case fail(AWSError)
    /// Something was set right: again at once.
    case correct(AWSError)
    case again(AWSError, afterSeconds: Double?)
  }

  private func attempt(_ call: AWSCall, _ cancellation: Cancellation?) throws(AWSError) -> Attempt {
    let (region, skew) = state.withLock { ($0.region, $0.skewSeconds) }
    var request = call.request(region)
    request.retry = .never
    request.redirectsMax = 0
    request.acceptsCompression = false
    // To HTTP this says only whether a kept connection will do; we send again ourselves.
    request.isIdempotent = !call.countsAttempts
    var used: AWSCredentials?
    if call.isSigned {
      let found = try credentials.credentials()
      used = found
      RequestSigner(service: call.service, region: region).sign(
        &request, found, at: settings.clock.now.advanced(seconds: skew), payload: call.payload)
    }
    let outcome: Result<HTTPResponse, HTTPError>
    do throws(HTTPError) {
      outcome = .success(try session.send(request, cancellation: cancellation))
    } catch {
      outcome = .failure(error)
    }
    return Attempt(
      request: request, region: region, credentials: used,
      skewSeconds: used == nil ? nil : skew, outcome: outcome)
  }

  private func verdict(_ attempt: Attempt, _ call: AWSCall) -> Verdict {
    let response: HTTPResponse
    switch attempt.outcome {
    case .failure(let failure):
      let error = AWSError(failure, of: call, attempt.request)
      return failure.isRetryable ? .again(error, afterSeconds: nil) : .fail(error)
    case .success(let answer): response = answer
    }
    var failure: ServiceFailure
    if response.isSuccess {
      guard call.mayFailInSuccess, let inside = ServiceFailure.insideSuccess(response) else {
        return .done(response)
      }
      failure = inside
      // Whatever it is, it is not the success that the status says.
      failure.status = 500
    } else {
      failure = ServiceFailure(response, call.errorFormat)
    }
    let error = failure.error(of: call, response, attempt.request, attempt.credentials)
    if corrects(failure, response, attempt) { return .correct(error) }
    if failure.isPassing || (call.retriesConflicts && failure.code == "ConditionalRequestConflict")
    {
      let asked = response.head.secondsToWait(now: settings.clock.now)
      return .again(error, afterSeconds: asked.map { min($0, settings.longestWaitSeconds) })
    }
    if call.acceptedStatuses.contains(response.status), failure.code != "NoSuchBucket" {
      return .done(response)
    }
    return .fail(error)
  }

  /// Sets right what the service says is wrong, where we can.
  private func corrects(
    _ failure: ServiceFailure, _ response: HTTPResponse, _ attempt: Attempt
  ) -> Bool {
    if failure.isElsewhere, let region = failure.region, region != attempt.region {
      state.withLock { $0.region = region }
      return true
    }
    if let theirs = response.head.date, let assumed = attempt.skewSeconds,
      failure.isClockSkew
        || failure.mayBeClockSkew(
          theirs.seconds(since: settings.clock.now) - assumed)
    {
      let skew = theirs.seconds(since: settings.clock.now)
      return state.withLock { state in
        // What we assumed already and was refused is not worth another try.
        if abs(state.skewSeconds - skew) < 1 { return false }
        state.skewSeconds = skew
        return true
      }
    }
    if let used = attempt.credentials,
      failure.areCredentialsExpired || (failure.isMute && used.sessionToken != nil)
    {
      return credentials.discard(used)
    }
    return false
  }

  private func wait(_ retries: Int) -> Double {
    var full = settings.firstWaitSeconds
    for _ in 0..<min(retries, 32) where full < settings.longestWaitSeconds { full *= 2 }
    return min(full, settings.longestWaitSeconds) * (0.5 + 0.5 * settings.randomness.unit())
  }

  /// Sleeps in slices, so that a cancellation is seen soon.
  private func pause(seconds: Double, _ cancellation: Cancellation?, _ call: AWSCall)
    throws(AWSError)
  {
    var left = seconds
    while true {
      if let reason = cancellation?.reason {
        throw AWSError(
          .cancelled, reason, remedy: "Run it again to go on.",
          place: "\(call.operation) \(call.place)")
      }
      if left <= 0 { return }
      let slice = cancellation == nil ? left : min(left, 0.1)
      settings.clock.sleep(seconds: slice)
      left -= slice
    }
  }
}
