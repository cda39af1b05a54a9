import Base
import Bookmarks
import Connector
import Foundation
import Storage
import Synchronization
import Testing

@testable import Ingest

/// Random histories of runs, failures and people's commands, held against a model: the
/// table is the source's rows up to the bookmark, each once.
@Suite struct HistoryTests {
  @Test(arguments: 1...12, [".tidemark/state.db", "lake"])
  func theTableIsTheSourceUpToTheBookmark(_ seed: UInt64, _ state: String) throws {
    let random = Randomness.seeded(seed)
    let lake = try TestLake(state: state)
    var marks: [(run: String, version: Int, mark: Int)] = []
    func mark() throws -> Int {
      Int(try lake.workspace().log.stream("s.t")?.bookmark?.state.integer ?? 0)
    }
    for _ in 0..<14 {
      switch random.next() % 7 {
      case 0, 1, 2:
        lake.world.append(Int(random.next() % 180))
        let report = try lake.run()
        #expect(report.exitCode == 0, "seed \(seed): \(report.outcomes.first?.error ?? "")")
        #expect(try mark() == lake.world.ids.count)
        if let version = try lake.workspace().log.stream("s.t")?.version {
          marks.append((report.run, version, try mark()))
        }
      case 3:
        lake.world.append(Int(random.next() % 180))
        lake.world.state.withLock { $0.failsAtBatch = Int(random.next() % 8) + 1 }
        try lake.run()
        lake.world.state.withLock { $0.failsAtBatch = nil }
      case 4:
        guard let target = marks.randomElement(random),
          try lake.workspace().log.stream("s.t")?.version != target.version
        else { continue }
        let control = BookmarkControl(try lake.workspace(), context: lake.context)
        _ = try control.rewind("s.t", to: .version(target.version), .init())
        #expect(try mark() == target.mark, "seed \(seed)")
      case 5:
        guard let version = try lake.workspace().log.stream("s.t")?.version, version > 1 else {
          continue
        }
        let before = try lake.ids()
        let control = BookmarkControl(try lake.workspace(), context: lake.context)
        _ = try control.reset("s.t", .init())
        #expect(try lake.ids().isEmpty, "seed \(seed)")
        if random.next() % 2 == 0 {
          _ = try control.rewind("s.t", to: .version(version), .init())
          #expect(try lake.ids() == before, "seed \(seed)")
        }
      default:
        try lake.run()
      }
      let expected = Array(lake.world.ids.prefix(try mark()))
      #expect(try lake.ids() == expected, "seed \(seed)")
      #expect(try lake.visibleIDs() == expected, "seed \(seed)")
      #expect(try lake.stagedCount == 0, "seed \(seed)")
    }
  }

  @Test func aDecidedCommitIsPublishedByTheNextReader() throws {
    let lake = try TestLake()
    lake.world.append(90)
    try lake.run()
    lake.world.append(50)
    // Decide by hand what a killed run would have left: staged, in the log, not published.
    let workspace = try lake.workspace()
    let writer = try workspace.store.stage("raw/s_t/late.parquet", owner: "s_t.late")
    let bytes = try workspace.store.read(
      workspace.log.files(of: "s.t", asOf: nil)[0].key, range: nil)
    try writer.write(bytes)
    let staged = try writer.finish()
    var commit = CommitBuilder(workspace).next(
      .append, of: "s.t", after: try workspace.log.stream("s.t"), run: nil)
    commit.added = [DataFile(table: "s_t", key: staged.key, rowCount: 90, byteCount: bytes.count)]
    commit.staged = [staged]
    let lease = try workspace.log.acquireLease(on: "s.t")
    try workspace.log.append(commit, under: lease)
    try workspace.log.release(lease)
    #expect(try workspace.log.files(of: "s.t", asOf: nil).count == 1)
    #expect(try lake.ids().count == 180)
    #expect(try workspace.log.unpublished().isEmpty)
  }

  @Test func aCommitWhoseDataVanishedIsTakenBackAndReadAgain() throws {
    let lake = try TestLake()
    lake.world.append(90)
    try lake.run()
    let workspace = try lake.workspace()
    var commit = CommitBuilder(workspace).next(
      .append, of: "s.t", after: try workspace.log.stream("s.t"), run: nil)
    commit.added = [DataFile(table: "s_t", key: "raw/s_t/gone.parquet", rowCount: 5, byteCount: 9)]
    let writer = try workspace.store.stage("raw/s_t/gone.parquet", owner: "s_t.gone")
    try writer.write(Array(repeating: 0, count: 9))
    let staged = try writer.finish()
    try workspace.store.discard(staged)
    commit.staged = [staged]
    commit.bookmarkAfter = Bookmark(kind: .integer, mark: "95", state: 95)
    let lease = try workspace.log.acquireLease(on: "s.t")
    try workspace.log.append(commit, under: lease)
    try workspace.log.release(lease)
    lake.world.append(5)
    #expect(try lake.run().outcomes.map(\.rows) == [5])
    #expect(try lake.ids() == lake.world.ids)
    #expect(lake.notices.withLock { $0.contains { $0.contains("vanished") } })
    #expect(try lake.workspace().history(of: "s.t", limit: 10).contains { $0.kind == .retract })
  }

  @Test func orphansAreRemovedUnderTheLease() throws {
    let lake = try TestLake()
    lake.world.append(10)
    try lake.run()
    let workspace = try lake.workspace()
    // Another stream, which has not committed yet, fills a table that looks like a side table.
    _ = try workspace.log.acquireLease(on: "s.t__other")
    for (key, owner) in [
      ("raw/s_t/x.parquet", "s_t.dead"), ("raw/s_t__rejects/y.parquet", "s_t.dead"),
      ("raw/s_t__other/z.parquet", "s_t__other.alive"),
      ("raw/s_t__other__rejects/z.parquet", "s_t__other.alive"),
      ("raw/s_tables/z.parquet", "s_tables.alive"),
    ] {
      let writer = try workspace.store.stage(key, owner: owner)
      try writer.write([1, 2, 3])
      _ = try writer.finish()
    }
    try lake.run()
    #expect(
      try workspace.store.listStaged("raw/").map(\.owner)
        == ["s_t__other.alive", "s_t__other.alive", "s_tables.alive"])
  }

  @Test func twoWritersCannotBothWin() throws {
    let lake = try TestLake()
    lake.world.append(10)
    try lake.run()
    let workspace = try lake.workspace()
    let lease = try workspace.log.acquireLease(on: "s.t")
    var options = RunOptions()
    options.leaseWaitSeconds = 0
    lake.world.append(10)
    let refused = try lake.run(options)
    #expect(refused.exitCode == 5)
    try workspace.log.release(lease)
    #expect(try lake.run(options).outcomes.map(\.rows) == [10])
  }

  @Test func expectedVersionsKeepPeopleFromCrossing() throws {
    let lake = try TestLake()
    lake.world.append(10)
    try lake.run()
    let control = BookmarkControl(try lake.workspace(), context: lake.context)
    var options = BookmarkControl.Options()
    options.expectedVersion = 7
    let error = #expect(throws: IngestError.self) { try control.reset("s.t", options) }
    #expect(error?.exitCode == 5)
    options.expectedVersion = 1
    options.isDryRun = true
    #expect(try control.reset("s.t", options).rowsRemoved == 10)
    #expect(try lake.ids().count == 10)
  }

  @Test func keepingDataMovesTheBookmarkOnly() throws {
    let lake = try TestLake()
    lake.world.append(10)
    try lake.run()
    let control = BookmarkControl(try lake.workspace(), context: lake.context)
    var options = BookmarkControl.Options()
    options.keepsData = true
    _ = try control.reset("s.t", options)
    #expect(try lake.run().outcomes.map(\.rows) == [10])
    #expect(try lake.ids().count == 20)
  }
}

extension Array {
  fileprivate func randomElement(_ random: Randomness) -> Element? {
    isEmpty ? nil : self[Int(random.next() % UInt64(count))]
  }
}
