public import Base
internal import Synchronization

/// What goes wrong in a `FaultyStore`, and how often.
public struct Faults: Sendable {
  /// The chance that a call fails before it has done anything.
  public var errorRate: Double
  /// The chance that a call that changes something does its work and yet reports a failure.
  public var lostAnswerRate: Double
  /// The chance that a conditional put does its work and yet reports a conflict, as after a first
  /// answer that was lost on its way.
  public var falseConflictRate: Double
  /// The chance that a change arrives twice, as by a network that sends again; the second answer
  /// counts.
  public var repeatRate: Double
  /// Each call waits up to this long.
  public var delaySecondsMax: Double
  /// After this many calls that change something, every call fails, as if the process had died.
  public var stopAfter: Int?
  /// Whether the last call before the stop still does its work; its caller never learns.
  public var finishesLastCall: Bool

  public init(
    errorRate: Double = 0, lostAnswerRate: Double = 0, falseConflictRate: Double = 0,
    repeatRate: Double = 0, delaySecondsMax: Double = 0, stopAfter: Int? = nil,
    finishesLastCall: Bool = false
  ) {
    self.errorRate = errorRate
    self.lostAnswerRate = lostAnswerRate
    self.falseConflictRate = falseConflictRate
    self.repeatRate = repeatRate
    self.delaySecondsMax = delaySecondsMax
    self.stopAfter = stopAfter
    self.finishesLastCall = finishesLastCall
  }
}

/// A store that fails as networks and disks do, the same way for the same seed: for tests of what
/// is built on stores.
public final class FaultyStore: ObjectStore {
  private let store: any ObjectStore
  private let faults: Faults
  private let randomness: Randomness
  private let clock: WallClock
  private let changes = Mutex(0)

  public init(
    _ store: any ObjectStore, seed: UInt64, _ faults: Faults, clock: WallClock = .system
  ) {
    self.store = store
    self.faults = faults
    randomness = .seeded(seed)
    self.clock = clock
  }

  public var location: String { store.location }

  /// How many calls that change something were made: the steps that a crash can come after.
  public var changeCount: Int { changes.withLock { $0 } }

  public func read(_ key: String, range: Range<Int>?) throws(StorageError) -> [UInt8] {
    try looking(key) { () throws(StorageError) in try store.read(key, range: range) }
  }

  public func info(_ key: String) throws(StorageError) -> ObjectInfo? {
    try looking(key) { () throws(StorageError) in try store.info(key) }
  }

  public func list(_ prefix: String, _ visit: (ObjectInfo) throws(StorageError) -> Void)
    throws(StorageError)
  {
    try looking(prefix) { () throws(StorageError) in
      try store.list(prefix) { (info) throws(StorageError) in
        // A listing comes in pages: any of them can fail.
        if randomness.unit() < faults.errorRate / 10 { throw fault(prefix) }
        try visit(info)
      }
    }
  }

  @discardableResult
  public func put(_ key: String, _ bytes: [UInt8], if condition: PutCondition) throws(StorageError)
    -> ObjectInfo
  {
    let info = try changing(key) { () throws(StorageError) in
      try store.put(key, bytes, if: condition)
    }
    if condition != .always, randomness.unit() < faults.falseConflictRate {
      throw StorageError(
        .conflict, "the object has changed", remedy: "look at it again", place: key,
        cause: "injected fault")
    }
    return info
  }

  public func delete(_ keys: [String]) throws(StorageError) {
    try changing(keys.first ?? "") { () throws(StorageError) in try store.delete(keys) }
  }

  public func move(_ key: String, to target: String) throws(StorageError) {
    try changing(key) { () throws(StorageError) in try store.move(key, to: target) }
  }

  public func stage(_ key: String, owner: String) throws(StorageError) -> any StagedWriter {
    try changing(key, mayRepeat: false) { () throws(StorageError) in
      FaultyWriter(self, try store.stage(key, owner: owner), key: key)
    }
  }

  public func publish(_ staged: StagedObject) throws(StorageError) {
    try changing(staged.key) { () throws(StorageError) in try store.publish(staged) }
  }

  public func discard(_ staged: StagedObject) throws(StorageError) {
    try changing(staged.key) { () throws(StorageError) in try store.discard(staged) }
  }

  public func listStaged(_ prefix: String) throws(StorageError) -> [StagedObject] {
    try looking(prefix) { () throws(StorageError) in try store.listStaged(prefix) }
  }

  public func removeEmptyFolders(_ prefix: String) throws(StorageError) {
    try changing(prefix) { () throws(StorageError) in try store.removeEmptyFolders(prefix) }
  }

  fileprivate var isStopped: Bool {
    faults.stopAfter.map { stop in changes.withLock { $0 >= stop } } ?? false
  }

  private func looking<Result>(_ place: String, _ body: () throws(StorageError) -> Result)
    throws(StorageError) -> Result
  {
    wait()
    if isStopped || randomness.unit() < faults.errorRate { throw fault(place) }
    return try body()
  }

  fileprivate func changing<Result>(
    _ place: String, mayRepeat: Bool = true, _ body: () throws(StorageError) -> Result
  ) throws(StorageError) -> Result {
    wait()
    let count = changes.withLock { count in
      count += 1
      return count
    }
    if let stop = faults.stopAfter {
      if count == stop, faults.finishesLastCall { _ = try body() }
      if count >= stop { throw fault(place) }
    }
    if randomness.unit() < faults.errorRate { throw fault(place) }
    var result = try body()
    if mayRepeat, randomness.unit() < faults.repeatRate { result = try body() }
    if randomness.unit() < faults.lostAnswerRate { throw fault(place) }
    return result
  }

  private func wait() {
    if faults.delaySecondsMax > 0 {
      clock.sleep(seconds: randomness.unit() * faults.delaySecondsMax)
    }
  }

  private func fault(_ place: String) -> StorageError {
    StorageError(
      .unreachable, "the store does not answer", remedy: "try again", place: place,
      cause: "injected fault")
  }
}

private final class FaultyWriter: StagedWriter {
  private let store: FaultyStore
  private let box: WriterBox
  private let key: String

  init(_ store: FaultyStore, _ writer: any StagedWriter, key: String) {
    self.store = store
    box = WriterBox(writer)
    self.key = key
  }

  var bufferedBytes: Int { box.writer.bufferedBytes }

  func write(_ bytes: [UInt8]) throws(StorageError) {
    try store.changing(key, mayRepeat: false) { () throws(StorageError) in
      try box.writer.write(bytes)
    }
  }

  func finish() throws(StorageError) -> StagedObject {
    try store.changing(key, mayRepeat: false) { () throws(StorageError) in try box.writer.finish() }
  }

  func abandon() {
    if !store.isStopped { box.writer.abandon() }
  }

  deinit { if !store.isStopped { box.release() } }
}

/// Holds a writer, and itself until released: a process that has died removes nothing, so the
/// writer must not clean up after itself.
private final class WriterBox {
  let writer: any StagedWriter
  private var holder: WriterBox?

  init(_ writer: any StagedWriter) {
    self.writer = writer
    holder = self
  }

  func release() { holder = nil }
}
