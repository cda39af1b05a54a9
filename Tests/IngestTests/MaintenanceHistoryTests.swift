import Base
import Bookmarks
import Catalog
import Connector
import Foundation
import Records
import Storage
import Synchronization
import Testing

@testable import Ingest

/// Random histories of runs, merges, clean-ups and people's commands, held against a model: the
/// table is the source's rows up to the bookmark, each once, however its files were rewritten; and
/// every earlier state can be had again whose rows are still somewhere.
@Suite struct MaintenanceHistoryTests {
  // 24: rows that are read again from a merged file that had been retired.
  @Test(arguments: Array(1...Histories.count(10)) + [24], ["{}", "{partition: [payload]}"])
  func everyEarlierStateCanBeHadAgain(_ seed: UInt64, _ settings: String) throws {
    var history = try RandomHistory(seed, settings)
    for _ in 0..<16 { try history.step() }
    try history.rewindAndRunAgain(times: 10)
    try history.lake.collect(grace: 0)
    let ids = try history.lake.ids()
    #expect(try history.lake.visibleIDs() == ids, "seed \(seed)")
  }

  @Test func rewindingPastAMergeAfterCleanUpRewritesWhatIsLeft() throws {
    let lake = try TestLake()
    for _ in 0..<4 {
      lake.world.append(50)
      try lake.run()
    }
    try lake.compact()
    try lake.collect(grace: 0)
    lake.world.append(10)
    try lake.run()
    let control = BookmarkControl(try lake.workspace(), context: lake.context)
    var options = BookmarkControl.Options()
    options.isDryRun = true
    let told = try control.rewind("s.t", to: .version(2), options)
    #expect(told.rowsRemoved == 110 && told.rowsRestored == 0)
    #expect(try lake.stagedCount == 0)
    let before = try lake.ids()
    let change = try control.rewind("s.t", to: .version(2), .init())
    #expect(change.rowsRemoved == 110 && change.rowsRestored == 0)
    #expect(try lake.ids() == Array(lake.world.ids.prefix(100)))
    #expect(try lake.catalogIDs() == Array(lake.world.ids.prefix(100)))
    // Undone, and once more, and the rest is read again.
    _ = try control.rewind("s.t", to: .version(change.version - 1), .init())
    #expect(try lake.ids() == before)
    _ = try control.rewind("s.t", to: .version(change.version), .init())
    #expect(try lake.run().outcomes.map(\.rows) == [110])
    #expect(try lake.catalogIDs() == lake.world.ids)
  }

  @Test func whatCleanUpRemovedIsRefused() throws {
    let lake = try TestLake()
    for _ in 0..<3 {
      lake.world.append(20)
      try lake.run()
    }
    let control = BookmarkControl(try lake.workspace(), context: lake.context)
    _ = try control.rewind("s.t", to: .version(1), .init())
    try lake.collect(grace: 0)
    let error = #expect(throws: IngestError.self) {
      try control.rewind("s.t", to: .version(3), .init())
    }
    #expect(error?.exitCode == 5)
    #expect(error?.message.contains("40 rows") == true)
    #expect(try lake.ids().count == 20)
    _ = try control.rewind("s.t", to: .version(0), .init())
    #expect(try lake.ids().isEmpty)
  }

  @Test func oldFilesStayForReadersUntilCleanUp() throws {
    let lake = try TestLake()
    for _ in 0..<3 {
      lake.world.append(20)
      try lake.run()
    }
    let old = try lake.workspace().log.files(of: "s.t", asOf: nil).map(\.key)
    let report = try lake.compact()
    #expect(report.items.map(\.filesBefore) == [3] && report.items.map(\.filesAfter) == [1])
    let store = try lake.workspace().store
    for key in old { #expect(try store.info(key) != nil) }
    #expect(try lake.catalogIDs() == lake.world.ids)
    lake.world.append(5)
    try lake.run()
    #expect(try lake.catalogIDs() == lake.world.ids)
    #expect(try lake.compact(dryRun: true).items.map(\.filesBefore) == [2])
    // Within the grace they stay, after it they go.
    #expect(try lake.collect(grace: 86_400).items.isEmpty)
    lake.clock.sleep(seconds: 86_401)
    #expect(
      try lake.collect(grace: 86_400, dryRun: true).items.map(\.why) == [
        .replaced, .replaced, .replaced,
      ])
    for key in old { #expect(try store.info(key) != nil) }
    #expect(try lake.collect(grace: 86_400).items.count == 3)
    for key in old { #expect(try store.info(key) == nil) }
    #expect(try lake.visibleIDs() == lake.world.ids)
  }

  @Test func manySmallFilesAreMergedByARun() throws {
    let lake = try TestLake(settings: "{files: {target: 1MB}}")
    lake.world.state.withLock { $0.rowsPerSplit = 10 }
    lake.world.append(310)
    try lake.run()
    #expect(try lake.workspace().log.keys(of: "s.t").count == 31)
    lake.world.append(10)
    let report = try lake.run()
    #expect(report.outcomes.map(\.rows) == [10])
    #expect(try lake.workspace().log.keys(of: "s.t").count == 1)
    #expect(lake.notices.withLock { $0.contains { $0.contains("merged 32 files") } })
    #expect(try lake.catalogIDs() == lake.world.ids)
    let version = try #require(try lake.workspace().log.stream("s.t")?.version)
    #expect(try lake.run().outcomes.map(\.status) == [.unchanged])
    #expect(try lake.workspace().log.stream("s.t")?.version == version)
  }

  @Test func filesOfEarlierColumnsAreMergedAsTheTableIsNow() throws {
    let lake = try TestLake()
    lake.world.append(20)
    try lake.run()
    lake.world.state.withLock { $0.extraColumn = true }
    lake.world.append(20)
    try lake.run()
    try lake.compact()
    #expect(try lake.catalogIDs() == lake.world.ids)
    #expect(try lake.workspace().log.files(of: "s.t", asOf: nil).map(\.rowCount) == [40])
  }

  @Test func aHeldStreamIsLeftAlone() throws {
    let lake = try TestLake()
    for _ in 0..<2 {
      lake.world.append(20)
      try lake.run()
    }
    let workspace = try lake.workspace()
    let lease = try workspace.log.acquireLease(on: "s.t")
    let report = try lake.compact()
    #expect(report.exitCode == 5 && report.items.isEmpty && report.skipped.count == 1)
    #expect(try lake.collect(grace: 0).exitCode == 5)
    try workspace.log.release(lease)
    #expect(try lake.compact().items.count == 1)
  }

  @Test func whatNoCommitNamesIsRemovedAndOthersFilesStay() throws {
    let lake = try TestLake()
    lake.world.append(20)
    try lake.run()
    let store = try lake.workspace().store
    let strays = [
      "raw/s_t/stray.parquet", "raw/s_t/day=1/stray.parquet", "raw/s_t/_retired/x.parquet",
    ]
    let kept = ["raw/s_t/_notes.txt", "raw/mine/a.parquet", "raw/s_t__other/b.parquet"]
    for key in strays + kept { try store.put(key, [1], if: .always) }
    let writer = try store.stage("raw/s_t/dead.parquet", owner: "s_t.dead")
    try writer.write([1])
    _ = try writer.finish()
    let told = try lake.collect(grace: 0, dryRun: true)
    #expect(Set(told.items.map(\.key)) == Set(strays + ["raw/s_t/dead.parquet"]))
    #expect(try lake.collect(grace: 0).items.count == 4)
    for key in strays { #expect(try store.info(key) == nil) }
    for key in kept { #expect(try store.info(key) != nil) }
    #expect(try lake.stagedCount == 0)
    #expect(try lake.collect(grace: 0).items.isEmpty)
    #expect(try lake.ids() == lake.world.ids)
  }
}

/// A lake and what is to be true of it, changed at random.
private struct RandomHistory {
  let lake: TestLake
  private let random: Randomness
  private let seed: UInt64
  /// By version: the bookmark's mark, and which versions' rows the table holds.
  private var marks: [Int: Int] = [0: 0]
  private var origins: [Int: Set<Int>] = [0: []]
  /// The versions whose rows are in some file.
  private var available = Set<Int>()

  init(_ seed: UInt64, _ settings: String) throws {
    self.seed = seed
    random = .seeded(seed)
    lake = try TestLake(settings: settings)
    lake.world.state.withLock { $0.rowsPerSplit = 25 }
  }

  private func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

  private var version: Int { marks.keys.max() ?? 0 }

  mutating func step() throws {
    switch below(10) {
    case 0, 1, 2, 3: try run()
    case 4: try rewind(to: below(version + 1))
    case 5: try rewind(to: max(0, version - 1))
    case 6, 7: try lake.compact()
    case 8: try collect()
    default: lake.world.state.withLock { $0.extraColumn = true }
    }
    try check()
  }

  /// Goes back to any of the earlier states and reads what came after it again.
  mutating func rewindAndRunAgain(times: Int) throws {
    for _ in 0..<times {
      let before = version
      let rows = try lake.ids()
      try rewind(to: below(version + 1))
      try check()
      if version > before, below(2) == 0 {
        try rewind(to: before)
        #expect(try lake.ids() == rows, "seed \(seed)")
      }
      lake.world.append(below(40))
      try lake.run()
      try check()
      #expect(try lake.ids() == lake.world.ids, "seed \(seed)")
      if below(2) == 0 { try lake.compact() }
      if below(3) == 0 { try collect() }
      try check()
    }
  }

  private mutating func run() throws {
    lake.world.append(below(120))
    let report = try lake.run()
    #expect(report.exitCode == 0, "seed \(seed): \(report.outcomes.first?.error ?? "")")
  }

  private mutating func collect() throws {
    try check()
    try lake.collect(grace: 0)
    available = origins[version] ?? []
  }

  private mutating func rewind(to target: Int) throws {
    if target == version { return }
    let control = BookmarkControl(try lake.workspace(), context: lake.context)
    let wanted = origins[target] ?? []
    do {
      _ = try control.rewind("s.t", to: .version(target), .init())
      #expect(wanted.isSubset(of: available), "seed \(seed): rows came out of nothing")
      marks[version + 1] = marks[target]
      origins[version] = wanted
    } catch {
      #expect(
        error.kind == .refused && !wanted.isSubset(of: available),
        "seed \(seed): version \(target): \(error)")
    }
  }

  /// Takes in the commits since the last look, and compares the table with the model.
  private mutating func check() throws {
    let workspace = try lake.workspace()
    for commit in try workspace.log.history(of: "s.t", limit: .max).reversed()
    where commit.version > version {
      let before = origins[version] ?? []
      marks[commit.version] = Int(commit.bookmarkAfter?.state.integer ?? 0)
      guard commit.kind == .append, commit.rowCount > 0 else {
        origins[commit.version] = before
        continue
      }
      origins[commit.version] = before.union([commit.version])
      available.insert(commit.version)
    }
    let expected = Array(lake.world.ids.prefix(marks[version] ?? 0))
    #expect(try lake.ids() == expected, "seed \(seed), version \(version)")
    #expect(try lake.catalogIDs() == expected, "seed \(seed), version \(version)")
    #expect(try lake.stagedCount == 0, "seed \(seed)")
  }
}

extension TestLake {
  @discardableResult
  func compact(dryRun: Bool = false) throws -> LakeCompaction.Report {
    try LakeCompaction(workspace(), cancellation: Cancellation())
      .run([], isDryRun: dryRun, memoryBytes: MemoryBudget.totalBytesDefault)
  }

  @discardableResult
  func collect(grace: Double, dryRun: Bool = false) throws -> GarbageReport {
    var options = GarbageCollection.Options()
    options.graceSeconds = grace
    options.isDryRun = dryRun
    options.leaseWaitSeconds = 0
    return try GarbageCollection(workspace(), options, cancellation: Cancellation()).run()
  }

  /// The ids that an engine finds which asks the catalog where a table's partitions lie and
  /// reads the files right there.
  func catalogIDs() throws -> [Int64] {
    let workspace = try workspace()
    var ids: [Int64] = []
    if try workspace.catalog.databases().isEmpty { return [] }
    for table in try workspace.catalog.tables(in: "raw") where table.name == "s_t" {
      var locations = [table.storage?.location]
      if !table.partitionKeys.isEmpty {
        locations = try workspace.catalog
          .partitions(of: table.tableName, after: nil, limit: 10_000).partitions
          .map { $0.storage.location }
      }
      for location in locations.compactMap(\.self) {
        let folder = String(location.dropFirst(workspace.store.location.count + 1)) + "/"
        var keys: [String] = []
        try workspace.store.list(folder) { (info) throws(StorageError) in
          if !info.key.dropFirst(folder.count).contains("/") { keys.append(info.key) }
        }
        for key in keys { ids += try Self.ids(in: workspace.store.read(key, range: nil)) }
      }
    }
    return ids.sorted()
  }
}
