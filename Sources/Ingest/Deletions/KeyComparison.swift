internal import Base
internal import Bookmarks
internal import Connector
internal import Records
internal import Storage

/// Finds the keys that are in a stream's table and no more in its source, and those that were gone
/// and are back, as a split behind the plan's own: rows of the side table `<table>__deleted`, in a
/// commit of the stream that moves no mark.
///
/// What the table holds is fixed first, then the source's snapshot opens: a row of the table was
/// read before, so where the snapshot lacks it, it is gone. Rows that came after the bookmark's
/// ceiling are in the snapshot and not in the table, which says nothing.
///
/// A key counts as gone from the commit that says so until a later one brings a row of it, or says
/// that it is back: one whose row came back below the mark is never read, but its key is there.
final class KeyComparison: BatchReader {
  /// The side table's name behind `<table>__`.
  static let side = "deleted"
  /// When a key was found to be gone.
  static let timeField = Field(
    "_found_at", .timestamp(.microseconds, isUTC: true), isNullable: false)
  /// Whether it was found to be there again. NULL, as in files from before there was this column:
  /// it is gone.
  static let backField = Field("_is_back", .boolean)
  private static let rowsPerBatch = 4096

  private let workspace: Workspace
  private let stream: ResolvedStream
  private let session: any StreamSession
  private let options: ReadOptions
  private let budget: MemoryBudget
  /// Lets most of the keys be gone.
  private let isForced: Bool
  private let startedAt: Instant

  private var bins: KeyBins?
  private var coder: KeyCoder?
  private var nextBin = 0
  private var pending: [Batch] = []
  private var finding = KeyBins.Finding()
  private var sourceCount = 0

  init(
    workspace: Workspace, stream: ResolvedStream, session: any StreamSession,
    options: ReadOptions, budget: MemoryBudget, isForced: Bool
  ) {
    self.workspace = workspace
    self.stream = stream
    self.session = session
    self.options = options
    self.budget = budget
    self.isForced = isForced
    startedAt = workspace.clock.now
  }

  func next() throws(ConnectorError) -> SourceBatch? {
    do {
      if bins == nil { try collect() }
      while pending.isEmpty, let bins, nextBin < bins.binCount {
        try compare(bins, nextBin)
        nextBin += 1
      }
      if let batch = pending.popLast() { return SourceBatch(batch, table: .side(Self.side)) }
      try checkPlausible()
      return nil
    } catch {
      guard let known = error as? ConnectorError else {
        throw ConnectorError(IngestError(wrapping: error))
      }
      throw known
    }
  }

  func finish() throws(ConnectorError) -> Advance {
    let state: StreamState?
    do { state = try workspace.log.stream(stream.name) } catch {
      throw ConnectorError(IngestError(error))
    }
    guard let bookmark = state?.bookmark else {
      throw ConnectorError(
        .interrupted, "the stream's bookmark is gone", remedy: "Run again.", place: stream.name)
    }
    return Advance(
      bookmark: bookmark,
      ledger: [ComparisonSchedule.entry(at: startedAt, keys: sourceCount)],
      counts: counts)
  }

  private var counts: [String: Int] {
    var counts = ["keys_compared": sourceCount, "keys_deleted": finding.goneCount]
    if finding.backCount > 0 { counts["keys_back"] = finding.backCount }
    return counts
  }

  func close() {
    bins = nil
    pending = []
    nextBin = .max
  }

  // MARK: Both sides

  private func collect() throws {
    let key = session.deletions.key
    guard let state = try workspace.log.stream(stream.name),
      let table = state.schemas[stream.table], !key.isEmpty
    else {
      bins = nil
      throw IngestError(
        .failed, "there is no table to compare keys with", remedy: "Run the stream again.",
        place: stream.name)
    }
    let files = try workspace.log.files(of: stream.name, asOf: state.version)
    let side = stream.tableName(.side(Self.side))
    let rows = files.reduce(0) {
      $0 + ($1.table == stream.table || $1.table == side ? $1.rowCount : 0)
    }
    var bins = try KeyBins(
      rowCount: rows, memoryBytes: options.memoryBytes,
      name: "keys-\(Workspace.makeID(workspace.randomness))")
    let reader = try session.keys(options)
    defer { reader.close() }
    var schema = Schema(try key.map { try field($0, of: table) })
    let first = try reader.next()
    if let first { schema = try widened(schema, with: first.batch.schema) }
    let coder = try KeyCoder(schema, place: stream.name)
    try collectSource(reader, first, coder, &bins)
    func keys(_ schema: Schema) -> TableKeys {
      TableKeys(
        workspace: workspace, schema: schema, budget: budget, checkCancelled: checkCancelled)
    }
    let (ofRows, ofSide) = (keys(schema), keys(Schema(schema.fields + [Self.backField])))
    for file in files where file.table == stream.table || file.table == side {
      let isSide = file.table == side
      try (isSide ? ofSide : ofRows).read(file) { columns, versions in
        let back = isSide ? columns.last : nil
        let columns = isSide ? columns.dropLast() : columns
        var bytes: [UInt8] = []
        for row in versions.indices {
          bytes.removeAll(keepingCapacity: true)
          coder.encode(columns, row: row, to: &bytes)
          try bins.addTable(
            KeyDigest(bytes[...]), bytes[...], version: versions[row],
            !isSide ? .row : back?[row] == .boolean(true) ? .back : .gone)
        }
      }
    }
    self.bins = bins
    self.coder = coder
  }

  private func collectSource(
    _ reader: any BatchReader, _ first: SourceBatch?, _ coder: KeyCoder, _ bins: inout KeyBins
  ) throws {
    var next = first
    var bytes: [UInt8] = []
    while let batch = next?.batch {
      try checkCancelled()
      let columns = try coder.schema.fields.map { field in
        guard let column = batch[field.name]?.widened(to: field.type) else {
          throw changed(field, batch.schema[field.name])
        }
        return column
      }
      for row in 0..<batch.rowCount {
        bytes.removeAll(keepingCapacity: true)
        coder.encode(columns, row: row, to: &bytes)
        try bins.addSource(KeyDigest(bytes[...]))
      }
      sourceCount += batch.rowCount
      next = try reader.next()
    }
  }

  private func field(_ name: String, of table: Schema) throws(IngestError) -> Field {
    guard let field = table[name] else {
      throw IngestError(
        .refused, "the table has no column '\(name)', which is part of the key",
        remedy: "Name columns under `key` that the stream reads.", place: stream.name)
    }
    return field
  }

  /// The table's types, or wider ones where the source's have become so.
  private func widened(_ schema: Schema, with source: Schema) throws(IngestError) -> Schema {
    var fields: [Field] = []
    for var field in schema.fields {
      guard let other = source[field.name], let type = field.type.widened(with: other.type) else {
        throw changed(field, source[field.name])
      }
      field.type = type
      field.isNullable = field.isNullable || other.isNullable
      fields.append(field)
    }
    return Schema(fields)
  }

  private func changed(_ field: Field, _ other: Field?) -> IngestError {
    IngestError(
      .refused,
      "the key's column '\(field.name)' is \(field.type) in the table and "
        + "\(other.map { "\($0.type)" } ?? "missing") in the source",
      remedy: "Reset the stream to load the table anew, or name other columns under `key`.",
      place: stream.name)
  }

  private func checkCancelled() throws(ConnectorError) {
    guard options.cancellation.isCancelled else { return }
    throw ConnectorError(
      .cancelled, options.cancellation.reason ?? "comparing was stopped",
      remedy: "Run again: what was committed stays.", place: stream.name)
  }

  // MARK: Comparing

  private func compare(_ bins: KeyBins, _ bin: Int) throws {
    try checkCancelled()
    var keys: [ArraySlice<UInt8>] = []
    var areBack: [Bool] = []
    finding += try bins.compare(bin: bin) { key, statement in
      keys.append(key)
      areBack.append(statement == .back)
      if keys.count == Self.rowsPerBatch {
        flush(keys, areBack)
        keys = []
        areBack = []
      }
    }
    if !keys.isEmpty { flush(keys, areBack) }
  }

  private func flush(_ keys: [ArraySlice<UInt8>], _ areBack: [Bool]) {
    guard let coder else { return }
    let time = Column(
      type: Self.timeField.type, count: keys.count,
      values: .int64(Array(repeating: startedAt.microseconds, count: keys.count)))
    var back = BooleanBuilder()
    for isBack in areBack { back.append(isBack) }
    pending.append(
      Batch(
        schema: Schema(coder.schema.fields + [Self.timeField, Self.backField]),
        columns: coder.columns(keys) + [time, back.finish()], rowCount: keys.count))
  }

  /// A source that suddenly lacks most of its rows is more often broken than empty.
  private func checkPlausible() throws(IngestError) {
    let had = finding.presentCount
    let left = had - finding.goneCount
    let isFarLess = had > 0 && (left == 0 || (had >= 100 && left < had / 2))
    guard isFarLess && !isForced else { return }
    throw IngestError(
      .refused, "\(finding.goneCount) of the table's \(had) keys are no more in the source",
      remedy: "Nothing was marked as deleted. If that is right, run again with --force.",
      place: stream.name)
  }
}

extension ConnectorError {
  /// For a reader that is part of the engine.
  fileprivate init(_ error: IngestError) {
    let kind: Kind =
      switch error.kind {
      case .configuration: .misconfigured
      case .unreachable: .unreachable
      case .refused: .refused
      case .failed, .defect: .malformed
      case .cancelled: .cancelled
      }
    self.init(
      kind, error.message, remedy: error.remedy, place: error.place, isRetryable: error.isRetryable)
  }
}
