import Base
import Bookmarks
import Connector
import Foundation
import Storage
import Synchronization
import Testing

@testable import Ingest

/// How many random histories a test plays: `TIDEMARK_HISTORIES` asks for more.
enum Histories {
  static func count(_ usual: UInt64) -> UInt64 {
    ProcessInfo.processInfo.environment["TIDEMARK_HISTORIES"].flatMap(UInt64.init) ?? usual
  }
}

/// Random histories of runs, merges, clean-ups and people's commands over a store that fails before
/// and after its work, loses answers, reports conflicts that are none, is slow and dies, held
/// against a model: whatever readers see is the source's rows up to the bookmark, each once; and
/// once the store is well, a single run has them all.
@Suite struct FaultyHistoryTests {
  @Test(arguments: 1...Histories.count(40), [".tidemark/state.db", "lake"])
  func nothingIsLostOrDoubled(_ seed: UInt64, _ state: String) throws {
    var history = try FaultyHistory(seed, state: state)
    do {
      for _ in 0..<12 { try history.step() }
      try history.end()
    } catch {
      Issue.record("seed \(seed), \(state): \(error)")
    }
  }
}

private struct FaultyHistory {
  struct Contradiction: Error, CustomStringConvertible { var description: String }

  private let lake: TestLake
  private let random: Randomness
  private let seed: UInt64

  init(_ seed: UInt64, state: String) throws {
    self.seed = seed
    random = .seeded(seed)
    lake = try TestLake(
      settings: seed % 2 == 0 ? "{}" : "{partition: [payload]}", state: state
    ) { MemoryStore(clock: $0) }
    lake.world.state.withLock {
      $0.rowsPerSplit = 25
      $0.readsAhead = seed % 3 == 0 ? 3 : nil
    }
  }

  private func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

  /// Something is done while the store fails; then somebody looks while it is well.
  mutating func step() throws {
    disturb()
    try tolerating { try act() }
    lake.disturbance.withLock { $0 = nil }
    try look()
  }

  private func act() throws {
    switch below(12) {
    case 0...4:
      lake.world.append(below(90))
      try expectNoDefect(lake.run())
    case 5: try expectNoDefect(lake.run())
    case 6, 7:
      guard let version = try lake.workspace().log.stream("s.t")?.version else { return }
      _ = try lake.bookmarkControl().rewind("s.t", to: .version(below(version + 1)), .init())
    case 8: _ = try lake.bookmarkControl().reset("s.t", .init())
    case 9: _ = try lake.compact()
    case 10: _ = try lake.collect(grace: 0)
    default: lake.world.state.withLock { $0.extraColumn = true }
    }
  }

  /// From now on the store fails, in one of several ways, or stops for good at some change.
  private func disturb() {
    var faults = Faults()
    switch below(6) {
    case 0: faults = Faults(errorRate: 0.05)
    case 1: faults = Faults(lostAnswerRate: 0.1)
    case 2: faults = Faults(errorRate: 0.02, lostAnswerRate: 0.05, delaySecondsMax: 4)
    case 3: faults = Faults(falseConflictRate: 0.3)
    case 4: faults = Faults(lostAnswerRate: 0.02, repeatRate: 0.3)
    default: faults = Faults(stopAfter: below(60) + 1, finishesLastCall: below(2) == 0)
    }
    let base = random.next()
    let clock = lake.clock
    lake.disturbance.withLock {
      $0 = { [faults] in FaultyStore($0, seed: base, faults, clock: clock) }
    }
  }

  /// What fails because the store does is no wonder; what does not fit is.
  private func tolerating(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as IngestError {
      guard error.kind != .defect else { throw error }
    }
  }

  private func expectNoDefect(_ report: RunReport) throws {
    if report.exitCode == 70 {
      throw Contradiction(description: report.outcomes.compactMap(\.error).joined(separator: "; "))
    }
  }

  private func look() throws {
    _ = try lake.workspace().rollForward()
    let mark = try lake.workspace().log.stream("s.t")?.bookmark?.state.integer ?? 0
    let expected = Array(lake.world.ids.prefix(Int(mark)))
    let ids: [Int64]
    do { ids = try lake.ids() } catch let error as StorageError where error.kind == .notFound {
      // Staged data that vanished: the next run takes the commit back.
      throw Contradiction(description: "a file of the table is not there: \(error)")
    }
    try expect(ids, expected, "in the log's files")
    try expect(lake.catalogIDs(), expected, "where the catalog says")
  }

  private func expect(_ found: [Int64], _ expected: [Int64], _ place: String) throws {
    if found == expected { return }
    throw Contradiction(
      description:
        "\(found.count) rows \(place), \(Set(found).count) of them different, \(expected.count) expected"
    )
  }

  /// The store is well: one run, one clean-up, and all is as if nothing had happened.
  func end() throws {
    let report = try lake.run()
    guard report.exitCode == 0 else {
      throw Contradiction(description: report.outcomes.compactMap(\.error).joined(separator: "; "))
    }
    try expect(lake.ids(), lake.world.ids, "after a run")
    let cleaned = try lake.collect(grace: 0)
    guard cleaned.exitCode == 0 else { throw Contradiction(description: "\(cleaned.skipped)") }
    try expect(lake.ids(), lake.world.ids, "after a clean-up")
    try expect(lake.visibleIDs(), lake.world.ids, "in the folder")
    if try lake.stagedCount != 0 { throw Contradiction(description: "staged files were left") }
  }
}
