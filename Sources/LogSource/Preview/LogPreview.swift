public import Base
public import Connector
internal import Formats
internal import Foundation
internal import Kernels
public import Records
internal import Synchronization

/// What a format makes of a file, by the code that a run reads it with; nothing is committed.
///
///     let preview = try LogPreview(options, context)     // as a stream's: parse, zone, columns, …
///     let outcome = try preview.read("/var/log/app.log")
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
  public static var formats: [String] { LineFormats.names }

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

  /// Reads a file, in bounded memory.
  /// - Parameters:
  ///   - path: absolute, or from the working folder.
  ///   - progress: told now and then which part of the file is read, 0…1.
  /// - Throws: `.notFound`, `.denied`, `.interrupted` or, for a broken archive, `.malformed`.
  public func read(
    _ path: String, _ limits: Limits = Limits(), cancellation: Cancellation = Cancellation(),
    progress: (Double) -> Void = { _ in }
  ) throws(ConnectorError) -> Outcome {
    try read(
      try Self.task(path, limits, root: settings.pattern.root), in: try settings.place(context),
      limits, cancellation, progress)
  }

  /// Reads a file that was listed.
  func read(_ file: ListedFile, in place: any FilePlace, _ limits: Limits) throws(ConnectorError)
    -> Outcome
  {
    try read(Self.task(file, limits), in: place, limits, Cancellation()) { _ in }
  }

  private func read(
    _ task: FileTask, in place: any FilePlace, _ limits: Limits, _ cancellation: Cancellation,
    _ progress: (Double) -> Void
  ) throws(ConnectorError) -> Outcome {
    let notes = Mutex<[String]>([])
    var context = context
    context.notify = { note in notes.withLock { $0.append(note) } }
    var options = ReadOptions(cancellation: cancellation)
    options.batchRowsMax = 16_384
    let reader = try LogReader(
      LogSession(settings, context, place), split: 0, tasks: [task], schema: nil, options)
    defer { reader.close() }
    var outcome = Outcome(format: settings.format.name)
    var reasons: [String: Int] = [:]
    while let batch = try reader.next() {
      progress(reader.share)
      switch batch.table {
      case .main: Self.add(batch.batch, limits, to: &outcome)
      case .side: Self.add(rejects: batch.batch, limits, to: &outcome, &reasons)
      }
    }
    let advance = try reader.finish()
    outcome.lines = advance.bookmark.state["lines"]?.integer.flatMap { Int(exactly: $0) } ?? 0
    outcome.repaired = advance.counts[LogReader.repairedCountName] ?? 0
    outcome.reasons = Array(
      reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(10)
        .map { (reason: $0.key, count: $0.value) })
    // What is cut by the limit is no news.
    if task.isClosed { outcome.notes = notes.withLock { $0 } }
    return outcome
  }

  private static func task(
    _ path: String, _ limits: Limits, root: String
  ) throws(ConnectorError) -> FileTask {
    let whole =
      path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    let status: ScanFile.Status
    do {
      status = try ScanFile.status(path: whole)
    } catch {
      guard error.isMissing else { throw LocalFile.unreadable(path, error) }
      throw ConnectorError(
        .notFound, "there is no such file", remedy: "Check the path.", place: path)
    }
    guard status.kind == .file else {
      throw ConnectorError(
        .notFound, status.kind == .folder ? "it is a folder" : "it is no regular file",
        remedy: "Name a file, or give its text on standard input as '-'.", place: path)
    }
    if let obstacle = ScanFile.obstacle(path: whole) {
      throw LocalFile.unreadable(path, obstacle)
    }
    return Self.task(
      ListedFile(path: String(whole.dropFirst(root.count)), status: status), limits)
  }

  private static func task(_ file: ListedFile, _ limits: Limits) -> FileTask {
    var file = file
    // A line that the limit cuts is not taken.
    let isCut = limits.bytes.map { $0 < file.status.size } ?? false
    if let bytes = limits.bytes { file.status.size = min(file.status.size, bytes) }
    return FileTask(key: "preview", file: file, known: nil, isClosed: !isCut)
  }

  private static func add(_ batch: Batch, _ limits: Limits, to outcome: inout Outcome) {
    outcome.rows += batch.rowCount
    let own = [LogSettings.fileColumn, LogSettings.lineColumn]
    outcome.schema = Schema(batch.schema.fields.filter { !own.contains($0.name) })
    let missing = limits.rows - outcome.sample.reduce(0) { $0 + $1.rowCount }
    guard missing > 0 else { return }
    // The line first, as in a listing, and the file not at all.
    let order =
      batch.schema.names.indices.filter { batch.schema.names[$0] == LogSettings.lineColumn }
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
    guard let lines = batch[LogSettings.lineColumn], let texts = batch["text"],
      let whys = batch["reason"]
    else { return }
    outcome.rejected += batch.rowCount
    for row in 0..<batch.rowCount {
      let reason = whys[row].text
      // Reasons may name what they found, and be as many as the lines.
      if reasons[reason] != nil || reasons.count < 1000 { reasons[reason, default: 0] += 1 }
      if outcome.rejects.count < limits.rejects {
        outcome.rejects.append(
          Reject(line: Int(lines[row].text) ?? 0, text: texts[row].text, reason: reason))
      }
    }
  }
}
