internal import Base
internal import Connector

/// One way through the pages of a window, or of a part of it.
struct PageWalk {
  let window: ReadWindow
  private(set) var sequence: PageSequence
  var filter: WindowFilter
  /// Records so far that had not come before.
  private(set) var recordCount = 0
  /// Whether the server says how many records there are.
  private(set) var isCountedByServer = false

  private let fetcher: PageFetcher
  private let texts: WindowTexts
  private let responseBytesMax: Int
  /// Of a response that need not come again.
  private let validators: Validators?
  private let cancellation: Cancellation
  /// nil: pages are asked for one by one.
  private let ahead: PagesAhead?
  /// Of the largest response so far.
  private var pageBytes = 0
  private var hasEvents = true

  init(
    _ fetcher: PageFetcher, _ window: ReadWindow, _ options: ReadOptions,
    _ cancellation: Cancellation, validators: Validators? = nil
  ) {
    self.fetcher = fetcher
    self.validators = validators
    self.window = window
    self.cancellation = cancellation
    let endpoint = fetcher.endpoint
    texts = WindowTexts(window, endpoint.progress)
    sequence = PageSequence(endpoint.pagination)
    filter = WindowFilter(endpoint.progress, window, endpoint.template)
    responseBytesMax = min(
      fetcher.builder.settings.responseBytesMax, max(1 << 20, options.memoryBytes / 2))
    ahead =
      endpoint.pagination.parallel > 1
      ? PagesAhead(fetcher, texts, memoryBytes: options.memoryBytes, cancellation) : nil
  }

  mutating func answer(at place: PagePlace) throws(ConnectorError) -> PageFetcher.Answer {
    if let ahead, pageBytes > 0 {
      let room = ahead.room(pageBytes: pageBytes)
      ahead.prepare([place] + sequence.placesAhead(room), pageBytes: pageBytes)
    }
    var answer = ahead?.take(place)
    if case .tooMuch? = answer { answer = nil }
    if answer == nil {
      answer = try fetcher.fetch(
        texts, place, responseBytesMax: responseBytesMax, cancellation: cancellation,
        validators: validators, isEnd: { sequence.isEnd(status: $0) })
    }
    if case .page(let page)? = answer { pageBytes = max(pageBytes, page.byteCount) }
    return answer ?? .pastEnd
  }

  mutating func note(_ facts: PageFacts) throws(ConnectorError) {
    recordCount += facts.newCount
    isCountedByServer = isCountedByServer || facts.total != nil
    try sequence.note(facts)
  }

  /// What happened that a person may want to know, once.
  mutating func takeEvents() -> [String: Int] {
    defer { hasEvents = false }
    return hasEvents ? sequence.events : [:]
  }
}

/// The records of a window that have come, by their fingerprints.
struct SeenRecords {
  enum Verdict {
    case new, known
    /// It came when more was asked for at once than the server gives.
    case carried
  }

  private var records: Set<Fingerprint> = []
  /// Of what was read before it turned out to be too much.
  private var carried: Set<Fingerprint> = []

  var count: Int { records.count + carried.count }

  mutating func insert(_ record: Fingerprint) -> Verdict {
    guard records.insert(record).inserted else { return .known }
    return carried.contains(record) ? .carried : .new
  }

  /// What has come so far comes again, in halves.
  mutating func carry() {
    carried.formUnion(records)
    records = []
  }

  /// What came in one part of a window is in no other one.
  mutating func beginPart() { records = [] }
}
