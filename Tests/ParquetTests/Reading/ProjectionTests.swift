import Records
import Testing

@testable import Parquet

/// Parts of nested columns.
@Suite struct ProjectionTests {
  private static let batch: Batch = {
    let numbers = Column(type: .int32, count: 4, values: .int32([1, 2, 3, 4]))
    let texts = Column(
      type: .string, count: 4, validity: Bitmap([true, false, true, true]),
      values: .bytes(ByteColumn(["a", "", "c", "d"])))
    let pair = DataType.structure([Field("n", .int32), Field("t", .string)])
    let pairs = Column(
      type: pair, count: 4, validity: Bitmap([true, true, false, true]),
      values: .structure([numbers, texts]))
    let list = DataType.list(Field("element", pair))
    let map = DataType.map(
      key: Field("key", .string, isNullable: false), value: Field("value", pair))
    let keys = Column(type: .string, count: 4, values: .bytes(ByteColumn(["k", "l", "m", "n"])))
    let plain = DataType.list(Field("element", .int32))
    let schema = Schema([
      Field("s", pair), Field("l", list), Field("m", map), Field("s.n", .int32),
      Field("p", plain), Field("d", .structure([Field("x.y", .int32), Field("l", list)])),
    ])
    let lists = Column(
      type: list, count: 4, validity: Bitmap([true, true, false, true]),
      values: .list(offsets: [0, 2, 2, 2, 4], pairs))
    return Batch(
      schema: schema,
      columns: [
        pairs, lists,
        Column(
          type: map, count: 4,
          values: .map(offsets: [0, 1, 1, 3, 4], keys: keys, values: pairs)),
        numbers,
        Column(
          type: plain, count: 4, values: .list(offsets: [0, 0, 1, 3, 4], numbers)),
        Column(
          type: schema.fields[5].type, count: 4, values: .structure([numbers, lists])),
      ], rowCount: 4)
  }()

  private func read(_ columns: [String]) throws -> (Outcome, Schema) {
    let bytes = try RoundTripTests.write(Self.batch, WriteOptions())
    let reader = try ParquetFile(MemorySource(bytes)).reader(columns: columns)
    return (Outcome.read(bytes, columns: columns).0, reader.schema)
  }

  private func rows(_ columns: String...) throws -> [String] {
    guard case .rows(let lines) = try read(columns).0 else { return [] }
    return lines
  }

  @Test func fieldsOfStructs() throws {
    #expect(
      try rows("s.t")
        == [
          #"{"s":{"t":"a"}}"#, #"{"s":{"t":null}}"#, #"{"s":null}"#, #"{"s":{"t":"d"}}"#,
        ])
    // The column of that name comes before the field of another.
    #expect(try rows("s.n").first == #"{"s.n":1}"#)
    #expect(try rows("d.x.y").last == #"{"d":{"x.y":4}}"#)
    #expect(try rows("p", "s.t", "s").first == #"{"p":[],"s":{"n":1,"t":"a"}}"#)
    #expect(try rows("s", "s").first == #"{"s":{"n":1,"t":"a"}}"#)
  }

  @Test func elementsOfLists() throws {
    let expected = [
      #"{"l":[{"n":1},{"n":2}]}"#, #"{"l":[]}"#, #"{"l":null}"#, #"{"l":[null,{"n":4}]}"#,
    ]
    for path in ["l.list.element.n", "l.element.n", "l.n"] {
      #expect(try rows(path) == expected)
    }
    #expect(try rows("l.t", "l.n").first == #"{"l":[{"n":1,"t":"a"},{"n":2,"t":null}]}"#)
    for path in ["p", "p.element", "p.list.element"] {
      #expect(try rows(path)[2] == #"{"p":[2,3]}"#)
    }
    #expect(try rows("d.l.n").first == #"{"d":{"l":[{"n":1},{"n":2}]}}"#)
    #expect(try rows("d.l").first == #"{"d":{"l":[{"n":1,"t":"a"},{"n":2,"t":null}]}}"#)
  }

  @Test func partsOfMaps() throws {
    for path in ["m.key", "m.key_value.key"] {
      #expect(try rows(path)[2] == #"{"m":["l","m"]}"#)
    }
    #expect(try rows("m.value.t")[3] == #"{"m":[{"t":"d"}]}"#)
    #expect(
      try rows("m.value.n", "m.key")[2]
        == #"{"m":[{"key":"l","value":{"n":2}},{"key":"m","value":null}]}"#)
  }

  @Test func pathsThatNameNothing() throws {
    for path in ["x", "s.x", "s.", "s.n.x", "l.list", "l.list.n.q", "m.t", ".s", "", "p.x", "d.x"] {
      #expect(throws: ParquetError.self, "\(path)") { try read([path]) }
    }
  }

  /// Chunks of other leaves may be as broken as they like.
  @Test func otherLeavesAreNotRead() throws {
    let bytes = try RoundTripTests.write(Self.batch, WriteOptions())
    let file = try ParquetFile(MemorySource(bytes))
    let leaf = try #require(file.parquetSchema.leaves.firstIndex { $0.path == ["s", "t"] })
    var metadata = file.metadata
    for index in metadata.rowGroups[0].columns.indices where index != leaf {
      metadata.rowGroups[0].columns[index].metaData?.dataPageOffset = -1
    }
    let broken = FileBuilder.finish(Array(bytes[..<file.footerOffset]), footer: metadata.footer)
    guard case .rows(let lines) = Outcome.read(broken, columns: ["s.t"]).0 else {
      Issue.record("s.t was not read alone")
      return
    }
    #expect(lines.count == 4)
  }
}
