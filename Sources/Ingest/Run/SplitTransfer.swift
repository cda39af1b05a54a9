internal import Base
internal import Bookmarks
internal import Connector
internal import Lake
internal import Parquet
internal import Records
internal import Storage
internal import Synchronization

/// Moves one split's rows from the source into staged files.
struct SplitTransfer {
  let workspace: Workspace
  let stream: ResolvedStream
  let budget: MemoryBudget
  let cancellation: Cancellation
  let observer: RunObserver

  /// What was staged, ready to be committed.
  struct Result {
    /// Names the files and the commit.
    var commit: String
    var staged: [TableWriter.Staged] = []
    /// The columns of each table after this split, with partition columns last.
    var schemas: [String: Schema]
    var advance: Advance
    /// Of the stream's own table.
    var rowCount: Int
    /// Set where the split's rows replace the table's.
    var contentHash: String?
    /// Keys of files that leave the table.
    var removed: [String] = []
    /// Those of them that stay where they lie.
    var left: [String] = []
  }

  /// - Parameters:
  ///   - retracts: rows that this split's come in the place of.
  ///   - progress: rows and bytes that the run moved so far; counted on here.
  func run(
    _ reader: any BatchReader, replacesTable: Bool, retracts: [RetractedRows] = [],
    schemas: [String: Schema], progress: TransferProgress
  ) throws -> Result {
    let commit = Workspace.makeID(workspace.randomness)
    var locations = PartitionLocations(keys: try workspace.log.keys(of: stream.name))
    let retraction = try RowRetraction(
      retracts, of: stream, workspace, commit: commit, schemas: schemas,
      checkpoint: checkCancelled)
    retraction.move(&locations)
    let thread = ReaderThread(reader, channelBytes: budget.channelBytes)
    var tables = TableWriters(
      transfer: self, commit: commit, schemas: schemas, locations: locations,
      hash: replacesTable ? ContentHash() : nil)
    do {
      while let batch = thread.batches.receive() {
        try checkCancelled()
        try tables.write(batch)
        progress.count(batch, observer: observer, stream: stream.name)
      }
      let advance = try thread.advance()
      try checkCancelled()
      var result = Result(
        commit: commit, staged: try tables.finish(), schemas: tables.schemas, advance: advance,
        rowCount: tables.rowCount, contentHash: tables.hash?.text, removed: retraction.removed,
        left: retraction.left)
      result.staged += try retraction.stage(
        schemas: result.schemas, settings: stream.settings, budget: budget,
        cancellation: cancellation, firstNumber: result.staged.count)
      if retraction.rowCount > 0 {
        result.advance.counts["rows of overwritten content, retracted", default: 0] +=
          retraction.rowCount
      }
      return result
    } catch {
      thread.abandon()
      tables.abandon()
      // A reader that was cancelled fails as it pleases; the reason to give is the cancellation.
      try checkCancelled()
      throw error
    }
  }

  private func checkCancelled() throws(IngestError) {
    guard let reason = cancellation.reason else { return }
    throw IngestError(
      .cancelled, "stopped: \(reason)",
      remedy: "Nothing of this split was committed; run again to go on.", place: stream.name)
  }
}

/// Rows and bytes of a stream's run so far, of all its splits together.
final class TransferProgress: Sendable {
  private struct Counts {
    var rows = 0
    var bytes = 0
    var expectedRows: Int?
  }

  private let counts = Mutex(Counts())

  /// Further rows are expected, besides those that have come.
  func expect(rows: Int?) {
    counts.withLock { counts in counts.expectedRows = rows.map { $0 + counts.rows } }
  }

  func count(_ batch: SourceBatch, observer: RunObserver, stream: String) {
    let now = counts.withLock { counts in
      if batch.table == .main { counts.rows += batch.batch.rowCount }
      counts.bytes += batch.byteCount
      return counts
    }
    observer(
      .progress(
        stream: stream, rows: now.rows, bytes: now.bytes, expectedRows: now.expectedRows))
  }
}

/// The open writers of a stream's tables within one commit.
private struct TableWriters {
  let transfer: SplitTransfer
  let commit: String
  var schemas: [String: Schema]
  /// Counted only where a full read must be told from the one before.
  var hash: ContentHash?
  var rowCount = 0
  private let locations: PartitionLocations
  private var writers: [TableRole: TableWriter] = [:]
  private let lineage: Lineage?

  init(
    transfer: SplitTransfer, commit: String, schemas: [String: Schema],
    locations: PartitionLocations, hash: ContentHash?
  ) {
    self.transfer = transfer
    self.locations = locations
    self.commit = commit
    self.schemas = schemas
    self.hash = hash
    lineage =
      transfer.stream.settings.hasLineage
      ? Lineage(commit: commit, at: transfer.workspace.clock.now) : nil
  }

  mutating func write(_ incoming: SourceBatch) throws {
    let stream = transfer.stream
    var batch = incoming.batch
    if batch.rowCount == 0 { return }
    let isMain = incoming.table == .main
    // Rejects and other side tables are not partitioned: they are small, and lack the columns.
    let spec = PartitionSpec(isMain ? stream.settings.partition : [])
    let table = stream.tableName(incoming.table)
    // Also where only what lies in the rows changed, and is in tables of its own.
    hash?.add(batch)
    if isMain {
      if let lineage { batch = lineage.extend(batch) }
    }
    let known = schemas[table].map { spec.dataSchema(ofTable: $0) }
    let (rows, after) = try SchemaReconciliation(settings: stream.settings)
      .reconcile(batch, with: known, place: stream.name)
    schemas[table] = try spec.tableSchema(after)
    try writer(incoming.table, table, spec).write(rows)
    if isMain { rowCount += rows.rowCount }
  }

  private mutating func writer(_ role: TableRole, _ table: String, _ spec: PartitionSpec)
    -> TableWriter
  {
    if let writer = writers[role] { return writer }
    let stream = transfer.stream
    let writer = TableWriter(
      store: transfer.workspace.store,
      options: TableWriter.Options(
        zone: stream.zone, table: table, partition: spec, commit: commit,
        owner: LakeLayout.stagingOwner(table: stream.table, commit: commit),
        fileBytesTarget: stream.settings.fileBytesTarget,
        memoryBytes: transfer.budget.writerBytes, uploadBytes: transfer.budget.uploadBytes,
        parquet: stream.settings.parquetOptions, locations: locations))
    writers[role] = writer
    return writer
  }

  func finish() throws -> [TableWriter.Staged] {
    try transfer.workspace.perform(.stageFile) {
      var staged: [TableWriter.Staged] = []
      for writer in writers.values { staged += try writer.finish() }
      return staged.sorted { $0.file.key < $1.file.key }
    }
  }

  func abandon() {
    for writer in writers.values { writer.abandon() }
  }
}

extension PartitionSpec {
  /// The columns that the source's rows have: the table's without the parts of times.
  func dataSchema(ofTable schema: Schema) -> Schema {
    Schema(
      schema.fields.filter { field in
        !fields.contains { !$0.replacesColumn && $0.name == field.name }
      })
  }
}

/// The columns that say where a row came from.
struct Lineage {
  static let commitColumn = "_commit"
  static let timeColumn = "_ingested_at"
  let commit: String
  let at: Instant

  init(commit: String, at: Instant) {
    self.commit = commit
    self.at = at
  }

  func extend(_ batch: Batch) -> Batch {
    let count = batch.rowCount
    let text = Array(commit.utf8)
    let view = ByteView(offset: 0, length: UInt32(text.count))
    let time = DataType.timestamp(.microseconds, isUTC: true)
    let columns = [
      Column(
        type: .string, count: count,
        values: .bytes(ByteColumn(views: Array(repeating: view, count: count), buffers: [text]))),
      Column(
        type: time, count: count,
        values: .int64(Array(repeating: at.microseconds, count: count))),
    ]
    let fields = [
      Field(Self.commitColumn, .string, isNullable: false),
      Field(Self.timeColumn, time, isNullable: false),
    ]
    return Batch(
      schema: Schema(batch.schema.fields + fields), columns: batch.columns + columns,
      rowCount: count)
  }
}
