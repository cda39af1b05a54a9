import Records
import Testing

@Suite struct WideningColumnTests {
  private func column(_ type: DataType, _ values: Column.Values, count: Int) -> Column {
    Column(type: type, count: count, values: values)
  }

  private func texts(_ column: Column?) -> [String]? {
    column.map { column in (0..<column.count).map { column[$0].text } }
  }

  @Test func wholeNumbersGrow() {
    let small = column(.int32, .int32([1, -2, .max]), count: 3)
    #expect(texts(small.widened(to: .int64)) == ["1", "-2", "2147483647"])
    #expect(
      texts(small.widened(to: .decimal(precision: 12, scale: 2))) == [
        "1.00", "-2.00", "2147483647.00",
      ])
    #expect(small.widened(to: .decimal(precision: 11, scale: 2)) == nil, "too many digits")
    #expect(texts(small.widened(to: .float64)) == ["1.0", "-2.0", "2147483647.0"])
    #expect(small.widened(to: .int16) == nil)
    let unsigned = column(.uint32, .int32([-1]), count: 1)
    #expect(texts(unsigned.widened(to: .int64)) == ["4294967295"])
    let large = column(.uint64, .int64([-1]), count: 1)
    #expect(texts(large.widened(to: .decimal(precision: 20, scale: 0))) == ["18446744073709551615"])
  }

  @Test func decimalsKeepTheirValue() {
    let price = column(.decimal(precision: 9, scale: 2), .int32([125, -5]), count: 2)
    #expect(texts(price.widened(to: .decimal(precision: 18, scale: 4))) == ["1.2500", "-0.0500"])
    #expect(texts(price.widened(to: .decimal(precision: 38, scale: 2))) == ["1.25", "-0.05"])
    #expect(price.widened(to: .decimal(precision: 38, scale: 1)) == nil, "digits would be lost")
  }

  @Test func timesChangeTheirUnit() {
    let days = column(.date, .int32([0, -1, 19_723]), count: 3)
    #expect(
      texts(days.widened(to: .timestamp(.microseconds, isUTC: false)))
        == ["1970-01-01T00:00:00", "1969-12-31T00:00:00", "2024-01-01T00:00:00"])
    let far = column(.date, .int32([.max]), count: 1)
    #expect(far.widened(to: .timestamp(.nanoseconds, isUTC: true)) == nil, "beyond 64 bits")
    let moments = column(.timestamp(.milliseconds, isUTC: true), .int64([1500]), count: 1)
    #expect(
      texts(moments.widened(to: .timestamp(.microseconds, isUTC: true)))
        == ["1970-01-01T00:00:01.5Z"])
    #expect(moments.widened(to: .timestamp(.microseconds, isUTC: false)) == nil)
  }

  @Test func nullsStayNull() {
    let some = Column(
      type: .int32, count: 2, validity: Bitmap([true, false]), values: .int32([7, 0]))
    #expect(texts(some.widened(to: .int64)) == ["7", "null"])
  }

  @Test func nestedValuesGrowWithin() {
    let child = column(.int32, .int32([1, 2, 3]), count: 3)
    let list = column(.list(Field("e", .int32)), .list(offsets: [0, 2, 3], child), count: 2)
    #expect(texts(list.widened(to: .list(Field("e", .int64)))) == ["[1,2]", "[3]"])
    let row = column(.structure([Field("a", .int32)]), .structure([child]), count: 3)
    let wide = row.widened(to: .structure([Field("b", .string), Field("a", .float64)]))
    #expect(texts(wide)?.first == "[null,1.0]")
  }

  @Test func batchesTakeTheColumnsOfASchema() throws {
    let batch = Batch(
      schema: Schema([Field("a", .int32)]), columns: [column(.int32, .int32([1, 2]), count: 2)],
      rowCount: 2)
    let wide = try #require(
      batch.widened(to: Schema([Field("b", .string), Field("a", .int64)])))
    #expect(texts(wide["a"]) == ["1", "2"])
    #expect(texts(wide["b"]) == ["null", "null"])
    #expect(batch.widened(to: Schema([Field("b", .string, isNullable: false)])) == nil)
  }
}
