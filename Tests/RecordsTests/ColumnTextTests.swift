import Records
import Testing

/// Values that become text because their column does.
@Suite struct ColumnTextTests {
  private func texts(_ column: Column, _ target: DataType = .string) -> [String]? {
    guard let text = column.widened(to: target) else { return nil }
    #expect(text.type == target && text.count == column.count)
    #expect(text.nullCount == column.nullCount)
    return (0..<text.count).map { text[$0].text }
  }

  private func column(_ type: DataType, _ values: Column.Values, _ count: Int) -> Column {
    Column(type: type, count: count, values: values)
  }

  @Test func numbers() {
    #expect(
      texts(column(.int64, .int64([0, -1, .min, .max, 1_000_000]), 5)) == [
        "0", "-1", "-9223372036854775808", "9223372036854775807", "1000000",
      ])
    #expect(texts(column(.int8, .int32([-128, 7]), 2)) == ["-128", "7"])
    #expect(texts(column(.uint32, .int32([-1]), 1)) == ["4294967295"])
    #expect(texts(column(.uint64, .int64([-1]), 1)) == ["18446744073709551615"])
    #expect(
      texts(column(.decimal(precision: 9, scale: 2), .int32([150, -5, 0]), 3)) == [
        "1.50", "-0.05", "0.00",
      ])
    #expect(
      texts(column(.decimal(precision: 38, scale: 0), .int128([.init(Int64.max) * 10]), 1))
        == ["92233720368547758070"])
    #expect(
      texts(
        column(
          .float64, .double([1.5, 2, 0.1, 1e20, -0.0, .leastNonzeroMagnitude, .nan, -.infinity]), 8)
      ) == [
        "1.5", "2.0", "0.1", "1e+20", "-0.0", "5e-324", "nan", "-inf",
      ])
    #expect(texts(column(.float32, .float([0.1, 16_777_216]), 2)) == ["0.1", "16777216.0"])
  }

  @Test func otherScalars() {
    #expect(
      texts(column(.boolean, .boolean(Bitmap([true, false])), 2)) == ["true", "false"])
    #expect(
      texts(column(.date, .int32([0, -719_162, 2_932_896]), 3)) == [
        "1970-01-01", "0001-01-01", "9999-12-31",
      ])
    #expect(
      texts(column(.timestamp(.microseconds, isUTC: true), .int64([0, -1]), 2)) == [
        "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z",
      ])
    // Hostile: far beyond any calendar.
    #expect(
      texts(column(.timestamp(.milliseconds, isUTC: false), .int64([.min, .max]), 2))?.count == 2)
    #expect(texts(column(.date, .int32([.min, .max]), 2))?.count == 2)
    #expect(
      texts(
        column(
          .uuid, .fixedBytes(width: 16, [0x12, 0x3E, 0x45, 0x67] + (0..<12).map { UInt8($0) }), 1))
        == ["123e4567-0001-0203-0405-060708090a0b"])
  }

  @Test func nullsStayNull() {
    var builder = FixedBuilder<Int64>()
    builder.append(7)
    builder.appendNull()
    builder.append(-7)
    let wide = builder.finish(.int64).widened(to: .string)
    #expect(wide?.nullCount == 1 && wide?.isNull(1) == true)
    #expect(wide?[0].text == "7" && wide?[2].text == "-7")
    #expect(Column.nulls(.int64, count: 0).widened(to: .string)?.count == 0)
    #expect(
      Column.nulls(.list(Field("element", .date)), count: 3).widened(to: .json)?.nullCount == 3)
  }

  @Test func nestedValuesAreJSON() {
    var names = BytesBuilder()
    names.append("a \"b\"\n\u{1}")
    names.appendNull()
    let inner = column(
      .structure([Field("n", .string), Field("x", .float64), Field("d", .date)]),
      .structure([
        names.finish(.string), column(.float64, .double([.nan, 1.5]), 2),
        column(.date, .int32([0, 1]), 2),
      ]), 2)
    #expect(
      texts(inner) == [
        #"{"n":"a \"b\"\n\u0001","x":"nan","d":"1970-01-01"}"#, #"{"x":1.5,"d":"1970-01-02"}"#,
      ])
    let list = column(.list(Field("element", inner.type)), .list(offsets: [0, 2, 2], inner), 2)
    #expect(texts(list, .json)?[1] == "[]")
    #expect(texts(list)?[0].hasPrefix(#"[{"n":"a "#) == true)
    let numbers = column(.int64, .int64([1, 2]), 2)
    let map = column(
      .map(key: Field("key", .int64), value: Field("value", .int64)),
      .map(offsets: [0, 2], keys: numbers, values: numbers), 1)
    #expect(texts(map) == [#"{"1":1,"2":2}"#])
    var documents = BytesBuilder()
    documents.append(#"{"a":[1]}"#)
    let wrapped = column(
      .list(Field("element", .json)), .list(offsets: [0, 1], documents.finish(.json)), 1)
    #expect(texts(wrapped) == [#"[{"a":[1]}]"#])
  }

  @Test func bytesAreNoText() {
    let bytes = column(.fixedBinary(width: 1), .fixedBytes(width: 1, [0xFF]), 1)
    #expect(bytes.widened(to: .string) == nil)
    #expect(DataType.binary.widened(with: .string, .inferred) == nil)
    #expect(
      DataType.list(Field("element", .binary)).widened(with: .int64, .inferred) == nil)
    // And no scalar is JSON.
    #expect(column(.int64, .int64([1]), 1).widened(to: .json) == nil)
  }

  @Test(arguments: [
    (DataType.int64, DataType.string, DataType.string), (.boolean, .int64, .string),
    (.date, .timestamp(.microseconds, isUTC: true), .timestamp(.microseconds, isUTC: true)),
    (.date, .int64, .string), (.json, .int64, .string),
    (.list(Field("element", .int64)), .int64, .string),
    (.list(Field("element", .int64)), .structure([Field("a", .int64)]), .json),
    (.list(Field("element", .int64)), .json, .json),
    (.int64, .float64, .float64), (.int64, .uint64, .decimal(precision: 20, scale: 0)),
    (
      .structure([Field("a", .int64)]), .structure([Field("a", .string), Field("b", .date)]),
      .structure([Field("a", .string), Field("b", .date)])
    ),
    (.decimal(precision: 38, scale: 0), .decimal(precision: 38, scale: 10), .string),
  ])
  func inferredTypesHaveOneThatHoldsBoth(_ a: DataType, _ b: DataType, _ both: DataType) {
    #expect(a.widened(with: b, .inferred) == both)
    #expect(b.widened(with: a, .inferred) == both)
    #expect(both.widened(with: a, .inferred) == both)
    #expect(Column.nulls(a, count: 2).widened(to: both)?.type == both)
    #expect(Column.nulls(b, count: 2).widened(to: both)?.type == both)
  }

  @Test func withoutTheRuleThereIsNone() {
    #expect(DataType.int64.widened(with: .string) == nil)
    #expect(DataType.date.widened(with: .timestamp(.microseconds, isUTC: true)) == nil)
    #expect(DataType.json.widened(with: .list(Field("element", .int64))) == nil)
  }
}
