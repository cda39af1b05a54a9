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
    for bad in ["", "day()", "day(x", "x)", "week(x)", "identity(x)"] {
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
}
