internal import Base
internal import Connector
internal import Formats
internal import HTTPClient
internal import Records
internal import Synchronization

/// One endpoint, opened for one run.
final class APIStreamSession: StreamSession {
  let fetcher: PageFetcher
  let context: SourceContext
  private let state = Mutex(State())

  private struct State {
    var windows: [ReadWindow] = []
    var known = Known()
    /// Of the response that the table holds.
    var validators: Validators?
  }

  /// What one split has to know of those before it.
  struct Known: Sendable {
    /// The columns of the tables so far.
    var schemas: [TableRole: Schema] = [:]
    var recent: RecentRecords?
    /// The ledger knows all records from here on.
    var recentFrom: Instant?
  }

  init(_ fetcher: PageFetcher, _ context: SourceContext) {
    self.fetcher = fetcher
    self.context = context
  }

  var endpoint: EndpointSettings { fetcher.endpoint }

  var binding: JSONValue {
    [
      "api": .string(fetcher.builder.settings.identity), "request": endpoint.template.binding,
      "records": .init(endpoint.records.description), "bookmark": endpoint.progress.binding,
    ]
  }

  func infersType(of column: String, in table: TableRole) -> Bool {
    switch table {
    case .main: return !endpoint.rows.declares(column)
    case .side(let side):
      let child = ChildRows(endpoint).tables.first { $0.side == side }
      return child.map { !$0.rows.declares(column) } ?? false
    }
  }

  // MARK: Planning

  func plan(_ request: PlanRequest) throws(ConnectorError) -> Plan {
    let plan: (Plan, [ReadWindow])
    switch endpoint.progress {
    case .full: plan = (wholePlan("everything, every run"), [.full])
    case .time(let time): plan = try timePlan(time, request)
    case .id(let id):
      let after = try bookmarkText(request, "id") ?? id.start
      let window = ReadWindow.id(after: after.flatMap { RecordID($0) })
      plan = (singlePlan(window, from: after, "ids beyond the bookmark"), [window])
    case .token(_, let start):
      let window = ReadWindow.token(try bookmarkText(request, "token") ?? start)
      plan = (singlePlan(window, from: request.bookmark?.mark, "what the token leads to"), [window])
    }
    var recent: RecentRecords?
    var recentFrom: Instant?
    if case .time(let time) = endpoint.progress {
      recent = try RecentRecords(lookbackSeconds: time.lookbackSeconds, request.ledger)
      recentFrom = request.bookmark?.timeState?.recentFrom
    }
    // A recording holds what came, not that nothing did.
    let isConditional = context.recording == nil
    let validators = endpoint.cacheConfig.flatMap { config in
      isConditional ? Validators(request.bookmark, config: config) : nil
    }
    state.withLock { state in
      state = State(
        windows: plan.1,
        known: Known(schemas: request.knownSchemas, recent: recent, recentFrom: recentFrom),
        validators: validators)
    }
    return plan.0
  }

  private func bookmarkText(_ request: PlanRequest, _ key: String) throws(ConnectorError) -> String?
  {
    guard let bookmark = request.bookmark else { return nil }
    guard let text = bookmark.state[key]?.string else {
      throw Bookmark.unfit(bookmark, place: endpoint.name)
    }
    // Nothing had come when it was set.
    return text.isEmpty ? nil : text
  }

  private func wholePlan(_ reason: String) -> Plan {
    Plan(
      window: Window(from: nil, to: nil, predicate: predicate(.full), reason: reason),
      splits: [Split(index: 0, label: "everything")], replacesTable: true)
  }

  private func singlePlan(_ window: ReadWindow, from: String?, _ reason: String) -> Plan {
    Plan(
      window: Window(from: from, to: nil, predicate: predicate(window), reason: reason),
      splits: [Split(index: 0, label: from.map { "beyond \($0)" } ?? "everything")])
  }

  /// What is asked of the server, without secrets.
  func predicate(_ window: ReadWindow) -> String {
    let texts = WindowTexts(window, endpoint.progress)
    guard
      let request = try? fetcher.builder.request(
        texts, PageSequence(endpoint.pagination).next ?? .parameters([]))
    else { return "\(endpoint.template.method) \(endpoint.template.path)" }
    return request.description
  }

  private func timePlan(_ time: TimeProgress, _ request: PlanRequest) throws(ConnectorError)
    -> (Plan, [ReadWindow])
  {
    var from = time.start
    var recentFrom: Instant?
    if let bookmark = request.bookmark {
      guard bookmark.kind == .time, let bookmarked = bookmark.timeState else {
        throw Bookmark.unfit(bookmark, place: endpoint.name)
      }
      from = bookmarked.to
      recentFrom = bookmarked.recentFrom
    }
    let clock = try serverClock(time, from: from)
    let ceiling = clock.ceiling(time)
    // A server that is not told where a window ends sends all that is behind it, window by window.
    let isCut = endpoint.template.uses("to")
    let spans = try TimeWindows(time, isCut: isCut).windows(
      from: from, to: ceiling, recentFrom: recentFrom)
    var warnings: [String] = []
    if !clock.isServers {
      warnings.append(
        "The server sends no Date header, so the window follows this machine's clock.")
    }
    if let from, ceiling.advanced(seconds: 3600) < from {
      warnings.append(
        "The bookmark, \(from), lies ahead of the server's clock, \(clock.now): nothing is read "
          + "until the clock has passed it.")
    }
    if let history = endpoint.historySeconds, let bookmark = request.bookmark?.timeState?.to,
      bookmark < clock.now.advanced(seconds: -history)
    {
      warnings.append(
        "The bookmark, \(bookmark), lies before the \(Units.describe(seconds: history)) that the "
          + "server keeps: what it has dropped since was never read.")
    }
    if !isCut && time.windowSeconds != nil {
      warnings.append(
        "The request has no {to}, so that everything since the bookmark is one window; where the "
          + "server can be asked for an end, add it to request.params.")
    } else if from == nil && time.windowSeconds != nil {
      warnings.append(
        "Without bookmark.start the first run reads everything in one window; give a start to "
          + "commit \(Units.describe(seconds: time.windowSeconds ?? 0)) at a time.")
    }
    let whole = ReadWindow.time(
      TimeWindow(
        from: from, to: max(ceiling, from ?? ceiling), lateFrom: spans.first?.lateFrom,
        isWhole: true))
    let window = Window(
      from: from?.description, to: ceiling.description, predicate: predicate(whole),
      reason: clock.reason(time))
    let splits = spans.enumerated().map { index, span in
      Split(index: index, label: "\(span.from?.description ?? "") … \(span.to)")
    }
    return (Plan(window: window, splits: splits, warnings: warnings), spans.map { .time($0) })
  }

  private func serverClock(_ time: TimeProgress, from: Instant?) throws(ConnectorError)
    -> ServerClock
  {
    // By this machine's clock, only to have something to ask for.
    let guess = time.format.floor(context.clock.now.advanced(seconds: -time.settleSeconds))
    let start = min(from ?? guess, guess)
    let end = time.windowSeconds.map { min(guess, start.advanced(seconds: $0)) } ?? guess
    let texts = WindowTexts(
      .time(TimeWindow(from: start, to: end, lateFrom: nil, isWhole: false)), endpoint.progress)
    return try ServerClock.ask(
      fetcher, texts, PageSequence(endpoint.pagination).next ?? .parameters([]),
      clock: context.clock, responseBytesMax: fetcher.builder.settings.responseBytesMax)
  }

  // MARK: Reading

  func read(_ split: Split, _ options: ReadOptions) throws(ConnectorError) -> any BatchReader {
    let found = state.withLock { state in
      state.windows.indices.contains(split.index) ? (state.windows[split.index], state.known) : nil
    }
    guard let (window, planned) = found else {
      throw ConnectorError(
        .refused, "split \(split.index) is not one of the plan's", remedy: "Plan anew.",
        place: endpoint.name)
    }
    var known = planned
    if let schemas = options.knownSchemas { known.schemas = schemas }
    return APIReader(self, window, known, options)
  }

  /// Of the response that the table holds; nil where it is to come again in any case.
  var validators: Validators? { state.withLock { $0.validators } }

  /// A split was read to its end: what the next one has to know.
  func noteEnd(_ known: Known) { state.withLock { $0.known = known } }

  func bookmark(from text: String) throws(ConnectorError) -> Bookmark {
    let problem: String
    switch endpoint.progress {
    case .full: problem = "the stream reads everything every run and has no bookmark to set"
    case .time(let time):
      if let instant = Instant(text) {
        return .time(to: time.format.floor(instant), recentFrom: nil)
      }
      problem = "'\(text)' is not a point in time such as 2024-01-01T12:00:00Z"
    case .id:
      if let id = RecordID(text) { return .id(id) }
      problem = "an id is not empty, and has at most 1024 bytes"
    case .token:
      if !text.isEmpty { return .token(text) }
      problem = "a token is not empty"
    }
    throw ConnectorError(
      .misconfigured, problem, remedy: "See 'tidemark bookmark show \(endpoint.name)'.",
      place: endpoint.name)
  }

  func close() {}
}
