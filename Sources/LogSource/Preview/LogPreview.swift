public import Base
public import Connector
internal import Formats
internal import Kernels
public import Records
internal import Synchronization

/// What a format makes of files, by the code that a run reads it with; nothing is committed.
///
///     let preview = try LogPreview(options, context)     // as a stream's: parse, zone, columns, …
///     let outcome = try preview.read(PreviewFiles(["/var/log/app.log"], context))
public struct LogPreview: Sendable {
  /// How much of what is found is kept.
  public struct Limits: Sendable {
    public var rows: Int
    public var rejects: Int
    /// Bytes of the file that are read, up to the end of a line; all where nil.
    public var bytes: Int?

    public init(rows: Int = 20, rejects: Int = 20, bytes: Int? = nil) {
      self.rows = rows
      self.rejects = rejects
      self.bytes = bytes
    }
  }

  /// A line that is no row.
  public struct Reject: Hashable, Sendable {
    public var file: String
    public var line: Int
    public var text: String
    public var reason: String
  }

  public struct Outcome: Sendable {
    public var format: String
    /// Lines read, whatever became of them.
    public var lines = 0
    public var rows = 0
    public var rejected = 0
    /// Lines with bytes that are not UTF-8, which were replaced; they are rows.
    public var repaired = 0
    /// Lines that go on a record which began on a line before.
    public var continued = 0
    public var hasSeveralFiles = false
    /// The columns that all rows together have, without those about the file.
    public var schema = Schema([])
    /// The first rows, with `_line`; columns may come later, or widen.
    public var sample: [Batch] = []
    /// The first rejects.
    public var rejects: [Reject] = []
    /// How often lines were rejected for a reason, the most frequent first; at most ten.
    public var reasons: [(reason: String, count: Int)] = []
    /// What a run would tell a person about the file.
    public var notes: [String] = []

    /// Lines that are neither: blank ones, headers, comments, and further lines of a record. nil
    /// where lines hold several records.
    public var otherLines: Int? {
      lines >= rows + rejected ? lines - rows - rejected : nil
    }
  }

  private let settings: LogSettings
  private let context: SourceContext

  /// The option's names and what they may be, for whoever takes them from a person.
  public static var keys: [ConfigKey] { LogSourceType.streamKeys }

  /// The names of the formats there are.
  public static var formats: [String] { LineFormats.names + [ParquetRows.name] }

  /// - Parameter options: of a stream.
  /// - Throws: `.misconfigured` for a format that there is not, and for its options.
  public init(_ options: [ConfigValue.Entry], _ context: SourceContext) throws(ConnectorError) {
    self.context = context
    settings = try LogSettings(
      SourceConfiguration(
        name: "parse",
        options: ConfigValue(.map([.init(key: "path", value: .string("/*"))]))),
      StreamConfiguration(name: "parse", item: "parse", options: ConfigValue(.map(options))),
      context)
  }

  init(_ settings: LogSettings, _ context: SourceContext) {
    self.context = context
    self.settings = settings
  }

  /// Reads files one after the other, in bounded memory.
  /// - Parameter progress: told now and then which part of the file at hand is read, 0…1.
  /// - Throws: `.notFound`, `.denied`, `.interrupted` or, for a damaged file, `.malformed`.
  public func read(
    _ files: PreviewFiles, _ limits: Limits = Limits(), cancellation: Cancellation = Cancellation(),
    progress: (Double) -> Void = { _ in }
  ) throws(ConnectorError) -> Outcome {
    let notes = Mutex<[String]>([])
    var context = context
    context.notify = { note in notes.withLock { $0.append(note) } }
    var options = ReadOptions(cancellation: cancellation)
    options.batchRowsMax = 16_384
    var outcome = Outcome(format: settings.format.name)
    outcome.hasSeveralFiles = files.paths.count > 1
    var reasons: [String: Int] = [:]
    var schema: Schema?
    for group in files.groups {
      let tasks = group.files.enumerated().map { Self.task($1, number: $0, limits) }
      let session = LogSession(settings, context, group.place, isPreview: true)
      let lines =
        try settings.readsParquet
        ? nil : LogReader(session, split: 0, tasks: tasks, schema: schema, options)
      let reader: any BatchReader
      if let lines {
        reader = lines
      } else {
        reader = ParquetFilesReader(session, split: 0, tasks: tasks, verifies: false, options)
      }
      defer { reader.close() }
      while let batch = try reader.next() {
        if let lines { progress(lines.share) }
        switch batch.table {
        case .main:
          schema = batch.batch.schema
          add(batch.batch, limits, to: &outcome)
        case .side: Self.add(rejects: batch.batch, limits, to: &outcome, &reasons)
        }
      }
      let advance = try reader.finish()
      outcome.lines += advance.bookmark.state["lines"]?.integer.flatMap { Int(exactly: $0) } ?? 0
      outcome.repaired += advance.counts[LogReader.repairedCountName] ?? 0
      outcome.continued += advance.counts[LogReader.continuedCountName] ?? 0
    }
    outcome.reasons = Array(
      reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(10)
        .map { (reason: $0.key, count: $0.value) })
    // What is cut by the limit is no news.
    if limits.bytes == nil { outcome.notes = notes.withLock { $0 } }
    return outcome
  }

  /// Reads a file that was listed.
  func read(_ file: ListedFile, in place: any FilePlace, _ limits: Limits) throws(ConnectorError)
    -> Outcome
  {
    try read(PreviewFiles(file, in: place), limits)
  }

  private static func task(_ file: ListedFile, number: Int, _ limits: Limits) -> FileTask {
    var file = file
    // A line that the limit cuts is not taken.
    let isCut = limits.bytes.map { $0 < file.status.size } ?? false
    if let bytes = limits.bytes { file.status.size = min(file.status.size, bytes) }
    return FileTask(key: "preview-\(number)", file: file, known: nil, isClosed: !isCut)
  }

  private func add(_ batch: Batch, _ limits: Limits, to outcome: inout Outcome) {
    outcome.rows += batch.rowCount
    let own = [LogSettings.fileColumn, LogSettings.lineColumn]
    var fields = LogSettings.withoutPlace(batch.schema.fields)
    if settings.readsParquet {
      // Each file has its own columns.
      let names = Set(fields.map(\.name))
      fields = outcome.schema.fields.filter { !names.contains($0.name) } + fields
    }
    outcome.schema = Schema(fields)
    let missing = limits.rows - outcome.sample.reduce(0) { $0 + $1.rowCount }
    guard missing > 0 else { return }
    // The line first, as in a listing, and the file where there are several.
    let first = outcome.hasSeveralFiles ? own : [LogSettings.lineColumn]
    let order =
      first.compactMap { batch.schema.names.firstIndex(of: $0) }
      + batch.schema.names.indices.filter { !own.contains(batch.schema.names[$0]) }
    let part = batch.slice(0..<min(missing, batch.rowCount))
    outcome.sample.append(
      Batch(
        schema: Schema(order.map { part.schema.fields[$0] }),
        columns: order.map { part.columns[$0] },
        rowCount: part.rowCount))
  }

  private static func add(
    rejects batch: Batch, _ limits: Limits, to outcome: inout Outcome,
    _ reasons: inout [String: Int]
  ) {
    guard let files = batch[LogSettings.fileColumn], let lines = batch[LogSettings.lineColumn],
      let texts = batch["text"],
      let whys = batch["reason"]
    else { return }
    outcome.rejected += batch.rowCount
    for row in 0..<batch.rowCount {
      let reason = whys[row].text
      // Reasons may name what they found, and be as many as the lines.
      if reasons[reason] != nil || reasons.count < 1000 { reasons[reason, default: 0] += 1 }
      if outcome.rejects.count < limits.rejects {
        outcome.rejects.append(
          Reject(
            file: files[row].text, line: Int(lines[row].text) ?? 0, text: texts[row].text,
            reason: reason))
      }
    }
  }
}
