import Base
import Bookmarks
import Connector
import Foundation
import Synchronization
import Testing

@testable import Ingest

/// Splits that are read ahead of their commits.
@Suite struct SplitsAheadTests {
  private func lake(_ settings: String = "{}", readsAhead: Int, rows: Int = 1000) throws -> TestLake
  {
    let lake = try TestLake(settings: settings)
    lake.world.append(rows)
    lake.world.state.withLock { $0.readsAhead = readsAhead }
    return lake
  }

  @Test(arguments: [1, 2, 3, 8, 64])
  func commitsKeepTheOrderOfTheSplits(_ readers: Int) throws {
    let lake = try lake(readsAhead: readers)
    let report = try lake.run()
    #expect(report.outcomes.map(\.rows) == [1000] && report.outcomes.map(\.commits) == [10])
    #expect(try lake.ids() == lake.world.ids)
    let commits = try lake.workspace().log.history(of: "s.t", limit: 100).sorted {
      $0.version < $1.version
    }
    #expect(commits.compactMap(\.bookmarkAfter?.mark) == (1...10).map { String($0 * 100) })
    #expect(try lake.stagedCount == 0)
  }

  @Test(arguments: 1...40)
  func whatFailsKeepsWhatCameBeforeIt(_ batch: Int) throws {
    let lake = try lake(readsAhead: 3)
    lake.world.state.withLock { $0.failsAtBatch = batch }
    let failed = try lake.run()
    #expect(failed.outcomes.first?.status == .failed)
    #expect(failed.outcomes.first?.remedy == "Run again.")
    let rows = try lake.ids()
    #expect(rows == Array(lake.world.ids.prefix(rows.count)) && rows.count % 100 == 0)
    #expect(try lake.stagedCount == 0)
    try lake.run()
    #expect(try lake.ids() == lake.world.ids)
  }

  @Test func whatMayPassIsTriedAgain() throws {
    let lake = try lake("{retries: 2}", readsAhead: 4)
    lake.world.state.withLock { $0.failsAtBatch = 17 }
    #expect(try lake.run().outcomes.map(\.status) == [.committed])
    #expect(try lake.ids() == lake.world.ids)
    #expect(try lake.stagedCount == 0)
  }

  @Test func aCancelledRunLetsGoOfAllReaders() throws {
    let lake = try lake(readsAhead: 4)
    let cancellation = Cancellation()
    let batches = Mutex(0)
    lake.world.state.withLock {
      $0.beforeBatch = {
        if batches.withLock({
          $0 += 1; return $0 == 12
        }) {
          cancellation.cancel("interrupted")
        }
      }
    }
    let report = try lake.run(cancellation: cancellation)
    #expect(report.outcomes.first?.error?.contains("interrupted") == true)
    #expect(try lake.stagedCount == 0)
    lake.world.state.withLock { $0.beforeBatch = nil }
    try lake.run()
    #expect(try lake.ids() == lake.world.ids)
  }

  /// A reader waits until others are at work, too: as many as the plan allows and the memory has
  /// room for.
  @Test(arguments: [(readers: 3, memory: 256_000_000), (readers: 2, memory: 128_000_000)])
  func splitsAreReadAtTheSameTime(_ readers: Int, memory: Int) throws {
    let lake = try lake(readsAhead: 3)
    let meeting = NSCondition()
    let arrived = Mutex(0)
    let missing = Mutex(0)
    var options = RunOptions()
    options.memoryBytes = memory
    lake.world.state.withLock {
      $0.beforeBatch = {
        meeting.lock()
        defer { meeting.unlock() }
        arrived.withLock { $0 += 1 }
        meeting.broadcast()
        // Long enough for a busy machine, and no hang where they never come.
        let patience = Date(timeIntervalSinceNow: 30)
        while arrived.withLock({ $0 }) < readers, meeting.wait(until: patience) {}
        if arrived.withLock({ $0 }) < readers { missing.withLock { $0 += 1 } }
      }
    }
    #expect(try lake.run(options).exitCode == 0)
    #expect(missing.withLock { $0 } == 0)
    #expect(try lake.ids() == lake.world.ids)
  }

  @Test func whatAPlanLeavesIsPlannedInTheSameRun() throws {
    let lake = try lake(readsAhead: 2)
    lake.world.state.withLock { $0.splitCountMax = 3 }
    let report = try lake.run()
    #expect(report.outcomes.map(\.commits) == [10])
    #expect(try lake.ids() == lake.world.ids)
    #expect(try lake.run().outcomes.map(\.status) == [.unchanged])
  }
}
