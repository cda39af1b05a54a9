import Base
import Connector
import GRDB
import Records
import Storage
import Synchronization
import Testing

@testable import Bookmarks

/// What every commit log must do, whatever it is kept in.
@Suite struct CommitLogSuite {
  let clock = WallClock.manual(start: Instant(microseconds: 1_700_000_000_000_000))

  func commit(
    _ version: Int, added: [String] = [], removed: [String] = [], restored: [String] = [],
    ledger: [LedgerChange] = [], mark: String = "m"
  ) -> Commit {
    var commit = Commit(
      stream: "shop.orders", version: version, id: "id-\(version)", kind: .append, run: "r1",
      decidedAt: clock.now)
    commit.added = added.map {
      DataFile(table: "shop_orders", key: $0, rowCount: 10, byteCount: 100)
    }
    commit.staged = added.map { StagedObject(key: $0, owner: "o", token: "t", byteCount: 100) }
    commit.removed = removed
    commit.restored = restored
    commit.ledger = ledger
    commit.bookmarkAfter = Bookmark(kind: .time, mark: mark, state: ["at": 5])
    commit.schemas = ["shop_orders": Schema([Field("id", .int64, isNullable: false)])]
    return commit
  }

  @Test(arguments: LogKind.allCases) func keepsItsName(_ kind: LogKind) throws {
    let place = try LogPlace(kind, clock)
    let log = try place.open(newID: "log-1")
    _ = try log.acquireLease(on: "s")
    #expect(log.id == "log-1")
    #expect(try place.open(.test("b"), newID: "log-2").id == "log-1")
  }

  @Test(arguments: LogKind.allCases) func readersSeePublishedCommitsOnly(_ kind: LogKind) throws {
    let log = try LogPlace(kind, clock).open()
    let lease = try log.acquireLease(on: "shop.orders")
    #expect(try log.stream("shop.orders") == nil)
    let first = commit(1, added: ["a"], mark: "one")
    try log.append(first, under: lease)
    #expect(try log.unpublished() == [first])
    #expect(try log.files(of: "shop.orders", asOf: nil).isEmpty)
    #expect(try log.files(of: "shop.orders", asOf: 1).map(\.key) == ["a"])
    try log.markPublished(first)
    #expect(try log.unpublished().isEmpty)
    #expect(try log.files(of: "shop.orders", asOf: nil).map(\.key) == ["a"])
    let state = try #require(try log.stream("shop.orders"))
    #expect(state.version == 1 && state.publishedVersion == 1)
    #expect(state.bookmark == first.bookmarkAfter)
    #expect(state.schemas == first.schemas)
  }

  @Test(arguments: LogKind.allCases) func aLaterPublishedCommitWaitsForAnEarlierOne(_ kind: LogKind)
    throws
  {
    let log = try LogPlace(kind, clock).open()
    let lease = try log.acquireLease(on: "shop.orders")
    let first = commit(1, added: ["a"])
    let second = commit(2, added: ["b"])
    try log.append(first, under: lease)
    try log.append(second, under: lease)
    try log.markPublished(second)
    #expect(try log.files(of: "shop.orders", asOf: nil).isEmpty)
    try log.markPublished(first)
    #expect(try log.files(of: "shop.orders", asOf: nil).map(\.key) == ["a", "b"])
  }

  @Test(arguments: LogKind.allCases) func filesComeAndGoAndComeBack(_ kind: LogKind) throws {
    let log = try LogPlace(kind, clock).open()
    let lease = try log.acquireLease(on: "shop.orders")
    try log.append(commit(1, added: ["a"]), under: lease)
    try log.append(commit(2, added: ["b"]), under: lease)
    try log.append(commit(3, removed: ["b"]), under: lease)
    try log.append(commit(4, restored: ["b"]), under: lease)
    let byVersion = try (0...4).map { try log.files(of: "shop.orders", asOf: $0).map(\.key) }
    #expect(byVersion == [[], ["a"], ["a", "b"], ["a"], ["a", "b"]])
  }

  @Test(arguments: LogKind.allCases) func filesKnowTheirOrigins(_ kind: LogKind) throws {
    let log = try LogPlace(kind, clock).open()
    let lease = try log.acquireLease(on: "shop.orders")
    try log.append(commit(1, added: ["a"]), under: lease)
    try log.append(commit(2, added: ["b"]), under: lease)
    var merge = commit(3, added: ["v/c"], removed: ["a", "b"])
    merge.left = ["a", "b"]
    merge.added[0].origins = [.init(version: 1, rowCount: 10), .init(version: 2, rowCount: 10)]
    try log.append(merge, under: lease)
    #expect(try log.files(of: "shop.orders", asOf: 2).map(\.origins.first?.version) == [1, 2])
    #expect(try log.files(of: "shop.orders", asOf: 3).map(\.origins) == [merge.added[0].origins])
    #expect(try log.keys(of: "shop.orders") == ["v/c"])
    #expect(try log.commit(3, of: "shop.orders") == merge)
  }

  @Test(arguments: LogKind.allCases) func filesOutOfTheTableAreSomewhere(_ kind: LogKind) throws {
    let log = try LogPlace(kind, clock).open()
    let lease = try log.acquireLease(on: "shop.orders")
    func places() throws -> [String: FormerFile.Place] {
      Dictionary(
        uniqueKeysWithValues: try log.formerFiles(of: "shop.orders").map { ($0.file.key, $0.place) }
      )
    }
    try log.append(commit(1, added: ["a", "b"]), under: lease)
    #expect(try places().isEmpty)
    var merge = commit(2, added: ["c"], removed: ["a", "b"])
    merge.left = ["a", "b"]
    try log.append(merge, under: lease)
    #expect(try places() == ["a": .left, "b": .left])
    var back = commit(3, removed: ["c"], restored: ["a"])
    back.cleared = ["b"]
    try log.append(back, under: lease)
    #expect(try places() == ["b": .retired, "c": .retired])
    var gone = commit(4)
    gone.gone = ["b"]
    try log.append(gone, under: lease)
    #expect(try places() == ["b": .gone, "c": .retired])
    #expect(try log.formerFiles(of: "shop.orders").map(\.removedVersion) == [2, 3])
    #expect(try log.streamNames() == ["shop.orders"])
  }

  @Test(arguments: LogKind.allCases) func aFileThatIsNotThereCannotGo(_ kind: LogKind) throws {
    let log = try LogPlace(kind, clock).open()
    let lease = try log.acquireLease(on: "shop.orders")
    #expect(throws: BookmarksError.self) {
      try log.append(commit(1, removed: ["nothing"]), under: lease)
    }
    #expect(try log.stream("shop.orders") == nil)
  }

  @Test(arguments: LogKind.allCases) func theLedgerGoesBack(_ kind: LogKind) throws {
    let log = try LogPlace(kind, clock).open()
    let lease = try log.acquireLease(on: "shop.orders")
    try log.append(
      commit(1, ledger: [.init(key: "x", value: 1), .init(key: "y", value: 1)]), under: lease)
    try log.append(
      commit(
        2,
        ledger: [.init(key: "x", value: 2), .init(key: "y", value: nil), .init(key: "z", value: 2)]),
      under: lease)
    let ledger = log.ledger(of: "shop.orders")
    #expect(try ledger.value(of: "x") == 2)
    #expect(try ledger.value(of: "y") == nil)
    #expect(try ledger.entries().map(\.key) == ["x", "z"])
    let back = try log.ledgerChanges(of: "shop.orders", backTo: 1)
    #expect(
      back == [.init(key: "x", value: 1), .init(key: "y", value: 1), .init(key: "z", value: nil)])
    try log.append(commit(3, ledger: back), under: lease)
    #expect(try ledger.entries().map(\.key) == ["x", "y"])
    #expect(try log.ledgerChanges(of: "shop.orders", backTo: 0).allSatisfy { $0.value == nil })
  }

  @Test(arguments: LogKind.allCases) func versionsHaveNoGaps(_ kind: LogKind) throws {
    let log = try LogPlace(kind, clock).open()
    let lease = try log.acquireLease(on: "shop.orders")
    let error = #expect(throws: BookmarksError.self) {
      try log.append(commit(2), under: lease)
    }
    #expect(error?.kind == .conflict)
    try log.append(commit(1), under: lease)
    let again = #expect(throws: BookmarksError.self) { try log.append(commit(1), under: lease) }
    #expect(again?.kind == .conflict)
  }

  @Test(arguments: LogKind.allCases) func theCatalogMovesWithTheCommitOrNotAtAll(_ kind: LogKind)
    throws
  {
    struct Refusal: Error {}
    let log = try LogPlace(kind, clock).open { change, _ in
      if change == "bad" { throw Refusal() }
    }
    let lease = try log.acquireLease(on: "shop.orders")
    var bad = commit(1, added: ["a"])
    bad.catalogChange = "bad"
    #expect(throws: BookmarksError.self) { try log.append(bad, under: lease) }
    #expect(try log.stream("shop.orders") == nil)
    #expect(try log.unpublished().isEmpty)
    #expect(try log.files(of: "shop.orders", asOf: 1).isEmpty)
  }

  @Test(arguments: LogKind.allCases) func aCommitReadsBackAsItWas(_ kind: LogKind) throws {
    let log = try LogPlace(kind, clock).open()
    let lease = try log.acquireLease(on: "shop.orders")
    var full = commit(1, added: ["a"], ledger: [.init(key: "k", value: ["n": 1])])
    full.added[0].partition = [.init(name: "day", text: "2026-11-21"), .init(name: "c", text: nil)]
    full.window = Window(from: nil, to: "9", predicate: "id <= 9", reason: "max")
    full.binding = ["table": "orders"]
    full.catalogChange = [["op": "x"]]
    full.counts = ["duplicates": 3]
    full.contentHash = "h"
    full.note = "why"
    try log.append(full, under: lease)
    #expect(try log.commit(1, of: "shop.orders") == full)
    #expect(try log.history(of: "shop.orders", limit: 5) == [full])
    #expect(throws: BookmarksError.self) { try log.commit(2, of: "shop.orders") }
  }

  @Test(arguments: LogKind.allCases) func aHoldStaysUntilItIsReleased(_ kind: LogKind) throws {
    let log = try LogPlace(kind, clock).open()
    let lease = try log.acquireLease(on: "shop.orders")
    var hold = commit(1)
    hold.kind = .hold
    hold.note = "migration"
    try log.append(hold, under: lease)
    try log.append(commit(2), under: lease)
    #expect(try log.stream("shop.orders")?.holdReason == "migration")
    var release = commit(3)
    release.kind = .release
    try log.append(release, under: lease)
    #expect(try log.stream("shop.orders")?.holdReason == nil)
  }

  @Test(arguments: LogKind.allCases) func runsAndTheirOutcomes(_ kind: LogKind) throws {
    let log = try LogPlace(kind, clock).open()
    let id = RunRecord.makeID(at: clock.now, .seeded(7))
    try log.beginRun(RunRecord(id: id, startedAt: clock.now, command: "tidemark run", host: "h"))
    var outcome = StreamOutcome(stream: "shop.orders", status: .failed)
    outcome.error = "no"
    outcome.counts = ["rejected": 2]
    try log.record(outcome, of: id)
    #expect(try log.runs(limit: 3).first?.endedAt == nil)
    try log.endRun(id, at: clock.now)
    let (record, outcomes) = try log.run(String(id.prefix(12)))
    #expect(record.endedAt == clock.now)
    #expect(outcomes == [outcome])
    #expect(throws: BookmarksError.self) { try log.run("2001") }
  }

  @Test(arguments: LogKind.allCases) func findsVersionsWithoutReadingThemAll(_ kind: LogKind) throws
  {
    let log = try LogPlace(kind, clock).open()
    let lease = try log.acquireLease(on: "shop.orders")
    let start = clock.now
    for version in 1...4 {
      var commit = commit(version, added: ["f\(version)"], mark: "m\(version)")
      commit.run = version < 3 ? "r1" : "r2"
      try log.append(commit, under: lease)
      clock.sleep(seconds: 60)
    }
    #expect(try log.marks(of: "shop.orders").map(\.bookmark?.mark) == ["m4", "m3", "m2", "m1"])
    #expect(try log.lastVersion(of: "shop.orders", inRun: "r1") == 2)
    #expect(try log.lastVersion(of: "shop.orders", inRun: "r9") == nil)
    #expect(try log.lastVersion(of: "shop.orders", at: start.advanced(seconds: 70)) == 2)
    #expect(try log.lastVersion(of: "shop.orders", at: start.advanced(seconds: -1)) == nil)
    #expect(try log.files(withKeys: ["f3", "none"]).map(\.key) == ["f3"])
  }

  @Test(arguments: LogKind.allCases) func whatOneDecidesAnotherSees(_ kind: LogKind) throws {
    let place = try LogPlace(kind, clock)
    let one = try place.open(.test("a"))
    let other = try place.open(.test("b"))
    let lease = try one.acquireLease(on: "shop.orders")
    let first = commit(1, added: ["a"])
    try one.append(first, under: lease)
    #expect(try other.unpublished() == [first])
    try other.markPublished(first)
    try other.markPublished(first)
    #expect(try one.files(of: "shop.orders", asOf: nil).map(\.key) == ["a"])
    try one.release(lease)
    let next = try other.acquireLease(on: "shop.orders")
    #expect(next.epoch == 2)
    #expect(throws: BookmarksError.self) { try one.append(commit(2), under: lease) }
    try other.append(commit(2, added: ["b"]), under: next)
    #expect(try one.stream("shop.orders")?.version == 2)
  }

  @Test(arguments: LogKind.allCases) func theCatalogChangesApartFromCommits(_ kind: LogKind) throws
  {
    let seen = Mutex<[JSONValue]>([])
    let place = try LogPlace(kind, clock)
    let log = try place.open { change, _ in seen.withLock { $0.append(change) } }
    try log.changeCatalog(["view": "v"])
    #expect(seen.withLock { $0 } == [["view": "v"]])
  }

  @Test(arguments: LogKind.allCases) func saysWhatItHolds(_ kind: LogKind) throws {
    let log = try LogPlace(kind, clock).open()
    let lease = try log.acquireLease(on: "shop.orders")
    try log.append(commit(1, added: ["a", "b"]), under: lease)
    try log.append(commit(2, removed: ["b"]), under: lease)
    let summary = try log.summary()
    #expect(summary.commitCount == 2 && summary.streamCount == 1 && summary.fileCount == 1)
    #expect(summary.unpublishedCount == 2 && summary.lastCommitAt == clock.now)
    #expect(summary.leases.map(\.stream) == ["shop.orders"])
    #expect(summary.entryCount == (kind == .sqlite ? nil : 3))
    try log.release(lease)
    #expect(try log.summary().leases.isEmpty)
  }
}
