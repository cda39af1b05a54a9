import Base
import Foundation
import GRDB
import Storage
import Testing

@testable import Bookmarks

/// Random histories of several machines that share a log in a lake whose store fails as it can,
/// held against a model of leases and versions. `TIDEMARK_HISTORIES` asks for more of them.
@Suite struct LogHistoryTests {
  static let seedsPerPart =
    ProcessInfo.processInfo.environment["TIDEMARK_HISTORIES"].flatMap(Int.init).map { $0 / 4 } ?? 8

  @Test(arguments: 0..<4)
  func noHistoryBreaksTheLog(_ part: Int) throws {
    for index in 0..<Self.seedsPerPart {
      let seed = UInt64(part * Self.seedsPerPart + index + 1)
      do {
        try LogHistory(seed: seed).play(stepCount: 60)
      } catch {
        Issue.record("seed \(seed): \(error)")
      }
    }
  }
}

/// One history.
private final class LogHistory {
  struct Contradiction: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
  }

  private final class Machine {
    let log: FoldedCommitLog
    var leases: [String: Lease] = [:]
    init(_ log: FoldedCommitLog) { self.log = log }
  }

  private let random: Randomness
  private let clock = WallClock.manual(start: Instant(microseconds: 1_700_000_000_000_000))
  private let store: MemoryStore
  private var machines: [Machine?] = [nil, nil, nil]
  private var commitCount = 0
  /// Commits whose append returned, and those that were refused for sure.
  private var acknowledged = Set<String>()
  private var refused = Set<String>()
  private var faultSeed: UInt64

  init(seed: UInt64) {
    random = .seeded(seed)
    faultSeed = seed << 16
    store = MemoryStore(clock: clock)
  }

  func play(stepCount: Int) throws {
    for _ in 0..<stepCount { try step() }
    try judge()
  }

  private func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }

  private func step() throws {
    let index = pick(machines.count)
    guard let machine = machines[index] else {
      machines[index] = tolerating { Machine(try open(index)) }
      return
    }
    let stream = ["s", "t"][pick(2)]
    switch pick(12) {
    case 0:
      // It dies, and its cache with it.
      machines[index] = nil
    case 1: clock.sleep(seconds: Double(pick(14)))
    case 2, 3: machine.leases[stream] = tolerating { try machine.log.acquireLease(on: stream) }
    case 4:
      guard let lease = machine.leases[stream] else { return }
      tolerating { try machine.log.renew(lease) }
    case 5:
      guard let lease = machine.leases.removeValue(forKey: stream) else { return }
      tolerating { try machine.log.release(lease) }
    case 6:
      tolerating {
        for commit in try machine.log.unpublished() { try machine.log.markPublished(commit) }
      }
    case 7:
      let id = "r\(random.next())"
      tolerating {
        try machine.log.beginRun(
          RunRecord(id: id, startedAt: clock.now, command: "run", host: "m\(index)"))
        try machine.log.record(StreamOutcome(stream: stream, status: .unchanged), of: id)
        try machine.log.endRun(id, at: clock.now)
        guard try machine.log.run(id).1.count == 1 else { throw Contradiction("a run is lost") }
      }
    default:
      guard let lease = machine.leases[stream] else { return }
      try append(machine, lease)
    }
  }

  private func append(_ machine: Machine, _ lease: Lease) throws {
    commitCount += 1
    let id = "c\(commitCount)"
    var commit = Commit(
      stream: lease.stream, version: 0, id: id, kind: .append, run: nil, decidedAt: clock.now)
    do {
      commit.version = (try machine.log.stream(lease.stream)?.version ?? 0) + 1
      commit.added = [DataFile(table: "t", key: id, rowCount: 1, byteCount: 1)]
    } catch { return }
    do {
      try machine.log.append(commit, under: lease)
      acknowledged.insert(id)
    } catch {
      switch error.kind {
      case .leaseLost, .conflict:
        refused.insert(id)
        machine.leases[lease.stream] = nil
      case .unreachable: break
      default: throw error
      }
    }
  }

  /// What may go wrong with a store that fails, and nothing else.
  @discardableResult
  private func tolerating<T>(_ body: () throws -> T) -> T? {
    do {
      return try body()
    } catch let error as BookmarksError {
      if [.unreachable, .leaseHeld, .leaseLost, .conflict].contains(error.kind) { return nil }
      failure = failure ?? error
    } catch {
      failure = failure ?? error
    }
    return nil
  }
  private var failure: (any Error)?

  private func open(_ index: Int, isFaulty: Bool = true) throws -> FoldedCommitLog {
    faultSeed += 1
    let faults = Faults(errorRate: 0.06, lostAnswerRate: 0.12, delaySecondsMax: 0.3)
    let faulty = FaultyStore(store, seed: faultSeed, faults, clock: clock)
    var settings = LakeJournal.Settings.prompt
    settings.checkpointInterval = 8
    settings.readsAtOnce = false
    settings.retries = 1
    let owner = LeaseOwner(
      host: "m\(index)", boot: "b", process: Int(faultSeed), processStart: "1", nonce: "n")
    return try FoldedCommitLog(
      inLake: isFaulty ? faulty : store, cachePath: nil, clock: clock,
      randomness: .seeded(faultSeed &* 31), owner: owner, newID: "log\(faultSeed)",
      settings: settings, prepare: { _ in }, applyCatalogChange: { _, _ in })
  }

  /// Reads the entries as they lie in the store, by rules of its own, and holds all logs against
  /// what they say.
  private func judge() throws {
    if let failure { throw failure }
    var versions: [String: Int] = [:]
    var epochs: [String: Int] = [:]
    var held = Set<String>()
    var ids: [String] = []
    var published = Set<String>()
    for (index, info) in try store.objects(LogEntry.folder).enumerated() {
      guard info.key == LogEntry.key(index + 1) else { throw Contradiction("a gap at \(index)") }
      let entry = try JSONValue(parsing: store.read(info.key))
      for operation in entry["operations"]?.array ?? [] {
        let stream = operation["stream"]?.string ?? operation["commit"]?["stream"]?.string ?? ""
        let epoch = Int(operation["epoch"]?.integer ?? 0)
        switch operation["do"]?.string {
        case "take-lease":
          guard epoch == epochs[stream, default: 0] + 1 else {
            throw Contradiction("an epoch twice")
          }
          epochs[stream] = epoch
          held.insert(stream)
        case "release-lease": if epochs[stream] == epoch { held.remove(stream) }
        case "append":
          guard epochs[stream] == epoch, held.contains(stream) else {
            throw Contradiction("an append without the lease")
          }
          let version = Int(operation["commit"]?["version"]?.integer ?? 0)
          guard version == versions[stream, default: 0] + 1 else {
            throw Contradiction("version \(version) after \(versions[stream] ?? 0)")
          }
          versions[stream] = version
          ids.append(operation["commit"]?["id"]?.string ?? "")
        case "mark-published":
          published.insert("\(stream) \(operation["version"]?.integer ?? 0)")
        default: break
        }
      }
    }
    guard Set(ids).count == ids.count else { throw Contradiction("a commit twice") }
    guard acknowledged.isSubset(of: ids) else {
      throw Contradiction("lost: \(acknowledged.subtracting(ids))")
    }
    guard refused.isDisjoint(with: ids) else {
      throw Contradiction("refused and there: \(refused.intersection(ids))")
    }
    let clean = try open(9, isFaulty: false)
    for (stream, version) in versions {
      guard try clean.stream(stream)?.version == version,
        try clean.files(of: stream, asOf: version).count == version
      else { throw Contradiction("\(stream) is not at \(version)") }
    }
    let waiting = try clean.unpublished().map { "\($0.stream) \($0.version)" }
    guard waiting.allSatisfy({ !published.contains($0) }),
      waiting.count == ids.count - published.count
    else { throw Contradiction("published differs") }
    let expected = try dump(clean)
    for machine in machines {
      guard let machine else { continue }
      guard (0..<50).contains(where: { _ in tolerating { try machine.log.refresh() } != nil })
      else {
        throw Contradiction("a machine does not catch up")
      }
      guard try dump(machine.log) == expected else { throw Contradiction("two caches differ") }
    }
    if let failure { throw failure }
  }

  private func dump(_ log: FoldedCommitLog) throws -> [String] {
    try log.tables.read { db in
      try [
        "SELECT * FROM commit_log ORDER BY sequence", "SELECT * FROM stream ORDER BY name",
        "SELECT * FROM file ORDER BY id", "SELECT * FROM file_span ORDER BY file, added",
        "SELECT * FROM run ORDER BY id", "SELECT * FROM outcome ORDER BY run, stream",
        "SELECT * FROM meta WHERE key IN ('sequence', 'entry', 'id') ORDER BY key",
      ].flatMap { try Row.fetchAll(db, sql: $0).map(\.description) }
    }
  }
}
