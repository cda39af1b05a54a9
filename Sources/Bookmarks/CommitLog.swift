public import Base
public import Connector
public import Records
public import Storage

/// The append-only list of commits; bookmarks, run history and file lists are read off it.
/// Safe for several threads and processes: appends follow a version under a lease, so that two
/// writers of a stream can never both win.
///
/// `.unreachable` from a call that changes something may mean that it happened all the same: who
/// goes on takes the lease again, which fences the earlier attempt, and looks where it stands.
public protocol CommitLog: Sendable {
  /// Names this log; the lake holds the same name, so that neither is taken for another.
  var id: String { get }

  /// Where it is kept, for people.
  var location: String { get }

  /// The state of a stream after its last commit; nil where it has none.
  func stream(_ name: String) throws(BookmarksError) -> StreamState?
  func streams() throws(BookmarksError) -> [StreamState]
  /// All streams that a writer ever took, those without a commit among them.
  func streamNames() throws(BookmarksError) -> [String]

  /// Takes the stream for one writer.
  /// - Throws: `.leaseHeld` where a living writer has it.
  func acquireLease(on stream: String) throws(BookmarksError) -> Lease
  /// Says that the holder is alive.
  /// - Throws: `.leaseLost` where the stream was taken over.
  func renew(_ lease: Lease) throws(BookmarksError)
  func release(_ lease: Lease) throws(BookmarksError)

  /// Decides a commit: from here on it exists. Its version must be the one after the stream's.
  /// - Throws: `.leaseLost` or `.conflict`; nothing has changed then.
  func append(_ commit: Commit, under lease: Lease) throws(BookmarksError)

  /// Records that a commit's files are where readers expect them.
  func markPublished(_ commit: Commit) throws(BookmarksError)

  /// Decided commits that are not yet published, in the order they were decided.
  func unpublished() throws(BookmarksError) -> [Commit]

  func commit(_ version: Int, of stream: String) throws(BookmarksError) -> Commit
  /// The latest first. Reads each commit whole: for listings, not for searching.
  func history(of stream: String, limit: Int) throws(BookmarksError) -> [Commit]
  /// Where the bookmark stood after each commit, the latest first.
  func marks(of stream: String) throws(BookmarksError) -> [VersionMark]
  /// The last version that a run made.
  func lastVersion(of stream: String, inRun run: String) throws(BookmarksError) -> Int?
  /// The last version decided at a time or before; nil where there was none yet.
  func lastVersion(of stream: String, at time: Instant) throws(BookmarksError) -> Int?

  /// The files of all the stream's tables as of a version; nil: as of the last published one.
  /// Each with the origins of its rows.
  func files(of stream: String, asOf version: Int?) throws(BookmarksError) -> [DataFile]
  /// The keys of the files as of the last version, without the cost of reading their entries.
  func keys(of stream: String) throws(BookmarksError) -> [String]
  /// The files that were part of the stream's tables and are not any more, also those that are
  /// gone; in the order that they came.
  func formerFiles(of stream: String) throws(BookmarksError) -> [FormerFile]

  /// Files by their keys, whether they are part of a table now or not.
  func files(withKeys keys: [String]) throws(BookmarksError) -> [DataFile]

  /// The stream's ledger as of its last commit.
  func ledger(of stream: String) -> any Ledger
  /// The changes that bring the ledger back to what it was at an earlier version.
  func ledgerChanges(of stream: String, backTo version: Int) throws(BookmarksError)
    -> [LedgerChange]

  func beginRun(_ run: RunRecord) throws(BookmarksError)
  func record(_ outcome: StreamOutcome, of run: String) throws(BookmarksError)
  func endRun(_ id: String, at: Instant) throws(BookmarksError)
  /// The latest first.
  func runs(limit: Int) throws(BookmarksError) -> [RunRecord]
  func run(_ id: String) throws(BookmarksError) -> (RunRecord, [StreamOutcome])

  /// Changes the catalog apart from any commit: tables that were found, views that people made.
  func changeCatalog(_ change: JSONValue) throws(BookmarksError)

  /// Looks for what others have decided; readers are otherwise a second behind at the most.
  func refresh() throws(BookmarksError)
  /// What the log holds, for a person who asks.
  func summary() throws(BookmarksError) -> LogSummary
}

/// Where a bookmark stood after a commit.
public struct VersionMark: Hashable, Sendable {
  public var version: Int
  public var kind: Commit.Kind
  public var bookmark: Bookmark?
  public var decidedAt: Instant
}

/// What a commit log holds.
public struct LogSummary: Hashable, Sendable {
  public var commitCount = 0
  public var streamCount = 0
  public var fileCount = 0
  public var unpublishedCount = 0
  public var lastCommitAt: Instant?
  public var lastRun: RunRecord?
  public var leases: [HeldLease] = []
  /// Of the SQLite file or cache.
  public var byteCount = 0
  /// Of a log in the lake: its last entry and the last one that a checkpoint covers.
  public var entryCount: Int?
  public var checkpoint: Int?

  public init() {}
}

/// A lease that somebody has.
public struct HeldLease: Hashable, Sendable {
  public var stream: String
  public var epoch: Int
  /// The process and its host.
  public var holder: String
  /// When it was taken, or was last renewed where the log says so.
  public var lastSign: Instant
}

/// Where a stream stands.
public struct StreamState: Hashable, Sendable {
  public var name: String
  /// Of the last commit.
  public var version: Int
  /// Of the last commit that readers see.
  public var publishedVersion: Int
  public var bookmark: Bookmark?
  public var binding: JSONValue?
  /// The columns of each of its tables, with partition columns last.
  public var schemas: [String: Schema]
  public var contentHash: String?
  /// Why runs pass it over; nil where they don't.
  public var holdReason: String?
  public var updatedAt: Instant

  public init(
    name: String, version: Int, publishedVersion: Int, bookmark: Bookmark? = nil,
    binding: JSONValue? = nil, schemas: [String: Schema], contentHash: String? = nil,
    holdReason: String? = nil, updatedAt: Instant
  ) {
    self.name = name
    self.version = version
    self.publishedVersion = publishedVersion
    self.bookmark = bookmark
    self.binding = binding
    self.schemas = schemas
    self.contentHash = contentHash
    self.holdReason = holdReason
    self.updatedAt = updatedAt
  }
}

/// The right to append to a stream, until somebody else takes it.
public struct Lease: Hashable, Sendable {
  public var stream: String
  /// Rises with every taking.
  public var epoch: Int
}
