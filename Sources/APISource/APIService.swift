internal import Base
internal import Connector
internal import Formats
internal import HTTPClient
internal import Synchronization

/// One API: its settings, its connections, and the budget of calls that its streams share.
struct APIService: Source {
  let name: String
  let settings: APISettings
  let context: SourceContext
  private let http: HTTPSession
  /// With the true clock: tokens expire by it, also while a recording is made.
  private let tokenContext: SourceContext

  /// Made for the first stream, and shared by all: tokens are.
  private let credentials = SharedCredentials()

  init(name: String, settings: APISettings, context: SourceContext) throws(ConnectorError) {
    self.name = name
    self.settings = settings
    tokenContext = context
    var context = context
    var session = HTTPSession.Settings()
    session.proxy = .environment(context.environment)
    session.certificateBundlePath = context.environment("SSL_CERT_FILE")
    session.version = settings.version
    session.requestsMax = settings.limits.requestsMax
    session.retry = RetryPolicy(retriesMax: settings.limits.retries)
    session.clock = context.clock
    session.randomness = context.randomness
    switch context.recording {
    case .record(let folder):
      let folder = RecordingFolder(folder, source: name)
      let now = context.clock.now
      try folder.begin(at: now)
      session.recording = RecordingWriter(folder)
      // The time at which the recording began is that of all its plans, here as in a replay.
      context.clock = .still(now, context.clock)
    case .replay(let folder):
      let folder = RecordingFolder(folder, source: name)
      let now = try folder.beginning()
      session.recording = try RecordingReader(folder)
      context.clock = .still(now, context.clock)
      // Waits of the recording are not waited for again.
      session.clock = .manual(start: now)
    case nil: break
    }
    if !(context.recording?.isReplay ?? false) {
      session.pacer = RequestPacer(perMinute: settings.limits.requestsPerMinute)
      session.breaker = CircuitBreaker(
        failuresMax: settings.limits.failuresMax, pauseSeconds: settings.limits.pauseSeconds)
    }
    self.context = context
    http = HTTPSession(session)
  }

  func streams(matching stream: StreamConfiguration) throws(ConnectorError) -> [StreamConfiguration]
  {
    guard !stream.item.contains("*") else {
      throw misconfigured(
        stream.options, "'\(stream.name)' has a '*', and an API does not list its endpoints",
        remedy: "Name each endpoint as a stream of its own.")
    }
    return [stream]
  }

  func open(_ stream: StreamConfiguration) throws(ConnectorError) -> any StreamSession {
    let fetcher = try fetcher(stream)
    do throws(FormatError) {
      _ = try JSONRowsBuilder(options: fetcher.endpoint.rows)
      for child in ChildRows(fetcher.endpoint).tables {
        _ = try JSONRowsBuilder(options: child.rows)
      }
    } catch {
      throw ConnectorError(error, place: stream.name)
    }
    return APIStreamSession(fetcher, context)
  }

  func check(_ stream: StreamConfiguration) -> [Finding] {
    do {
      return EndpointCheck(try fetcher(stream), context).findings()
    } catch {
      return [Finding(.error, error.description, remedy: error.remedy)]
    }
  }

  /// What the server has dropped since, as `bookmark.history` says, and tokens that it takes no
  /// more, as it says itself.
  func lost(_ stream: StreamConfiguration, since bookmark: Bookmark?, at time: Instant?)
    throws(ConnectorError) -> [String]
  {
    let endpoint = try EndpointSettings(stream, zoneName: settings.zoneName)
    if let history = endpoint.historySeconds {
      let horizon = context.clock.now.advanced(seconds: -history)
      var since = time
      if case .time(let progress) = endpoint.progress {
        since = bookmark?.timeState?.to ?? progress.start
      }
      if since.map({ $0 < horizon }) ?? true {
        return ["what is from before \(horizon), for it keeps \(Units.describe(seconds: history))"]
      }
    }
    guard case .token = endpoint.progress, let token = bookmark?.state["token"]?.string,
      !token.isEmpty
    else { return [] }
    do throws(ConnectorError) {
      _ = try fetcher(stream).fetch(
        WindowTexts(.token(token), endpoint.progress),
        PageSequence(endpoint.pagination).next ?? .parameters([]),
        responseBytesMax: settings.responseBytesMax, cancellation: nil)
      return []
    } catch {
      guard [.notFound, .misconfigured].contains(error.kind) else { throw error }
      return ["what follows the token of that time: \(error.message)"]
    }
  }

  private func fetcher(_ stream: StreamConfiguration) throws(ConnectorError) -> PageFetcher {
    let endpoint = try EndpointSettings(stream, zoneName: settings.zoneName)
    let credentials = try credentials.get { () throws(ConnectorError) in
      let reader = SecretReader(
        environment: context.environment, baseDirectory: context.baseDirectory,
        isReplay: context.recording?.isReplay ?? false)
      return try settings.auth.credentials(reader, tokenContext)
    }
    let builder = RequestBuilder(
      settings: settings, template: endpoint.template, credentials: credentials,
      fixedParameters: endpoint.pagination.fixedParameters, carrier: endpoint.pagination.carrier,
      accepts: (endpoint.body.form ?? .json).acceptedTypes)
    return PageFetcher(builder: builder, endpoint: endpoint, http: http)
  }
}

/// The credentials of a source, made once.
private final class SharedCredentials: Sendable {
  private let made = Mutex<Credentials?>(nil)

  func get(_ make: () throws(ConnectorError) -> Credentials) throws(ConnectorError) -> Credentials {
    try made.withLock { (made) throws(ConnectorError) in
      if let made { return made }
      let credentials = try make()
      made = credentials
      return credentials
    }
  }
}

extension WallClock {
  /// Stands still; sleeping takes its time all the same.
  fileprivate static func still(_ now: Instant, _ clock: WallClock) -> WallClock {
    WallClock(now: { now }, sleep: { clock.sleep(seconds: $0) })
  }
}
