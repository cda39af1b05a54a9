internal import Base
internal import Connector
internal import Formats
internal import Kernels
internal import Records

/// Reads the files of one split.
final class LogReader: BatchReader {
  private let session: LogSession
  private let split: Int
  private var tasks: ArraySlice<FileTask>
  private let options: ReadOptions
  private let parser: any LineParser
  private var assembly: RowAssembly
  private var ready: [SourceBatch] = []
  private var current: OpenFile?
  /// Whether the parser has more of the last block.
  private var isInBlock = false
  private var isDone = false

  private var changes: [LedgerChange] = []
  private var totals = LogTotals()
  private var rejectedCount = 0
  private var repairedCount = 0
  private var continuedCount = 0
  private var isSignificant = false

  init(
    _ session: LogSession, split: Int, tasks: [FileTask], schema: Schema?, _ options: ReadOptions
  ) throws(ConnectorError) {
    self.session = session
    self.split = split
    self.tasks = tasks[...]
    self.options = options
    do {
      parser = try session.settings.format.recordParser(
        session.settings.lineOptions, knownSchema: schema)
    } catch {
      throw ConnectorError(error, place: session.settings.streamName)
    }
    assembly = RowAssembly(parser, options)
  }

  func next() throws(ConnectorError) -> SourceBatch? {
    while ready.isEmpty && !isDone {
      if let reason = options.cancellation.reason {
        throw ConnectorError(
          .cancelled, reason, remedy: "Run again; what is committed stays.",
          place: session.settings.streamName)
      }
      try advance()
    }
    return ready.isEmpty ? nil : ready.removeFirst()
  }

  /// Goes on by one step of the parser, one block or one file.
  private func advance() throws(ConnectorError) {
    if isInBlock {
      try parse()
    } else if let file = current {
      if let piece = try file.next() {
        try take(piece, file)
      } else {
        try finish(file)
      }
    } else if let task = tasks.popFirst() {
      // A block takes up to ten times its bytes while it is parsed, most of it for a moment.
      let blockBytes = max(1 << 16, min(1 << 19, options.memoryBytes / 64))
      let file = try OpenFile(task, session, blockBytes: blockBytes)
      current = file
      let text = try file.text()
      try formatting(file) { () throws(FormatError) in try parser.begin(text) }
      assembly.begin(file: task.file.path)
    } else {
      ready += assembly.takeRest()
      try session.checkShare()
      isDone = true
    }
  }

  private func take(_ piece: LineSplitter<ConnectorError>.Piece, _ file: OpenFile)
    throws(ConnectorError)
  {
    switch piece {
    case .block(let block):
      try formatting(file) { () throws(FormatError) in try parser.begin(block) }
      isInBlock = true
    case .reject(let reject):
      assembly.add(reject)
      rejectedCount += 1
      try session.count(lines: 1, rejected: 1)
      ready += assembly.takeFull()
    }
  }

  private func parse() throws(ConnectorError) {
    var outcome = LineOutcome()
    isInBlock = try formatting(current) { () throws(FormatError) in try parser.step(&outcome) }
    assembly.add(outcome)
    rejectedCount += outcome.rejects.count
    repairedCount += outcome.repairedCount
    continuedCount += outcome.continuedCount
    try session.count(
      lines: outcome.rowLines.count + outcome.rejects.count, rejected: outcome.rejects.count)
    ready += assembly.takeFull()
  }

  private func formatting<Result>(_ file: OpenFile?, _ body: () throws(FormatError) -> Result)
    throws(ConnectorError) -> Result
  {
    do {
      return try body()
    } catch {
      throw ConnectorError(error, place: file?.path ?? session.settings.streamName)
    }
  }

  /// Takes what a file ends with, and notes how far it was read.
  private func finish(_ file: OpenFile) throws(ConnectorError) {
    if let tail = try file.takeTail() { return try take(tail, file) }
    current = nil
    guard let generation = try file.finish(parser.fileState) else { return }
    let task = file.task
    let before = task.known
    if generation.offset > task.offset || task.isSignificant {
      changes.append(LedgerChange(key: task.key, value: generation.json))
      isSignificant = true
    }
    if before == nil, generation.offset > 0,
      let number = Int(task.key.drop { !$0.isNumber })
    {
      totals.nextGeneration = max(totals.nextGeneration, number + 1)
    }
    totals.lines += generation.lines - (before?.lines ?? 0)
    totals.bytes += generation.offset - task.offset
  }

  func finish() throws(ConnectorError) -> Advance {
    let (bookmark, edits) = session.advance(totals, split, assembly.schema)
    for edit in edits {
      changes.append(LedgerChange(key: edit.key, value: edit.generation?.json))
      isSignificant = isSignificant || edit.isSignificant
    }
    var counts: [String: Int] = [:]
    if rejectedCount > 0 { counts["rejected"] = rejectedCount }
    if repairedCount > 0 { counts["lines with wrong UTF-8, kept"] = repairedCount }
    if continuedCount > 0 { counts["lines that go on a record"] = continuedCount }
    return Advance(
      bookmark: bookmark, ledger: changes, counts: counts, isSignificant: isSignificant)
  }

  func close() {
    current = nil
    tasks = []
    ready = []
    isDone = true
  }
}
