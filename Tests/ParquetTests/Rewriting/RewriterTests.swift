import Compression
import Records
import Testing

@testable import Parquet

/// Rewriting without and with sorting: the rows are the same, whatever the layout.
@Suite struct RewriterTests {
  private static let types = leafTypes + nestedTypes

  private static func sample(rows: Int, nulls: SampleMaker.Nulls, seed: UInt64 = 3) -> Batch {
    var maker = SampleMaker(seed: seed)
    var fields = [Field("row", .int64, isNullable: false)]
    var columns = [Column(type: .int64, count: rows, values: .int64((0..<rows).map(Int64.init)))]
    for (index, type) in types.enumerated() {
      fields.append(Field("c\(index)", type))
      columns.append(maker.column(type, count: rows, nulls: nulls, distinct: 40))
    }
    return Batch(schema: Schema(fields), columns: columns, rowCount: rows)
  }

  private static func file(
    _ batch: Batch, _ options: WriteOptions = WriteOptions(codec: .snappy, profile: .max)
  ) throws -> [UInt8] {
    let sink = MemorySink()
    let writer = try ParquetWriter(schema: batch.schema, options: options, sink: sink)
    try writer.write(batch)
    _ = try writer.finish()
    return sink.bytes
  }

  private static func rewritten(
    _ bytes: [UInt8], _ options: RewriteOptions, spill: MemorySpillStore? = nil
  ) throws -> ParquetFile {
    let file = try ParquetFile(MemorySource(bytes), options: options.readOptions)
    let sink = MemorySink()
    let written = try ParquetRewriter(file, options: options).run(to: sink, spill: spill)
    #expect(written.rowCount == file.rowCount)
    return try ParquetFile(MemorySource(sink.bytes))
  }

  /// All rows as values.
  private static func rows(_ file: ParquetFile) throws -> [[Value]] {
    var rows: [[Value]] = []
    let reader = try file.reader()
    while let batch = try reader.next() {
      for row in 0..<batch.rowCount { rows.append(batch.columns.map { $0[row] }) }
    }
    return rows
  }

  @Test(arguments: SampleMaker.Nulls.allCases, [Codec.none, .zstd])
  func everyTypeStaysUnderMax(nulls: SampleMaker.Nulls, codec: Codec) throws {
    let bytes = try Self.file(Self.sample(rows: 700, nulls: nulls))
    var write = WriteOptions(codec: codec, profile: .max)
    write.rowGroupRowsMax = 200
    write.pageRowsMax = 64
    let before = try ParquetFile(MemorySource(bytes))
    let after = try Self.rewritten(bytes, RewriteOptions(write))
    #expect(after.schema == before.schema)
    #expect(after.metadata.rowGroups.map(\.rowCount) == [200, 200, 200, 100])
    #expect(try Self.rows(after) == Self.rows(before))
  }

  @Test func theLakeSaysWhatItChanges() throws {
    let schema = Schema([
      Field("id", .int64), Field("at", .timestamp(.nanoseconds, isUTC: true)),
      Field("big", .uint64),
    ])
    let batch = Batch(
      schema: schema,
      columns: [
        Column(type: .int64, count: 1, values: .int64([1])),
        Column(type: .timestamp(.nanoseconds, isUTC: true), count: 1, values: .int64([1999])),
        Column(type: .uint64, count: 1, values: .int64([-1])),
      ], rowCount: 1)
    let bytes = try Self.file(batch)
    let file = try ParquetFile(MemorySource(bytes))
    let rewriter = try ParquetRewriter(file)
    #expect(rewriter.notes.map(\.column) == ["at", "big"])
    #expect(rewriter.notes.map(\.losesValues) == [true, false])
    let after = try Self.rewritten(bytes, RewriteOptions())
    #expect(
      try Self.rows(after)[0] == [
        .integer(1), .timestamp(1, .microseconds, isUTC: true),
        .decimal(Int128(UInt64.max), scale: 0),
      ])
  }

  @Test func keyValuesStayWhereTheyAreTrue() throws {
    let names = ["pandas", "ARROW:schema", "tidemark.encodings", "mine"]
    func keys(_ profile: WriteProfile) throws -> [String] {
      var write = WriteOptions(codec: .none, profile: .max)
      write.explainsEncodings = false
      write.keyValues = names.map { KeyValue(key: $0, value: "old") }
      let batch = Batch(
        schema: Schema([Field("n", .uint32)]),
        columns: [Column(type: .uint32, count: 1, values: .int32([7]))], rowCount: 1)
      let bytes = try Self.file(batch, write)
      var options = RewriteOptions(WriteOptions(codec: .none, profile: profile))
      options.write.explainsEncodings = false
      options.write.keyValues = [KeyValue(key: "mine", value: "new")]
      let after = try Self.rewritten(bytes, options)
      #expect(after.metadata.value(forKey: "mine") == "new")
      return (after.metadata.keyValues ?? []).map(\.key)
    }
    #expect(try keys(.max) == ["pandas", "ARROW:schema", "mine"])
    // A schema that says uint32 is not true of a column that has become bigint.
    #expect(try keys(.lake) == ["pandas", "mine"])
  }

  /// By place in the tree: `a.b` is a column and the field of a struct as well.
  @Test(arguments: WriteProfile.allCases)
  func fieldIDsStayWithTheirColumns(profile: WriteProfile) throws {
    let schema = Schema([
      Field("a.b", .int64),
      Field("a", .structure([Field("b", .uuid), Field("c", .int32)])),
      Field("tags", .list(Field("element", .string))),
      Field(
        "m", .map(key: Field("key", .string, isNullable: false), value: Field("value", .int64))),
      Field("plain", .int32),
    ])
    var write = WriteOptions(codec: .none, profile: .max)
    // Root, a.b, a, b, c, tags, list, element, m, key_value, key, value; 12 has none.
    write.fieldIDs = [nil, 1, 2, 3, -4, 5, 50, 6, 7, 70, 8, .max, nil]
    let bytes = try Self.file(
      Batch(
        schema: schema, columns: schema.fields.map { .nulls($0.type, count: 3) }, rowCount: 3),
      write)
    let before = try ParquetFile(MemorySource(bytes))
    #expect(before.metadata.schema.map(\.fieldID) == write.fieldIDs)
    for sorting in [[], [SortKey("plain")]] {
      var options = RewriteOptions(WriteOptions(codec: .none, profile: profile))
      options.sorting = sorting
      let after = try Self.rewritten(bytes, options)
      #expect(after.metadata.schema.map(\.fieldID) == write.fieldIDs)
      #expect(after.schema.names == before.schema.names)
    }
  }

  /// Lists spelled in the old ways have other elements than the new file.
  @Test func fieldIDsOfOldListsStay() throws {
    let old = try ParquetSchema(elements: [
      SchemaElement(name: "schema", childCount: 3),
      SchemaElement(
        name: "two", repetition: .optional, childCount: 1, convertedType: .list, fieldID: 1),
      SchemaElement(name: "array", type: .int32, repetition: .repeated, fieldID: 2),
      SchemaElement(name: "bare", repetition: .repeated, childCount: 1, fieldID: 3),
      SchemaElement(name: "x", type: .int64, repetition: .required, fieldID: 4),
      SchemaElement(
        name: "set", repetition: .optional, childCount: 1, convertedType: .map, fieldID: 5),
      SchemaElement(name: "map", repetition: .repeated, childCount: 1, fieldID: 6),
      SchemaElement(
        name: "key", type: .byteArray, repetition: .required, convertedType: .utf8, fieldID: 7),
    ])
    let new = try ParquetSchema(storing: old.schema)
    let numbered = try new.numbered(old.fieldIDs(storedAs: new))
    let found = numbered.elements.map { "\($0.name) \($0.fieldID.map(String.init) ?? "-")" }
    #expect(
      found == [
        "schema -", "two 1", "list -", "element 2", "bare 3", "list -", "element -", "x 4",
        "set 5", "list 6", "element 7",
      ])
    let other = try ParquetSchema(storing: Schema([Field("two", .int32)]))
    #expect(throws: ParquetError.self) { try old.fieldIDs(storedAs: other) }
    #expect(throws: ParquetError.self) { try other.numbered([1]) }
  }

  @Test func aCallerCanStop() throws {
    let bytes = try Self.file(Self.sample(rows: 50, nulls: .none))
    let rewriter = try ParquetRewriter(try ParquetFile(MemorySource(bytes)))
    let error = #expect(throws: ParquetError.self) {
      _ = try rewriter.run(to: MemorySink()) { _ in false }
    }
    #expect(error?.kind == .closed)
  }

  // MARK: Sorting

  /// By each type, both ways, against the order of the values themselves.
  @Test(arguments: [false, true])
  func sortsByEveryType(isDescending: Bool) throws {
    let batch = Self.sample(rows: 400, nulls: .some)
    let bytes = try Self.file(batch)
    for (index, type) in Self.types.enumerated() where !type.isNested {
      var options = RewriteOptions(WriteOptions(codec: .none, profile: .max))
      options.sorting = [SortKey("c\(index)", isDescending: isDescending)]
      let after = try Self.rows(Self.rewritten(bytes, options))
      let before = try Self.rows(ParquetFile(MemorySource(bytes)))
      let expected = before.enumerated().sorted { a, b in
        let order = Expected.compare(a.element[index + 1], b.element[index + 1], isDescending)
        return order != 0 ? order < 0 : a.offset < b.offset
      }
      #expect(after == expected.map(\.element), "\(type)")
    }
  }

  /// So little memory that runs are spilled and merged in several passes; equal keys keep their
  /// order, and no file stays.
  @Test func sortsWhatDoesNotFit() throws {
    var maker = SampleMaker(seed: 9)
    let count = 300_000
    let texts = (0..<count).map { _ in "key \(maker.below(500))" + String(repeating: "x", count: 60)
    }
    let schema = Schema([
      Field("row", .int64), Field("s", .string), Field("l", .list(Field("item", .int32))),
    ])
    let offsets = (0...count).map { Int32($0) }
    let batch = Batch(
      schema: schema,
      columns: [
        Column(type: .int64, count: count, values: .int64((0..<count).map(Int64.init))),
        Column(type: .string, count: count, values: .bytes(ByteColumn(texts))),
        Column(
          type: .list(Field("item", .int32)), count: count,
          values: .list(
            offsets: offsets,
            Column(type: .int32, count: count, values: .int32((0..<count).map(Int32.init))))),
      ], rowCount: count)
    var options = RewriteOptions(WriteOptions(codec: .snappy))
    options.memoryByteCountMax = RewriteOptions.memoryByteCountMin
    options.sorting = [SortKey("s")]
    let spill = MemorySpillStore()
    let after = try Self.rewritten(Self.file(batch), options, spill: spill)
    #expect(spill.fileCount > 5 && spill.liveFileCount == 0)
    #expect(after.metadata.rowGroups[0].sortingColumns == [SortingColumn(columnIndex: 1)])
    let expected = (0..<count).sorted { (texts[$0], $0) < (texts[$1], $1) }
    var row = 0
    let reader = try after.reader()
    while let batch = try reader.next() {
      for index in 0..<batch.rowCount {
        let original = expected[row]
        guard batch.columns[0][index] == .integer(Int64(original)),
          batch.columns[2][index] == .list([.integer(Int64(original))])
        else {
          Issue.record("row \(row) is \(batch.columns[0][index]), expected \(original)")
          return
        }
        row += 1
      }
    }
    #expect(row == count)
  }

  @Test func sortsByFieldsOfStructs() throws {
    let type = DataType.structure([Field("n", .int32)])
    let schema = Schema([Field("a.b", .int32), Field("s", type)])
    let child = Column(
      type: .int32, count: 4, validity: Bitmap([true, false, true, true]),
      values: .int32([5, 0, 1, 3]))
    let batch = Batch(
      schema: schema,
      columns: [
        Column(type: .int32, count: 4, values: .int32([1, 2, 3, 4])),
        Column(
          type: type, count: 4, validity: Bitmap([true, true, true, false]),
          values: .structure([child])),
      ], rowCount: 4)
    let bytes = try Self.file(batch)
    func order(_ key: String) throws -> [Value] {
      var options = RewriteOptions()
      options.sorting = [SortKey(parsing: key)]
      return try Self.rows(Self.rewritten(bytes, options)).map { $0[0] }
    }
    #expect(try order("s.n") == [3, 1, 2, 4].map { .integer($0) })
    #expect(try order("s.n:desc") == [1, 3, 2, 4].map { .integer($0) })
    #expect(try order("a.b:desc") == [4, 3, 2, 1].map { .integer($0) })
    for key in ["s", "s.m", "nothing"] {
      let error = #expect(throws: ParquetError.self) { _ = try order(key) }
      #expect(error?.kind == .schemaMismatch)
    }
  }
}

/// The order that sorting promises, from the values themselves.
private enum Expected {
  static func compare(_ a: Value, _ b: Value, _ isDescending: Bool) -> Int {
    if a == .null || b == .null { return (a == .null ? 1 : 0) - (b == .null ? 1 : 0) }
    let order = ascending(a, b)
    return isDescending ? -order : order
  }

  private static func ascending(_ a: Value, _ b: Value) -> Int {
    switch (a, b) {
    case (.boolean(let a), .boolean(let b)): sign(a ? 1 : 0, b ? 1 : 0)
    case (.integer(let a), .integer(let b)): sign(a, b)
    case (.unsigned(let a), .unsigned(let b)): sign(a, b)
    case (.float(let a), .float(let b)): double(Double(a), Double(b))
    case (.double(let a), .double(let b)): double(a, b)
    case (.decimal(let a, _), .decimal(let b, _)): sign(a, b)
    case (.date(let a), .date(let b)): sign(a, b)
    case (.time(let a, _), .time(let b, _)): sign(a, b)
    case (.timestamp(let a, _, _), .timestamp(let b, _, _)): sign(a, b)
    case (.text(let a), .text(let b)): bytes(Array(a.utf8), Array(b.utf8))
    case (.bytes(let a), .bytes(let b)): bytes(a, b)
    default: 0
    }
  }

  private static func sign<T: Comparable>(_ a: T, _ b: T) -> Int { a < b ? -1 : a > b ? 1 : 0 }

  private static func double(_ a: Double, _ b: Double) -> Int {
    if a.isNaN || b.isNaN { return (a.isNaN ? 1 : 0) - (b.isNaN ? 1 : 0) }
    return sign(a, b)
  }

  private static func bytes(_ a: [UInt8], _ b: [UInt8]) -> Int {
    a == b ? 0 : a.lexicographicallyPrecedes(b) ? -1 : 1
  }
}
