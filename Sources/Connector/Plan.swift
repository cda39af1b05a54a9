public import Base
public import Records

/// What a session needs to plan: where the stream stands.
public struct PlanRequest: Sendable {
  /// nil: nothing was read yet.
  public var bookmark: Bookmark?
  public var ledger: any Ledger
  /// The columns of the stream's table so far, without partition columns; nil before the first
  /// commit. Inference starts from here.
  public var knownSchema: Schema?
  /// The same for the stream's side tables, by their names: `lines` for `<table>__lines`.
  public var knownSideSchemas: [String: Schema]
  /// What a reader of the plan's splits may hold in memory, as `ReadOptions.memoryBytes`.
  public var readerBytes: Int

  public init(
    bookmark: Bookmark?, ledger: any Ledger, knownSchema: Schema?,
    knownSideSchemas: [String: Schema] = [:], readerBytes: Int = 32 << 20
  ) {
    self.readerBytes = readerBytes
    self.bookmark = bookmark
    self.ledger = ledger
    self.knownSchema = knownSchema
    self.knownSideSchemas = knownSideSchemas
  }

  /// The columns of all tables so far.
  public var knownSchemas: [TableRole: Schema] {
    var schemas: [TableRole: Schema] = [:]
    for (name, schema) in knownSideSchemas { schemas[.side(name)] = schema }
    schemas[.main] = knownSchema
    return schemas
  }
}

/// What the next run of a stream reads.
public struct Plan: Sendable {
  public var window: Window
  /// Read in order, each committed by itself. None: nothing is new.
  public var splits: [Split]
  /// How many splits may be read ahead, each over a reader of its own that does not need what
  /// those before it came to; nil where a split is read once the one before is committed. Commits
  /// keep the order in any case.
  public var readsAhead: Int?
  /// Whether there is more to plan once these splits are committed, in the same run.
  public var leavesRest: Bool
  /// Whether everything is read every time, in one split: the rows then replace the table's, and
  /// nothing is committed where they are the same.
  public var replacesTable: Bool
  public var estimatedRows: Int?
  public var estimatedBytes: Int?
  /// What a person should know before it runs.
  public var warnings: [String]

  public init(
    window: Window, splits: [Split], readsAhead: Int? = nil, leavesRest: Bool = false,
    replacesTable: Bool = false, estimatedRows: Int? = nil, estimatedBytes: Int? = nil,
    warnings: [String] = []
  ) {
    self.window = window
    self.splits = splits
    self.readsAhead = readsAhead
    self.leavesRest = leavesRest
    self.replacesTable = replacesTable
    self.estimatedRows = estimatedRows
    self.estimatedBytes = estimatedBytes
    self.warnings = warnings
  }
}

/// From the bookmark up to a ceiling fixed before reading starts, in words for a person.
public struct Window: Hashable, Sendable {
  /// The mark before; nil at the beginning.
  public var from: String?
  /// The ceiling; nil where the source has none.
  public var to: String?
  /// What is asked of the source: a WHERE clause, files with offsets, a request.
  public var predicate: String
  /// Why the ceiling is where it is.
  public var reason: String

  public init(from: String?, to: String?, predicate: String, reason: String) {
    self.from = from
    self.to = to
    self.predicate = predicate
    self.reason = reason
  }
}

/// A part of a window that is read and committed by itself.
public struct Split: Sendable {
  /// Its place in the plan.
  public var index: Int
  /// In words: `id 1…1000`, `access.log.2.gz`.
  public var label: String
  /// What the commit of this split takes out of the stream's tables, all of it or, where the split
  /// fails, nothing. A reader of such a split fails where it cannot give what comes in its place.
  public var retracts: [RetractedRows]

  public init(index: Int, label: String, retracts: [RetractedRows] = []) {
    self.index = index
    self.label = label
    self.retracts = retracts
  }
}

/// Rows that a commit takes out of the stream's tables, side tables among them: those that one
/// earlier version brought, and that have one text in one column.
public struct RetractedRows: Hashable, Sendable {
  /// Of the stream, as `Ledger.history` tells it.
  public var version: Int
  public var column: String
  public var text: String

  public init(version: Int, column: String, text: String) {
    self.version = version
    self.column = column
    self.text = text
  }
}

/// How a split is to be read.
public struct ReadOptions: Sendable {
  /// A batch closes at this size of column memory, or at `batchRowsMax`.
  public var batchBytes: Int
  public var batchRowsMax: Int
  /// All the memory that the reader may hold.
  public var memoryBytes: Int
  public var threads: Int
  public var cancellation: Cancellation
  /// Set where a split is read again, because a column of its first rows turned out to be of a wider
  /// type later: what the columns of the tables are known to be. Takes the place of the plan's.
  public var knownSchemas: [TableRole: Schema]?
  /// How much memory the whole run would need for a reader to have so many bytes: for the error
  /// about a record that does not fit. nil where nobody knows.
  public var memoryNeeded: (@Sendable (_ readerBytes: Int) -> Int)?

  public init(
    batchBytes: Int = 4 << 20, batchRowsMax: Int = 65_536, memoryBytes: Int = 32 << 20,
    threads: Int = 1, cancellation: Cancellation = Cancellation(),
    knownSchemas: [TableRole: Schema]? = nil,
    memoryNeeded: (@Sendable (_ readerBytes: Int) -> Int)? = nil
  ) {
    self.batchBytes = batchBytes
    self.batchRowsMax = batchRowsMax
    self.memoryBytes = memoryBytes
    self.threads = threads
    self.cancellation = cancellation
    self.knownSchemas = knownSchemas
    self.memoryNeeded = memoryNeeded
  }
}
