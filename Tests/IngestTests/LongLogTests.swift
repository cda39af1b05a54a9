import Base
import Bookmarks
import Foundation
import Storage
import Testing

@testable import Ingest

/// A run begins as quickly with many commits in the log as with few.
@Suite struct LongLogTests {
  private func seed(_ lake: TestLake, _ count: Int) throws {
    lake.world.append(1)
    try lake.run()
    let log = try lake.workspace().log
    let lease = try log.acquireLease(on: "s.t")
    let first = try log.commit(1, of: "s.t")
    for version in 2...count {
      var commit = first
      commit.version = version
      commit.id = "seed\(version)"
      commit.staged = []
      commit.added[0].key = "raw/s_t/seed\(version).parquet"
      try log.append(commit, under: lease)
      try log.markPublished(commit)
    }
    try log.release(lease)
  }

  private func idleRunSeconds(_ lake: TestLake) throws -> Double {
    var best = Double.infinity
    for _ in 0..<5 {
      let start = ContinuousClock.now
      #expect(try lake.run().outcomes.map(\.status) == [.unchanged])
      let time = (ContinuousClock.now - start).components
      best = min(best, Double(time.seconds) + Double(time.attoseconds) / 1e18)
    }
    return best
  }

  @Test(arguments: [".tidemark/state.db", "lake"])
  func aRunStartsAsQuicklyAsWithAFew(_ state: String) throws {
    let short = try TestLake(state: state)
    let long = try TestLake(state: state)
    try seed(short, 10)
    try seed(long, 1500)
    let difference = try idleRunSeconds(long) - idleRunSeconds(short)
    #expect(difference < 0.1, "\(difference) s more")
  }
}
