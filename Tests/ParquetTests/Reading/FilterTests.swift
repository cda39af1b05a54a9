import Records
import Testing

@testable import Parquet

/// Filters against the same conditions on values read without them.
@Suite struct FilterTests {
  private static let rowCount = 1300

  private static let batch: Batch = {
    let count = rowCount
    func bits(_ modulus: Int) -> Bitmap { Bitmap((0..<count).map { $0 % modulus != 1 }) }
    let schema = Schema([
      Field("row", .int64, isNullable: false), Field("i", .int32), Field("u", .uint32),
      Field("ul", .uint64), Field("d", .float64), Field("f", .float32), Field("b", .boolean),
      Field("t", .string), Field("many", .string), Field("m", .decimal(precision: 7, scale: 2)),
      Field("big", .decimal(precision: 30, scale: 3)), Field("day", .date),
      Field("w", .timestamp(.microseconds, isUTC: true)), Field("id", .uuid),
      Field("s", .structure([Field("x", .int32), Field("y", .string)])),
      Field("l", .list(Field("element", .int32))),
    ])
    let doubles: [Double] = (0..<count).map { (row: Int) -> Double in
      if row % 50 == 7 { return Double.nan }
      return row % 50 == 8 ? -Double.infinity : Double(row % 400) / 4 - 20
    }
    let uuids: [UInt8] = (0..<count * 16).map { (place: Int) -> UInt8 in
      UInt8(truncatingIfNeeded: place / 112 + place % 16)
    }
    func column(_ name: String, _ values: Column.Values, nulls: Int? = nil) -> Column {
      Column(
        type: schema[name]?.type ?? .int32, count: count, validity: nulls.map(bits), values: values)
    }
    let unsigned: [Int32] = (0..<count).map { (row: Int) -> Int32 in
      Int32(truncatingIfNeeded: row &* 1_500_001)
    }
    let wide: [Int64] = (0..<count).map { (row: Int) -> Int64 in
      Int64(truncatingIfNeeded: row &* 6_148_914_691_236_517)
    }
    let small: [Int32] = (0..<count).map { Int32(truncatingIfNeeded: $0 % 97) - 40 }
    let children = [
      Column(type: .int32, count: count, validity: bits(5), values: .int32(small)),
      Column(
        type: .string, count: count, values: .bytes(ByteColumn((0..<count).map { "y\($0 % 13)" }))),
    ]
    let columns = [
      column("row", .int64((0..<count).map(Int64.init))),
      column("i", .int32(small), nulls: 6),
      column(
        "u",
        .int32((0..<count).map { Int32(bitPattern: UInt32(truncatingIfNeeded: $0 &* 1_500_001)) })),
      column(
        "ul", .int64((0..<count).map { Int64(bitPattern: UInt64($0) &* 6_148_914_691_236_517) }),
        nulls: 9),
      column("d", .double(doubles), nulls: 11),
      column("f", .float(doubles.map(Float.init))),
      column("b", .boolean(Bitmap((0..<count).map { $0 % 3 == 0 })), nulls: 4),
      column("t", .bytes(ByteColumn((0..<count).map { "t\($0 % 21)" })), nulls: 7),
      column("many", .bytes(ByteColumn((0..<count).map { "значение \($0 * 7919 % 3001)" }))),
      column("m", .int32((0..<count).map { Int32($0 * 3 - 4000) }), nulls: 8),
      column("big", .int128((0..<count).map { Int128($0) * 1_000_000_000_000_000 - 7 })),
      column("day", .int32((0..<count).map { Int32($0 / 10 + 20_000) }), nulls: 100),
      column("w", .int64((0..<count).map { Int64($0) * 250_000 })),
      column("id", .fixedBytes(width: 16, uuids), nulls: 12),
      column("s", .structure(children), nulls: 10),
      Column(
        type: .list(Field("element", .int32)), count: count,
        values: .list(
          offsets: (0...count).map { Int32($0) },
          Column(type: .int32, count: count, values: .int32(small)))),
    ]
    return Batch(schema: schema, columns: columns, rowCount: count)
  }()

  private static let files = Result {
    try [(true, true), (false, false)].map { (hasDictionaries, hasIndex) in
      var options = WriteOptions()
      options.profile = .max
      options.rowGroupRowsMax = 500
      options.pageRowsMax = 60
      options.usesDictionaries = hasDictionaries
      options.writesPageIndex = hasIndex
      return try ParquetFile(MemorySource(try RoundTripTests.write(batch, options)))
    }
  }

  private static func rows(_ reader: ParquetReader) throws -> [Int] {
    var rows: [Int] = []
    while let batch = try reader.next() {
      let numbers = try #require(batch["row"])
      for place in 0..<batch.rowCount {
        guard case .integer(let row) = numbers[place] else { continue }
        rows.append(Int(row))
        for field in batch.schema.fields {
          if batch[field.name]?[place] != Self.batch[field.name]?[Int(row)] {
            Issue.record("row \(row), \(field.name)")
          }
        }
      }
    }
    return rows
  }

  /// The value of a leaf in a row, as tests see it.
  private static func value(_ name: String, _ row: Int) -> Value {
    let parts = name.split(separator: ".")
    guard let column = batch[String(parts[0])] else { return .null }
    if parts.count == 1 { return column[row] }
    if column.isNull(row) { return .null }
    guard case .structure(let children) = column.values else { return .null }
    return children[parts[1] == "x" ? 0 : 1][row]
  }

  /// By comparing numbers and texts in the plainest way.
  private static func meets(_ row: Int, _ predicate: Predicate) -> Bool {
    let value = Self.value(predicate.column, row)
    if predicate.comparison == .isNull { return value == .null }
    if predicate.comparison == .isNotNull { return value != .null }
    let order: Int
    switch (value, predicate.value) {
    case (.null, _): return false
    case (.text(let a), .text(let b)):
      order = a == b ? 0 : Array(a.utf8).lexicographicallyPrecedes(Array(b.utf8)) ? -1 : 1
    case (.bytes(let a), .bytes(let b)):
      order = a == b ? 0 : a.lexicographicallyPrecedes(b) ? -1 : 1
    case (.boolean(let a), .boolean(let b)): order = a == b ? 0 : b ? -1 : 1
    default:
      let (a, b) = (number(value), number(predicate.value))
      if a.isNaN || b.isNaN { return false }
      order = a < b ? -1 : a > b ? 1 : 0
    }
    switch predicate.comparison {
    case .equal: return order == 0
    case .notEqual: return order != 0
    case .less: return order < 0
    case .lessOrEqual: return order <= 0
    case .greater: return order > 0
    default: return order >= 0
    }
  }

  private static func number(_ value: Value) -> Double {
    switch value {
    case .integer(let number): return Double(number)
    case .unsigned(let number): return Double(number)
    case .float(let number): return Double(number)
    case .double(let number): return number
    case .decimal(let number, let scale):
      return (0..<scale).reduce(Double(number)) { number, _ in number / 10 }
    case .date(let days): return Double(days) * 86_400
    case .timestamp(let ticks, let unit, _): return Double(ticks) / Double(unit.perSecond)
    default: return .nan
    }
  }

  private static let conditions: [(String, Value)] = [
    ("i", .integer(0)), ("i", .integer(-40)), ("i", .integer(1 << 40)), ("i", .integer(-1 << 40)),
    ("i", .decimal(25, scale: 1)), ("i", .decimal(-25, scale: 1)), ("i", .double(-2.5)),
    ("u", .unsigned(3_000_002_000)), ("u", .integer(-1)),
    ("ul", .unsigned(3 << 61 + 1_000_000_000_000)),
    ("d", .double(3.25)), ("d", .integer(-20)), ("d", .double(.nan)), ("d", .double(.infinity)),
    ("f", .float(3.25)), ("f", .double(-.infinity)), ("b", .boolean(true)), ("b", .boolean(false)),
    ("t", .text("t13")), ("t", .text("")), ("t", .text("t")), ("many", .text("значение 77")),
    ("m", .decimal(-700, scale: 2)), ("m", .decimal(-7005, scale: 3)), ("m", .integer(12)),
    ("big", .decimal(1_234_999_999_999_999_993, scale: 3)), ("big", .integer(3)),
    ("day", .date(20_123)),
    ("day", .timestamp(20_123 * 86_400 * 1000 + 5, .milliseconds, isUTC: true)),
    ("w", .timestamp(300_250, .milliseconds, isUTC: true)),
    ("w", .timestamp(300_250_000_001, .nanoseconds, isUTC: true)), ("w", .date(0)),
    ("id", .bytes((0..<16).map { 150 + $0 })), ("s.x", .integer(7)), ("s.y", .text("y3")),
    ("i", .null),
  ]

  @Test(arguments: conditions, Predicate.Comparison.allCases)
  func exactlyTheRowsThatMeet(
    condition: (String, Value), comparison: Predicate.Comparison
  ) throws {
    let predicate = Predicate(condition.0, comparison, condition.1)
    let expected = (0..<Self.rowCount).filter { Self.meets($0, predicate) }
    for file in try Self.files.get() {
      #expect(
        try Self.rows(try file.reader(columns: ["row"], filter: [predicate])) == expected)
    }
  }

  @Test func conjunctionsAndOtherColumns() throws {
    let file = try Self.files.get()[0]
    let filters: [[Predicate]] = [
      [Predicate("i", .greater, .integer(-20)), Predicate("i", .lessOrEqual, .integer(20))],
      [Predicate("t", .equal, .text("t3")), Predicate("d", .less, .double(0))],
      [
        Predicate("s.x", .isNull), Predicate("many", .greater, .text("значение 2")),
        Predicate("b", .equal, .boolean(false)),
      ],
      [Predicate("i", .isNull), Predicate("i", .equal, .integer(3))],
      [Predicate("i", .isNotNull), Predicate("i", .notEqual, .integer(3))],
      [Predicate("row", .greaterOrEqual, .integer(495)), Predicate("row", .less, .integer(505))],
    ]
    for filter in filters {
      let expected = (0..<Self.rowCount).filter { row in
        filter.allSatisfy { Self.meets(row, $0) }
      }
      for threads in [1, 2] {
        var options = ReadOptions()
        options.threads = threads
        options.batchRowCountMax = 100
        let threaded = try ParquetFile(file.source, options: options)
        for columns in [["row"], ["l", "row", "t"], nil] {
          #expect(
            try Self.rows(try threaded.reader(columns: columns, filter: filter)) == expected)
        }
        let some = expected.filter { (200..<1200).contains($0) }
        #expect(
          try Self.rows(try threaded.reader(columns: ["row"], filter: filter, rows: 200..<1200))
            == some)
      }
    }
  }

  @Test func valuesThatDoNotCompare() throws {
    let file = try Self.files.get()[0]
    for (name, value) in [
      ("i", Value.text("7")), ("t", .integer(7)), ("day", .text("2026-11-21")),
      ("m", .double(2.5)), ("b", .integer(1)), ("id", .integer(1)),
    ] {
      #expect {
        try file.reader(filter: [Predicate(name, .equal, value)])
      } throws: {
        ($0 as? ParquetError)?.kind == .schemaMismatch
      }
    }
    #expect(throws: ParquetError.self) {
      try file.reader(filter: [Predicate("l", .isNull)])
    }
  }

  @Test func literals() throws {
    let file = try Self.files.get()[0]
    let cases: [(String, String, Value?)] = [
      ("i", "-12", .decimal(-12, scale: 0)), ("i", "2.50", .decimal(250, scale: 2)),
      ("i", "1e3", .decimal(1000, scale: 0)), ("i", "x", nil), ("i", "", nil), ("i", "1e999", nil),
      ("i", "'7'", .decimal(7, scale: 0)), ("i", "1.2.3", nil), ("i", "-", nil), ("i", "٣", nil),
      ("d", "2.5", .double(2.5)), ("d", "nan", .double(.nan)), ("d", "two", nil),
      ("f", "0.1", .float(0.1)), ("b", "TRUE", .boolean(true)), ("b", "1", nil),
      ("t", "a b", .text("a b")), ("t", "'it''s'", .text("it's")), ("t", "\"q\"", .text("q")),
      ("t", "'", .text("'")), ("m", "9.95", .decimal(995, scale: 2)),
      ("day", "2026-11-21", .date(20_778)), ("day", "2026-11-31", nil),
      ("day", "2026-11-21T00", nil),
      ("w", "2026-11-21", .timestamp(20_778 * 86_400_000_000, .microseconds, isUTC: true)),
      ("w", "1970-01-01T01:00:00.5+01:00", .timestamp(500_000, .microseconds, isUTC: true)),
      ("w", "1970-01-01 00:00:00.000000001Z", .timestamp(1, .nanoseconds, isUTC: true)),
      ("w", "yesterday", nil), ("id", "00", nil),
      ("id", "00010203-0405-0607-0809-0a0b0c0d0e0f", .bytes((0..<16).map { UInt8($0) })),
    ]
    for (column, text, expected) in cases {
      let predicate = try? Predicate(column: column, operator: ">=", text: text, in: file)
      #expect(predicate?.value == expected, "\(column) \(text)")
    }
    for symbol in ["=", "==", "!=", "<>", "<", "<=", ">", ">=", "IS  NULL", "is not null"] {
      _ = try Predicate(column: "i", operator: symbol, text: "1", in: file)
    }
    #expect {
      try Predicate(column: "day", operator: "=", text: "soon", in: file)
    } throws: {
      "\($0)".contains("a date such as 2026-11-21")
    }
    #expect(throws: ParquetError.self) {
      try Predicate(column: "day", operator: "~", text: "2026-11-21", in: file)
    }
    #expect(throws: ParquetError.self) {
      try Predicate(column: "nobody", operator: "is null", in: file)
    }
  }

  /// Rows far apart are passed over, near ones decoded with those between.
  @Test func partsOfRows() {
    var rows = RowRanges(ordered: [2..<4, 6..<7, 100..<102, 103..<140])
    let first = rows.takeFirst(10, gapMax: 5)
    #expect(first.read == [2..<7, 100..<105])
    #expect(first.selected == [2..<4, 6..<7, 100..<102, 103..<105])
    #expect(first.indices == [0, 1, 4, 5, 6, 8, 9])
    let rest = rows.takeFirst(1000, gapMax: 5)
    #expect(rest.read == [105..<140])
    #expect(rest.indices == nil)
    #expect(rows.isEmpty)
  }
}
