internal import Base
internal import Connector
internal import Formats
internal import HTTPClient
internal import Records

/// Reads the pages of one window, one at a time, into batches.
final class APIReader: BatchReader {
  private let session: APIStreamSession
  private let window: ReadWindow
  private let texts: WindowTexts
  private let builder: JSONRowsBuilder
  private let options: ReadOptions
  private let cancellation = Cancellation()
  private var ticket: Int?
  private let place: String

  private var sequence: PageSequence
  private var filter: WindowFilter
  private let identity: RecordIdentity
  private var seen: Set<Fingerprint> = []
  private let seenMax: Int
  private var recent: RecentRecords?
  private let recentFrom: Instant?
  private var rejects = RejectedRecords()

  /// What is left of the page at hand.
  private var page: Page?
  private var fresh: [Int] = []
  private var position = 0

  private var counts: [String: Int] = [:]
  private var schema: Schema?
  private var token: String?
  private var lastDate: Instant?
  /// What the last response says of itself.
  private var validators: Validators?
  private var isUnchanged = false

  init(
    _ session: APIStreamSession, _ window: ReadWindow, builder: JSONRowsBuilder,
    recent: RecentRecords?, recentFrom: Instant?, _ options: ReadOptions
  ) {
    self.session = session
    self.window = window
    self.builder = builder
    self.recent = recent
    self.recentFrom = recentFrom
    self.options = options
    let endpoint = session.endpoint
    place = endpoint.name
    texts = WindowTexts(window, endpoint.progress)
    sequence = PageSequence(endpoint.pagination)
    filter = WindowFilter(endpoint.progress, window, endpoint.template)
    identity = RecordIdentity(key: endpoint.key, progress: endpoint.progress)
    // A set takes up to 44 bytes for 16, between one doubling and the next.
    seenMax = max(10_000, options.memoryBytes / 44)
    let cancellation = cancellation
    ticket = options.cancellation.onCancel { [stop = options.cancellation] in
      cancellation.cancel(stop.reason ?? "somebody asked to stop")
    }
  }

  deinit { close() }

  func next() throws(ConnectorError) -> SourceBatch? {
    while true {
      if let page, position < fresh.count {
        try take(page)
      } else if let next = sequence.next {
        page = nil
        try fetch(next)
      } else {
        page = nil
        return lastBatch()
      }
      if isFull { return batch() }
      if rejects.isFull { return SourceBatch(rejects.finish(), table: .side("rejects")) }
    }
  }

  private var isFull: Bool {
    builder.rowCount >= options.batchRowsMax || builder.byteCount >= options.batchBytes
  }

  private func batch() -> SourceBatch {
    let batch = builder.finish()
    schema = batch.schema
    return SourceBatch(batch)
  }

  private func lastBatch() -> SourceBatch? {
    if builder.rowCount > 0 { return batch() }
    return rejects.isEmpty ? nil : SourceBatch(rejects.finish(), table: .side("rejects"))
  }

  // MARK: Pages

  private func fetch(_ next: PagePlace) throws(ConnectorError) {
    let settings = session.fetcher.builder.settings
    let answer = try session.fetcher.fetch(
      texts, next,
      responseBytesMax: min(settings.responseBytesMax, max(1 << 20, options.memoryBytes / 2)),
      cancellation: cancellation, validators: session.validators,
      isEnd: { sequence.isEnd(status: $0) })
    var facts = PageFacts()
    switch answer {
    case .pastEnd: facts.isPastEnd = true
    case .unchanged: isUnchanged = true
    case .page(let page):
      facts = try self.facts(of: page)
      lastDate = page.head.date ?? lastDate
      validators = session.endpoint.cacheConfig.flatMap {
        Validators(page.head, config: $0, session.fetcher.redactor)
      }
      if case .token(let path, _) = session.endpoint.progress,
        let value = page.root.value(at: path)?.scalarText, !value.isEmpty
      {
        token = value
      }
      self.page = page
      position = 0
    }
    do throws(ConnectorError) {
      try sequence.note(facts)
    } catch {
      var error = error
      error.place = error.place ?? place
      throw error
    }
  }

  /// Finds out which records of a page have not come before.
  private func facts(of page: Page) throws(ConnectorError) -> PageFacts {
    var facts = PageFacts()
    facts.count = page.records.count
    facts.total = page.total
    facts.next = page.next
    facts.hasMore = page.hasMore
    fresh = []
    for (index, record) in page.records.enumerated() {
      let fingerprint = identity.fingerprint(record)
      if index == 0 { facts.first = fingerprint }
      facts.last = fingerprint
      facts.fingerprint.add(fingerprint)
      if seen.insert(fingerprint).inserted { fresh.append(index) }
    }
    facts.newCount = fresh.count
    // The record before an offset is asked for again on purpose, as are all of a further pass.
    if sequence.pass == 1 {
      let expected = sequence.index > 0 && sequence.startsEarly && facts.count > fresh.count ? 1 : 0
      count("duplicates", facts.count - fresh.count - expected)
    }
    guard seen.count <= seenMax else {
      throw ConnectorError(
        .refused,
        "a window has more than \(Units.describe(count: seenMax)) records, more than can be kept "
          + "apart in \(Units.describe(bytes: options.memoryBytes))",
        remedy: "Choose a shorter bookmark.window, or raise --memory.", place: place)
    }
    return facts
  }

  private func count(_ name: String, _ number: Int = 1) {
    if number > 0 { counts[name, default: 0] += number }
  }

  // MARK: Records

  /// Takes some records of the page at hand.
  private func take(_ page: Page) throws(ConnectorError) {
    let end = min(fresh.count, position + 256)
    while position < end {
      let index = fresh[position]
      position += 1
      try take(page.records[index], at: index, page)
    }
  }

  private func take(_ record: JSONCursor, at index: Int, _ page: Page) throws(ConnectorError) {
    let recordPlace = "\(page.place), record \(index + 1)"
    switch try filter.verdict(record, place: recordPlace) {
    case .outside: return count("outside_window")
    case .overlap: return
    case .missing: return count("missing_by")
    case .keep(let time): try remember(record, at: time)
    case .late(let time):
      guard !(recent?.contains(content(record)) ?? true) else { return }
      try remember(record, at: time)
      count("late")
    }
    do throws(FormatError) {
      if let problem = try builder.append(record) {
        count("rejected")
        rejects.append(request: page.place, record: index + 1, text: record.text, reason: problem)
      }
    } catch {
      throw ConnectorError(error, place: recordPlace)
    }
  }

  private func content(_ record: JSONCursor) -> Fingerprint { Fingerprint(content: record) }

  private func remember(_ record: JSONCursor, at time: Instant?) throws(ConnectorError) {
    guard let time, recent?.isNeeded == true, case .time(let span) = window else { return }
    try recent?.insert(content(record), at: time, mark: span.to)
  }

  // MARK: The end

  func finish() throws(ConnectorError) -> Advance {
    for (name, number) in sequence.events { counts[name] = number }
    tell()
    var newRecentFrom: Instant?
    let advance: Advance
    switch window {
    case .full:
      let mark = lastDate ?? session.context.clock.now
      var whole = Advance(bookmark: .full(at: mark, validators), counts: counts)
      whole.isUnchanged = isUnchanged
      advance = whole
    case .token(let before):
      let after = token ?? before
      advance = Advance(
        bookmark: after.map { .token($0) } ?? .token(""), counts: counts,
        isSignificant: after != before)
    case .id(let before):
      let after = filter.largestID ?? before
      let none = Bookmark(kind: .opaque, mark: "", state: ["id": ""])
      advance = Advance(bookmark: after.map { .id($0) } ?? none, counts: counts)
    case .time(let span):
      if case .time(let time) = session.endpoint.progress, time.lookbackSeconds > 0 {
        let start = span.to.advanced(seconds: -time.lookbackSeconds)
        newRecentFrom = (recentFrom ?? span.from).map { max(start, $0) } ?? start
      }
      let changes = newRecentFrom == nil ? [] : recent?.takeChanges(mark: span.to) ?? []
      advance = Advance(
        bookmark: .time(to: span.to, recentFrom: newRecentFrom), ledger: changes, counts: counts,
        isSignificant: span.isWhole)
    }
    session.noteEnd(schema ?? builder.finish().schema, recent, recentFrom: newRecentFrom)
    return advance
  }

  private func tell() {
    if let outside = counts["outside_window"] {
      session.context.notify(
        "\(place): the server sent \(Units.describe(count: outside)) records outside the window "
          + "that it was asked for; they were dropped. Check request.params.")
    }
    let signs = ["shifted_pages", "repeated_pages", "changed_totals", "unsettled"]
    guard let passes = counts["passes"], signs.contains(where: { counts[$0] != nil }) else {
      return
    }
    session.context.notify(
      "\(place): the pages changed while they were read; the window was read \(passes) times"
        + (counts["unsettled"] == nil
          ? "."
          : " and never came to rest. A paging by cursor, or a longer settle, would be exact."))
  }

  func close() {
    cancellation.cancel("the reader was closed")
    if let ticket { options.cancellation.forget(ticket) }
    ticket = nil
  }
}
