import Base
import Connector
import Records
import Synchronization

/// A source that lives in memory and does as a test says: rows with growing ids, read by an
/// integer cursor in splits.
final class ScriptedWorld: Sendable {
  struct State {
    /// id → payload, in the order they came.
    var rows: [(id: Int64, payload: String)] = []
    var rowsPerSplit = 100
    /// How many splits may be read ahead; nil: one after the other.
    var readsAhead: Int?
    /// How many splits a plan has at the most; what is left is planned in the same run.
    var splitCountMax: Int?
    /// Fails the n-th batch that is read from now, once.
    var failsAtBatch: Int?
    var isRetryable = true
    var extraColumn = false
    var binding: JSONValue = ["table": "t"]
    var readsAll = false
    /// What the first split of a plan takes out of the table.
    var retracts: [RetractedRows] = []
    /// What the source no longer has of the splits' entries in the ledger.
    var lost: [String] = []
    var batchesRead = 0
    var deletions = Deletions()
    /// Ids that the source has no more; they stay in `rows`, which are what was read of it.
    var gone: Set<Int64> = []
    /// Ids of rows that came after the window was fixed.
    var late: [Int64] = []
    /// Values of a further column whose type is found out from them, by the rows' ids.
    var mixed: [Int64: MixedValue]?
    /// Whether each reading of a split makes text of a column that none before did, at its end.
    var widensEveryReading = false
    /// How often a split was begun to be read.
    var readingCount = 0
    /// Called before each batch is handed over.
    var beforeBatch: (@Sendable () -> Void)?
  }

  let state = Mutex(State())

  func append(_ count: Int) {
    state.withLock { state in
      for _ in 0..<count {
        let id = Int64(state.rows.count + 1)
        state.rows.append((id, "payload \(id % 7)"))
      }
    }
  }

  var ids: [Int64] { state.withLock { $0.rows.map(\.id) } }

  /// Worlds by the name of their source, for `ScriptedSourceType.open`.
  static let all = Mutex<[String: ScriptedWorld]>([:])
}

enum ScriptedSourceType: SourceType {
  static let name = "scripted"
  static let sourceKeys = [ConfigKey("world", .string, "Which world of the test.")]
  static let streamKeys = [ConfigKey("rows_per_split", .integer(1...1_000_000), "Rows of a split.")]

  static func open(_ configuration: SourceConfiguration, _ context: SourceContext)
    throws(ConnectorError) -> any Source
  {
    let name = configuration.options["world"]?.string ?? ""
    guard let world = ScriptedWorld.all.withLock({ $0[name] }) else {
      throw ConnectorError(
        .unreachable, "no world '\(name)'", remedy: "Make one.", isRetryable: false)
    }
    return ScriptedSource(world: world)
  }
}

struct ScriptedSource: Source {
  let world: ScriptedWorld

  func streams(matching stream: StreamConfiguration) throws(ConnectorError) -> [StreamConfiguration]
  {
    [stream]
  }

  func open(_ stream: StreamConfiguration) throws(ConnectorError) -> any StreamSession {
    ScriptedSession(world: world)
  }

  func check(_ stream: StreamConfiguration) -> [Finding] { [] }
}

final class ScriptedSession: StreamSession {
  let world: ScriptedWorld
  private let planned = Mutex<[Range<Int>]>([])
  private let known = Mutex<Schema?>(nil)

  init(world: ScriptedWorld) { self.world = world }

  var binding: JSONValue { world.state.withLock { $0.binding } }

  func plan(_ request: PlanRequest) throws(ConnectorError) -> Plan {
    let (count, size, readsAll) = world.state.withLock {
      ($0.rows.count, $0.rowsPerSplit, $0.readsAll)
    }
    let from = readsAll ? 0 : Int(request.bookmark?.state.integer ?? 0)
    var ranges: [Range<Int>] = []
    var start = from
    while start < count {
      ranges.append(start..<min(count, readsAll ? count : start + size))
      start = ranges[ranges.count - 1].upperBound
    }
    if readsAll && ranges.isEmpty { ranges = [0..<0] }
    let (ahead, countMax) = world.state.withLock { ($0.readsAhead, $0.splitCountMax) }
    let all = ranges.count
    if let countMax, !readsAll { ranges = Array(ranges.prefix(countMax)) }
    planned.withLock { $0 = ranges }
    known.withLock { $0 = request.knownSchema }
    let retracts = world.state.withLock { $0.retracts }
    return Plan(
      window: Window(
        from: from == 0 ? nil : String(from), to: String(count), predicate: "id > \(from)",
        reason: "max"),
      splits: ranges.indices.map {
        Split(index: $0, label: "\(ranges[$0])", retracts: $0 == 0 ? retracts : [])
      },
      readsAhead: ahead, leavesRest: ranges.count < all,
      replacesTable: readsAll, estimatedRows: count - from)
  }

  func read(_ split: Split, _ options: ReadOptions) throws(ConnectorError) -> any BatchReader {
    world.state.withLock { $0.readingCount += 1 }
    return ScriptedReader(
      world: world, range: planned.withLock { $0[split.index] },
      known: options.knownSchemas?[.main] ?? known.withLock { $0 })
  }

  func infersType(of column: String, in table: TableRole) -> Bool {
    column.hasPrefix(MixedValue.column)
  }

  var deletions: Deletions { world.state.withLock { $0.deletions } }

  func keys(_ options: ReadOptions) throws(ConnectorError) -> any BatchReader {
    let rows = world.state.withLock { state in
      // The last row of each key.
      Dictionary(state.rows.map { ($0.id, $0.payload) }) { $1 }
        .filter { !state.gone.contains($0.key) }.map { ($0.key, $0.value) }
        + state.late.map { ($0, "late") }
    }
    return ScriptedKeys(rows, names: deletions.key)
  }

  func bookmark(from text: String) throws(ConnectorError) -> Bookmark {
    guard let number = Int64(text) else {
      throw ConnectorError(.misconfigured, "'\(text)' is no number", remedy: "Write a number.")
    }
    return Bookmark(kind: .integer, mark: text, state: .integer(number))
  }

  func lost(_ keys: [String], of ledger: any Ledger) throws(ConnectorError) -> [String] {
    let lost = world.state.withLock { $0.lost }
    return keys.filter { lost.contains($0) }
  }

  func close() {}
}

final class ScriptedReader: BatchReader {
  static let rowsPerBatch = 30
  private let world: ScriptedWorld
  private let range: Range<Int>
  private var position: Int
  private let known: Schema?
  /// Of the mixed column.
  private var mixedType: DataType?

  init(world: ScriptedWorld, range: Range<Int>, known: Schema? = nil) {
    self.world = world
    self.known = known
    mixedType = known?[MixedValue.column]?.type
    self.range = range
    position = range.lowerBound
  }

  func next() throws(ConnectorError) -> SourceBatch? {
    world.state.withLock { $0.beforeBatch }?()
    let failure = world.state.withLock { state -> ConnectorError? in
      state.batchesRead += 1
      guard let left = state.failsAtBatch else { return nil }
      state.failsAtBatch = left > 1 ? left - 1 : nil
      if left > 1 { return nil }
      return ConnectorError(
        .interrupted, "the script says so", remedy: "Run again.", isRetryable: state.isRetryable)
    }
    if let failure { throw failure }
    guard position < range.upperBound else { return nil }
    let end = min(position + Self.rowsPerBatch, range.upperBound)
    let (rows, extra, mixed) = world.state.withLock {
      (Array($0.rows[position..<end]), $0.extraColumn, $0.mixed)
    }
    position = end
    var ids = FixedBuilder<Int64>()
    var payloads = BytesBuilder()
    for row in rows {
      ids.append(row.id)
      payloads.append(row.payload)
    }
    var fields = [Field("id", .int64, isNullable: false), Field("payload", .string)]
    var columns = [ids.finish(.int64), payloads.finish(.string)]
    if extra {
      fields.append(Field("extra", .int32))
      columns.append(.nulls(.int32, count: rows.count))
    }
    if let mixed {
      let values = rows.map { mixed[$0.id] ?? .null }
      for value in values { mixedType = MixedValue.widened(mixedType, value.type) }
      if let mixedType {
        fields.append(Field(MixedValue.column, mixedType))
        columns.append(MixedValue.column(values, mixedType))
      }
    }
    let (isRestless, reading) = world.state.withLock { ($0.widensEveryReading, $0.readingCount) }
    for number in isRestless ? Array(1...12) : [] {
      let name = MixedValue.column + "\(number)"
      let isText =
        known?[name]?.type == .string || (number == reading && position == range.upperBound)
      fields.append(Field(name, isText ? .string : .int64))
      columns.append(.nulls(isText ? .string : .int64, count: rows.count))
    }
    return SourceBatch(Batch(schema: Schema(fields), columns: columns, rowCount: rows.count))
  }

  func finish() throws(ConnectorError) -> Advance {
    let readsAll = world.state.withLock { $0.readsAll }
    return Advance(
      bookmark: Bookmark(
        kind: readsAll ? .full : .integer, mark: String(range.upperBound),
        state: .integer(Int64(range.upperBound))),
      ledger: readsAll
        ? [] : [LedgerChange(key: "split \(range.lowerBound)", value: .integer(Int64(range.count)))]
    )
  }

  func close() {}
}

/// The keys of a scripted world, in batches.
final class ScriptedKeys: BatchReader {
  private var rest: ArraySlice<(Int64, String)>
  private let names: [String]

  init(_ rows: [(Int64, String)], names: [String]) {
    rest = rows[...]
    self.names = names
  }

  func next() throws(ConnectorError) -> SourceBatch? {
    if rest.isEmpty { return nil }
    var ids = FixedBuilder<Int64>()
    var payloads = BytesBuilder()
    for (id, payload) in rest.prefix(1000) {
      ids.append(id)
      payloads.append(payload)
    }
    rest = rest.dropFirst(1000)
    let count = ids.count
    let schema = Schema([Field("id", .int64, isNullable: false), Field("payload", .string)])
    let columns = [ids.finish(.int64), payloads.finish(.string)]
    let chosen = names.compactMap { schema.index(of: $0) }
    return SourceBatch(
      Batch(
        schema: Schema(chosen.map { schema.fields[$0] }), columns: chosen.map { columns[$0] },
        rowCount: count))
  }

  func finish() throws(ConnectorError) -> Advance {
    Advance(bookmark: Bookmark(kind: .opaque, mark: ""))
  }

  func close() { rest = [] }
}
