internal import Base
internal import GRDB
internal import Storage
internal import Synchronization

/// Operations last as entries in the lake, each put only where none of its number is there. The
/// tables are a cache of them: whoever reads folds in what is new, and a decision is first tried
/// on the tables, then put, then kept.
final class LakeJournal: Journal {
  struct Settings: Sendable {
    /// Reads look for new entries when they did so longer ago than this.
    var freshSeconds = 1.0
    /// A checkpoint is made each time so many entries have come.
    var checkpointInterval = 128
    /// Whether entries are read several at once where many are new.
    var readsAtOnce = true
    /// How often a call that failed is tried again here, besides what the store does itself.
    var retries = 3
  }

  private struct State {
    var id: String
    var isMarked: Bool
    /// What is decided with the next entry.
    var pending: [LogOperation] = []
    /// Runs that were begun here and go on: operations may wait for their end.
    var openRuns: Set<String> = []
    var refreshedAt: Instant?
    /// Leases that have a heartbeat object.
    var beating: Set<Lease> = []
  }

  let store: any ObjectStore
  let tables: LogTables
  let clock: WallClock
  let randomness: Randomness
  let settings: Settings
  let owner: LeaseOwner
  private let state: Mutex<State>

  init(
    store: any ObjectStore, tables: LogTables, id: String, isMarked: Bool, clock: WallClock,
    randomness: Randomness, owner: LeaseOwner, settings: Settings
  ) {
    self.store = store
    self.tables = tables
    self.clock = clock
    self.randomness = randomness
    self.owner = owner
    self.settings = settings
    state = Mutex(State(id: id, isMarked: isMarked))
  }

  var id: String { state.withLock { $0.id } }
  var location: String { store.location + "/" + LogEntry.folder }

  // MARK: - Deciding

  /// Whatever an operation must outlast: an entry that is put is there for good.
  func decide<T>(
    outlasting outlasts: Outage,
    _ make: (GRDB.Database) throws -> (operations: [LogOperation], value: T)
  ) throws(BookmarksError) -> T {
    try decide(evenIfEmpty: false, make)
  }

  func decideSoon(_ operation: LogOperation) throws(BookmarksError) {
    let mayWait = state.withLock { state in
      state.pending.append(operation)
      if case .beginRun(let run) = operation { state.openRuns.insert(run.id) }
      return !state.openRuns.isEmpty
    }
    if !mayWait { try settle() }
    guard case .releaseLease(let lease) = operation else { return }
    // One that stays behind harms nobody: its epoch is over.
    if state.withLock({ $0.beating.remove(lease) }) != nil {
      try? store.delete([Heartbeat.key(of: lease)])
    }
  }

  func beats(_ lease: Lease) { _ = state.withLock { $0.beating.insert(lease) } }

  func settle() throws(BookmarksError) {
    if state.withLock({ $0.pending.isEmpty }) { return }
    try decide(evenIfEmpty: true) { _ in ([], ()) }
  }

  private func decide<T>(
    evenIfEmpty: Bool, _ make: (GRDB.Database) throws -> (operations: [LogOperation], value: T)
  ) throws(BookmarksError) -> T {
    try mark()
    while true {
      try catchUp()
      var result: T?
      var sequence: Int?
      try tables.translating {
        try tables.database.writeWithoutTransaction { db in
          try db.inTransaction(.immediate) {
            let (operations, value) = try make(db)
            let pending = state.withLock { $0.pending }
            if operations.isEmpty && !(evenIfEmpty && !pending.isEmpty) {
              result = value
              return .rollback
            }
            let entry = LogEntry(
              log: id, sequence: try CachePosition(db).sequence + 1,
              id: Self.newID(randomness), at: clock.now, by: LeaseOwner.describe(owner.token),
              operations: pending + operations)
            try tables.apply(entry, in: db)
            guard try put(entry) else { return .rollback }
            settled(entry, waiting: pending.count)
            result = value
            sequence = entry.sequence
            return .commit
          }
        }
      }
      guard let result else { continue }  // Somebody was first: look what they did and decide anew.
      if let sequence, sequence % settings.checkpointInterval == 0 {
        // A checkpoint saves time and nothing else; where it fails, the next one comes.
        try? Checkpoint.make(of: self)
      }
      return result
    }
  }

  private func settled(_ entry: LogEntry, waiting count: Int) {
    state.withLock { state in
      state.pending.removeFirst(count)
      for case .endRun(let run, _) in entry.operations { state.openRuns.remove(run) }
    }
  }

  /// - Returns: false where another entry of that number is there.
  private func put(_ entry: LogEntry) throws(BookmarksError) -> Bool {
    let bytes = entry.bytes
    var attempt = 0
    while true {
      do {
        try store.put(entry.key, bytes, if: .absent)
        return true
      } catch {
        // The answer may be lost and the entry be there, ours or another's: look.
        if let found = try? read(entry.sequence) { return found.id == entry.id }
        let isFinal = [.denied, .invalid, .full].contains(error.kind)
        if isFinal || attempt >= settings.retries {
          throw BookmarksError(
            .unreachable, "the lake's log could not be written",
            remedy: isFinal
              ? error.remedy
              : "Run again when the store answers; the run finds out what was decided.",
            place: location, cause: error.description)
        }
      }
      attempt += 1
      pause(attempt)
    }
  }

  /// Names the log in the lake, before its first entry.
  private func mark() throws(BookmarksError) {
    if state.withLock({ $0.isMarked }) { return }
    let marker = LakeMarker(
      log: id, kind: .lake, location: "", host: owner.host, createdAt: clock.now)
    // Another machine may have been first: then its name holds for both.
    let found = try retrying { () throws(StorageError) in try marker.claim(store) }
    guard found.kind == .lake else {
      throw BookmarksError(
        .foreign, "the lake belongs to \(found.description)",
        remedy: "Set lake.state to that file, or choose another lake.", place: store.location)
    }
    try tables.write { db in try adopt(found.log, in: db) }
  }

  /// Takes over the name that the lake's log has.
  func adopt(_ log: String, in db: GRDB.Database) throws {
    try LogTables.setMeta("id", log, db)
    state.withLock { state in
      state.id = log
      state.isMarked = true
    }
  }

  // MARK: - State

  var isMarked: Bool { state.withLock { $0.isMarked } }

  var refreshedAt: Instant? {
    get { state.withLock { $0.refreshedAt } }
    set { state.withLock { $0.refreshedAt = newValue } }
  }

  private static func newID(_ randomness: Randomness) -> String {
    String(randomness.next(), radix: 36) + String(randomness.next(), radix: 36)
  }
}
