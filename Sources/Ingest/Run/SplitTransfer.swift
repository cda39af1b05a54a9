internal import Base
internal import Bookmarks
internal import Connector
internal import Lake
internal import Parquet
internal import Records
internal import Storage
internal import Synchronization

/// Moves one split's rows from the source into staged files.
///
/// Where a column turns out to be of a type that what is staged already cannot be read as, all of
/// it is given up and the split is read again, with the wider type known from the start: so its
/// values come as the source wrote them.
struct SplitTransfer {
  let workspace: Workspace
  let stream: ResolvedStream
  let budget: MemoryBudget
  let cancellation: Cancellation
  let observer: RunObserver

  /// What is read, and what of the tables it changes besides.
  struct Task {
    /// Whether the rows replace all that the tables hold.
    var replacesTable = false
    /// Whether splits before it are not committed yet: where their partitions lie is not known.
    var isAhead = false
    /// Rows that the split's come in the place of.
    var retracts: [RetractedRows] = []
    /// Whether a column's type was found out from its values.
    var infersType: (_ column: String, _ table: TableRole) -> Bool = { _, _ in false }
    /// Opens the split.
    var open: (_ knownSchemas: [TableRole: Schema]?) throws -> any BatchReader
  }

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
    /// Whether rows of the table go.
    var retractsRows = false
    /// What became wider, and how many files were written anew for it, in words; nil where nothing.
    var widening: String?
  }

  /// Each reading makes a column wider, and the second learns of all that there is to widen, or is
  /// one that the source asked for; only of a source that gives something else every time there is
  /// more to come.
  private static let readingsMax = 8

  /// - Parameters:
  ///   - schemas: the columns of the stream's tables.
  ///   - progress: rows and bytes that the run moved so far; counted on here.
  func run(_ task: Task, schemas: [String: Schema], progress: TransferProgress) throws -> Result {
    var known: [String: Schema]?
    for reading in 1...Self.readingsMax {
      do {
        return try read(
          task, before: schemas, known: known, learnsAll: reading > 1, progress: progress)
      } catch let wider as WiderColumns {
        known = wider.schemas
        observer(
          .notice(
            stream: stream.name,
            text: "\(wider.columns.joined(separator: ", ")): read again, as the wider type"))
      } catch let error as ConnectorError where error.readsSplitAnew {
        // The source knows now what to leave out.
      }
    }
    throw IngestError(
      .failed,
      "columns turned out to be of wider types each of the \(Self.readingsMax) times that the source was read",
      remedy:
        "It gives other rows every time. Declare the columns' types where the source takes 'columns', and run again.",
      place: stream.name, isRetryable: true)
  }

  /// - Parameters:
  ///   - before: the tables' columns.
  ///   - known: with what an earlier reading found out.
  ///   - learnsAll: a column that is wider than known does not end the reading, but the writing.
  private func read(
    _ task: Task, before: [String: Schema], known: [String: Schema]?, learnsAll: Bool,
    progress: TransferProgress
  ) throws -> Result {
    let commit = Workspace.makeID(workspace.randomness)
    var revision = try TableRevision(of: stream, workspace, commit: commit)
    try revision.retract(task.retracts, checkpoint: checkCancelled)
    var tables = TableWriters(
      transfer: self, task: task, commit: commit, schemas: before, revision: revision,
      locations: PartitionLocations(keys: try workspace.log.keys(of: stream.name)))
    if let known { try tables.widen(to: known) }
    let thread = ReaderThread(
      try task.open(known.map(stream.schemasByRole)), channelBytes: budget.channelBytes)
    var moved = TransferProgress.Moved()
    do {
      while let batch = thread.batches.receive() {
        try checkCancelled()
        try tables.write(batch, learnsAll: learnsAll)
        moved.add(batch)
        progress.count(batch, observer: observer, stream: stream.name)
      }
      let advance = try thread.advance()
      try checkCancelled()
      return try finish(tables, advance)
    } catch {
      thread.abandon()
      tables.abandon()
      if error is WiderColumns || (error as? ConnectorError)?.readsSplitAnew == true {
        progress.forget(moved)
      }
      // A reader that was cancelled fails as it pleases; the reason to give is the cancellation.
      try checkCancelled()
      throw error
    }
  }

  private func finish(_ tables: TableWriters, _ advance: Advance) throws -> Result {
    let staged = try tables.finish()
    let revision = tables.revision
    var result = Result(
      commit: tables.commit, staged: staged, schemas: tables.schemas, advance: advance,
      rowCount: tables.rowCount, contentHash: tables.hash?.text, removed: revision.removed,
      left: revision.left, retractsRows: revision.retractedRowCount > 0)
    result.staged += try revision.stage(
      schemas: result.schemas, budget: budget, cancellation: cancellation,
      firstNumber: staged.count)
    func count(_ name: String, _ number: Int) {
      if number > 0 { result.advance.counts[name, default: 0] += number }
    }
    count("rows of overwritten content, retracted", revision.retractedRowCount)
    count("columns_widened", revision.widened.count)
    count("files_rewritten", revision.widenedFileCount)
    result.widening = describe(revision)
    return result
  }

  private func describe(_ revision: TableRevision) -> String? {
    if revision.widened.isEmpty { return nil }
    let columns = revision.widened.map { column in
      let table = column.table == stream.table ? "" : "\(column.table)."
      return "\(table)\(column.column) became \(column.after) (it was \(column.before))"
    }
    return columns.joined(separator: ", ")
      + "; \(Units.describe(revision.widenedFileCount, "file")) written anew"
  }

  private func checkCancelled() throws(IngestError) {
    guard let reason = cancellation.reason else { return }
    throw IngestError(
      .cancelled, "stopped: \(reason)",
      remedy: "Nothing of this split was committed; run again to go on.", place: stream.name)
  }
}

/// Rows are staged in a type that the column has outgrown: they have to be read again.
struct WiderColumns: Error {
  /// The columns of all tables, with the wider types.
  var schemas: [String: Schema]
  /// In words.
  var columns: [String]
}

/// A split that was read ahead has files to write anew, which is for when those before it are
/// committed.
struct OutOfTurn: Error {}

/// Rows and bytes of a stream's run so far, of all its splits together.
final class TransferProgress: Sendable {
  struct Moved {
    var rows = 0
    var bytes = 0

    mutating func add(_ batch: SourceBatch) {
      if batch.table == .main { rows += batch.batch.rowCount }
      bytes += batch.byteCount
    }
  }

  private struct Counts {
    var moved = Moved()
    var expectedRows: Int?
  }

  private let counts = Mutex(Counts())

  /// Further rows are expected, besides those that have come.
  func expect(rows: Int?) {
    counts.withLock { counts in counts.expectedRows = rows.map { $0 + counts.moved.rows } }
  }

  func count(_ batch: SourceBatch, observer: RunObserver, stream: String) {
    let now = counts.withLock { counts in
      counts.moved.add(batch)
      return counts
    }
    observer(
      .progress(
        stream: stream, rows: now.moved.rows, bytes: now.moved.bytes,
        expectedRows: now.expectedRows))
  }

  /// What was counted comes again.
  func forget(_ moved: Moved) {
    counts.withLock { counts in
      counts.moved.rows -= moved.rows
      counts.moved.bytes -= moved.bytes
    }
  }
}
