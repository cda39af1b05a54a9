import Compression
import Records
import Testing

@testable import Parquet

@Suite struct PruningTests {
  /// Numbers that rise, with nulls, over many row groups and pages.
  private static let batch: Batch = {
    let count = 1000
    let bits = Bitmap((0..<count).map { $0 % 7 != 3 && !(400..<500).contains($0) })
    let numbers = (0..<count).map { Int64($0 * 3) }
    let texts = (0..<count).map { "t" + String(10_000 + $0) }
    let doubles = (0..<count).map { $0 % 100 == 50 ? Double.nan : Double($0) / 2 }
    let decimals = (0..<count).map { Int64($0) * 100 + 5 }
    let stamps = (0..<count).map { Int64($0) * 1_000_000 }
    let schema = Schema([
      Field("n", .int64), Field("t", .string), Field("d", .float64),
      Field("m", .decimal(precision: 12, scale: 2)),
      Field("w", .timestamp(.microseconds, isUTC: true)),
      Field("l", .list(Field("element", .int32))),
    ])
    let columns = [
      Column(type: .int64, count: count, validity: bits, values: .int64(numbers)),
      Column(type: .string, count: count, values: .bytes(ByteColumn(texts))),
      Column(type: .float64, count: count, values: .double(doubles)),
      Column(type: schema.fields[3].type, count: count, values: .int64(decimals)),
      Column(type: schema.fields[4].type, count: count, values: .int64(stamps)),
      Column(
        type: schema.fields[5].type, count: count,
        values: .list(
          offsets: (0...count).map { Int32($0) },
          Column(type: .int32, count: count, values: .int32((0..<count).map { Int32($0) })))),
    ]
    return Batch(schema: schema, columns: columns, rowCount: count)
  }()

  private func file(hasIndex: Bool = true) throws -> ParquetFile {
    var options = WriteOptions()
    options.rowGroupRowsMax = 300
    options.pageRowsMax = 20
    options.writesPageIndex = hasIndex
    options.usesDictionaries = false
    return try ParquetFile(MemorySource(try RoundTripTests.write(Self.batch, options)))
  }

  private func meets(_ row: Int, _ predicate: Predicate) -> Bool {
    let value = Self.batch[predicate.column]?[row] ?? .null
    switch predicate.comparison {
    case .isNull: return value == .null
    case .isNotNull: return value != .null
    default: break
    }
    guard value != .null, let type = Self.batch.schema[predicate.column]?.type,
      let a = OrderedValue(value, in: type) ?? Self.nan(value),
      let b = OrderedValue(predicate.value, in: type)
    else { return false }
    // What is not a number counts as the greatest.
    let order = a.compared(to: b) ?? 1
    switch predicate.comparison {
    case .equal: return order == 0
    case .notEqual: return order != 0
    case .less: return order < 0
    case .lessOrEqual: return order <= 0
    case .greater: return order > 0
    default: return order >= 0
    }
  }

  private static func nan(_ value: Value) -> OrderedValue? {
    if case .double(let number) = value { .double(number) } else { nil }
  }

  private static let values: [(String, Value)] = [
    ("n", .integer(900)), ("n", .integer(-5)), ("n", .integer(1 << 40)), ("n", .unsigned(901)),
    ("n", .decimal(90_000, scale: 2)), ("t", .text("t10500")), ("t", .text("")), ("t", .text("z")),
    ("d", .double(100)), ("d", .double(-1)), ("d", .integer(7)), ("d", .double(1e9)),
    ("m", .decimal(50_005, scale: 2)), ("m", .integer(400)), ("m", .decimal(1, scale: 3)),
    ("w", .timestamp(500, .milliseconds, isUTC: true)),
    ("w", .timestamp(600_000_000_000, .nanoseconds, isUTC: true)),
  ]

  @Test(arguments: values, Predicate.Comparison.allCases)
  func nothingThatMatchesIsLeftOut(
    condition: (String, Value), comparison: Predicate.Comparison
  ) throws {
    let predicate = Predicate(condition.0, comparison, condition.1)
    let expected = Set((0..<Self.batch.rowCount).filter { meets($0, predicate) })
    for hasIndex in [true, false] {
      let reader = try file(hasIndex: hasIndex).reader(predicates: [predicate])
      var seen: Set<Int> = []
      while let batch = try reader.next() {
        guard case .int64(let stamps) = batch.columns[4].values else { continue }
        for (place, stamp) in stamps.enumerated() {
          let row = Int(stamp / 1_000_000)
          seen.insert(row)
          for (column, original) in zip(batch.columns, Self.batch.columns)
          where column[place] != original[row] {
            Issue.record("row \(row) is not what was written")
          }
        }
      }
      #expect(expected.isSubset(of: seen))
    }
  }

  private func rowsRead(_ predicates: [Predicate], hasIndex: Bool = true) throws -> Int {
    let reader = try file(hasIndex: hasIndex).reader(predicates: predicates)
    var rows = 0
    while let batch = try reader.next() { rows += batch.rowCount }
    return rows
  }

  @Test func rowGroupsAndPagesAreLeftOut() throws {
    #expect(try rowsRead([Predicate("n", .equal, .integer(900))]) == 20)
    #expect(try rowsRead([Predicate("n", .equal, .integer(900))], hasIndex: false) == 300)
    #expect(try rowsRead([Predicate("n", .less, .integer(0))]) == 0)
    #expect(try rowsRead([Predicate("t", .greaterOrEqual, .text("t10990"))]) == 20)
    #expect(try rowsRead([Predicate("n", .isNotNull)]) == 900)
    #expect(
      try rowsRead([
        Predicate("t", .greater, .text("t10039")), Predicate("m", .less, .integer(80)),
      ]) == 40)
    // A value that the type does not hold exactly compares with nothing.
    #expect(try rowsRead([Predicate("m", .equal, .decimal(1, scale: 3))]) == 1000)
  }

  @Test func conditionsOnWhatIsNotThere() throws {
    let file = try file()
    for name in ["x", "l", "l.list.element", ""] {
      #expect(throws: ParquetError.self) {
        try file.reader(predicates: [Predicate(name, .isNull)])
      }
    }
  }

  /// An index that lies is refused where it is used.
  @Test func indexesThatLie() throws {
    let good = try file()
    guard case let source as MemorySource = good.source else { return }
    func read(_ change: (inout ColumnChunk) -> Void) throws -> ParquetError.Kind? {
      var metadata = good.metadata
      change(&metadata.rowGroups[0].columns[0])
      let bytes = FileBuilder.finish(
        Array(source.bytes[..<good.footerOffset]), footer: metadata.footer)
      do throws(ParquetError) {
        let file = try ParquetFile(MemorySource(bytes))
        let reader = try file.reader(rows: 30..<40)
        while try reader.next() != nil {}
        return nil
      } catch {
        return error.kind
      }
    }
    #expect(try read { _ in } == nil)
    #expect(try read { $0.offsetIndexOffset = nil } == nil)
    #expect(try read { $0.offsetIndexOffset = -4 } == .corrupt)
    #expect(try read { $0.offsetIndexOffset = .max } == .corrupt)
    #expect(try read { $0.offsetIndexLength = .max } == .corrupt)
    #expect(try read { $0.offsetIndexLength = 3 } != nil)
    let other = good.metadata.rowGroups[0].columns[1]
    #expect(try read { $0.offsetIndexOffset = other.offsetIndexOffset } != nil)

    let leaf = good.parquetSchema.leaves[0]
    let index = try #require(try good.offsetIndex(rowGroup: 0, leaf: leaf))
    let changes: [(inout OffsetIndex) -> Void] = [
      { $0.pageLocations[1].firstRowIndex = 0 }, { $0.pageLocations[0].firstRowIndex = 1 },
      { $0.pageLocations[2].firstRowIndex = 9999 }, { $0.pageLocations[1].offset = 1 },
      { $0.pageLocations[1].compressedSize = -1 }, { $0.pageLocations[1].offset = .max },
    ]
    for change in changes {
      var wrong = index
      change(&wrong)
      let extra = wrong.serialized()
      var metadata = good.metadata
      let offset = good.footerOffset
      metadata.rowGroups[0].columns[0].offsetIndexOffset = Int64(offset)
      metadata.rowGroups[0].columns[0].offsetIndexLength = Int32(extra.count)
      let bytes = FileBuilder.finish(
        Array(source.bytes[..<offset]) + extra, footer: metadata.footer)
      let file = try ParquetFile(MemorySource(bytes))
      #expect(throws: ParquetError.self) {
        let reader = try file.reader(rows: 30..<40)
        while try reader.next() != nil {}
      }
      #expect(!file.verify().isSound)
    }
  }

  @Test func rangesOfRows() {
    var ranges = RowRanges()
    ranges.append(0..<5)
    ranges.append(5..<7)
    ranges.append(7..<7)
    ranges.append(10..<12)
    #expect(ranges.ranges == [0..<7, 10..<12])
    #expect(ranges.count == 9)
    var other = RowRanges(3..<11)
    #expect(ranges.intersection(other).ranges == [3..<7, 10..<11])
    other = RowRanges()
    #expect(ranges.intersection(other).isEmpty)
    #expect(ranges.takeFirst(8).read == [0..<7, 10..<11])
    #expect(ranges.takeFirst(8).selected == [11..<12])
    #expect(ranges.takeFirst(8).read == [])
  }
}
