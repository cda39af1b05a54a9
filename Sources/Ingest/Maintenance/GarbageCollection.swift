public import Base
internal import Bookmarks
internal import Connector
internal import Lake
internal import Storage

/// `tidemark gc`: removes for good what nothing refers to any more.
///
/// Files that left their table are first recorded as gone, in a commit of their stream, and then
/// deleted: after a kill the next run, or the next clean-up, deletes the rest, and nobody tries to
/// bring them back. What no commit names needs no record.
public struct GarbageCollection: Sendable {
  public struct Options: Sendable {
    /// How long a file stays after it has left its table: readers at work may still need it, and
    /// so does undoing.
    public var graceSeconds = 86_400.0
    /// Says what would go, and removes nothing.
    public var isDryRun = false
    /// How long to wait for a stream that a run holds.
    public var leaseWaitSeconds = 10.0

    public init() {}
  }

  /// Files that one commit records as gone.
  private static let keysMax = 5_000

  private let workspace: Workspace
  private let options: Options
  private let cancellation: Cancellation
  private let now: Instant
  private var store: any ObjectStore { workspace.store }
  private var log: any CommitLog { workspace.log }

  public init(_ workspace: Workspace, _ options: Options, cancellation: Cancellation) {
    self.workspace = workspace
    self.options = options
    self.cancellation = cancellation
    now = workspace.clock.now
  }

  public func run() throws(IngestError) -> GarbageReport {
    try IngestError.wrapping {
      var report = GarbageReport(isDryRun: options.isDryRun)
      let temporary = try temporaries()
      // Before the names: what is staged later belongs to a stream that is among them.
      let staged = try store.listStaged("").filter { !$0.key.hasPrefix(Self.ownFolder) }
      for stream in try log.streamNames() {
        if let reason = cancellation.reason {
          throw IngestError(
            .cancelled, "stopped: \(reason)", remedy: "Run it again to go on.", place: stream)
        }
        try collect(stream, staged, &report)
      }
      try removeTemporaries(temporary, &report)
      if !options.isDryRun { try removeEmptyFolders() }
      return report
    }
  }

  private func collect(
    _ stream: String, _ staged: [StagedObject], _ report: inout GarbageReport
  ) throws {
    let holding = StreamLease(workspace, stream, cancellation)
    let zones = try holding.zones()
    let owner = LakeLayout.stagingOwner(table: LakeLayout.tableName(ofStream: stream), commit: "")
    let decided = Set(
      try log.unpublished().filter { $0.stream == stream }.flatMap(\.staged).map(\.token))
    report.items += staged.filter { object in
      object.owner.hasPrefix(owner) && !decided.contains(object.token)
        && zones.contains { object.key.hasPrefix($0 + "/") }
    }.map { GarbageReport.Item(key: $0.key, byteCount: $0.byteCount, why: .staged, stream: stream) }

    if options.isDryRun {
      report.items += try strays(stream).map { item($0, stream) }
      report.items += try expired(stream).map { item($0, stream) }
      return
    }
    do {
      // Taking the lease removes what is staged without a commit.
      report.items += try holding.hold(waitSeconds: options.leaseWaitSeconds) { lease in
        let strays = try strays(stream)
        let expired = try expired(stream)
        try removeForGood(expired, of: stream, under: lease)
        for stray in strays {
          try workspace.perform(.removeStray) { try store.delete([stray.key]) }
        }
        return strays.map { item($0, stream) } + expired.map { item($0, stream) }
      }
    } catch let error as BookmarksError where error.kind == .leaseHeld {
      report.items.removeAll { $0.stream == stream }
      report.skipped.append((stream, error.message))
    }
  }

  private func item(_ file: FormerFile, _ stream: String) -> GarbageReport.Item {
    GarbageReport.Item(
      key: file.file.key, byteCount: file.file.byteCount,
      why: file.place == .left ? .replaced : .retired, stream: stream)
  }

  private func item(_ object: ObjectInfo, _ stream: String) -> GarbageReport.Item {
    GarbageReport.Item(
      key: object.key, byteCount: object.byteCount, why: .unnamed, stream: stream)
  }

  // MARK: - Files that left their table

  private func expired(_ stream: String) throws -> [FormerFile] {
    try log.formerFiles(of: stream).filter {
      $0.place != .gone && isPast($0.removedAt)
    }
  }

  private func isPast(_ time: Instant) -> Bool {
    options.graceSeconds <= 0 || now.seconds(since: time) >= options.graceSeconds
  }

  private func removeForGood(_ files: [FormerFile], of stream: String, under lease: Lease) throws {
    for start in stride(from: 0, to: files.count, by: Self.keysMax) {
      let part = files[start..<min(start + Self.keysMax, files.count)]
      var commit = CommitBuilder(workspace).next(
        .gc, of: stream, after: try log.stream(stream), run: nil)
      commit.gone = part.map(\.file.key)
      try workspace.perform(.decide) { try log.append(commit, under: lease) }
      try Publisher(workspace: workspace).publish(commit)
    }
  }

  // MARK: - What no commit names

  /// Objects in the folders of the stream's tables that are part of nothing. Names that begin
  /// with `_` or `.` are other people's, but for those of retired files.
  private func strays(_ stream: String) throws -> [ObjectInfo] {
    let current = try log.keys(of: stream)
    let former = try log.formerFiles(of: stream).filter { $0.place != .gone }.map(\.file.key)
    let known = Set(current + former + former.map(LakeLayout.retiredKey))
    // Also those of files that are gone already: they may have been the table's only ones.
    let folders = Set(
      try (current + log.formerFiles(of: stream).map(\.file.key)).map(Self.tableFolder))
    var found: [ObjectInfo] = []
    for folder in folders.sorted() {
      try store.list(folder + "/") { (object) throws(StorageError) in
        if known.contains(object.key) || !isPast(object.modified) { return }
        let names = object.key.dropFirst(folder.count + 1).split(separator: "/")
        let isRetired = names.first.map(String.init) == LakeLayout.retiredFolder
        let isHidden = names.dropFirst(isRetired ? 1 : 0).contains {
          $0.hasPrefix("_") || $0.hasPrefix(".")
        }
        if !isHidden { found.append(object) }
      }
    }
    return found
  }

  private static func tableFolder(_ key: String) -> String {
    key.split(separator: "/", maxSplits: 2).prefix(2).joined(separator: "/")
  }

  // MARK: - Tidemark's own

  private static let ownFolder = "_tidemark/"
  /// A put takes no longer than this.
  private static let putSecondsMax = 2.0

  /// What a killed process left of writing a small object. Puts take a moment, so what is there
  /// for seconds is nobody's.
  private func temporaries() throws -> [StagedObject] {
    let first = try store.listStaged(Self.ownFolder).filter { $0.owner.hasPrefix("put-") }
    if first.isEmpty { return [] }
    workspace.clock.sleep(seconds: Self.putSecondsMax)
    let again = Set(try store.listStaged(Self.ownFolder))
    return first.filter(again.contains)
  }

  private func removeTemporaries(_ staged: [StagedObject], _ report: inout GarbageReport) throws {
    report.items += staged.map {
      GarbageReport.Item(key: $0.token, byteCount: $0.byteCount, why: .temporary, stream: nil)
    }
    var checks: [ObjectInfo] = []
    try store.list(Self.ownFolder + "check-") { (object) throws(StorageError) in
      if isPast(object.modified) { checks.append(object) }
    }
    report.items += checks.map {
      GarbageReport.Item(key: $0.key, byteCount: $0.byteCount, why: .temporary, stream: nil)
    }
    if options.isDryRun { return }
    for object in staged {
      try workspace.perform(.discardStaged) { try store.discard(object) }
    }
    try store.delete(checks.map(\.key))
  }

  private func removeEmptyFolders() throws {
    let zones = Set(workspace.configuration.zones.values)
    for zone in zones.sorted() { try store.removeEmptyFolders(zone + "/") }
    try store.removeEmptyFolders(Self.ownFolder)
  }
}
