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

/// A column whose values turn out to be of wider types: in random histories of runs, retractions,
/// merges, clean-ups and going back, each row is there once with its value, and every file of the
/// table holds its columns in types that engines read as the table's.
@Suite struct WideningHistoryTests {
  @Test(
    arguments: 1...Histories.count(6),
    ["{}", "{partition: [payload]}", "{partition: [mixed]}", "{partition: [\"bucket(3, id)\"]}"])
  func everyRowKeepsItsValue(_ seed: UInt64, _ settings: String) throws {
    let history = try WideningHistory(seed, settings)
    var states: [Set<Int64>] = [[]]
    for step in 0..<20 {
      let place = "seed \(seed), step \(step)"
      try history.step(&states, place)
      try history.check(place)
    }
    // Whatever the seed, text comes in the end.
    try history.end()
    // All gone, and all comes again.
    history.lake.world.state.withLock { $0.retracts = [] }
    _ = try history.lake.bookmarkControl().rewind("s.t", to: .version(0), .init())
    try history.lake.run()
    try history.check("seed \(seed), the end")
    #expect(try history.rows().keys.sorted() == history.lake.world.ids)
    #expect(history.widenings > 0, "seed \(seed): nothing became wider")
  }
}

/// Made and checked by one thread.
private final class WideningHistory {
  let lake: TestLake
  private let random: Randomness
  private let isPartitionedByMixed: Bool
  var widenings = 0

  init(_ seed: UInt64, _ settings: String) throws {
    lake = try TestLake(settings: settings)
    random = .seeded(seed)
    isPartitionedByMixed = settings.contains("mixed")
    lake.world.state.withLock {
      $0.rowsPerSplit = 70
      $0.mixed = [:]
    }
  }

  private func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

  func step(_ states: inout [Set<Int64>], _ place: String) throws {
    let current = states.count - 1
    switch below(10) {
    case 0..<6:
      let rows = (0..<below(3)).map { _ in
        RetractedRows(
          version: 1 + below(max(1, current)), column: "payload", text: "payload \(below(7))")
      }
      lake.world.state.withLock { $0.retracts = current > 0 && rows.count > 1 ? rows : [] }
      append(1 + below(130))
      try run(place)
    case 6, 7:
      let target = below(current + 1)
      if target == current { return }
      let control = try lake.bookmarkControl()
      do {
        _ = try control.rewind("s.t", to: .version(target), .init())
      } catch {
        #expect(error.kind == .refused, "\(place): \(error)")
        return
      }
      #expect(try Set(rows().keys) == states[target], "\(place): rewound to \(target)")
    case 8: try lake.compact()
    default: try lake.collect(grace: 0)
    }
    let log = try lake.workspace().log
    let version = try log.stream("s.t")?.version ?? 0
    while states.count <= version {
      states.append(try Set(rows(asOf: states.count).keys))
    }
  }

  func end() throws {
    lake.world.state.withLock { $0.retracts = [] }
    append(5)
    try run("before the end")
    append(40)
    let last = lake.world.ids.count
    lake.world.state.withLock { $0.mixed?[Int64(last)] = .text("the last") }
    try run("the end")
    try check("the end")
  }

  private func run(_ place: String) throws {
    let report = try lake.run()
    #expect(report.exitCode == 0, "\(place): \(report.outcomes.first?.error ?? "")")
    widenings += report.outcomes.first?.counts["columns_widened"] ?? 0
  }

  /// Rows of a few kinds, one of which is rare, so that it turns up late.
  private func append(_ count: Int) {
    let first = lake.world.ids.count
    lake.world.append(count)
    let common = first < 300 ? 0 : below(4)
    let rare = below(5)
    let rareID = first > 0 && below(3) == 0 ? Int64(first + count - below(min(count, 10))) : 0
    lake.world.state.withLock { state in
      for id in Int64(first + 1)...Int64(first + count) {
        state.mixed?[id] = value(of: id == rareID ? rare : common, id)
      }
    }
  }

  private func value(of kind: Int, _ id: Int64) -> MixedValue {
    let small = id % 5
    if id % 11 == 0 { return .null }
    switch kind {
    case 0: return .integer(isPartitionedByMixed ? small : id * (id % 2 == 0 ? -1 : 1 << 20))
    case 1: return isPartitionedByMixed ? .boolean(small < 2) : .double(Double(id) / 4)
    case 2: return .boolean(small < 2)
    case 3: return .date(Int32(isPartitionedByMixed ? small : id * 100))
    default: return .text(isPartitionedByMixed ? "t\(small)" : "text \"\(id)\"\n=\u{1F30A}/")
    }
  }

  func check(_ place: String) throws {
    let workspace = try lake.workspace()
    guard let state = try workspace.log.stream("s.t"), let schema = state.schemas["s_t"] else {
      return
    }
    for file in try workspace.log.files(of: "s.t", asOf: nil) {
      let stored = try ParquetFile(MemorySource(workspace.store.read(file.key, range: nil))).schema
      #expect(
        stored.columnsToRewrite(as: schema).isEmpty,
        "\(place): \(file.key) holds \(stored), the table is \(schema)")
    }
    let values = lake.world.state.withLock { $0.mixed ?? [:] }
    for (id, found) in try rows() {
      let value = values[id] ?? .null
      #expect(value.texts.contains(found), "\(place): \(value) of \(id) is \(found ?? "null")")
    }
    #expect(try lake.catalogIDs() == lake.ids(), "\(place)")
    #expect(try lake.stagedCount == 0, "\(place)")
  }

  /// The texts of the table's values by their rows' ids; each id is there once.
  func rows(asOf version: Int? = nil) throws -> [Int64: String?] {
    let workspace = try lake.workspace()
    _ = try workspace.rollForward()
    var rows: [Int64: String?] = [:]
    for file in try workspace.log.files(of: "s.t", asOf: version) {
      let bytes = try workspace.store.read(file.key, range: nil)
      let reader = try ParquetFile(MemorySource(bytes)).reader()
      while let batch = try reader.next() {
        guard case .int64(let ids) = batch["id"]?.values else { continue }
        for (row, id) in ids.enumerated() {
          let value = batch[MixedValue.column]?[row] ?? .null
          let folder = file.partition.first { $0.name == MixedValue.column }
          let text = folder.map(\.text) ?? (value == .null ? nil : value.text)
          #expect(rows.updateValue(text, forKey: id) == nil, "\(id) is there twice")
        }
      }
    }
    return rows
  }
}
