public import Base
public import Records

/// A kind of source: what a connector module registers with the command line, in one line.
public protocol SourceType: Sendable {
  /// The word after `type:` in the config: `mysql`, `logs`, `api`.
  static var name: String { get }

  /// What may stand under a source of this type, besides `type`.
  static var sourceKeys: [ConfigKey] { get }

  /// What may stand under a stream of such a source, besides the keys that every stream has.
  static var streamKeys: [ConfigKey] { get }

  /// Whether its sources heed `SourceContext.recording`; the others cannot be replayed.
  static var isRecordable: Bool { get }

  /// Makes the source from its validated config. Reaches nothing yet.
  static func open(_ configuration: SourceConfiguration, _ context: SourceContext)
    throws(ConnectorError) -> any Source

  /// What the URLs that `propose` understands begin with: `["mysql"]`.
  static var urlSchemes: [String] { get }

  /// Looks at the system behind a URL and proposes what to configure. Changes nothing there, and
  /// repeats no secret of the URL.
  static func propose(url: String, _ context: SourceContext) throws(ConnectorError) -> Proposal
}

extension SourceType {
  public static var isRecordable: Bool { false }

  /// None: the type proposes nothing.
  public static var urlSchemes: [String] { [] }

  public static func propose(
    url: String, _ context: SourceContext
  ) throws(ConnectorError) -> Proposal {
    throw ConnectorError(
      .misconfigured, "sources of type \(name) cannot be looked at",
      remedy: "Write the source and its streams by hand.")
  }
}

/// A system that data comes from, as one run sees it. Used by several threads.
public protocol Source: Sendable {
  /// The streams that a configured name stands for: itself, or what a `*` in it matches now.
  func streams(matching stream: StreamConfiguration) throws(ConnectorError) -> [StreamConfiguration]

  /// Opens one stream for planning and reading. Reaches the source.
  func open(_ stream: StreamConfiguration) throws(ConnectorError) -> any StreamSession

  /// Looks for what would make runs of the stream fail, slow or inexact. Reaches the source;
  /// what is wrong is returned, not thrown.
  func check(_ stream: StreamConfiguration) -> [Finding]

  /// The same for what all its streams have in common.
  func check() -> [Finding]

  /// What of a stream's past can no longer be had, in words, where no ledger tells
  /// (`StreamSession.lost`): asked before the stream goes back to a bookmark, nil for its
  /// beginning, and takes out of the table what was read since.
  /// - Parameter time: when the bookmark was reached.
  func lost(_ stream: StreamConfiguration, since bookmark: Bookmark?, at time: Instant?)
    throws(ConnectorError) -> [String]
}

extension Source {
  /// Nothing.
  public func check() -> [Finding] { [] }

  /// Nothing that it knows of.
  public func lost(_ stream: StreamConfiguration, since bookmark: Bookmark?, at time: Instant?)
    throws(ConnectorError) -> [String]
  {
    []
  }
}

/// A stream opened for one run. One thread at a time uses it, though its readers may each have
/// their own thread.
public protocol StreamSession: AnyObject, Sendable {
  /// What the stream reads from, as names and values that must not change under a bookmark:
  /// the source's logical identity, the table or path, the cursor. Not the host name.
  var binding: JSONValue { get }

  /// The columns that tell the stream's rows apart, as the source says; none where it does not.
  /// The config's `key` comes before it.
  var key: [String] { get }

  /// Fixes the ceiling and says what is to be read. Moves nothing.
  func plan(_ request: PlanRequest) throws(ConnectorError) -> Plan

  /// Opens one split of the plan that this session made last; again, where the engine gave up what
  /// the reader before had given of it (`ReadOptions.knownSchemas`), or where that reader failed with
  /// `readsSplitAnew`. Where that plan lets splits be read ahead, it is called from several threads
  /// at once, while other readers are at work.
  func read(_ split: Split, _ options: ReadOptions) throws(ConnectorError) -> any BatchReader

  /// Whether a column's type was found out from its values: then it becomes text by itself where no
  /// other type holds them. What the source or the config declares changes only as the config allows.
  func infersType(of column: String, in table: TableRole) -> Bool

  /// How the stream learns which of its rows are gone.
  var deletions: Deletions { get }

  /// Opens the keys of all rows that the source has now, in one snapshot: the columns of
  /// `deletions.key`. The snapshot is opened by this call, after everything that the session has
  /// read, and shows at least what the bookmark given to `plan` stands for.
  func keys(_ options: ReadOptions) throws(ConnectorError) -> any BatchReader

  /// The bookmark that a person means by a text: for `bookmark set`.
  func bookmark(from text: String) throws(ConnectorError) -> Bookmark

  /// What the source can no longer give again of what was read into these entries of the ledger,
  /// in words: asked before a stream goes back and takes its rows out of the table.
  /// - Parameter keys: of entries that changed since the version that is gone back to.
  func lost(_ keys: [String], of ledger: any Ledger) throws(ConnectorError) -> [String]

  /// Lets go of connections. May be called twice.
  func close()
}

extension StreamSession {
  /// None.
  public var key: [String] { [] }

  /// None: all are declared.
  public func infersType(of column: String, in table: TableRole) -> Bool { false }

  /// Nothing that it knows of.
  public func lost(_ keys: [String], of ledger: any Ledger) throws(ConnectorError) -> [String] {
    []
  }
}

/// The rows of one split, pulled in order.
public protocol BatchReader: AnyObject {
  /// The next rows, or nil at the end. A batch is bounded by the `ReadOptions`.
  func next() throws(ConnectorError) -> SourceBatch?

  /// What becomes of the bookmark when everything that `next` gave is durable.
  /// Called once, after `next` has returned nil.
  func finish() throws(ConnectorError) -> Advance

  /// Stops reading and lets go. May be called at any time, also twice.
  func close()
}

/// Rows for the stream's table or one of its side tables. Batches of one table may differ in
/// schema where types are inferred: a later one is never narrower.
public struct SourceBatch: Sendable {
  public let table: TableRole
  public let batch: Batch
  /// Of column memory; counted once, because that takes a look at every text.
  public let byteCount: Int

  /// - Parameter byteCount: where it is known already.
  public init(_ batch: Batch, table: TableRole = .main, byteCount: Int? = nil) {
    self.table = table
    self.batch = batch
    self.byteCount = byteCount ?? batch.byteCount
  }
}

/// Which of a stream's tables: its own, or `<table>__<name>`.
public enum TableRole: Hashable, Sendable {
  case main
  case side(String)
}

/// What the engine lends to a source.
public struct SourceContext: Sendable {
  public var clock: WallClock
  public var randomness: Randomness
  /// Reads an environment variable; nil where it is not set.
  public var environment: @Sendable (String) -> String?
  /// The folder that relative paths of the config are relative to.
  public var baseDirectory: String
  /// Tells the person at the terminal or in the log something worth knowing.
  public var notify: @Sendable (String) -> Void
  /// nil: what is fetched is neither kept nor replaced.
  public var recording: Recording?

  public init(
    clock: WallClock = .system, randomness: Randomness = .system,
    environment: @escaping @Sendable (String) -> String?, baseDirectory: String = ".",
    notify: @escaping @Sendable (String) -> Void = { _ in }, recording: Recording? = nil
  ) {
    self.clock = clock
    self.randomness = randomness
    self.environment = environment
    self.baseDirectory = baseDirectory
    self.notify = notify
    self.recording = recording
  }
}

/// What `check` found.
public struct Finding: Hashable, Sendable {
  public enum Severity: String, Hashable, Sendable, Codable {
    /// A run would fail or lose data.
    case error
    /// A run works, but slower or less exact than it could.
    case warning
    /// An assumption that the person may want to know.
    case note
    /// What is there, in a few words: nothing to do about it.
    case fact
  }

  public var severity: Severity
  public var message: String
  /// What to do about it.
  public var remedy: String?
  /// Whether the source could not be reached at all.
  public var isUnreachable: Bool
  /// A word for scripts that stays when the message is worded anew: `cursor_not_indexed`.
  public var code: String?
  /// Columns or the like that it is about, where the message leaves them out to be the same for
  /// many streams.
  public var subject: String?

  public init(
    _ severity: Severity, _ message: String, remedy: String? = nil, isUnreachable: Bool = false,
    code: String? = nil, subject: String? = nil
  ) {
    self.code = code
    self.subject = subject
    self.severity = severity
    self.message = message
    self.remedy = remedy
    self.isUnreachable = isUnreachable
  }
}
