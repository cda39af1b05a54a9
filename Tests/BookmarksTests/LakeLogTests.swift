import Base
import Foundation
import GRDB
import Storage
import Synchronization
import Testing

@testable import Bookmarks

/// What only a log in the lake does: entries, checkpoints, caches.
@Suite struct LakeLogTests {
  let clock = WallClock.manual(start: Instant(microseconds: 1_700_000_000_000_000))
  let store: MemoryStore
  let folder: URL

  init() throws {
    store = MemoryStore(clock: clock)
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("tidemark-cache-\(UUID().uuidString)")
  }

  private func open(
    _ name: String = "a", cache: String? = nil, store other: (any ObjectStore)? = nil,
    settings: LakeJournal.Settings = .prompt
  ) throws -> FoldedCommitLog {
    try FoldedCommitLog(
      inLake: other ?? store, cachePath: cache.map { folder.appendingPathComponent($0).path },
      clock: clock, randomness: .system, owner: .test(name), newID: "log-\(name)",
      settings: settings, prepare: { _ in }, applyCatalogChange: { _, _ in })
  }

  private func append(_ versions: ClosedRange<Int>, to log: FoldedCommitLog) throws {
    let lease = try log.acquireLease(on: "s")
    for version in versions {
      let commit = Commit(
        stream: "s", version: version, id: "c\(version)", kind: .append, run: nil,
        decidedAt: clock.now)
      try log.append(commit, under: lease)
      try log.markPublished(commit)
    }
    try log.release(lease)
  }

  private func keys(_ prefix: String) throws -> [String] { try store.objects(prefix).map(\.key) }

  @Test func anEntryIsAnObjectOfItsNumber() throws {
    try append(1...1, to: open())
    #expect(
      try keys("_tidemark/") == [
        "_tidemark/log.json", LogEntry.key(1), LogEntry.key(2), LogEntry.key(3), LogEntry.key(4),
      ])
    let entry = try JSONValue(parsing: store.read(LogEntry.key(2)))
    #expect(entry["operations"]?.array?.first?["do"] == "append")
    #expect(entry["log"] == "log-a" && entry["sequence"] == 2)
  }

  @Test func anIdleRunCostsTwoPutsForOneStream() throws {
    let log = try open()
    try append(1...1, to: log)
    let before = try keys(LogEntry.folder).count
    try log.beginRun(RunRecord(id: "r", startedAt: clock.now, command: "run", host: "h"))
    let lease = try log.acquireLease(on: "s")
    try log.release(lease)
    try log.record(StreamOutcome(stream: "s", status: .unchanged), of: "r")
    try log.endRun("r", at: clock.now)
    #expect(try keys(LogEntry.folder).count == before + 2)
    #expect(try open("b").run("r").1.count == 1)
    #expect(try open("b").acquireLease(on: "s").epoch == 3)
  }

  @Test func heartbeatsDoNotGrowTheLog() throws {
    let log = try open()
    let lease = try log.acquireLease(on: "a b/c")
    for _ in 0..<5 {
      clock.sleep(seconds: 3)
      try log.renew(lease)
    }
    #expect(try keys(LogEntry.folder).count == 1)
    #expect(try keys(Heartbeat.folder) == ["_tidemark/leases/a%20b%2fc/1"])
    #expect(try log.summary().leases.map(\.lastSign) == [clock.now])
    try log.release(lease)
    #expect(try keys(Heartbeat.folder).isEmpty)
  }

  @Test func aMachineWithoutACacheStartsFromACheckpoint() throws {
    var settings = LakeJournal.Settings.prompt
    settings.checkpointInterval = 16
    let log = try open(settings: settings)
    try append(1...40, to: log)
    let checkpoints = try keys(Checkpoint.folder)
    #expect(checkpoints == [Checkpoint.key(64), Checkpoint.key(80)])
    // Entries that the checkpoint covers are not needed any more by who has none of it.
    try store.delete((1...64).map(LogEntry.key))
    let fresh = try open("b", settings: settings)
    #expect(try fresh.history(of: "s", limit: 100).count == 40)
    #expect(try fresh.stream("s")?.publishedVersion == 40)
    #expect(try fresh.summary().checkpoint == 80)
  }

  @Test(arguments: [0, 40, 300, -1])
  func aDamagedCheckpointIsPassedOver(_ place: Int) throws {
    var settings = LakeJournal.Settings.prompt
    settings.checkpointInterval = 16
    try append(1...20, to: open(settings: settings))
    for key in try keys(Checkpoint.folder) {
      var bytes = try store.read(key)
      if place < 0 { bytes.removeLast(9) } else { bytes[place] ^= 0x55 }
      try store.put(key, bytes)
    }
    #expect(try open("b").history(of: "s", limit: 100).count == 20)
  }

  @Test func aCacheIsKeptAndCatchesUp() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try append(1...3, to: open(cache: "x.db"))
    try append(4...30, to: open("b"))
    let reads = CountingStore(store)
    let log = try open(cache: "x.db", store: reads)
    #expect(try log.stream("s")?.version == 30)
    #expect(
      reads.reads.withLock { $0 }.filter { $0.hasPrefix(LogEntry.folder) }.min() ?? ""
        >= LogEntry.key(8))
  }

  @Test func aDamagedCacheIsMadeAnew() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try append(1...3, to: open(cache: "x.db"))
    let path = folder.appendingPathComponent("x.db")
    try LakeCache.remove(path.path)
    try Data(repeating: 0x41, count: 9000).write(to: path)
    #expect(try open(cache: "x.db").stream("s")?.version == 3)
    #expect(try open(cache: "x.db").stream("s")?.version == 3)
  }

  @Test func aCacheOfAnotherLakeIsMadeAnew() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try append(1...3, to: open(cache: "x.db"))
    let other = MemoryStore(clock: clock)
    let log = try open("b", cache: "x.db", store: other)
    #expect(log.id == "log-b")
    #expect(try log.streams().isEmpty)
    #expect(try open(cache: "x.db").stream("s")?.version == 3)
  }

  @Test func aLogOfItsOwnIsNotTakenForACache() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let path = folder.appendingPathComponent("x.db").path
    do {
      let database = try DatabaseQueue(path: path)
      _ = try FoldedCommitLog(
        database: database, location: path, clock: clock, owner: .test("a"), newID: "own",
        applyCatalogChange: { _, _ in })
    }
    let error = #expect(throws: BookmarksError.self) { try open(cache: "x.db") }
    #expect(error?.kind == .foreign)
    #expect(FileManager.default.fileExists(atPath: path))
  }

  @Test func aFolderThatCannotBeWrittenIsNoObstacle() throws {
    try append(1...2, to: open())
    let log = try FoldedCommitLog(
      inLake: store, cachePath: "/proc/none/cache.db", clock: clock, randomness: .system,
      owner: .test("b"), newID: "n", prepare: { _ in }, applyCatalogChange: { _, _ in })
    #expect(try log.stream("s")?.version == 2)
  }

  @Test func aLogThatWasSetBackIsRefused() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try append(1...3, to: open(cache: "x.db"))
    try store.delete((5...8).map(LogEntry.key))
    let cut = #expect(throws: BookmarksError.self) { try open(cache: "x.db") }
    #expect(cut?.kind == .foreign && cut?.remedy.contains("state adopt") == true)
    try append(3...3, to: open())  // entries 5 to 8 anew
    let other = #expect(throws: BookmarksError.self) { try open(cache: "x.db") }
    #expect(other?.kind == .foreign)
    #expect(try open("c").stream("s")?.version == 3)
  }

  @Test func aLostMarkerIsSaid() throws {
    try append(1...1, to: open())
    try store.delete([LakeMarker.key])
    let error = #expect(throws: BookmarksError.self) { try open("b") }
    #expect(error?.kind == .foreign && error?.remedy.contains("state adopt") == true)
  }

  @Test func aLakeOfASQLiteLogIsRefused() throws {
    try LakeMarker(log: "x", kind: .sqlite, location: "/s.db", host: "h", createdAt: nil)
      .put(in: store, if: .absent)
    let error = #expect(throws: BookmarksError.self) { try open() }
    #expect(error?.kind == .foreign && error?.message.contains("/s.db") == true)
  }

  @Test func anEntryThatCannotBeReadIsNamed() throws {
    try append(1...1, to: open())
    try store.put(LogEntry.key(5), Array("{\"log\":\"log-a\",\"sequ".utf8))
    let error = #expect(throws: BookmarksError.self) { try open("b") }
    #expect(error?.kind == .corrupt && error?.place == LogEntry.key(5))
    try store.put(
      LogEntry.key(5),
      LogEntry(
        log: "log-a", sequence: 5, id: "x", at: clock.now, by: "",
        operations: [.takeLease(stream: "s", epoch: 9, owner: "o", at: clock.now)]
      ).bytes)
    let unfitting = #expect(throws: BookmarksError.self) { try open("b") }
    #expect(unfitting?.kind == .corrupt && unfitting?.place == LogEntry.key(5))
  }

  @Test func twoMachinesThatBeginAtOnceShareOneLog() throws {
    let one = try open("a")
    let two = try open("b")
    _ = try one.acquireLease(on: "s")
    _ = try two.acquireLease(on: "t")
    #expect(one.id == "log-a" && two.id == "log-a")
    #expect(try keys(LogEntry.folder).count == 2)
  }
}

/// Notes what is read.
private final class CountingStore: ObjectStore {
  private let store: any ObjectStore
  let reads = Mutex<[String]>([])

  init(_ store: any ObjectStore) { self.store = store }

  var location: String { store.location }

  func read(_ key: String, range: Range<Int>?) throws(StorageError) -> [UInt8] {
    reads.withLock { $0.append(key) }
    return try store.read(key, range: range)
  }

  func info(_ key: String) throws(StorageError) -> ObjectInfo? { try store.info(key) }

  func list(_ prefix: String, _ visit: (ObjectInfo) throws(StorageError) -> Void)
    throws(StorageError)
  { try store.list(prefix, visit) }

  func put(_ key: String, _ bytes: [UInt8], if condition: PutCondition) throws(StorageError)
    -> ObjectInfo
  { try store.put(key, bytes, if: condition) }

  func delete(_ keys: [String]) throws(StorageError) { try store.delete(keys) }

  func move(_ key: String, to target: String) throws(StorageError) {
    try store.move(key, to: target)
  }

  func stage(_ key: String, owner: String) throws(StorageError) -> any StagedWriter {
    try store.stage(key, owner: owner)
  }

  func publish(_ staged: StagedObject) throws(StorageError) { try store.publish(staged) }

  func discard(_ staged: StagedObject) throws(StorageError) { try store.discard(staged) }

  func listStaged(_ prefix: String) throws(StorageError) -> [StagedObject] {
    try store.listStaged(prefix)
  }
}
