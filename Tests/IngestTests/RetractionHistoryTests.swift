import Base
import Bookmarks
import Connector
import Foundation
import Storage
import Synchronization
import Testing

@testable import Ingest

/// Commits that take rows of earlier ones out: in random histories with merges, clean-ups and going
/// back, the table is at each version what it was when that version was made.
@Suite struct RetractionHistoryTests {
  @Test(
    arguments: 1...Histories.count(8),
    ["{}", "{partition: [payload]}", "{partition: [\"bucket(3, id)\"]}"])
  func everyVersionIsWhatItWas(_ seed: UInt64, _ settings: String) throws {
    let lake = try TestLake(settings: settings)
    let random = Randomness.seeded(seed)
    func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
    var states: [[Int64]] = [[]]
    var refused = 0
    var retracted = 0
    lake.world.state.withLock { $0.rowsPerSplit = 40 }

    for step in 0..<26 {
      let place = "seed \(seed), step \(step)"
      let current = states.count - 1
      switch below(10) {
      case 0..<6:
        let isRetraction = current > 0 && below(3) > 0
        let rows = (0..<below(4)).map { _ in
          RetractedRows(
            version: 1 + below(max(1, current)), column: "payload", text: "payload \(below(7))")
        }
        lake.world.state.withLock { $0.retracts = isRetraction ? rows : [] }
        lake.world.append(1 + below(60))
        let report = try lake.run()
        #expect(report.exitCode == 0, "\(place): \(report.outcomes.first?.error ?? "")")
      case 6, 7:
        let target = below(current + 1)
        if target == current { continue }
        let control = try lake.bookmarkControl()
        do {
          _ = try control.rewind("s.t", to: .version(target), .init())
        } catch {
          #expect(error.kind == .refused, "\(place): \(error)")
          refused += 1
          continue
        }
        #expect(try lake.ids() == states[target], "\(place): rewound to \(target)")
      case 8: try lake.compact()
      default: try lake.collect(grace: 0)
      }
      let log = try lake.workspace().log
      let version = try log.stream("s.t")?.version ?? 0
      let ids = try lake.ids()
      #expect(try lake.catalogIDs() == ids, "\(place)")
      #expect(try lake.stagedCount == 0, "\(place)")
      while states.count <= version {
        let made = try log.commit(states.count, of: "s.t")
        if made.kind == .reprocess { retracted += 1 }
        // Of several commits of one run, the last is what a reader sees now.
        states.append(
          try states.count == version
            ? ids : Self.ids(after: made, lake))
      }
    }
    #expect(retracted > 0, "seed \(seed): nothing was taken out")
    #expect(refused < 8, "seed \(seed)")
    // Undone to the beginning, and all that is there comes again.
    lake.world.state.withLock { $0.retracts = [] }
    _ = try lake.bookmarkControl().rewind("s.t", to: .version(0), .init())
    try lake.run()
    #expect(try lake.ids() == lake.world.ids, "seed \(seed)")
  }

  /// A version in the middle of a run, from the files that the log says it had.
  private static func ids(after commit: Commit, _ lake: TestLake) throws -> [Int64] {
    let workspace = try lake.workspace()
    var ids: [Int64] = []
    for file in try workspace.log.files(of: "s.t", asOf: commit.version) {
      ids += try TestLake.ids(in: workspace.store.read(file.key, range: nil))
    }
    return ids.sorted()
  }

  /// Two retractions of the same size, one undone: going back tells them apart although the files
  /// of both are gone.
  @Test func retractionsOfTheSameSizeAreNotTakenForEachOther() throws {
    let lake = try TestLake()
    lake.world.append(70)
    try lake.run()
    func retract(_ text: String) throws -> Int {
      lake.world.state.withLock {
        $0.retracts = [RetractedRows(version: 1, column: "payload", text: text)]
      }
      lake.world.append(1)
      try lake.run()
      return try lake.workspace().log.stream("s.t")?.version ?? 0
    }
    let first = try retract("payload 1")
    #expect(try lake.ids().count == 61)
    _ = try lake.bookmarkControl().rewind("s.t", to: .version(1), .init())
    #expect(try lake.ids().count == 70)
    _ = try retract("payload 2")
    let without2 = try lake.ids()
    #expect(without2.count == 62)
    try lake.collect(grace: 0)
    let error = #expect(throws: IngestError.self) {
      try lake.bookmarkControl().rewind("s.t", to: .version(first), .init())
    }
    #expect(error?.kind == .refused && error?.message.contains("61 rows") == true)
    #expect(try lake.ids() == without2)
  }

  @Test func theReportCountsWhatCame() throws {
    let lake = try TestLake()
    lake.world.append(70)
    try lake.run()
    lake.world.state.withLock {
      $0.retracts = [RetractedRows(version: 1, column: "payload", text: "payload 3")]
    }
    lake.world.append(5)
    let outcome = try #require(try lake.run().outcomes.first)
    #expect(outcome.status == .committed && outcome.rows == 5)
    #expect(outcome.counts["rows of overwritten content, retracted"] == 10)
    let commit = try lake.workspace().log.commit(2, of: "s.t")
    #expect(commit.kind == .reprocess && commit.brought.map(\.rowCount) == [5])
    // Undoing brings ten and takes five.
    let change = try lake.bookmarkControl().rewind("s.t", to: .version(1), .init())
    #expect(change.rowsRestored == 10 && change.rowsRemoved == 5)
  }

  /// Rows that a whole file holds go without anything being written anew.
  @Test func wholeFilesLeaveInPlace() throws {
    let lake = try TestLake(settings: "{partition: [payload]}")
    lake.world.append(70)
    try lake.run()
    let before = Set(try lake.workspace().log.keys(of: "s.t"))
    lake.world.state.withLock {
      $0.retracts = [RetractedRows(version: 1, column: "payload", text: "payload 3")]
    }
    lake.world.append(1)
    try lake.run()
    let commit = try lake.workspace().log.commit(2, of: "s.t")
    #expect(commit.removed.count == 1 && commit.left.isEmpty && commit.added.count == 1)
    #expect(before.subtracting(try lake.workspace().log.keys(of: "s.t")).count == 1)
    #expect(try lake.catalogIDs() == lake.ids())
  }
}
