internal import AWS
public import Base
public import Bookmarks
public import Catalog
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
    let store: any ObjectStore
    do {
      store = try Self.openStore(
        configuration, clock, randomness, memoryBytes: memoryBytes, isPatient: isPatient)
    } catch {
      throw IngestError(wrapping: error)
    }
    try self.init(
      configuration, over: store, owner: .current(randomness), clock: clock,
      randomness: randomness, steps: steps)
  }

  /// Over a store that is open already, for a holder of leases that need not be this process.
  init(
    _ configuration: Configuration, over store: any ObjectStore, owner: LeaseOwner,
    clock: WallClock = .system, randomness: Randomness = .system,
    steps: @escaping StepObserver = { _, _ in }
  ) throws(IngestError) {
    self.configuration = configuration
    self.store = store
    self.clock = clock
    self.randomness = randomness
    self.steps = steps
    do {
      let opened = try StateGuard(configuration, store, clock, randomness).open(for: owner)
      log = opened
      catalog = EmbeddedCatalog(opened.database)
    } catch {
      throw IngestError(wrapping: error)
    }
  }

  /// With a log that need not be the one that the lake names: for adopting it.
  init(
    _ configuration: Configuration, _ store: any ObjectStore, _ log: FoldedCommitLog,
    _ clock: WallClock, _ randomness: Randomness
  ) {
    self.configuration = configuration
    self.store = store
    self.log = log
    self.clock = clock
    self.randomness = randomness
    catalog = EmbeddedCatalog(log.database)
    steps = { _, _ in }
  }

  static func openStore(
    _ configuration: Configuration, _ clock: WallClock, _ randomness: Randomness,
    memoryBytes: Int = 128_000_000, isPatient: Bool = true
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

  /// Marks the lake as this log's. Before the first write to it.
  func claimLake() throws(IngestError) {
    try StateGuard(configuration, store, clock, randomness).claim(log)
  }

  /// Lets the lake know how far its log has come. Where that fails nothing is lost: it is noted
  /// after the next run.
  func noteCommits() {
    try? StateGuard(configuration, store, clock, randomness).noteCommits(of: log)
  }
}

/// The steps of a commit after each of which something lasts.
public enum DurableStep: String, CaseIterable, Sendable {
  case takeLease = "take-lease"
  case discardStaged = "discard-staged"
  case stageFile = "stage-file"
  case rewriteFile = "rewrite-file"
  case decide
  case publishFile = "publish-file"
  case retireFile = "retire-file"
  case restoreFile = "restore-file"
  case removeFile = "remove-file"
  case removeStray = "remove-stray"
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
