internal import Base
internal import Connector
internal import Formats
internal import HTTPClient
internal import Records

/// Reads the pages of one window, in their order, into batches.
final class APIReader: BatchReader {
  private let session: APIStreamSession
  private let window: ReadWindow
  private let rows: RecordRows
  private let options: ReadOptions
  private let cancellation = Cancellation()
  private var ticket: Int?
  private let place: String

  /// What of the window is read at hand, and what is left of it where it held too much.
  private var walk: PageWalk
  private var partsLeft: [TimeWindow] = []
  private let identity: RecordIdentity
  private var seen = SeenRecords()
  private let seenMax: Int
  private var recent: RecentRecords?
  private let recentFrom: Instant?
  private var rejects = RejectedRecords()

  /// What is left of the page at hand.
  private var page: Page?
  private var fresh: [Int] = []
  private var position = 0

  private var counts: [String: Int] = [:]
  private var token: String?
  private var lastDate: Instant?
  /// What the last response says of itself.
  private var validators: Validators?
  private var isUnchanged = false

  init(
    _ session: APIStreamSession, _ window: ReadWindow, _ known: APIStreamSession.Known,
    _ options: ReadOptions
  ) {
    self.session = session
    self.window = window
    recent = known.recent
    recentFrom = known.recentFrom
    self.options = options
    let endpoint = session.endpoint
    place = endpoint.name
    rows = RecordRows(endpoint, knownSchemas: known.schemas)
    identity = RecordIdentity(key: endpoint.key, progress: endpoint.progress)
    // A set takes up to 44 bytes for 16, between one doubling and the next.
    seenMax = max(10_000, options.memoryBytes / 44)
    let cancellation = cancellation
    walk = PageWalk(
      session.fetcher, window, options, cancellation, validators: session.validators)
    ticket = options.cancellation.onCancel { [stop = options.cancellation] in
      cancellation.cancel(stop.reason ?? "somebody asked to stop")
    }
  }

  deinit { close() }

  func next() throws(ConnectorError) -> SourceBatch? {
    while true {
      if rows.hasWaiting {
        var found: [RecordRows.Reject] = []
        try rows.takeWaiting(&found)
        reject(found)
      } else if let page, position < fresh.count {
        try take(page)
      } else if let next = walk.sequence.next {
        page = nil
        // Behind what the server ever gives it would not answer.
        if try halveIfCapped() { continue }
        try fetch(next)
      } else if try beginNextPart() {
        page = nil
      } else {
        page = nil
        return lastBatch()
      }
      if rows.isFull(options) { return rows.takeBatch() }
      if rejects.isFull { return SourceBatch(rejects.finish(), table: .side("rejects")) }
    }
  }

  private func lastBatch() -> SourceBatch? {
    if let batch = rows.takeBatch() { return batch }
    return rejects.isEmpty ? nil : SourceBatch(rejects.finish(), table: .side("rejects"))
  }

  // MARK: Parts of the window

  /// Goes on with the next part of a window that held too much.
  private func beginNextPart() throws(ConnectorError) -> Bool {
    if try halveIfCapped() { return true }
    guard let part = partsLeft.popLast() else { return false }
    begin(part)
    return true
  }

  private func begin(_ part: TimeWindow) {
    countEvents()
    walk = PageWalk(session.fetcher, .time(part), options, cancellation)
    seen.beginPart()
  }

  /// Whether a part of which as many records came as the server ever gives was halved: there may
  /// be more of them. Where the server counts them, it was seen at once.
  private func halveIfCapped() throws(ConnectorError) -> Bool {
    guard let cap = session.endpoint.pagination.cap, !walk.isCountedByServer,
      walk.recordCount >= cap
    else { return false }
    try halve("the server gave \(walk.recordCount) records, and gives \(cap) at most", nil)
    return true
  }

  /// Reads the part at hand as two halves, from the start.
  /// - Throws: where it cannot be cut any more.
  private func halve(_ why: String, _ refusal: ConnectorError?) throws(ConnectorError) {
    let (first, second) = try TooMuch(session.endpoint, walk.window, why, refusal).halves()
    count("halved_windows")
    guard counts["halved_windows"] ?? 0 <= TimeProgress.windowsMax else {
      throw ConnectorError(
        .refused, "the window was halved more than \(TimeProgress.windowsMax) times",
        remedy: "Choose a shorter bookmark.window.", place: place)
    }
    partsLeft.append(second)
    page = nil
    seen.carry()
    begin(first)
  }

  // MARK: Pages

  private func fetch(_ next: PagePlace) throws(ConnectorError) {
    var facts = PageFacts()
    switch try walk.answer(at: next) {
    case .pastEnd: facts.isPastEnd = true
    case .tooMuch(let error):
      return try halve("the server refused to give so much at once", error)
    case .unchanged: isUnchanged = true
    case .page(let page):
      if let total = page.total, let cap = session.endpoint.pagination.cap {
        let why = "the server counts \(total) records, and gives \(cap) at most"
        // Some count no further than they give.
        let mayBeMore = total == cap && TooMuch(session.endpoint, walk.window, why, nil).isCuttable
        if total > cap || mayBeMore { return try halve(why, nil) }
      }
      try rows.begin(page)
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
      try walk.note(facts)
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
    facts.pageCount = page.pageCount
    facts.next = page.next
    facts.hasMore = page.hasMore
    fresh = []
    for (index, record) in page.records.enumerated() {
      let fingerprint = identity.fingerprint(record)
      if index == 0 { facts.first = fingerprint }
      facts.last = fingerprint
      facts.fingerprint.add(fingerprint)
      switch seen.insert(fingerprint) {
      case .new:
        facts.newCount += 1
        fresh.append(index)
      // It is new in this half of the window, and its row is there already.
      case .carried: facts.newCount += 1
      case .known: break
      }
    }
    // The record before an offset is asked for again on purpose, as are all of a further pass.
    let sequence = walk.sequence
    if sequence.pass == 1 {
      let known = facts.count - facts.newCount
      let expected = sequence.index > 0 && sequence.startsEarly && known > 0 ? 1 : 0
      count("duplicates", known - expected)
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
    var kept: [(index: Int, value: JSONCursor)] = []
    while position < end {
      let index = fresh[position]
      position += 1
      let record = page.records[index]
      if try keeps(record, at: "\(page.place), record \(index + 1)") {
        kept.append((index, record))
      }
    }
    var found: [RecordRows.Reject] = []
    try rows.append(kept, page, &found)
    reject(found)
  }

  /// Whether a record is the window's own.
  private func keeps(_ record: JSONCursor, at recordPlace: String) throws(ConnectorError) -> Bool {
    switch try walk.filter.verdict(record, place: recordPlace) {
    case .outside: count("outside_window")
    case .overlap: break
    case .missing: count("missing_by")
    case .keep(let time):
      try remember(record, at: time)
      return true
    case .late(let time):
      guard !(recent?.contains(content(record)) ?? true) else { return false }
      try remember(record, at: time)
      count("late")
      return true
    }
    return false
  }

  private func reject(_ found: [RecordRows.Reject]) {
    count("rejected", found.count)
    for reject in found {
      rejects.append(
        request: reject.place, record: reject.number, text: reject.text, reason: reject.reason)
    }
  }

  private func content(_ record: JSONCursor) -> Fingerprint { Fingerprint(content: record) }

  private func remember(_ record: JSONCursor, at time: Instant?) throws(ConnectorError) {
    guard let time, recent?.isNeeded == true, case .time(let span) = window else { return }
    try recent?.insert(content(record), at: time, mark: span.to)
  }

  // MARK: The end

  func finish() throws(ConnectorError) -> Advance {
    countEvents()
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
      let after = walk.filter.largestID ?? before
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
    session.noteEnd(
      APIStreamSession.Known(
        schemas: rows.schemas, recent: recent, recentFrom: newRecentFrom))
    return advance
  }

  /// Of the part at hand, once.
  private func countEvents() {
    for (name, number) in walk.takeEvents() {
      if name == "passes" {
        counts[name] = max(counts[name] ?? 1, number)
      } else {
        count(name, number)
      }
    }
  }

  private func tell() {
    if let lacking = counts["below_total"] {
      session.context.notify(
        "\(place): the server counts \(Units.describe(count: lacking)) records more than it gave. "
          + "Where it caps what it gives, say at how many: paginate.cap.")
    }
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
