public import Base
public import Bookmarks
public import Connector
internal import Lake
internal import Storage

/// What a person does to bookmarks. Each is a commit: it shows in the history, and can be undone
/// by going back to the version before it.
public struct BookmarkControl: Sendable {
  private let workspace: Workspace
  private let context: SourceContext

  public init(_ workspace: Workspace, context: SourceContext) {
    self.workspace = workspace
    self.context = context
  }

  public struct Options: Sendable {
    /// The version that the stream must be at; anything else is refused.
    public var expectedVersion: Int?
    /// Leaves the rows of the commits that are gone back over.
    public var keepsData = false
    /// Says what would happen, and does nothing.
    public var isDryRun = false
    /// Goes back although the source cannot give again all that is taken back.
    public var isForced = false

    public init() {}
  }

  /// What became of the stream.
  public struct Change: Sendable {
    public var stream: String
    public var isDryRun: Bool
    public var kind: Commit.Kind
    public var version: Int
    public var from: String?
    public var to: String?
    public var rowsRemoved: Int
    public var filesRemoved: Int
    public var rowsRestored: Int
    public var filesRestored: Int

    /// The command that brings back what was before; nil where nothing was done, or there was
    /// nothing before.
    public var undo: String? {
      guard !isDryRun, version > 1 else { return nil }
      switch kind {
      case .hold: return "tidemark bookmark release \(stream)"
      case .release: return "tidemark bookmark hold \(stream)"
      case .set: return "tidemark bookmark rewind \(stream) --to-version \(version - 1) --keep-data"
      default: return "tidemark bookmark rewind \(stream) --to-version \(version - 1)"
      }
    }
  }

  /// Where a stream goes back to.
  public enum Target: Sendable {
    /// The state right after a run.
    case run(String)
    /// The state at a time.
    case time(Instant)
    /// The state right after a version; 0 is the beginning.
    case version(Int)
    /// The state right after the last version whose bookmark is not past a value.
    case value(String)
  }

  public func rewind(_ stream: String, to target: Target, _ options: Options)
    throws(IngestError) -> Change
  {
    try change(stream, options) { state in
      let version = try version(for: target, of: stream)
      guard version != state.version else {
        throw IngestError(
          .refused, "the stream is at version \(version) already", remedy: "Nothing is to be done.",
          place: stream)
      }
      try ReplayCheck(workspace, context).check(stream, backTo: version, options)
      return try CommitBuilder(workspace).goingBack(
        to: version, of: stream, kind: .rewind, run: nil, keepsData: options.keepsData,
        stages: !options.isDryRun)
    }
  }

  public func reset(_ stream: String, _ options: Options) throws(IngestError) -> Change {
    try change(stream, options) { _ in
      try ReplayCheck(workspace, context).check(stream, backTo: 0, options)
      var commit = try CommitBuilder(workspace).goingBack(
        to: 0, of: stream, kind: .reset, run: nil, keepsData: options.keepsData,
        stages: !options.isDryRun)
      // A stream that begins anew may be bound anew, also in its columns.
      if !options.keepsData { commit.schemas = [:] }
      return commit
    }
  }

  /// Moves the bookmark to a mark that the source understands, and leaves the data.
  public func set(_ stream: ResolvedStream, to text: String, _ options: Options)
    throws(IngestError) -> Change
  {
    try change(stream.name, options) { state in
      let session = try stream.source.open(stream.configuration)
      defer { session.close() }
      let binding = StreamBinding(stream, session.binding)
      try binding.check(state)
      var commit = CommitBuilder(workspace).next(.set, of: stream.name, after: state, run: nil)
      commit.bookmarkAfter = try session.bookmark(from: text)
      commit.binding = binding.json
      return commit
    }
  }

  public func hold(_ stream: String, reason: String, _ options: Options) throws(IngestError)
    -> Change
  {
    try change(stream, options) { state in
      var commit = CommitBuilder(workspace).next(.hold, of: stream, after: state, run: nil)
      commit.note = reason
      return commit
    }
  }

  public func release(_ stream: String, _ options: Options) throws(IngestError) -> Change {
    try change(stream, options) { state in
      guard state.holdReason != nil else {
        throw IngestError(
          .refused, "the stream is not held", remedy: "Nothing is to be done.", place: stream)
      }
      return CommitBuilder(workspace).next(.release, of: stream, after: state, run: nil)
    }
  }

  private func version(for target: Target, of stream: String) throws -> Int {
    switch target {
    case .version(let version):
      if version > 0 { _ = try workspace.log.commit(version, of: stream) }
      return version
    case .value(let text): return try MarkSearch(workspace.log, stream).version(notPast: text)
    case .time(let instant): return try lastVersion(of: stream, before: instant)
    case .run(let text):
      let run = try workspace.log.run(text).0
      if let version = try workspace.log.lastVersion(of: stream, inRun: run.id) { return version }
      // It moved nothing here: the state right after it is that of its end.
      return try lastVersion(of: stream, before: run.endedAt ?? run.startedAt)
    }
  }

  private func lastVersion(of stream: String, before instant: Instant) throws -> Int {
    try workspace.log.lastVersion(of: stream, at: instant) ?? 0
  }

  private func change(
    _ stream: String, _ options: Options, _ make: (StreamState) throws -> Commit
  ) throws(IngestError) -> Change {
    do {
      if options.isDryRun {
        return try describe(make(try state(stream, options)), isDryRun: true)
      }
      let lease = try workspace.perform(.takeLease) { () throws(BookmarksError) in
        try workspace.log.acquireLease(on: stream)
      }
      // A lease that cannot be given back ends with this process.
      defer { try? workspace.log.release(lease) }
      let zone = try workspace.log.files(of: stream, asOf: nil).first?.key.prefix { $0 != "/" }
      _ = try Publisher(workspace: workspace).recover(
        lease, zone: zone.map(String.init) ?? "raw", table: LakeLayout.tableName(ofStream: stream))
      let commit = try make(try state(stream, options))
      let change = try describe(commit)
      try workspace.claimLake()
      try workspace.perform(.decide) { () throws(BookmarksError) in
        try workspace.log.append(commit, under: lease)
      }
      try Publisher(workspace: workspace).publish(commit)
      workspace.noteCommits()
      return change
    } catch {
      throw IngestError(wrapping: error)
    }
  }

  /// The stream's state, checked against what the person expects; a stream that never ran is at
  /// version 0.
  private func state(_ stream: String, _ options: Options) throws -> StreamState {
    let state =
      try workspace.log.stream(stream)
      ?? StreamState(
        name: stream, version: 0, publishedVersion: 0, schemas: [:], updatedAt: workspace.clock.now)
    if let expected = options.expectedVersion, expected != state.version {
      throw IngestError(
        .refused, "the stream is at version \(state.version), expected \(expected)",
        remedy: "Somebody moved it. Look at 'tidemark bookmark history \(stream)' and decide anew.",
        place: stream)
    }
    return state
  }

  private func describe(_ commit: Commit, isDryRun: Bool = false) throws -> Change {
    let removed = Set(commit.removed)
    let gone = try workspace.log.files(of: commit.stream, asOf: commit.version - 1)
      .filter { removed.contains($0.key) }
    // A file that comes back was part of the table at some version.
    let back = try commit.added + workspace.log.files(withKeys: commit.restored)
    // Rows that only change their files neither go nor come back.
    func rows(of files: [DataFile]) -> [Int: Int] {
      Dictionary(GoingBack.rows(of: files).map { ($0.key.version, $0.value) }, uniquingKeysWith: +)
    }
    let rowsGone = rows(of: gone)
    let rowsBack = rows(of: back)
    func rows(in some: [Int: Int], beyond others: [Int: Int]) -> Int {
      some.reduce(0) { $0 + max(0, $1.value - (others[$1.key] ?? 0)) }
    }
    return Change(
      stream: commit.stream, isDryRun: isDryRun, kind: commit.kind, version: commit.version,
      from: commit.bookmarkBefore?.mark, to: commit.bookmarkAfter?.mark,
      rowsRemoved: rows(in: rowsGone, beyond: rowsBack), filesRemoved: gone.count,
      rowsRestored: rows(in: rowsBack, beyond: rowsGone), filesRestored: back.count)
  }
}
