internal import Base
internal import Connector
internal import Formats
internal import Kernels
internal import Parquet
internal import Records

/// The word `parquet` among the formats. Its files are read whole, row by row, by
/// `ParquetFilesReader`; lines of them there are none.
enum ParquetRows: LineFormat {
  static let name = "parquet"

  static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    throw FormatError(
      .invalidOption, "Parquet files are not read line by line",
      remedy: "Use 'tidemark parquet cat' to look into one.", place: name)
  }
}

/// Reads the Parquet files of one split: their columns as they are, `_file`, and `_line` counting
/// the rows of each file from 1. A file is read whole or not at all.
final class ParquetFilesReader: BatchReader {
  private let session: LogSession
  private let split: Int
  private var tasks: ArraySlice<FileTask>
  private let options: Connector.ReadOptions
  /// Whether files are read through before anything of them goes out.
  private let verifies: Bool
  private var current: Current?
  private var isDone = false
  private var schema = Schema([])
  private var changes: [LedgerChange] = []
  private var totals = LogTotals()
  private var isSignificant = false

  private struct Current {
    var task: FileTask
    var source: WholeFile
    var file: ParquetFile
    var reader: ParquetReader
    var rowCount = 0
  }

  init(
    _ session: LogSession, split: Int, tasks: [FileTask], verifies: Bool,
    _ options: Connector.ReadOptions
  ) {
    self.verifies = verifies
    self.session = session
    self.split = split
    self.tasks = tasks[...]
    self.options = options
    session.place.expect(
      tasks.filter { $0.known == nil && $0.file.status.size <= ObjectStarts.bytesMax }.map(\.file))
  }

  func next() throws(ConnectorError) -> SourceBatch? {
    while !isDone {
      if let reason = options.cancellation.reason {
        throw ConnectorError(
          .cancelled, reason, remedy: "Run again; what is committed stays.",
          place: session.settings.streamName)
      }
      if let current {
        if let batch = try batch(of: current) { return try named(batch, current) }
        if self.current != nil { try finish(current) }
      } else if let task = tasks.popFirst() {
        try open(task)
      } else {
        isDone = true
      }
    }
    return nil
  }

  /// The next rows of a file; nil at its end, and where it is damaged and none have come yet.
  /// - Throws: with `readsSplitAnew` where rows of a damaged file went out already.
  private func batch(of file: Current) throws(ConnectorError) -> Batch? {
    do throws(ConnectorError) {
      return try reading(file.task) { () throws(ParquetError) in try file.reader.next() }
    } catch {
      guard error.kind == .malformed else { throw error }
      try session.leaveOut(file.task, error, damage: error.message)
      current = nil
      guard file.rowCount > 0 else { return nil }
      var error = error
      error.readsSplitAnew = true
      throw error
    }
  }

  /// Opens a file; one that cannot be read is left to the end of the run, which it fails.
  private func open(_ task: FileTask) throws(ConnectorError) {
    do throws(ConnectorError) {
      let size = task.file.status.size
      let use = size <= ObjectStarts.bytesMax ? FileUse.reading(from: 0) : .looking
      guard let opened = try session.place.open(task.file, for: use),
        try opened.status().size == size
      else {
        session.context.notify(
          "\(task.file.path) changed since the run was planned; the next run reads it")
        return
      }
      let source = WholeFile(
        file: opened, byteCount: size, readCost: session.place.isRemote ? .remote : .local)
      if let known = task.known, known.offset == size, known.lines >= 0 {
        // The same rows under another name.
        return try record(task, source, lines: known.lines)
      }
      var reading = Parquet.ReadOptions()
      reading.memoryByteCountMax = options.memoryBytes
      reading.batchByteCountMax = options.batchBytes
      reading.batchRowCountMax = options.batchRowsMax
      reading.windowByteCount = 1 << 20
      reading.threads = options.threads
      let file = try self.reading(task) { () throws(ParquetError) in
        try ParquetFile(source, options: reading)
      }
      try checkNames(file.schema, task)
      let reader = try self.reading(task) { () throws(ParquetError) in
        if verifies { try Self.readThrough(file) }
        return try file.reader()
      }
      current = Current(task: task, source: source, file: file, reader: reader)
    } catch {
      switch error.kind {
      case .malformed: try session.leaveOut(task, error, damage: nil)
      case .denied: try session.setAside(error)
      default: throw error
      }
    }
  }

  private static func readThrough(_ file: ParquetFile) throws(ParquetError) {
    let reader = try file.reader()
    while try reader.next() != nil {}
  }

  private func checkNames(_ schema: Schema, _ task: FileTask) throws(ConnectorError) {
    let own = [LogSettings.fileColumn, LogSettings.lineColumn]
    if let name = schema.names.first(where: { own.contains($0.lowercased()) }) {
      throw ConnectorError(
        .malformed, "the file has a column '\(name)', which is the name of one that is added",
        remedy: "Rename the column, or add the file to 'exclude'.", place: path(task))
    }
  }

  private func named(_ batch: Batch, _ current: Current) throws(ConnectorError) -> SourceBatch {
    schema = batch.schema
    schema.fields += [
      Field(LogSettings.fileColumn, .string), Field(LogSettings.lineColumn, .int64),
    ]
    let name = Array(current.task.file.path.utf8)
    let view = ByteView(offset: 0, length: UInt32(clamping: name.count))
    let files = Column(
      type: .string, count: batch.rowCount,
      values: .bytes(
        ByteColumn(
          views: Array(repeating: view, count: batch.rowCount), buffers: [name])))
    let first = Int64(current.rowCount + 1)
    let numbers = Column(
      type: .int64, count: batch.rowCount,
      values: .int64(Array(first..<first + Int64(batch.rowCount))))
    self.current?.rowCount += batch.rowCount
    try session.count(lines: batch.rowCount, rejected: 0)
    return SourceBatch(
      Batch(schema: schema, columns: batch.columns + [files, numbers], rowCount: batch.rowCount))
  }

  /// Makes sure that what was read is one file, and notes it.
  private func finish(_ current: Current) throws(ConnectorError) {
    self.current = nil
    let status = try current.source.file.status()
    let planned = current.task.file.status
    guard status.size == planned.size, status.modified == planned.modified else {
      throw ConnectorError(
        .interrupted, "the file was written while it was read",
        remedy: "Run again; nothing of this commit was kept.", place: path(current.task))
    }
    try record(current.task, current.source, lines: current.rowCount)
  }

  private func record(_ task: FileTask, _ source: WholeFile, lines: Int) throws(ConnectorError) {
    let size = source.byteCount
    let start = try source.file.read(at: 0, count: min(size, ContentHash.bytesMax))
    // The end of the footer, and with it where everything lies.
    let end = try source.file.read(
      at: max(0, size - ContentHash.bytesMax), count: min(size, ContentHash.bytesMax))
    var generation = Generation(
      path: task.file.path, identity: task.file.identity, isCompressed: false, size: 0,
      modified: 0, changed: 0, born: 0, fingerprint: ContentHash(start),
      anchor: ContentHash(end), offset: size, lines: lines, status: .open)
    generation.saw(task.file.status)
    generation.versionID = source.file.versionID
    changes.append(LedgerChange(key: task.key, value: generation.json))
    isSignificant = true
    if task.known == nil { totals.noteGeneration(task.key) }
    if task.known?.offset != size {
      totals.lines += lines
      totals.bytes += size
    }
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
    return Advance(bookmark: bookmark, ledger: changes, isSignificant: isSignificant)
  }

  func close() {
    current = nil
    tasks = []
    isDone = true
  }

  /// Reads the footer of a file.
  static func check(_ file: any ReadableFile, byteCount: Int) throws(ConnectorError) {
    try reading(file.path) { () throws(ParquetError) in
      _ = try ParquetFile(WholeFile(file: file, byteCount: byteCount, readCost: .remote))
    }
  }

  /// How many rows a file says that it has.
  static func rowCount(_ file: any ReadableFile, byteCount: Int) throws(ConnectorError) -> Int {
    try reading(file.path) { () throws(ParquetError) in
      try ParquetFile(WholeFile(file: file, byteCount: byteCount, readCost: .remote)).rowCount
    }
  }

  /// Reads all of a file.
  static func verify(_ file: any ReadableFile, byteCount: Int) throws(ConnectorError) {
    try reading(file.path) { () throws(ParquetError) in
      try readThrough(
        ParquetFile(WholeFile(file: file, byteCount: byteCount, readCost: .remote)))
    }
  }

  private func path(_ task: FileTask) -> String { session.place.root + task.file.path }

  private func reading<Result>(
    _ task: FileTask, _ body: () throws(ParquetError) -> Result
  ) throws(ConnectorError) -> Result {
    try Self.reading(path(task), body)
  }

  private static func reading<Result>(
    _ path: String, _ body: () throws(ParquetError) -> Result
  ) throws(ConnectorError) -> Result {
    do throws(ParquetError) { return try body() } catch {
      if let cause = error.cause as? ConnectorError { throw cause }
      throw ConnectorError(
        error.kind == .transferFailed ? .interrupted : .malformed,
        "the Parquet file cannot be read: \(error.summary)",
        remedy: "\(error.remedy); or add the file to 'exclude'. Nothing of it was loaded.",
        place: path)
    }
  }
}

/// A file as the Parquet reader needs it.
private struct WholeFile: ByteSource {
  let file: any ReadableFile
  let byteCount: Int
  let readCost: ReadCost

  func read(_ range: Range<Int>) throws -> [UInt8] {
    try file.read(at: range.lowerBound, count: range.count)
  }
}

/// The end of a run whose files could all be read: nothing more.
final class NoRows: BatchReader {
  private let bookmark: Bookmark

  init(_ bookmark: Bookmark) { self.bookmark = bookmark }

  func next() -> SourceBatch? { nil }
  func finish() -> Advance { Advance(bookmark: bookmark) }
  func close() {}
}
