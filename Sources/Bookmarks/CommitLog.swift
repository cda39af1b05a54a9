public import Base
public import Connector
public import Records
public import Storage

/// The append-only list of commits; bookmarks, run history and file lists are read off it.
/// Safe for several threads and processes: appends follow a version under a lease, so that two
/// writers of a stream can never both win.
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
  /// The latest first.
  func history(of stream: String, limit: Int) throws(BookmarksError) -> [Commit]

  /// The files of all the stream's tables as of a version; nil: as of the last published one.
  func files(of stream: String, asOf version: Int?) throws(BookmarksError) -> [DataFile]

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

/// One invocation over some streams.
public struct RunRecord: Hashable, Sendable {
  /// Its start and a few random digits: `20261121-073400-3f2a`; sorts by time.
  public var id: String
  public var startedAt: Instant
  /// nil while it goes on, or where it was killed.
  public var endedAt: Instant?
  /// The command as typed.
  public var command: String
  public var host: String

  public init(
    id: String, startedAt: Instant, endedAt: Instant? = nil, command: String, host: String
  ) {
    self.id = id
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.command = command
    self.host = host
  }

  public static func makeID(at now: Instant, _ randomness: Randomness) -> String {
    let time = CivilTime(microseconds: now.microseconds)
    let clock = "\(padded(time.hour, 2))\(padded(time.minute, 2))\(padded(time.second, 2))"
    let suffix = String(randomness.next() & 0xFFFF | 0x10000, radix: 16).dropFirst()
    return time.dateText.filter { $0 != "-" } + "-\(clock)-\(suffix)"
  }
}

/// What a run did to one stream.
public struct StreamOutcome: Hashable, Sendable {
  public enum Status: String, Hashable, Sendable, CaseIterable {
    case committed, unchanged, failed, held
  }

  public var stream: String
  public var status: Status
  /// Rows written to the stream's table.
  public var rows = 0
  public var bytes = 0
  public var files = 0
  public var commits = 0
  public var seconds = 0.0
  /// The mark before and after.
  public var from: String?
  public var to: String?
  public var counts: [String: Int] = [:]
  public var error: String?
  public var remedy: String?

  public init(stream: String, status: Status) {
    self.stream = stream
    self.status = status
  }
}
