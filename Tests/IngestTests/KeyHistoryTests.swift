import Base
import Bookmarks
import Connector
import Parquet
import Records
import Storage
import Synchronization
import Testing

@testable import Ingest

/// Random histories of rows that come, go and come back, of runs, merges and going back: after a
/// comparison the table and its deleted keys tell exactly which keys the source has.
@Suite struct KeyHistoryTests {
  @Test(arguments: 1...Histories.count(8))
  func whatIsThereIsTold(_ seed: UInt64) throws {
    var history = try KeyHistory(seed)
    for _ in 0..<6 { try history.step() }
  }
}

private struct KeyHistory {
  private let lake: TestLake
  private let random: Randomness
  private let seed: UInt64

  init(_ seed: UInt64) throws {
    self.seed = seed
    random = .seeded(seed)
    lake = try TestLake()
    lake.world.state.withLock {
      $0.deletions = Deletions(compareSeconds: 86_400, key: ["id"])
      $0.rowsPerSplit = 40
    }
    lake.world.append(50)
    try lake.run()
  }

  private func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

  mutating func step() throws {
    for _ in 0..<below(4) { change() }
    switch below(5) {
    case 0: _ = try lake.compact()
    case 1:
      let version = try lake.workspace().log.stream("s.t")?.version ?? 2
      _ = try lake.bookmarkControl().rewind("s.t", to: .version(1 + below(version - 1)), .init())
    case 2: try lake.run(forced)
    default: break
    }
    // One run may come too early for a comparison, or have read nothing yet; two have not.
    for _ in 0..<2 {
      lake.clock.sleep(seconds: 86_400)
      #expect(try lake.run(forced).exitCode == 0, "seed \(seed)")
    }
    let there = lake.world.state.withLock { Set($0.rows.map(\.id)).subtracting($0.gone) }
    #expect(try present() == there, "seed \(seed)")
  }

  private var forced: RunOptions {
    var options = RunOptions()
    options.isForced = true
    return options
  }

  private func change() {
    let some = Set((0..<5).map { _ in Int64(1 + below(60)) })
    switch below(4) {
    case 0: lake.world.append(below(20))
    case 1: lake.world.state.withLock { $0.gone.formUnion(some) }
    // Back below the mark: no row of it is read.
    case 2: lake.world.state.withLock { $0.gone.subtract(some) }
    default:
      lake.world.state.withLock { state in
        for id in some where state.gone.remove(id) != nil { state.rows.append((id, "again")) }
      }
    }
  }

  /// The keys whose last row came, or that were last said to be back, after the last that said they
  /// were gone.
  private func present() throws -> Set<Int64> {
    let workspace = try lake.workspace()
    var row: [Int64: Int] = [:]
    var gone: [Int64: Int] = [:]
    for file in try workspace.log.files(of: "s.t", asOf: nil) {
      let bytes = try workspace.store.read(file.key, range: nil)
      let ids = try TestLake.ids(in: bytes)
      let areBack =
        file.table == "s_t" ? ids.map { _ in true } : try TestLake.flags("_is_back", in: bytes)
      let versions = file.origins.flatMap { Array(repeating: $0.version, count: $0.rowCount) }
      for (id, (isBack, version)) in zip(ids, zip(areBack, versions)) {
        if isBack {
          row[id] = max(row[id] ?? 0, version)
        } else {
          gone[id] = max(gone[id] ?? 0, version)
        }
      }
    }
    return Set(row.filter { $0.value > gone[$0.key] ?? 0 }.keys)
  }
}
