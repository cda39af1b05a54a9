import Base
import Bookmarks
import Catalog
import Connector
import Foundation
import Parquet
import Records
import Storage
import Synchronization
import Testing

@testable import Ingest

@Suite struct KeyComparisonTests {
  private static let day = 86_400.0

  /// A lake whose stream compares its keys every day, with rows that one run has read.
  private func lake(_ count: Int, settings: String = "{}") throws -> TestLake {
    let lake = try TestLake(settings: settings)
    lake.world.state.withLock { $0.deletions = Deletions(compareSeconds: Self.day, key: ["id"]) }
    lake.world.append(count)
    let first = try lake.run()
    // What was just read need not be compared.
    #expect(first.outcomes.first?.counts["keys_compared"] == nil)
    return lake
  }

  private func delete(_ ids: [Int64], _ lake: TestLake) {
    lake.world.state.withLock { $0.gone.formUnion(ids) }
  }

  @Test func findsWhatIsGoneAndTellsItOnce() throws {
    let lake = try lake(250)
    delete([3, 77, 250], lake)
    let second = try lake.run()
    #expect(second.exitCode == 0)
    #expect(second.outcomes.first?.counts == ["keys_compared": 247, "keys_deleted": 3])
    #expect(second.outcomes.first?.rows == 0 && second.outcomes.first?.commits == 1)
    #expect(second.outcomes.first?.from == "250" && second.outcomes.first?.to == "250")
    #expect(try lake.deletedIDs() == [3, 77, 250])
    #expect(try lake.ids(ofTable: "s_t") == lake.world.ids)
    // Not due again, then due and nothing new.
    #expect(try lake.run().outcomes.first?.counts.isEmpty == true)
    lake.clock.sleep(seconds: Self.day)
    delete([4], lake)
    #expect(
      try lake.run().outcomes.first?.counts == ["keys_compared": 246, "keys_deleted": 1])
    #expect(try lake.deletedIDs() == [3, 4, 77, 250])
    lake.clock.sleep(seconds: Self.day)
    #expect(
      try lake.run().outcomes.first?.counts == ["keys_compared": 246, "keys_deleted": 0])
    #expect(try lake.deletedIDs() == [3, 4, 77, 250])
  }

  @Test func aDailyRunComparesDailyThoughItsHourWavers() throws {
    let lake = try lake(10)
    #expect(try lake.run().outcomes.first?.counts["keys_compared"] == 10)
    for _ in 0..<3 {
      lake.clock.sleep(seconds: Self.day - 600)
      #expect(try lake.run().outcomes.first?.counts["keys_compared"] == 10)
    }
    lake.clock.sleep(seconds: Self.day / 2)
    #expect(try lake.run().outcomes.first?.counts["keys_compared"] == nil)
  }

  @Test func aKeyThatComesBackCanGoAgain() throws {
    let lake = try lake(100)
    delete([5, 6], lake)
    try lake.run()
    #expect(try lake.deletedIDs() == [5, 6])
    // Inserted again, and read by the run that compares: a later version in the table.
    lake.world.state.withLock { state in
      state.gone.remove(5)
      state.rows.append((5, "again"))
    }
    lake.clock.sleep(seconds: Self.day)
    #expect(
      try lake.run().outcomes.first?.counts == ["keys_compared": 99, "keys_deleted": 0])
    #expect(try lake.deletedIDs() == [5, 6])
    delete([5], lake)
    lake.clock.sleep(seconds: Self.day)
    #expect(
      try lake.run().outcomes.first?.counts == ["keys_compared": 98, "keys_deleted": 1])
    #expect(try lake.deletedIDs() == [5, 5, 6])
  }

  @Test func aKeyThatComesBackBelowTheMarkIsTold() throws {
    let lake = try lake(100)
    delete([5, 6], lake)
    try lake.run()
    // Inserted again with its old cursor: the stream never reads it.
    lake.world.state.withLock { _ = $0.gone.remove(5) }
    lake.clock.sleep(seconds: Self.day)
    let back = try lake.run()
    #expect(
      back.outcomes.first?.counts == ["keys_compared": 99, "keys_deleted": 0, "keys_back": 1])
    #expect(back.outcomes.first?.commits == 1)
    #expect(try lake.deletedIDs() == [5, 5, 6])
    // Told once, and merging forgets nothing of it.
    _ = try lake.compact()
    lake.clock.sleep(seconds: Self.day)
    #expect(try lake.run().outcomes.first?.counts == ["keys_compared": 99, "keys_deleted": 0])
    delete([5], lake)
    lake.clock.sleep(seconds: Self.day)
    #expect(try lake.run().outcomes.first?.counts == ["keys_compared": 98, "keys_deleted": 1])
    #expect(try lake.deletedIDs() == [5, 5, 5, 6])
  }

  @Test func rowsThatTheTableHasNotYetAreNoMatter() throws {
    let lake = try lake(100)
    delete([1], lake)
    lake.world.state.withLock { $0.late = Array(1000...1200) }
    #expect(
      try lake.run().outcomes.first?.counts == ["keys_compared": 300, "keys_deleted": 1])
    #expect(try lake.deletedIDs() == [1])
  }

  @Test func theHistoryOfRowsOutlastsMerging() throws {
    let lake = try lake(100, settings: "{files: {target: 1MB, compact: auto}}")
    delete([5], lake)
    try lake.run()
    lake.world.state.withLock { state in
      state.gone = []
      state.rows.append((5, "again"))
    }
    try lake.run()
    try lake.compact()
    lake.clock.sleep(seconds: Self.day)
    // Which row came when is told by the origins of the merged file.
    #expect(try lake.run().outcomes.first?.counts["keys_deleted"] == 0)
    delete([5], lake)
    lake.clock.sleep(seconds: Self.day)
    #expect(try lake.run().outcomes.first?.counts["keys_deleted"] == 1)
  }

  @Test func partOfTheKeyMayBeInTheNamesOfFolders() throws {
    let lake = try TestLake(settings: "{partition: [payload]}")
    lake.world.state.withLock {
      $0.deletions = Deletions(compareSeconds: Self.day, key: ["payload", "id"])
    }
    lake.world.append(100)
    try lake.run()
    delete([5, 6], lake)
    #expect(try lake.run().outcomes.first?.counts["keys_deleted"] == 2)
    #expect(try lake.deletedIDs() == [5, 6])
    lake.clock.sleep(seconds: Self.day)
    #expect(try lake.run().outcomes.first?.counts["keys_deleted"] == 0)
  }

  @Test func rewindTakesItBackWithEverythingElse() throws {
    let lake = try lake(100)
    let before = try #require(try lake.workspace().log.stream("s.t")).version
    delete([5, 6], lake)
    try lake.run()
    #expect(try lake.deletedIDs() == [5, 6])
    let control = try lake.bookmarkControl()
    let run = try #require(try lake.workspace().log.commit(before, of: "s.t").run)
    _ = try control.rewind("s.t", to: .run(run), .init())
    #expect(try lake.deletedIDs().isEmpty)
    #expect(try lake.ids(ofTable: "s_t") == lake.world.ids)
    // It has never been compared again, so it is due.
    #expect(try lake.run().outcomes.first?.counts["keys_deleted"] == 2)
    #expect(try lake.deletedIDs() == [5, 6])
    _ = try control.reset("s.t", .init())
    #expect(try lake.deletedIDs().isEmpty)
  }

  @Test(arguments: 1...24, [".tidemark/state.db", "lake"])
  func whereverItStopsKeysAreToldOnceOrNotAtAll(_ stop: Int, _ state: String) throws {
    let lake = try TestLake(state: state) { MemoryStore(clock: $0) }
    lake.world.state.withLock { $0.deletions = Deletions(compareSeconds: Self.day, key: ["id"]) }
    lake.world.append(100)
    try lake.run()
    delete([5, 6, 7], lake)
    // The store stops for good at some change, before it or after.
    let clock = lake.clock
    lake.disturbance.withLock {
      $0 = { store in
        FaultyStore(
          store, seed: 1, Faults(stopAfter: (stop + 1) / 2, finishesLastCall: stop % 2 == 0),
          clock: clock)
      }
    }
    _ = try? lake.run()
    lake.disturbance.withLock { $0 = nil }
    #expect(try [[], [5, 6, 7]].contains(lake.deletedIDs()))
    #expect(try lake.run().exitCode == 0)
    #expect(try lake.deletedIDs() == [5, 6, 7])
    #expect(try lake.stagedCount == 0)
  }

  @Test func aSourceThatLacksMostOfItsRowsIsDoubted() throws {
    let lake = try lake(200)
    delete(Array(1...150), lake)
    let refused = try lake.run()
    #expect(refused.exitCode == 5)
    #expect(refused.outcomes.first?.error?.contains("150 of the table's 200 keys") == true)
    #expect(refused.outcomes.first?.remedy?.contains("--force") == true)
    #expect(try lake.deletedIDs().isEmpty)
    #expect(try lake.stagedCount == 0)
    var options = RunOptions()
    options.isForced = true
    #expect(try lake.run(options).outcomes.first?.counts["keys_deleted"] == 150)
    // Those that are known to be gone do not count towards the doubt.
    delete(Array(151...160), lake)
    lake.clock.sleep(seconds: Self.day)
    #expect(try lake.run().outcomes.first?.counts["keys_deleted"] == 10)
  }

  @Test func whereTheSourceIsBehindItWaits() throws {
    let lake = try lake(100)
    delete([1], lake)
    lake.world.state.withLock { $0.deletions.waits = "the replica lags" }
    let run = try lake.run()
    #expect(run.exitCode == 0 && run.outcomes.first?.counts.isEmpty == true)
    #expect(lake.notices.withLock { $0 }.contains("keys were not compared: the replica lags"))
    lake.world.state.withLock { $0.deletions.waits = nil }
    #expect(try lake.run().outcomes.first?.counts["keys_deleted"] == 1)
  }

  @Test func planSaysWhenItIsDue() throws {
    let lake = try lake(100)
    func schedule() throws -> ComparisonSchedule? {
      let engine = Engine(try lake.workspace(), context: lake.context) { _ in }
      return try engine.plan([]).first?.comparison
    }
    let never = try schedule()
    #expect(never?.last == nil && never?.isDue == true)
    try lake.run()
    let now = lake.clock.now
    let done = try schedule()
    #expect(done?.last == now && done?.isDue == false)
    #expect(done?.next == now.advanced(seconds: Self.day * 0.9))
    lake.world.state.withLock { $0.deletions = Deletions() }
    #expect(try schedule() == nil)
  }

  @Test func theCatalogNamesWhatMarksDeletedRows() throws {
    let lake = try TestLake()
    lake.world.state.withLock {
      $0.deletions = Deletions(column: "payload", compareSeconds: Self.day, key: ["id"])
    }
    lake.world.append(10)
    try lake.run()
    // Also where nothing was compared yet.
    let catalog = try lake.workspace().catalog
    let main = try catalog.table(.init("raw", "s_t")).parameters
    #expect(main["tidemark.deleted_column"] == "payload")
    #expect(main["tidemark.deleted_keys"] == "s_t__deleted")
    #expect(main["tidemark.key"] == "id")
    let side = try catalog.table(.init("raw", "s_t__deleted"))
    #expect(side.parameters["tidemark.keys_of"] == "s_t")
    #expect(side.storage?.columns.map(\.name) == ["id", "_found_at", "_is_back"])
    #expect(side.storage?.columns.map(\.type) == ["bigint", "timestamp", "boolean"])
  }
}

extension TestLake {
  /// The ids of one of the stream's tables, sorted.
  func ids(ofTable table: String) throws -> [Int64] {
    let workspace = try workspace()
    _ = try workspace.rollForward()
    var ids: [Int64] = []
    for file in try workspace.log.files(of: "s.t", asOf: nil) where file.table == table {
      ids += try Self.ids(in: workspace.store.read(file.key, range: nil))
    }
    return ids.sorted()
  }

  func deletedIDs() throws -> [Int64] { try ids(ofTable: "s_t__deleted") }
}
