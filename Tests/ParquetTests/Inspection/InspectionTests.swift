import Base
import Compression
import Records
import Testing

@testable import Parquet

@Suite struct RowPrinterTests {
  private func print(_ column: Column) throws -> [String] {
    let schema = Schema([Field("a", column.type)])
    let batch = Batch(schema: schema, columns: [column], rowCount: column.count)
    let text = String(decoding: try RowPrinter(schema: schema).lines(of: batch), as: UTF8.self)
    return text.split(separator: "\n").map { String($0.dropFirst(5).dropLast()) }
  }

  private func int64s(_ type: DataType, _ values: [Int64]) throws -> [String] {
    try print(Column(type: type, count: values.count, values: .int64(values)))
  }

  @Test func numbers() throws {
    let bits = Bitmap([true, false])
    #expect(
      try print(Column(type: .int32, count: 2, validity: bits, values: .int32([-5, 0])))
        == ["-5", "null"])
    #expect(try int64s(.uint64, [-1]) == ["18446744073709551615"])
    #expect(try print(Column(type: .uint32, count: 1, values: .int32([-1]))) == ["4294967295"])
    #expect(
      try print(Column(type: .float32, count: 2, values: .float([0.1, -.infinity])))
        == ["0.10000000149011612", "\"-Infinity\""])
    #expect(
      try print(Column(type: .float64, count: 3, values: .double([.nan, .infinity, 0.1])))
        == ["\"NaN\"", "\"Infinity\"", "0.1"])
    #expect(
      try int64s(.decimal(precision: 12, scale: 2), [1250, -5, 0])
        == ["\"12.50\"", "\"-0.05\"", "\"0.00\""])
    #expect(
      try print(
        Column(type: .boolean, count: 2, values: .boolean(Bitmap([true, false]))))
        == ["true", "false"])
  }

  @Test func datesAndTimes() throws {
    #expect(
      try print(Column(type: .date, count: 2, values: .int32([20_413, -719_163])))
        == ["\"2025-11-21\"", "\"0000-12-31\""])
    #expect(
      try int64s(.timestamp(.milliseconds, isUTC: true), [1_500, -1])
        == ["\"1970-01-01T00:00:01.5Z\"", "\"1969-12-31T23:59:59.999Z\""])
    #expect(
      try int64s(.timestamp(.nanoseconds, isUTC: false), [1, 1_000_000_000])
        == ["\"1970-01-01T00:00:00.000000001\"", "\"1970-01-01T00:00:01\""])
    #expect(try int64s(.time(.milliseconds), [1]) == ["\"00:00:00.001000\""])
    #expect(
      try int64s(.time(.microseconds), [86_399_999_999, 0])
        == ["\"23:59:59.999999\"", "\"00:00:00.000000\""])
    #expect(try int64s(.time(.nanoseconds), [1]) == ["\"00:00:00.000000001\""])
    // Any bits at all: no trap.
    for unit in TimeUnit.allCases {
      _ = try int64s(.timestamp(unit, isUTC: true), [.min, .max])
      _ = try int64s(.time(unit), [.min, .max])
    }
    _ = try print(Column(type: .date, count: 2, values: .int32([.min, .max])))
  }

  @Test func textsAndBytes() throws {
    let texts = ["a\"b\\c\n\r\t\u{1}\u{7F}", "grün", ""]
    #expect(
      try print(Column(type: .string, count: 3, values: .bytes(ByteColumn(texts))))
        == [#""a\"b\\c\n\r\t\u0001\u007f""#, "\"grün\"", "\"\""])
    let bytes = ByteColumn(
      views: [0, 1, 2, 3, 4].map { ByteView(offset: 0, length: $0) }, buffers: [[255, 0, 1, 2]])
    #expect(
      try print(Column(type: .binary, count: 5, values: .bytes(bytes)))
        == ["\"\"", "\"/w==\"", "\"/wA=\"", "\"/wAB\"", "\"/wABAg==\""])
    let id: [UInt8] = (0..<16).map { $0 * 16 + 1 }
    #expect(
      try print(Column(type: .uuid, count: 1, values: .fixedBytes(width: 16, id)))
        == ["\"01112131-4151-6171-8191-a1b1c1d1e1f1\""])
    #expect(
      try print(
        Column(type: .fixedBinary(width: 2), count: 1, values: .fixedBytes(width: 2, [1, 2])))
        == ["\"AQI=\""])
  }

  @Test func nested() throws {
    let child = Column(type: .int32, count: 3, values: .int32([1, 2, 3]))
    let list = Column(
      type: .list(Field("element", .int32)), count: 3, validity: Bitmap([true, true, false]),
      values: .list(offsets: [0, 2, 2, 3], child))
    #expect(try print(list) == ["[1,2]", "[]", "null"])
    let keys = Column(type: .string, count: 2, values: .bytes(ByteColumn(["x", "y"])))
    let map = Column(
      type: .map(key: Field("key", .string, isNullable: false), value: Field("value", .int32)),
      count: 1,
      values: .map(
        offsets: [0, 2], keys: keys,
        values: Column(
          type: .int32, count: 2, validity: Bitmap([true, false]), values: .int32([7, 0]))))
    #expect(try print(map) == [#"[{"key":"x","value":7},{"key":"y","value":null}]"#])
    let structure = Column(
      type: .structure([Field("b \"q\"", .int32), Field("c", list.type)]), count: 3,
      validity: Bitmap([true, false, true]), values: .structure([child, list]))
    #expect(
      try print(structure)
        == [#"{"b \"q\"":1,"c":[1,2]}"#, "null", #"{"b \"q\"":3,"c":null}"#])
  }
}

@Suite struct ReportTests {
  private func file() throws -> ParquetFile {
    let schema = Schema([
      Field("id", .int64, isNullable: false), Field("name", .string),
      Field("tags", .list(Field("element", .string))),
    ])
    let count = 100
    let batch = Batch(
      schema: schema,
      columns: [
        Column(type: .int64, count: count, values: .int64((0..<Int64(count)).map { $0 })),
        Column(
          type: .string, count: count, validity: Bitmap((0..<count).map { $0 % 4 != 0 }),
          values: .bytes(ByteColumn((0..<count).map { "n\($0 % 9)" }))),
        Column(
          type: schema.fields[2].type, count: count,
          values: .list(
            offsets: (0...count).map { Int32($0 * 2) },
            Column(
              type: .string, count: 2 * count,
              values: .bytes(ByteColumn((0..<2 * count).map { "t\($0)" }))))),
      ], rowCount: count)
    var options = WriteOptions()
    options.pageRowsMax = 40
    options.rowGroupRowsMax = 60
    return try ParquetFile(MemorySource(try RoundTripTests.write(batch, options)))
  }

  @Test func metadata() throws {
    let report = try file().metaReport()
    #expect(report.json["rows"]?.integer == 100)
    let groups = try #require(report.json["row_groups"]?.array)
    #expect(groups.compactMap { $0["rows"]?.integer } == [60, 40])
    let columns = try #require(groups[1]["columns"]?.array)
    #expect(columns.map { $0["path"]?.string } == ["id", "name", "tags.list.element"])
    #expect(columns[0]["statistics"]?["min"]?.integer == 60)
    #expect(columns[0]["statistics"]?["max"]?.integer == 99)
    #expect(columns[1]["statistics"]?["nulls"]?.integer == 10)
    #expect(columns[1]["statistics"]?["max"]?.string == "n8")
    #expect(columns[1]["codec"]?.string == "zstd")
    #expect(columns[1]["indexes"]?.array?.contains("offset") == true)
    #expect(report.text.contains("row group 1: 40 rows"))
  }

  @Test func pages() throws {
    let report = try file().pagesReport(columns: ["name"])
    let pages = try #require(report.json["pages"]?.array)
    let data = pages.filter { $0["type"]?.string == "DATA_PAGE" }
    #expect(data.map { $0["rows"]?.integer } == [40, 20, 40])
    #expect(data.map { $0["nulls"]?.integer } == [10, 5, 10])
    #expect(pages.filter { $0["type"]?.string == "DICTIONARY_PAGE" }.count == 2)
    let list = try file().pagesReport(columns: ["tags.list.element"])
    let listPages = try #require(list.json["pages"]?.array)
    #expect(listPages.compactMap { $0["rows"]?.integer }.reduce(0, +) == 100)
    #expect(
      listPages.filter { $0["rows"] != .null }.compactMap { $0["values"]?.integer }.reduce(0, +)
        == 200)
    let lines = report.text.split(separator: "\n")
    #expect(lines.count == pages.count + 1)
  }

  @Test func schema() throws {
    let report = try file().schemaReport()
    #expect(report.text.hasPrefix("message "))
    #expect(report.text.contains("required int64 id;"))
    #expect(report.text.contains("    repeated group list {"))
    #expect(report.json["columns"]?.array?.count == 3)
    #expect(report.json["fields"].flatMap { Schema(json: $0) } == (try file().schema))
  }

  @Test func tablesAlign() {
    var table = TextTable(["name", "n"], rightAligned: [1])
    table.add(["a", "100"])
    table.add(["long name", "7"])
    #expect(table.text == "name         n\na          100\nlong name    7\n")
  }
}

@Suite struct VerificationTests {
  private let ints = FileBuilder.int32s([3, 1, 2])

  private func findings(_ builder: FileBuilder) -> [String] {
    ParquetFile.verify(MemorySource(builder.bytes())).findings.map(\.message)
  }

  @Test func aSoundFile() {
    let builder = FileBuilder.single(pages: [FileBuilder.data(ints, count: 3)], rows: 3)
    let verification = ParquetFile.verify(MemorySource(builder.bytes()))
    #expect(verification.isSound)
    #expect(verification.pageCount == 1)
    #expect(verification.rowCount == 3)
    #expect(verification.firstWrongByte == nil)
    #expect(verification.report.json["sound"]?.boolean == true)
  }

  @Test func statisticsThatLie() {
    func statistics(_ min: Int32, _ max: Int32, nulls: Int64 = 0, exact: Bool? = nil) -> FileBuilder
    {
      .single(pages: [FileBuilder.data(ints, count: 3)], rows: 3) {
        $0.statistics = Statistics(
          min: FileBuilder.littleEndian(min, 4)[...], max: FileBuilder.littleEndian(max, 4)[...],
          nullCount: nulls, isMinExact: exact, isMaxExact: exact)
      }
    }
    #expect(findings(statistics(1, 3)).isEmpty)
    #expect(findings(statistics(1, 3, exact: true)).isEmpty)
    #expect(findings(statistics(0, 9)).isEmpty)
    #expect(findings(statistics(0, 9, exact: true)).count == 2)
    #expect(
      findings(statistics(2, 3)) == ["the least of the chunk by its statistics is 2, found 1"])
    #expect(findings(statistics(1, 2)).count == 1)
    #expect(findings(statistics(1, 3, nulls: 1)) == ["the statistics say 1 nulls, there are 0"])
  }

  @Test func sizesAndCountsThatLie() {
    let page = FileBuilder.data(ints, count: 3)
    #expect(
      findings(.single(pages: [page], rows: 3) { $0.totalUncompressedSize += 1 }).count == 1)
    // A second page that the chunk's count of values leaves no room for.
    #expect(
      findings(.single(pages: [page, page], rows: 3))
        .contains { $0.hasPrefix("the chunk takes") })
    #expect(
      findings(.single(pages: [page], rows: 4)).contains { $0.contains("rows, its row group 4") })
  }

  @Test func damageIsFoundWhereItIs() {
    var page = FileBuilder.data(ints, count: 3)
    page.header.crc = 1
    let good = FileBuilder.data(ints, count: 3)
    let builder = FileBuilder.single(pages: [good, page], rows: 6)
    let verification = ParquetFile.verify(MemorySource(builder.bytes()))
    #expect(verification.firstWrongByte == 4 + good.header.serialized().count + good.body.count)
    #expect(verification.findings.first?.kind == .checksumMismatch)
    #expect(verification.findings.first?.place.column == "a")
    #expect(verification.checksumCount == 0)
    var bytes = FileBuilder.single(pages: [good], rows: 3).bytes()
    bytes[0] = 0
    #expect(ParquetFile.verify(MemorySource(bytes)).firstWrongByte == 0)
    #expect(!ParquetFile.verify(MemorySource([])).isSound)
  }

  @Test func version2HeadersThatLie() {
    let page = FileBuilder.dataV2(
      definition: [2, 1, 2, 0, 2, 1], FileBuilder.int32s([1, 2]), count: 3, nulls: 2, rows: 3)
    #expect(
      findings(.single(.int32, .optional, pages: [page], rows: 3))
        == ["the page has 1 nulls, its header says 2"])
  }
}
