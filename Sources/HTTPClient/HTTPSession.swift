public import Base
internal import Foundation

/// Talks HTTP: one thread of its own runs all transfers and keeps connections for the next ones;
/// callers on any thread block until their answer is there.
///
///     let session = HTTPSession()
///     let response = try session.send(HTTPRequest(.get, "https://api.example.com/v1/contacts"))
///     try response.requireSuccess(of: request)
///
/// A response of any status is a response; what is thrown is that there was none. TLS certificates
/// are verified, always.
public final class HTTPSession: Sendable {
  public struct Settings: Sendable {
    public var userAgent = "tidemark"
    public var proxy = ProxySettings.none
    /// Certificates to trust, as a PEM file; nil: those of the system.
    public var certificateBundlePath: String?
    /// Connections to one host at a time; further transfers wait for one, or share it where the
    /// server speaks HTTP/2.
    public var connectionsPerHost = 16
    /// Requests under way at a time, whatever their connections; nil: no bound of its own.
    public var requestsMax: Int?
    public var version = HTTPVersion.automatic
    public var retry = RetryPolicy()
    /// Shared by the sessions that use up one budget of calls.
    public var pacer: RequestPacer?
    /// Shared by the sessions that talk to one server.
    public var breaker: CircuitBreaker?
    /// Of exchanges: what is kept of them, or given instead of asking.
    public var recording: (any HTTPRecording)?
    /// Bytes of a streamed response that may wait for its reader.
    public var streamBufferBytes = 1 << 20
    public var clock = WallClock.system
    public var randomness = Randomness.system

    public init() {}
  }

  public let settings: Settings
  let gate: RequestGate?
  private let loop: TransferLoop

  public init(_ settings: Settings = Settings()) {
    self.settings = settings
    gate = settings.requestsMax.map(RequestGate.init)
    loop = TransferLoop(connectionsPerHost: settings.connectionsPerHost)
  }

  deinit { loop.stop() }

  /// Ends all transfers with an error of kind `.closed`. May be called twice.
  public func close() { loop.stop() }

  /// Sends the request, again where the session's policy says so, and waits for the response.
  /// - Parameter cancellation: ends transfers and waits between them.
  /// - Throws: where there is no response, after all retries.
  public func send(_ request: HTTPRequest, cancellation: Cancellation? = nil)
    throws(HTTPError) -> HTTPResponse
  {
    try submit(request, cancellation: cancellation).wait()
  }

  /// Starts the request and returns, at once where no pacer holds it back; `wait` on what is
  /// returned brings the response, and sends again where the policy says so. For several requests
  /// at a time from one thread.
  public func submit(_ request: HTTPRequest, cancellation: Cancellation? = nil)
    throws(HTTPError) -> HTTPExchange
  {
    let exchange = HTTPExchange(request, session: self, cancellation: cancellation)
    try exchange.start()
    return exchange
  }

  /// Starts one attempt without retries and returns at once.
  /// - Parameter completion: called once, on the session's own thread: it must be quick and must
  ///   not wait for another response of this session.
  public func submit(
    _ request: HTTPRequest, cancellation: Cancellation? = nil,
    completion: @escaping @Sendable (Result<HTTPResponse, HTTPError>) -> Void
  ) {
    let watch = CancellationWatch(cancellation)
    let transfer = Transfer(request, sink: .collect, settings: settings) { result in
      watch.end()
      completion(result)
    }
    start(transfer, watch)
  }

  /// Sends the request and waits for the head of the response; its body is then read as it comes.
  /// Sends again, where the policy says so, only until there is a head. `responseBytesMax` does
  /// not bound the body: the reader does.
  public func open(_ request: HTTPRequest, cancellation: Cancellation? = nil)
    throws(HTTPError) -> HTTPResponseStream
  {
    var retries = 0
    while true {
      let prepared = try beginAttempt(request, cancellation)
      let buffer = ResponseBuffer(bytesMax: settings.streamBufferBytes)
      let watch = CancellationWatch(cancellation)
      let transfer = Transfer(prepared, sink: .stream(buffer), settings: settings) { [gate] _ in
        gate?.leave()
        watch.end()
      }
      start(transfer, watch)
      let outcome = buffer.waitForHead()
      guard let wait = endAttempt(outcome, retries: retries, request) else {
        let head = try outcome.get()
        return HTTPResponseStream(
          head: head, transfer: transfer, buffer: buffer, loop: loop, watch: watch)
      }
      loop.cancel(transfer, reason: "the request is sent again")
      retries += 1
      try pause(seconds: wait, cancellation, request)
    }
  }

  /// Which version of HTTP is spoken.
  public enum HTTPVersion: String, Hashable, Sendable {
    /// 2 where TLS is and the server knows it, else 1.1.
    case automatic = "auto"
    case one = "1.1"
  }

  // MARK: One attempt

  private func start(_ transfer: Transfer, _ watch: CancellationWatch) {
    loop.start(transfer)
    watch.begin { [loop] reason in loop.cancel(transfer, reason: reason) }
  }

  /// Waits for the request's turn, and takes a place at the gate: whoever ends the attempt gives
  /// it back.
  func beginAttempt(_ request: HTTPRequest, _ cancellation: Cancellation?)
    throws(HTTPError) -> HTTPRequest
  {
    if let pacer = settings.pacer {
      var wait = pacer.reserve(now: settings.clock.now)
      while wait > 0 {
        try pause(seconds: wait, cancellation, request)
        wait = pacer.secondsHeld(now: settings.clock.now)
      }
    }
    try throwIfCancelled(cancellation, request)
    try waitForBreaker(request, cancellation)
    var prepared = request
    do throws(HTTPError) {
      try request.prepare?(&prepared)
      try request.authorizer?.authorize(&prepared, cancellation)
      if let gate, !gate.enter(cancellation) { try throwIfCancelled(cancellation, request) }
    } catch {
      settings.breaker?.withdraw()
      throw error
    }
    return prepared
  }

  private func waitForBreaker(_ request: HTTPRequest, _ cancellation: Cancellation?)
    throws(HTTPError)
  {
    while let breaker = settings.breaker {
      switch breaker.admit(now: settings.clock.now) {
      case .go: return
      case .wait(let seconds): try pause(seconds: seconds, cancellation, request)
      case .refuse(let seconds, let failures):
        throw HTTPError(
          .unavailable,
          "not asked: the server has failed \(failures) times in a row, and is left alone for "
            + Units.describe(seconds: seconds),
          remedy: "Find out what ails the server, or try again later.", place: request.description)
      }
    }
  }

  /// - Returns: seconds to wait before the next attempt; nil: the outcome stands.
  func endAttempt(_ outcome: Result<HTTPHead, HTTPError>, retries: Int, _ request: HTTPRequest)
    -> Double?
  {
    let now = settings.clock.now
    settings.breaker?.note(outcome, now: now)
    if case .success(let head) = outcome {
      settings.pacer?.note(
        head, now: now, longestSeconds: settings.retry.longestAskedWaitSeconds)
    }
    return (request.retry ?? settings.retry).wait(
      after: outcome, retries: retries, isIdempotent: request.isIdempotent, now: now,
      randomness: settings.randomness)
  }

  /// Sleeps in slices, so that a cancellation is seen soon.
  func pause(seconds: Double, _ cancellation: Cancellation?, _ request: HTTPRequest)
    throws(HTTPError)
  {
    var left = seconds
    while left > 0 {
      try throwIfCancelled(cancellation, request)
      let slice = cancellation == nil ? left : min(left, 0.1)
      settings.clock.sleep(seconds: slice)
      left -= slice
    }
    try throwIfCancelled(cancellation, request)
  }

  func throwIfCancelled(_ cancellation: Cancellation?, _ request: HTTPRequest)
    throws(HTTPError)
  {
    guard let reason = cancellation?.reason else { return }
    throw HTTPError(.cancelled, reason, place: request.description)
  }
}
