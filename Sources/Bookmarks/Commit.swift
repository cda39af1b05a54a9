public import Base
public import Connector
public import Records
public import Storage

/// The atomic step of a stream: these files became part of the table, and the bookmark moved from
/// here to there. Immutable once decided.
public struct Commit: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// Rows were added.
    case append
    /// The table's rows were replaced by those of a full read.
    case replace
    /// Rows of some files were taken back, and others came in their place.
    case reprocess
    /// A person moved the bookmark and left the data.
    case set
    /// The stream went back to an earlier version, with its data unless told otherwise.
    case rewind
    /// The stream went back to the beginning.
    case reset
    case hold
    case release
    /// Recovery took back a commit whose staged data had vanished.
    case retract
    /// Files were rewritten; the table's rows are the same.
    case compact
    /// Files that were found in the lake became part of the table, after the log was lost.
    case adopt
    /// Files that nothing refers to were removed for good; the table's rows are the same.
    case gc
  }

  public var stream: String
  /// 1, 2, 3, … without gaps within a stream.
  public var version: Int
  /// Unique over all streams and lakes; names the commit's files.
  public var id: String
  public var kind: Kind
  /// The run that made it, or nil where a person did.
  public var run: String?
  public var decidedAt: Instant
  public var window: Window?
  public var bookmarkBefore: Bookmark?
  public var bookmarkAfter: Bookmark?
  public var ledger: [LedgerChange]
  /// The columns of each of the stream's tables after this commit, with partition columns last.
  public var schemas: [String: Schema]
  /// What the stream is bound to; nil where nothing was read yet.
  public var binding: JSONValue?
  public var added: [DataFile]
  /// The same files' staged data, to be published; as many as `added` or none.
  public var staged: [StagedObject]
  /// Keys of files that are no longer part of the table.
  public var removed: [String]
  /// Keys of removed files that stay where they lie, for readers that still go on with them: their
  /// partition has moved elsewhere.
  public var left: [String]
  /// Keys of files that are part of it again.
  public var restored: [String]
  /// Keys of files that an earlier commit left where they lay and that go out of sight now, because
  /// their partition has come back there.
  public var cleared: [String]
  /// Keys of files that were removed earlier and are deleted now: they cannot come back.
  public var gone: [String]
  /// What changes in the catalog; the catalog module's own record of it.
  public var catalogChange: JSONValue
  /// Rows read but not kept, by reason.
  public var counts: [String: Int]
  /// A hash over all rows of a full read, to notice that nothing changed.
  public var contentHash: String?
  /// Why, in a person's words.
  public var note: String?

  public init(
    stream: String, version: Int, id: String, kind: Kind, run: String?, decidedAt: Instant
  ) {
    self.stream = stream
    self.version = version
    self.id = id
    self.kind = kind
    self.run = run
    self.decidedAt = decidedAt
    ledger = []
    schemas = [:]
    added = []
    staged = []
    removed = []
    left = []
    restored = []
    cleared = []
    gone = []
    catalogChange = .null
    counts = [:]
  }

  /// The files with rows of its own; what it wrote anew of others' says whose they are.
  public var brought: [DataFile] { added.filter(\.origins.isEmpty) }
  public var rowCount: Int { added.reduce(0) { $0 + $1.rowCount } }
  public var byteCount: Int { added.reduce(0) { $0 + $1.byteCount } }
}
