internal import Base
internal import Bookmarks
internal import Catalog
internal import Foundation
internal import GRDB
internal import Storage

/// Opens the commit log of a lake, and refuses one that is lost, older than the lake, or another
/// lake's: each would lose or double rows without a word.
struct StateGuard {
  let configuration: Configuration
  let store: any ObjectStore
  private let clock: WallClock
  private let randomness: Randomness

  init(
    _ configuration: Configuration, _ store: any ObjectStore, _ clock: WallClock,
    _ randomness: Randomness
  ) {
    self.configuration = configuration
    self.store = store
    self.clock = clock
    self.randomness = randomness
  }

  /// - Throws: `.refused` where state and lake do not belong together.
  func open(for owner: LeaseOwner) throws -> FoldedCommitLog {
    let marker = try LakeMarker(in: store)
    if let problem = problem(before: marker) { throw problem }
    let log = try openUnchecked(for: owner)
    if let problem = try problem(of: log, marker) { throw problem }
    return log
  }

  /// Opens the log whatever the lake says, creating what is missing.
  /// - Parameter file: instead of the config's.
  func openUnchecked(for owner: LeaseOwner? = nil, file: String? = nil) throws -> FoldedCommitLog {
    let owner = owner ?? .current(randomness)
    switch configuration.state {
    case .file(let configured):
      let path = file ?? configured
      let database = try Self.openDatabase(path)
      let log = try FoldedCommitLog(
        database: database, location: path, clock: clock, owner: owner,
        newID: Workspace.makeID(randomness), applyCatalogChange: Self.applyCatalogChange)
      try FoldedCommitLog.translating(path) {
        try database.write { db in try EmbeddedCatalog.migrate(db) }
      }
      return log
    case .lake(let cache):
      return try FoldedCommitLog(
        inLake: store, cachePath: file ?? cache, clock: clock, randomness: randomness,
        owner: owner, newID: Workspace.makeID(randomness),
        prepare: { db in try EmbeddedCatalog.migrate(db) },
        applyCatalogChange: Self.applyCatalogChange)
    }
  }

  // MARK: - Guarding

  /// What keeps the log from being opened at all.
  func problem(before marker: LakeMarker?) -> IngestError? {
    guard case .file(let path) = configuration.state, let marker else { return nil }
    if marker.kind == .lake {
      return IngestError(
        .refused,
        "the commit log of the lake \(store.location) is kept in the lake, and lake.state names the file \(path)",
        remedy: "Write 'state: lake' under 'lake' in the config.")
    }
    guard !FileManager.default.fileExists(atPath: path) else { return nil }
    return IngestError(
      .refused,
      "the state file \(path) is not there, and the lake \(store.location) was written under \(marker.description)",
      remedy: Self.lostRemedy)
  }

  /// What keeps an opened log from being used.
  func problem(of log: any CommitLog, _ marker: LakeMarker?) throws(BookmarksError) -> IngestError?
  {
    // A log in the lake looks for itself, and names itself in the marker.
    guard case .file = configuration.state else { return nil }
    guard let marker else {
      if try log.streams().isEmpty { return nil }
      return IngestError(
        .refused,
        "the state \(log.location) records commits, but the lake \(store.location) has no marker of them",
        remedy:
          "Bring the lake back or check lake.root. To begin anew, move the state file away. If only the marker is gone: 'tidemark state adopt'."
      )
    }
    guard marker.log == log.id else {
      let isNew = try log.streams().isEmpty
      return IngestError(
        .refused,
        "the lake \(store.location) was written under \(marker.description); the state \(log.location) is the log \(log.id)"
          + (isNew ? ", which is new" : ""),
        remedy: isNew
          ? Self.lostRemedy : "Check lake.state and lake.root: one of them is another lake's.")
    }
    let count = try log.summary().commitCount
    guard count < marker.commitCount else { return nil }
    return IngestError(
      .refused,
      "the state \(log.location) holds \(count) commits, and the lake \(store.location) has seen \(marker.commitCount): it is an older copy",
      remedy:
        "Bring back the newest copy of the state file. If there is none, 'tidemark state adopt' says what would become of the files that this one does not know."
    )
  }

  private static let lostRemedy =
    "Bring back that state file from its place or a backup. If it is lost, 'tidemark state adopt' says what can be saved without it."

  /// Marks the lake as this log's, unless it is already.
  func claim(_ log: any CommitLog) throws(IngestError) {
    // A log in the lake marks it with its first entry.
    guard case .file(let path) = configuration.state else { return }
    do {
      let marker = try LakeMarker(
        log: log.id, kind: .sqlite, location: path, host: ProcessInfo.processInfo.hostName,
        createdAt: clock.now
      ).claim(store)
      if marker.log != log.id, let problem = try problem(of: log, marker) { throw problem }
    } catch {
      throw IngestError(wrapping: error)
    }
  }

  /// Notes in the lake how many commits its log holds, so that an older copy of the log is told.
  func noteCommits(of log: any CommitLog) throws {
    guard case .file = configuration.state, var marker = try LakeMarker(in: store),
      marker.log == log.id
    else { return }
    let count = try log.summary().commitCount
    guard count > marker.commitCount else { return }
    marker.commitCount = count
    try marker.put(in: store, if: .always)
  }

  // MARK: - SQLite

  private static let applyCatalogChange: CatalogApplier = { change, db in
    if change != .null { try EmbeddedCatalog.apply(CatalogChange(json: change), in: db) }
  }

  private static func openDatabase(_ path: String) throws -> DatabaseQueue {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw BookmarksError(
        .unreachable, "the folder of the state file cannot be created",
        remedy: "Check that this user may write there, or set lake.state to another place.",
        place: folder.path)
    }
    var settings = GRDB.Configuration()
    settings.busyMode = .timeout(15)
    settings.prepareDatabase { db in
      // FULL: a commit that was decided stays decided when the power fails.
      try db.execute(
        sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -4096;")
    }
    return try FoldedCommitLog.translating(path) {
      try DatabaseQueue(path: path, configuration: settings)
    }
  }
}
