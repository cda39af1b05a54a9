@testable import Parquet
import Compression
import Records
import Testing

@Suite struct ParquetWriterTests {
  private let schema = Schema([Field("id", .int64, isNullable: false), Field("name", .string)])

  private func batch(_ ids: [Int64], _ names: [String]) -> Batch {
    Batch(
      schema: schema,
      columns: [
        Column(type: .int64, count: ids.count, values: .int64(ids)),
        Column(type: .string, count: ids.count, values: .bytes(ByteColumn(names))),
      ], rowCount: ids.count)
  }

  private final class FailingSink: ByteSink {
    struct Full: Error {}
    var room: Int
    init(room: Int) { self.room = room }
    func write(_ bytes: [UInt8]) throws {
      room -= bytes.count
      if room < 0 { throw Full() }
    }
  }

  @Test func rangesSpanTheFile() throws {
    var options = WriteOptions()
    options.rowGroupRowsMax = 2
    options.keyValues = [KeyValue(key: "commit", value: "7")]
    let sink = MemorySink()
    let writer = try ParquetWriter(schema: schema, options: options, sink: sink)
    try writer.write(batch([5, -2, 9, 4, 1], ["b", "é", "", "b", "c"]))
    #expect(writer.rowCount == 5)
    let file = try writer.finish()
    #expect(file.rowCount == 5 && file.byteCount == sink.bytes.count)
    #expect(file.metaData.rowGroups.map(\.rowCount) == [2, 2, 1])
    #expect(file.metaData.value(forKey: "commit") == "7")
    #expect(file.columns.map(\.min) == [.integer(-2), .text("")])
    #expect(file.columns.map(\.max) == [.integer(9), .text("é")])
    #expect(file.columns.map(\.entryCount) == [5, 5])
    let footerSize = sink.bytes.suffix(8).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    let footer = Array(sink.bytes.dropLast(8).suffix(footerSize))
    #expect(try FileMetaData(parsing: footer) == file.metaData)
    #expect(sink.bytes.prefix(4).elementsEqual("PAR1".utf8))
    #expect(sink.bytes.suffix(4).elementsEqual("PAR1".utf8))
  }

  @Test func anEmptyFileIsWhole() throws {
    let sink = MemorySink()
    let file = try ParquetWriter(schema: schema, sink: sink).finish()
    #expect(file.rowCount == 0 && file.metaData.rowGroups.isEmpty)
    #expect(file.columns.map(\.min) == [nil, nil])
  }

  /// The budget's numbers: what is buffered falls when a row group is flushed, and the estimate of
  /// the size is near what the file comes to.
  @Test func bufferedBytesAndEstimate() throws {
    var options = WriteOptions(codec: .snappy)
    options.pageRowsMax = 1000
    let sink = MemorySink()
    let writer = try ParquetWriter(schema: schema, options: options, sink: sink)
    var maker = SampleMaker(seed: 1)
    for _ in 0..<10 {
      let ids = (0..<5000).map { _ in Int64(bitPattern: maker.next()) }
      try writer.write(batch(ids, ids.map { String($0) }))
    }
    #expect(sink.bytes.count == 4)
    let before = writer.bufferedBytes
    let estimate = writer.bytesWritten
    #expect(before >= estimate && estimate > 400_000)
    try writer.flushRowGroup()
    #expect(writer.bufferedBytes < before / 2)
    #expect(abs(sink.bytes.count - estimate) < estimate / 10)
    try writer.flushRowGroup()
    let file = try writer.finish()
    #expect(file.metaData.rowGroups.count == 1)
  }

  @Test func rowGroupsEndByBytes() throws {
    var options = WriteOptions(codec: .none)
    options.rowGroupBytesMax = 1 << 20
    let sink = MemorySink()
    let writer = try ParquetWriter(schema: schema, options: options, sink: sink)
    var maker = SampleMaker(seed: 2)
    for _ in 0..<40 {
      let ids = (0..<5000).map { _ in Int64(bitPattern: maker.next()) }
      try writer.write(batch(ids, ids.map { String($0) }))
    }
    #expect(try writer.finish().metaData.rowGroups.count > 3)
  }

  /// Numbers that make no sense still give a file.
  @Test func optionsAreClamped() throws {
    var options = WriteOptions()
    options.rowGroupRowsMax = 0
    options.rowGroupBytesMax = -1
    options.pageBytesMax = 0
    options.pageRowsMax = -5
    options.dictionaryBytesMax = -1
    options.boundBytesMax = 0
    options.threads = 0
    let writer = try ParquetWriter(schema: schema, options: options, sink: MemorySink())
    try writer.write(batch([1, 2, 3], ["a", "b", "c"]))
    #expect(try writer.finish().metaData.rowGroups.map(\.rowCount) == [1, 1, 1])
  }

  @Test func pagesIndexesAndEncodings() throws {
    var options = WriteOptions(codec: .none)
    options.pageRowsMax = 100
    options.dictionaryBytesMax = 2000
    let sink = MemorySink()
    let writer = try ParquetWriter(schema: schema, options: options, sink: sink)
    // A dictionary that comes to its limit in the name, none for the ids.
    let ids = (0..<1000).map { Int64($0) }
    try writer.write(batch(ids, ids.map { "name \($0 / 3)" }))
    let file = try writer.finish()
    let columns = file.metaData.rowGroups[0].columns
    let id = try #require(columns[0].metaData)
    let name = try #require(columns[1].metaData)
    #expect(id.encodings == [.plain] && id.dictionaryPageOffset == nil)
    #expect(Set(name.encodings) == [.plain, .rle, .rleDictionary])
    let dictionaryPages = name.encodingStats?.first { $0.encoding == .rleDictionary }?.count ?? 0
    let plainPages = name.encodingStats?.first { $0.pageType == .data && $0.encoding == .plain }
    #expect(dictionaryPages > 0 && dictionaryPages + (plainPages?.count ?? 0) == 10)
    let start = try Int(#require(columns[0].columnIndexOffset))
    let length = try Int(#require(columns[0].columnIndexLength))
    let index = try ColumnIndex(parsing: Array(sink.bytes[start..<start + length]))
    #expect(index.boundaryOrder == .ascending && index.nullPages.count == 10)
    #expect(index.minValues[3] == [44, 1, 0, 0, 0, 0, 0, 0])
    #expect(index.maxValues[3] == [143, 1, 0, 0, 0, 0, 0, 0])
    let offsetStart = try Int(#require(columns[1].offsetIndexOffset))
    let offsetLength = try Int(#require(columns[1].offsetIndexLength))
    let offsets = try OffsetIndex(
      parsing: Array(sink.bytes[offsetStart..<offsetStart + offsetLength]))
    #expect(offsets.pageLocations.map(\.firstRowIndex) == (0..<10).map { $0 * 100 })
    for location in offsets.pageLocations {
      let at = Int(location.offset)
      let (header, end) = try PageHeader.parse(sink.bytes, range: at..<sink.bytes.count)
      #expect(header.type == .data)
      #expect(end - at + Int(header.compressedSize) == Int(location.compressedSize))
    }
  }

  /// Keys in order compress better as they are; keys of another table do not.
  @Test func keysInOrderStayPlain() throws {
    var maker = SampleMaker(seed: 6)
    let count = 200_000
    let inOrder = (0..<count).map { Int64($0 / 4) }
    let foreign = inOrder.map { _ in Int64(maker.below(30_000)) }
    let schema = Schema([Field("inOrder", .int64), Field("foreign", .int64)])
    let batch = Batch(
      schema: schema,
      columns: [inOrder, foreign].map { Column(type: .int64, count: count, values: .int64($0)) },
      rowCount: count)
    let writer = try ParquetWriter(schema: schema, sink: MemorySink())
    try writer.write(batch)
    let columns = try writer.finish().metaData.rowGroups[0].columns
    #expect(columns[0].metaData?.dictionaryPageOffset == nil)
    #expect(columns[1].metaData?.dictionaryPageOffset != nil)
    let stats = columns[1].metaData?.encodingStats ?? []
    #expect(stats.filter { $0.pageType == .data }.map(\.encoding) == [.rleDictionary])
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let sink = MemorySink()
    func kind(_ columns: [Column], _ fields: [Field]) -> ParquetError.Kind? {
      do {
        let writer = try ParquetWriter(schema: schema, sink: sink)
        try writer.write(
          Batch(schema: Schema(fields), columns: columns, rowCount: columns[0].count))
        return nil
      } catch {
        return error.kind
      }
    }
    let ids = Column(type: .int64, count: 1, values: .int64([1]))
    let text = Column(type: .string, count: 1, values: .bytes(ByteColumn(["a"])))
    #expect(kind([ids], [schema.fields[0]]) == .schemaMismatch)
    #expect(kind([text, ids], schema.fields.reversed()) == .schemaMismatch)
    #expect(kind([.nulls(.int64, count: 1), text], schema.fields) == .schemaMismatch)
    #expect(kind([ids, text], schema.fields) == nil)
    let nested = Schema([Field("l", .list(Field("element", .int32, isNullable: false)))])
    let writer = try ParquetWriter(schema: nested, sink: sink)
    let column = Column(
      type: nested.fields[0].type, count: 1,
      values: .list(offsets: [0, 1], .nulls(.int32, count: 1)))
    let error = #expect(throws: ParquetError.self) {
      try writer.write(Batch(schema: nested, columns: [column], rowCount: 1))
    }
    #expect(error?.kind == .schemaMismatch)
  }

  @Test func afterAnErrorTheFileIsVoid() throws {
    let writer = try ParquetWriter(schema: schema, sink: FailingSink(room: 50))
    try writer.write(batch([1], ["x"]))
    let error = #expect(throws: ParquetError.self) { try writer.finish() }
    #expect(error?.kind == .transferFailed && error?.cause is FailingSink.Full)
    let again = #expect(throws: ParquetError.self) { try writer.write(batch([1], ["x"])) }
    #expect(again?.kind == .closed)
    let done = try ParquetWriter(schema: schema, sink: MemorySink())
    _ = try done.finish()
    #expect(throws: ParquetError.self) { try done.finish() }
    #expect(throws: ParquetError.self) {
      try ParquetWriter(schema: schema, options: WriteOptions(codec: .lzo), sink: MemorySink())
    }
  }

  /// Threads change nothing but the time.
  @Test func threadsGiveTheSameBytes() throws {
    var maker = SampleMaker(seed: 3)
    let fields = (leafTypes + nestedTypes).enumerated().map { Field("c\($0.offset)", $0.element) }
    let columns = fields.map { maker.column($0.type, count: 4000, nulls: .some, distinct: 100) }
    let batch = Batch(schema: Schema(fields), columns: columns, rowCount: 4000)
    var files: [[UInt8]] = []
    for threads in [1, 4] {
      var options = WriteOptions()
      options.pageRowsMax = 700
      options.threads = threads
      let sink = MemorySink()
      let writer = try ParquetWriter(schema: batch.schema, options: options, sink: sink)
      for _ in 0..<3 { try writer.write(batch) }
      _ = try writer.finish()
      files.append(sink.bytes)
    }
    #expect(files[0] == files[1])
  }
}
