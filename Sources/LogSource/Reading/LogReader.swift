internal import Base
internal import Connector
internal import Formats
internal import Records

/// Reads the files of one split: on its own thread, or on several where the format and the memory
/// allow it.
final class LogReader: BatchReader {
  private let session: LogSession
  private let split: Int
  private let options: ReadOptions
  private let feed: LogFeed
  /// nil where several threads parse.
  private let parser: UnitParser?
  private let threads: ParserThreads?
  private var schema: Schema?
  /// Small batches, until there are enough for a larger one.
  private var pending: [SourceBatch] = []
  private var pendingRows = 0
  private var pendingBytes = 0
  private var ready: [SourceBatch] = []
  private var isDone = false

  private var changes: [LedgerChange] = []
  private var totals = LogTotals()
  private var rejectedCount = 0
  private var repairedCount = 0
  private var continuedCount = 0
  private var isSignificant = false

  init(
    _ session: LogSession, split: Int, tasks: [FileTask], verifies: Bool = false, schema: Schema?,
    _ options: ReadOptions
  ) throws(ConnectorError) {
    self.session = session
    self.split = split
    self.options = options
    self.schema = schema
    let sizes = ReadingSizes(options, isParallel: session.settings.parsesBlocksApart)
    feed = LogFeed(
      session, tasks, verifies: verifies, blockBytes: sizes.blockBytes, unitBytes: sizes.unitBytes)
    var lineOptions = session.settings.lineOptions
    if sizes.threadCount > 1 {
      lineOptions.keys = SharedKeys()
      lineOptions.tableSchema = schema ?? Schema([])
    }
    let makeParser = { [lineOptions] (schema: Schema?) throws(ConnectorError) in
      try UnitParser(session, schema, lineOptions, options)
    }
    if sizes.threadCount == 1 {
      parser = try makeParser(schema)
      threads = nil
    } else {
      parser = nil
      threads = ParserThreads(
        feed, threads: sizes.threadCount, bytesMax: sizes.bytesUnderWayMax, knownSchema: schema,
        cancellation: options.cancellation, streamName: session.settings.streamName,
        makeParser: makeParser)
    }
    session.place.expect(tasks.filter { $0.offset == 0 }.map(\.file))
  }

  deinit { threads?.stop() }

  func next() throws(ConnectorError) -> SourceBatch? {
    while ready.isEmpty && !isDone {
      if let reason = options.cancellation.reason {
        throw .cancelled(reason, place: session.settings.streamName)
      }
      try advance()
    }
    return ready.isEmpty ? nil : ready.removeFirst()
  }

  /// Goes on by one unit.
  private func advance() throws(ConnectorError) {
    if let parser {
      if let unit = try feed.next() {
        let parsed = try parser.parse(unit)
        ready += parsed.batches
        try count(parsed)
      } else {
        ready += parser.rest()
        schema = parser.schema
        try end()
      }
    } else if let parsed = try threads?.take() {
      for batch in parsed.batches { gather(batch) }
      try count(parsed)
    } else {
      releasePending()
      try end()
    }
  }

  private func end() throws(ConnectorError) {
    try session.checkShare()
    isDone = true
  }

  private func count(_ parsed: UnitParser.Parsed) throws(ConnectorError) {
    rejectedCount += parsed.rejectedCount
    repairedCount += parsed.repairedCount
    continuedCount += parsed.continuedCount
    try session.count(lines: parsed.lineCount, rejected: parsed.rejectedCount)
    for (task, generation) in parsed.ended { record(task, generation) }
  }

  // MARK: Batches of several threads

  /// Puts small batches of equal columns together: a writer works better on large ones.
  private func gather(_ batch: SourceBatch) {
    guard batch.table == .main else {
      ready.append(batch)
      return
    }
    schema = batch.batch.schema
    if let last = pending.last, last.batch.schema != batch.batch.schema { releasePending() }
    pending.append(batch)
    pendingRows += batch.batch.rowCount
    pendingBytes += batch.byteCount
    if pendingBytes >= options.batchBytes / 4 * 3 || pendingRows >= options.batchRowsMax / 2 {
      releasePending()
    }
  }

  private func releasePending() {
    guard let first = pending.first else { return }
    if let whole = Batch.concatenating(pending.map(\.batch), schema: first.batch.schema) {
      ready.append(SourceBatch(whole, byteCount: pendingBytes))
    } else {
      ready += pending
    }
    pending = []
    pendingRows = 0
    pendingBytes = 0
  }

  // MARK: Files

  /// Notes how far a file was read.
  /// - Parameter found: nil where nothing of it was.
  private func record(_ task: FileTask, _ found: Generation?) {
    if let replaced = task.replaced {
      // Forgotten: should the old content turn up elsewhere, it is read as any new file.
      changes.append(LedgerChange(key: replaced.key, value: nil))
      isSignificant = true
    }
    guard let generation = found else { return }
    let before = task.known
    if generation.offset > task.offset || task.isSignificant || before?.damage != nil {
      changes.append(LedgerChange(key: task.key, value: generation.json))
      isSignificant = true
    }
    if before == nil, generation.offset > 0 { totals.noteGeneration(task.key) }
    totals.lines += generation.lines - (before?.lines ?? 0)
    totals.bytes += generation.offset - task.offset
  }

  func finish() throws(ConnectorError) -> Advance {
    for (key, generation) in session.leftOut(ofSplit: split) {
      changes.append(LedgerChange(key: key, value: generation.json))
      isSignificant = true
      totals.noteGeneration(key)
    }
    let (bookmark, edits) = session.advance(totals, split, schema)
    for edit in edits {
      changes.append(LedgerChange(key: edit.key, value: edit.generation?.json))
      isSignificant = isSignificant || edit.isSignificant
    }
    var counts: [String: Int] = [:]
    if rejectedCount > 0 { counts["rejected"] = rejectedCount }
    if repairedCount > 0 { counts[Self.repairedCountName] = repairedCount }
    if continuedCount > 0 { counts[Self.continuedCountName] = continuedCount }
    return Advance(
      bookmark: bookmark, ledger: changes, counts: counts, isSignificant: isSignificant)
  }

  static let repairedCountName = "lines with wrong UTF-8, kept"
  static let continuedCountName = "lines that go on a record"

  /// Which part of the file at hand is read, 0…1; for readers on one thread.
  var share: Double { threads == nil ? feed.share : 0 }

  func close() {
    threads?.stop()
    pending = []
    ready = []
    isDone = true
  }
}

/// How a split's text is cut and shared out, so that it keeps to the reader's memory.
struct ReadingSizes {
  let threadCount: Int
  /// Of text.
  let blockBytes: Int
  let unitBytes: Int
  /// Cut and not yet taken.
  let bytesUnderWayMax: Int

  init(_ options: ReadOptions, isParallel: Bool) {
    // A block takes up to ten times its bytes while it is parsed, most of it for a moment; a
    // thread has one, and the next ones wait with their rows.
    let affordable = max(1, options.memoryBytes >> 20)
    // One of the threads is busy with writing what the others parse.
    threadCount = isParallel ? max(1, min(options.threads - 1, affordable)) : 1
    let share = threadCount == 1 ? options.memoryBytes / 64 : options.memoryBytes / 32 / threadCount
    blockBytes = max(1 << 16, min(1 << 19, share))
    unitBytes = blockBytes
    bytesUnderWayMax = (2 * threadCount + 2) * unitBytes
  }
}

extension ConnectorError {
  static func cancelled(_ reason: String, place: String) -> ConnectorError {
    ConnectorError(
      .cancelled, reason, remedy: "Run again; what is committed stays.", place: place)
  }
}
