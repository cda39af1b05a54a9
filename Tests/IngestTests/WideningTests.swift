import Base
import Bookmarks
import Connector
import Lake
import Parquet
import Records
import Storage
import Synchronization
import Testing

@testable import Ingest

/// A column that becomes wider than what is in the table, or on its way there, can be read as.
@Suite struct WideningTests {
  private func lake(_ values: [MixedValue], _ settings: String = "{}") throws -> TestLake {
    let lake = try TestLake(settings: settings)
    lake.world.state.withLock { $0.mixed = [:] }
    add(values, to: lake)
    return lake
  }

  private func add(_ values: [MixedValue], to lake: TestLake) {
    let first = lake.world.ids.count
    lake.world.append(values.count)
    lake.world.state.withLock { state in
      for (index, value) in values.enumerated() { state.mixed?[Int64(first + index + 1)] = value }
    }
  }

  private func integers(_ count: Int) -> [MixedValue] { (0..<count).map { .integer(Int64($0)) } }

  private func type(_ lake: TestLake) throws -> DataType? {
    try lake.workspace().log.stream("s.t")?.schemas["s_t"]?[MixedValue.column]?.type
  }

  /// The column's values as texts, in the order of the ids.
  private func texts(_ lake: TestLake) throws -> [String] {
    let workspace = try lake.workspace()
    var rows: [Int64: String] = [:]
    for file in try workspace.log.files(of: "s.t", asOf: nil) {
      let bytes = try workspace.store.read(file.key, range: nil)
      let reader = try ParquetFile(MemorySource(bytes)).reader()
      while let batch = try reader.next() {
        guard case .int64(let ids) = batch["id"]?.values else { continue }
        for (row, id) in ids.enumerated() { rows[id] = batch[MixedValue.column]?[row].text }
      }
    }
    return rows.sorted { $0.key < $1.key }.map(\.value)
  }

  @Test func filesAreWrittenAnewInTheSameCommit() throws {
    let lake = try lake(integers(20), "{partition: [payload]}")
    try lake.run()
    add([.text("n/a")] + integers(19), to: lake)
    let outcome = try #require(try lake.run().outcomes.first)
    #expect(outcome.rows == 20 && outcome.commits == 1)
    #expect(outcome.counts["columns_widened"] == 1 && outcome.counts["files_rewritten"] == 7)
    #expect(try type(lake) == .string)
    #expect(try texts(lake) == (0..<20).map(String.init) + ["n/a"] + (0..<19).map(String.init))
    let commit = try lake.workspace().log.commit(2, of: "s.t")
    #expect(commit.kind == .append && commit.removed.count == 7 && commit.left.count == 7)
    #expect(
      commit.note == "mixed became string (it was bigint); 7 files written anew")
    #expect(commit.brought.reduce(0) { $0 + $1.rowCount } == 20)
    #expect(lake.notices.withLock { $0.contains { $0.contains("became string") } })
    #expect(try lake.catalogIDs() == lake.world.ids)
    // Once is enough.
    add([.text("x"), .integer(1)], to: lake)
    #expect(try lake.run().outcomes.first?.counts["files_rewritten"] == nil)
  }

  @Test func filesWithoutTheColumnStayWhereTheyAre() throws {
    let lake = try TestLake()
    lake.world.append(20)
    try lake.run()
    lake.world.state.withLock { $0.mixed = [:] }
    add(integers(10), to: lake)
    try lake.run()
    let before = Set(try lake.workspace().log.keys(of: "s.t"))
    add([.double(0.5)], to: lake)
    try lake.run()
    #expect(try type(lake) == .float64)
    // One partition, which moves as a whole.
    #expect(before.isDisjoint(with: try lake.workspace().log.keys(of: "s.t")))
    #expect(try lake.catalogIDs() == lake.world.ids)

    let apart = try TestLake(settings: "{partition: [\"truncate(20, id)\"]}")
    apart.world.append(19)
    try apart.run()
    let first = Set(try apart.workspace().log.keys(of: "s.t"))
    apart.world.state.withLock { $0.mixed = [:] }
    add([.null] + integers(10), to: apart)
    try apart.run()
    add([.text("x")], to: apart)
    #expect(try apart.run().outcomes.first?.counts["files_rewritten"] == 1)
    #expect(first.isSubset(of: try apart.workspace().log.keys(of: "s.t")))
  }

  @Test func aLaterBatchReadsTheSplitAgain() throws {
    // Batches of 30 rows: text comes in the third, doubles in the second.
    let lake = try lake(
      integers(35) + [.double(1.5)] + integers(40) + [.text("late")] + integers(3))
    let outcome = try #require(try lake.run().outcomes.first)
    #expect(outcome.rows == 80 && outcome.commits == 1)
    // The first reading ends at the double, the second learns of the text, the third has it.
    #expect(lake.world.state.withLock { $0.readingCount } == 3)
    #expect(try type(lake) == .string)
    let source = lake.world.state.withLock { state in
      state.rows.map(\.id).map { state.mixed?[$0]?.text ?? "" }
    }
    #expect(try texts(lake) == source)
    #expect(try lake.stagedCount == 0)
    #expect(try lake.workspace().log.files(of: "s.t", asOf: nil).count == 1)
  }

  @Test func aSourceThatChangesEveryTimeIsGivenUp() throws {
    let lake = try lake(integers(60))
    lake.world.state.withLock { $0.widensEveryReading = true }
    let outcome = try #require(try lake.run().outcomes.first)
    #expect(outcome.status == .failed)
    #expect(outcome.error?.contains("wider types each of the 8 times") == true)
    #expect(lake.world.state.withLock { $0.readingCount } == 8)
    #expect(try lake.stagedCount == 0)
  }

  @Test func goingBackBringsTheTypesBack() throws {
    let lake = try lake(integers(10))
    try lake.run()
    add([.text("n/a")], to: lake)
    try lake.run()
    let control = try lake.bookmarkControl()
    let change = try control.rewind("s.t", to: .version(1), .init())
    #expect(change.rowsRemoved == 1 && change.rowsRestored == 0)
    #expect(try type(lake) == .int64)
    #expect(try texts(lake) == (0..<10).map(String.init))
    // Undone, and the text is there again.
    _ = try control.rewind("s.t", to: .version(2), .init())
    #expect(try type(lake) == .string)
    #expect(try texts(lake) == (0..<10).map(String.init) + ["n/a"])
    #expect(try lake.catalogIDs() == lake.world.ids)
  }

  /// The files of then are gone: the rows are cut out of those of text, and stay text.
  @Test func goingBackBehindCleanUpKeepsTheText() throws {
    let lake = try lake(integers(10))
    try lake.run()
    add([.text("n/a")], to: lake)
    try lake.run()
    try lake.collect(grace: 0)
    _ = try lake.bookmarkControl().rewind("s.t", to: .version(1), .init())
    #expect(try type(lake) == .string)
    #expect(try texts(lake) == (0..<10).map(String.init))
    try lake.run()
    #expect(try texts(lake) == (0..<10).map(String.init) + ["n/a"])
    _ = try lake.bookmarkControl().reset("s.t", .init())
    lake.world.state.withLock { $0.mixed?[11] = .integer(11) }
    try lake.run()
    #expect(try type(lake) == .int64)
  }

  @Test func thePolicyMayRefuse() throws {
    let lake = try lake(integers(10), "{schema: {type_change: fail}}")
    try lake.run()
    add([.text("n/a")], to: lake)
    let outcome = try #require(try lake.run().outcomes.first)
    #expect(outcome.status == .failed)
    #expect(outcome.error?.contains("set schema.type_change to widen") == true)
    #expect(try texts(lake).count == 10)
    #expect(try lake.stagedCount == 0)
  }

  @Test func whatSplitsTheTableIsNotChangedUnderIt() throws {
    let lake = try lake(integers(10), "{partition: [\"bucket(4, mixed)\"]}")
    try lake.run()
    add([.text("n/a")], to: lake)
    let outcome = try #require(try lake.run().outcomes.first)
    #expect(outcome.error?.contains("the table is split by bucket(4,mixed)") == true)
    #expect(try texts(lake).count == 10)
  }

  @Test func splitsReadAheadTakeTheirTurns() throws {
    let lake = try lake(integers(10))
    try lake.run()
    lake.world.state.withLock {
      $0.readsAhead = 3
      $0.rowsPerSplit = 20
    }
    add([.text("a")] + integers(70), to: lake)
    let outcome = try #require(try lake.run().outcomes.first)
    #expect(outcome.rows == 71 && outcome.commits == 4)
    #expect(try type(lake) == .string)
    #expect(try lake.catalogIDs() == lake.world.ids)
    #expect(try lake.stagedCount == 0)
  }

  @Test func aFullReadReplacesWhateverTypesWere() throws {
    let lake = try lake(integers(40))
    lake.world.state.withLock { $0.readsAll = true }
    try lake.run()
    add([.text("n/a")], to: lake)
    let outcome = try #require(try lake.run().outcomes.first)
    #expect(outcome.rows == 41 && outcome.counts["files_rewritten"] == nil)
    #expect(try texts(lake) == (0..<40).map(String.init) + ["n/a"])
    #expect(try lake.run().outcomes.first?.status == .unchanged)
  }

  @Test func aTrialWidensItsOwnTables() throws {
    let lake = try lake(integers(100))
    try lake.run()
    add(integers(100) + [.text("n/a")], to: lake)
    var options = RunOptions()
    options.trialZone = "forecast"
    let outcome = try #require(try lake.run(options).outcomes.first)
    #expect(outcome.rows == 101 && outcome.commits == 2)
    #expect(try type(lake) == .int64)
    #expect(try texts(lake).count == 100)
  }
}
