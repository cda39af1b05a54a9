import Base
import Records
import Testing

@Suite struct BitmapTests {
  @Test(arguments: [0, 1, 63, 64, 65, 130, 1000])
  func appendsSlicesAndCounts(_ count: Int) {
    let random = Randomness.seeded(UInt64(count) + 1)
    let bits = (0..<count).map { _ in random.next() & 1 == 1 }
    let bitmap = Bitmap(bits)
    #expect(bitmap.count == count && bitmap.onesCount == bits.count { $0 })
    #expect((0..<count).allSatisfy { bitmap[$0] == bits[$0] })
    for start in stride(from: 0, through: count, by: 17) {
      let slice = bitmap.slice(start..<count)
      #expect(slice == Bitmap(bits[start...]))
    }
    var repeated = Bitmap()
    repeated.append(repeating: true, count: count)
    #expect(repeated == Bitmap(repeating: true, count: count))
  }
}

@Suite struct BatchTests {
  static func sample() -> Batch {
    var ids = FixedBuilder<Int64>()
    var names = BytesBuilder()
    var flags = BooleanBuilder()
    for row in 0..<100 {
      ids.append(Int64(row))
      if row % 3 == 0 { names.appendNull() } else { names.append("name \(row)") }
      flags.append(row % 2 == 0)
    }
    let schema = Schema([
      Field("id", .int64, isNullable: false), Field("name", .string), Field("flag", .boolean),
    ])
    return Batch(
      schema: schema, columns: [ids.finish(.int64), names.finish(.string), flags.finish()],
      rowCount: 100)
  }

  @Test func buildersKeepValuesAndNulls() {
    let batch = Self.sample()
    #expect(batch["id"]?.validity == nil)
    #expect(batch["name"]?.nullCount == 34)
    #expect(batch["name"]?[4] == .text("name 4"))
    #expect(batch["name"]?[3] == .null)
    #expect(batch["flag"]?[1] == .boolean(false))
  }

  @Test func slicesAndGathersAreTheSameRows() {
    let batch = Self.sample()
    let slice = batch.slice(10..<40)
    let gathered = batch.gather((10..<40).map { Int32($0) })
    for row in 0..<30 {
      for name in batch.schema.names {
        #expect(slice[name]?[row] == batch[name]?[row + 10])
        #expect(gathered[name]?[row] == batch[name]?[row + 10])
      }
    }
  }

  @Test func nestedColumnsSliceAndGather() {
    let child = Column(type: .int32, count: 6, values: .int32([1, 2, 3, 4, 5, 6]))
    let type = DataType.list(Field("element", .int32))
    let column = Column(type: type, count: 4, values: .list(offsets: [0, 2, 2, 3, 6], child))
    #expect(column.slice(2..<4)[1].text == "[4,5,6]")
    #expect(column.gather([3, 0, 1])[0].text == "[4,5,6]")
    #expect(column.gather([3, 0, 1])[2].text == "[]")
  }
}

@Suite struct WideningTests {
  @Test(arguments: [
    (DataType.int32, DataType.int64, DataType.int64), (.int8, .uint8, .int16),
    (.int64, .uint64, .decimal(precision: 20, scale: 0)),
    (.uint16, .uint32, .uint32), (.float32, .float64, .float64), (.int64, .float64, .float64),
    (.int32, .decimal(precision: 10, scale: 2), .decimal(precision: 12, scale: 2)),
    (
      .decimal(precision: 10, scale: 2), .decimal(precision: 8, scale: 4),
      .decimal(precision: 12, scale: 4)
    ),
    (.json, .string, .string),
    (
      .timestamp(.milliseconds, isUTC: true), .timestamp(.microseconds, isUTC: true),
      .timestamp(.microseconds, isUTC: true)
    ),
  ])
  func widens(_ a: DataType, _ b: DataType, _ wide: DataType) {
    #expect(a.widened(with: b) == wide)
    #expect(b.widened(with: a) == wide)
  }

  @Test(arguments: [
    (DataType.string, DataType.int64), (.boolean, .int32),
    (.date, .timestamp(.microseconds, isUTC: false)),
    (.timestamp(.microseconds, isUTC: true), .timestamp(.microseconds, isUTC: false)),
    (.decimal(precision: 38, scale: 10), .decimal(precision: 38, scale: 0)),
  ])
  func doesNot(_ a: DataType, _ b: DataType) {
    #expect(a.widened(with: b) == nil)
    #expect(b.widened(with: a) == nil)
  }

  @Test func schemasJoinByName() {
    let old = Schema([Field("a", .int32, isNullable: false), Field("b", .string)])
    let new = Schema([Field("c", .date), Field("a", .int64, isNullable: false)])
    #expect(
      old.widened(with: new)
        == Schema([Field("a", .int64, isNullable: false), Field("b", .string), Field("c", .date)]))
  }
}

@Suite struct TypeTextTests {
  @Test(arguments: [
    DataType.boolean, .uint64, .decimal(precision: 38, scale: 9), .time(.microseconds), .date,
    .uuid,
    .timestamp(.nanoseconds, isUTC: false), .fixedBinary(width: 12),
    .list(
      Field("element", .structure([Field("x", .int32), Field("y", .json, isNullable: false)]))),
    .map(
      key: Field("key", .string, isNullable: false),
      value: Field("value", .list(Field("e", .binary)))),
  ])
  func jsonRoundTrips(_ type: DataType) throws {
    let field = Field("f", type, isNullable: false, comment: "why")
    let text = Schema([field]).json.text()
    #expect(Schema(json: try JSONValue(parsing: text)) == Schema([field]))
  }

  @Test(arguments: ["\"varchar\"", "{\"decimal\":[50,2]}", "{\"fixed\":-1}", "{\"map\":[]}", "7"])
  func refuses(_ text: String) throws {
    #expect(DataType(json: try JSONValue(parsing: text)) == nil)
  }

  @Test func valuesPrintExactly() {
    #expect(Value.decimal(-5, scale: 3).text == "-0.005")
    #expect(Value.timestamp(-1, .microseconds, isUTC: true).text == "1969-12-31T23:59:59.999999Z")
    #expect(Value.time(-3_020_399_000_000, .microseconds).text == "-838:59:59")
  }
}
