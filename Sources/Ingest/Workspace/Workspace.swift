internal import AWS
public import Base
public import Bookmarks
public import Catalog
internal import Foundation
internal import GRDB
internal import Lake
public import Storage

/// An opened lake: its store, its commit log and its catalog, as the config names them.
public struct Workspace: Sendable {
  public let configuration: Configuration
  public let store: any ObjectStore
  public let log: any CommitLog
  public let catalog: EmbeddedCatalog
  public let clock: WallClock
  public let randomness: Randomness
  /// Told before and after each durable step; tests use it to kill the process there.
  let steps: StepObserver

  /// Opens the lake, creating the state where there is none yet.
  /// - Parameters:
  ///   - memoryBytes: of the run that it is opened for: bounds what uploads hold.
  ///   - isPatient: whether a store that does not answer is asked for long.
  /// - Throws: `.refused` where state and lake do not belong together.
  public init(
    _ configuration: Configuration, clock: WallClock = .system, randomness: Randomness = .system,
    memoryBytes: Int = 128_000_000, isPatient: Bool = true,
    steps: @escaping StepObserver = { _, _ in }
  ) throws(IngestError) {
    self.configuration = configuration
    self.clock = clock
    self.randomness = randomness
    self.steps = steps
    do {
      store = try Self.openStore(
        configuration, clock: clock, randomness: randomness, memoryBytes: memoryBytes,
        isPatient: isPatient)
      let database = try Self.openDatabase(configuration.statePath)
      let catalog = EmbeddedCatalog(database)
      let sqlite = try SQLiteCommitLog(
        database: database, location: configuration.statePath, clock: clock,
        owner: .current(randomness), newID: Self.makeID(randomness)
      ) { change, db in
        if change != .null { try EmbeddedCatalog.apply(CatalogChange(json: change), in: db) }
      }
      try SQLiteCommitLog.translating(configuration.statePath) {
        try database.write { db in try EmbeddedCatalog.migrate(db) }
      }
      log = sqlite
      self.catalog = catalog
    } catch {
      throw IngestError(wrapping: error)
    }
    try checkMarker()
  }

  private static func openStore(
    _ configuration: Configuration, clock: WallClock, randomness: Randomness, memoryBytes: Int,
    isPatient: Bool
  ) throws(StorageError) -> any ObjectStore {
    guard configuration.isLakeRemote else { return try LocalStore(root: configuration.lakeRoot) }
    var settings = S3Store.Settings()
    settings.endpoint = configuration.s3.endpoint
    settings.region = configuration.s3.region
    settings.profile = configuration.s3.profile
    settings.isPathStyle = configuration.s3.isPathStyle
    settings.client.clock = clock
    settings.client.randomness = randomness
    if !isPatient { settings.client.retriesMax = 2 }
    settings.bound(uploadBytes: MemoryBudget.uploadBytes(ofTotal: memoryBytes))
    return try S3Store(configuration.lakeRoot, settings)
  }

  static func makeID(_ randomness: Randomness) -> String {
    let text = String(randomness.next(), radix: 16) + String(randomness.next(), radix: 16)
    return String(text.prefix(24))
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
    return try SQLiteCommitLog.translating(path) {
      try DatabaseQueue(path: path, configuration: settings)
    }
  }

  /// Refuses a lake that another log wrote, and a log whose lake is gone: both would lose or
  /// double rows without a word.
  private func checkMarker() throws(IngestError) {
    do {
      guard try store.info(LakeLayout.logMarkerKey) != nil else {
        if try log.streams().isEmpty { return }
        throw IngestError(
          .refused,
          "the state \(log.location) records commits, but the lake \(store.location) has no marker of them",
          remedy: "Bring the lake back or check lake.root. To begin anew, move the state file away."
        )
      }
      let text = try store.read(LakeLayout.logMarkerKey, range: nil)
      let found = (try? JSONValue(parsing: text))?["log"]?.string ?? "?"
      guard found == log.id else {
        throw IngestError(
          .refused,
          "the lake \(store.location) was written under the log \(found), the state \(log.location) is the log \(log.id)",
          remedy:
            "Bring back the state file that belongs to this lake, or check lake.state and lake.root."
        )
      }
    } catch {
      throw IngestError(wrapping: error)
    }
  }

  /// Marks the lake as this log's. Before the first write to it.
  func claimLake() throws(IngestError) {
    let marker: JSONValue = [
      "log": .string(log.id), "created_at": .string(clock.now.description),
      "what":
        "This folder is written by Tidemark; the commit log of this name says what its tables consist of.",
    ]
    do {
      if try store.info(LakeLayout.logMarkerKey) != nil { return }
      try store.put(
        LakeLayout.logMarkerKey, Array((marker.text(indented: true) + "\n").utf8), if: .absent)
    } catch {
      guard error.kind == .conflict else { throw IngestError(error) }
      try checkMarker()
    }
  }
}

/// The steps of a commit after each of which something lasts.
public enum DurableStep: String, CaseIterable, Sendable {
  case takeLease = "take-lease"
  case stageFile = "stage-file"
  case decide
  case publishFile = "publish-file"
  case retireFile = "retire-file"
  case restoreFile = "restore-file"
  case markPublished = "mark-published"
  case releaseLease = "release-lease"
  case endRun = "end-run"
}

public enum StepPhase: String, CaseIterable, Sendable { case before, after }

public typealias StepObserver = @Sendable (DurableStep, StepPhase) -> Void

extension Workspace {
  /// Does a durable step, announced before and after.
  func perform<T, Failure: Error>(_ step: DurableStep, _ body: () throws(Failure) -> T)
    throws(Failure) -> T
  {
    steps(step, .before)
    let result = try body()
    steps(step, .after)
    return result
  }
}
