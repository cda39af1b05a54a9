import Base
import Records
import Storage
import Testing

@testable import Lake

@Suite struct PartitionTests {
  private func batch(_ rows: [(day: String, country: String?)]) -> Batch {
    var times = FixedBuilder<Int64>()
    var countries = BytesBuilder()
    var numbers = FixedBuilder<Int32>()
    for (index, row) in rows.enumerated() {
      times.append(Instant(row.day)?.microseconds ?? 0)
      if let country = row.country { countries.append(country) } else { countries.appendNull() }
      numbers.append(Int32(index))
    }
    let time = DataType.timestamp(.microseconds, isUTC: true)
    return Batch(
      schema: Schema([Field("at", time), Field("country", .string), Field("n", .int32)]),
      columns: [times.finish(time), countries.finish(.string), numbers.finish(.int32)],
      rowCount: rows.count)
  }

  @Test func parses() {
    #expect(
      PartitionField(parsing: "day( created_at )")
        == PartitionField(column: "created_at", transform: .day))
    #expect(PartitionField(parsing: "Country")?.name == "country")
    #expect(
      PartitionField(parsing: "bucket(16, id)")
        == PartitionField(column: "id", transform: .bucket(count: 16)))
    #expect(PartitionField(parsing: "bucket(16,ID)")?.name == "id_bucket")
    #expect(PartitionField(parsing: "truncate(10, name)")?.name == "name_trunc")
    #expect(PartitionField(parsing: "truncate(10, name)")?.text == "truncate(10,name)")
    for bad in [
      "", "day()", "day(x", "x)", "week(x)", "identity(x)", "bucket(x)", "bucket(0, x)",
      "bucket(-1, x)", "bucket(16,)", "day(3, x)", "truncate(a, x)", "bucket(1, x",
    ] {
      #expect(PartitionField(parsing: bad) == nil)
    }
  }

  @Test func splitsByDayAndColumn() throws {
    let spec = PartitionSpec([.init(column: "at", transform: .day), .init(column: "country")])
    let rows = batch([
      ("2026-11-21T00:00:00Z", "de"), ("2026-11-21T23:59:59.999999Z", "fr"), ("2026-11-22", "de"),
      ("2026-11-21", "de"), ("1969-12-31T23:00:00Z", nil),
    ])
    let parts = try PartitionSplitter(spec).split(rows)
    #expect(
      parts.map { $0.partition.map(\.text) } == [
        ["2026-11-21", "de"], ["2026-11-21", "fr"], ["2026-11-22", "de"], ["1969-12-31", nil],
      ])
    #expect(parts[0].rows["n"]?[1] == .integer(3))
    #expect(parts[0].rows.schema.names == ["at", "n"])
    #expect(parts.reduce(0) { $0 + $1.rows.rowCount } == 5)
    #expect(try spec.tableSchema(rows.schema).names == ["at", "n", "at_day", "country"])
  }

  @Test(arguments: [
    (PartitionField.Transform.year, "2026"), (.month, "2026-11"), (.day, "2026-11-21"),
    (.hour, "2026-11-21-07"),
  ])
  func partsOfTimes(_ transform: PartitionField.Transform, _ text: String) throws {
    let spec = PartitionSpec([.init(column: "at", transform: transform)])
    let parts = try PartitionSplitter(spec).split(batch([("2026-11-21T07:34:00Z", nil)]))
    #expect(parts.first?.partition.first?.text == text)
  }

  @Test func refusesColumnsThatAreNotThere() {
    let error = #expect(throws: LakeError.self) {
      try PartitionSplitter(PartitionSpec([.init(column: "contry")])).split(
        batch([("2026-11-21", "x")]))
    }
    #expect(error?.remedy == "Did you mean 'country'?")
  }

  @Test func foldersAreEscapedAsHiveDoes() {
    let folder = LakeLayout.partitionFolder(
      zone: "raw", table: "t", [.init(name: "c", text: "a/b=c é"), .init(name: "d", text: nil)])
    #expect(folder == "raw/t/c=a%2Fb%3Dc%20é/d=__HIVE_DEFAULT_PARTITION__")
    #expect(LakeLayout.retiredKey("raw/t/c=1/x.parquet") == "raw/t/_retired/c=1/x.parquet")
    #expect(LakeLayout.tableName(ofStream: "Shop.Order-Items") == "shop_order_items")
  }

  /// The values of Iceberg's spec, appendix B.
  @Test func bucketsHashAsIcebergSays() throws {
    func hash(_ column: Column) -> Int32? {
      PartitionField.hashes(of: column).first.map { Int32(bitPattern: $0) }
    }
    func whole(_ type: DataType, _ value: Int64) -> Column {
      Column(type: type, count: 1, values: .int64([value]))
    }
    func small(_ type: DataType, _ value: Int32) -> Column {
      Column(type: type, count: 1, values: .int32([value]))
    }
    func bytes(_ type: DataType, _ value: [UInt8]) -> Column {
      Column(
        type: type, count: 1,
        values: .bytes(
          ByteColumn(views: [ByteView(offset: 0, length: UInt32(value.count))], buffers: [value])))
    }
    #expect(hash(small(.int32, 34)) == 2_017_239_379)
    #expect(hash(whole(.int64, 34)) == 2_017_239_379)
    #expect(hash(small(.decimal(precision: 9, scale: 2), 1420)) == -500_754_589)
    #expect(hash(whole(.decimal(precision: 18, scale: 2), 1420)) == -500_754_589)
    #expect(
      hash(
        Column(type: .decimal(precision: 38, scale: 2), count: 1, values: .int128([1420])))
        == -500_754_589)
    let day = try #require(Instant("2017-11-16"))
    #expect(hash(small(.date, Int32(day.microseconds / 86_400_000_000))) == -653_330_422)
    #expect(hash(whole(.time(.microseconds), 81_068_000_000)) == -662_762_989)
    let moment = try #require(Instant("2017-11-16T22:31:08Z")).microseconds
    for (unit, value) in [
      (TimeUnit.microseconds, moment), (.milliseconds, moment / 1000),
      (.nanoseconds, moment * 1000 + 1),
    ] {
      #expect(hash(whole(.timestamp(unit, isUTC: true), value)) == -2_047_944_441)
    }
    #expect(hash(bytes(.string, Array("iceberg".utf8))) == 1_210_000_089)
    #expect(hash(bytes(.binary, [0, 1, 2, 3])) == -188_683_207)
    let uuid: [UInt8] = [
      0xF7, 0x9C, 0x3E, 0x09, 0x67, 0x7C, 0x4B, 0xBD, 0xA4, 0x79, 0x3F, 0x34, 0x9C, 0xB7, 0x85,
      0xE7,
    ]
    #expect(
      hash(Column(type: .uuid, count: 1, values: .fixedBytes(width: 16, uuid))) == 1_488_055_340)
  }

  @Test func splitsByBucket() throws {
    var numbers = FixedBuilder<Int64>()
    for number in 0..<100 { numbers.append(Int64(number)) }
    numbers.appendNull()
    let rows = Batch(
      schema: Schema([Field("id", .int64)]), columns: [numbers.finish(.int64)], rowCount: 101)
    let spec = PartitionSpec([.init(column: "id", transform: .bucket(count: 8))])
    let parts = try PartitionSplitter(spec).split(rows)
    #expect(parts.count == 9)
    #expect(parts.reduce(0) { $0 + $1.rows.rowCount } == 101)
    #expect(parts.contains { $0.partition == [.init(name: "id_bucket", text: nil)] })
    let home = parts.first {
      $0.rows["id"].map { c in (0..<c.count).contains { c[$0] == .integer(34) } } ?? false
    }
    #expect(home?.partition.first?.text == String(2_017_239_379 % 8))
    #expect(try spec.tableSchema(rows.schema).fields.last?.type == .int32)
  }

  @Test func truncatesAsIcebergSays() throws {
    func texts(_ column: Column, _ width: Int) throws -> [String?] {
      let batch = Batch(
        schema: Schema([Field("v", column.type)]), columns: [column], rowCount: column.count)
      let spec = PartitionSpec([.init(column: "v", transform: .truncate(width: width))])
      return try PartitionSplitter(spec).split(batch).map { $0.partition[0].text }
    }
    let numbers: [Int32] = [1, -1, 19, -11, 20]
    #expect(
      try texts(Column(type: .int32, count: 5, values: .int32(numbers)), 10)
        == ["0", "-10", "10", "-20", "20"])
    #expect(
      try texts(
        Column(
          type: .decimal(precision: 20, scale: 2), count: 3, values: .int128([1065, -5, 1070])), 50)
        == ["10.50", "-0.50"])
    #expect(
      try texts(
        Column(
          type: .string, count: 4, values: .bytes(ByteColumn(["iceberg", "ice", "né€𝄞x", "né€𝄞y"]))),
        4) == ["iceb", "ice", "né€𝄞"])
    #expect(
      try texts(
        Column(type: .binary, count: 1, values: .bytes(ByteColumn(["\u{1}\u{2}\u{3}"]))), 2)
        == ["0102"])
  }
}
