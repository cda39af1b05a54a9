import Base
import Connector
import Foundation
import Parquet
import Records
import Testing

@Suite struct ParquetFileTests {
  private func parquet(_ ids: ClosedRange<Int>, _ more: [Field] = []) throws -> [UInt8] {
    let fields = [Field("id", .int64)] + more
    let columns =
      [
        Column(type: .int64, count: ids.count, values: .int64(ids.map { Int64($0) }))
      ] + more.map { Column.nulls($0.type, count: ids.count) }
    return try Self.file(Batch(schema: Schema(fields), columns: columns, rowCount: ids.count))
  }

  private static func file(_ batch: Batch) throws -> [UInt8] {
    let sink = MemorySink()
    let writer = try ParquetWriter(schema: batch.schema, sink: sink)
    try writer.write(batch)
    _ = try writer.finish()
    return sink.bytes
  }

  private func folder() -> LogFolder {
    let folder = LogFolder(pattern: "**/*.parquet")
    folder.streamOptions = [.init(key: "parse", value: .plain("parquet"))]
    return folder
  }

  @Test func rowsAreTakenOnce() throws {
    let folder = folder()
    try folder.append("a.parquet", try parquet(1...100_000))
    try folder.append("x/b.parquet", try parquet(200_001...200_003, [Field("note", .string)]))
    #expect(try folder.run().rows == 100_003)
    #expect(folder.ids == Array(1...100_000) + Array(200_001...200_003))
    #expect(folder.rows.filter { $0.file == "a.parquet" }.map(\.line) == Array(1...100_000))
    #expect(folder.rows.last == .init(file: "x/b.parquet", line: 3, text: "200003"))
    #expect(folder.batches.last?.schema.names == ["id", "note", "_file", "_line"])
    #expect(try folder.run().plan.splits.isEmpty)
    try folder.rename("a.parquet", "c.parquet")
    #expect(try folder.run().rows == 0)
    try folder.append("d.parquet", try parquet(1...2))
    #expect(try folder.run().rows == 2)
  }

  @Test func aChangedFileIsAnotherGeneration() throws {
    let folder = folder()
    try folder.append("a.parquet", try parquet(1...10))
    try folder.run()
    try folder.remove("a.parquet")
    try folder.append("a.parquet", try parquet(1...12))
    #expect(try folder.run().rows == 12)
    #expect(folder.notes.contains { $0.contains("holds other content") })
    folder.streamOptions.append(.init(key: "on_overwrite", value: .string("error")))
    try folder.remove("a.parquet")
    try folder.append("a.parquet", try parquet(5...12))
    let error = #expect(throws: ConnectorError.self) { try folder.run() }
    #expect(error?.kind == .refused)
  }

  /// The others are committed; the run fails at its end, each time, until it is mended.
  @Test func aDamagedFileIsNamed() throws {
    let folder = folder()
    try folder.append("a.parquet", try parquet(1...10))
    var damaged = try parquet(11...20)
    damaged[damaged.count - 20] ^= 0xFF
    damaged.removeLast()
    try folder.append("b.parquet", damaged)
    try folder.append("c.parquet", try parquet(21...30))
    try folder.append("d.parquet", "no parquet at all")
    var error = #expect(throws: ConnectorError.self) { try folder.run() }
    #expect(error?.kind == .malformed)
    #expect(
      error?.place?.contains("b.parquet") == true || error?.place?.contains("d.parquet") == true)
    #expect(error?.message.contains("and 1 more") == true)
    #expect(folder.ids == Array(1...10) + Array(21...30))
    try folder.remove("d.parquet")
    error = #expect(throws: ConnectorError.self) { try folder.run() }
    #expect(error?.place?.hasSuffix("b.parquet") == true)
    try folder.remove("b.parquet")
    try folder.append("b.parquet", try parquet(11...20))
    #expect(try folder.run().rows == 10)
    #expect(folder.ids == Array(1...30))
  }

  @Test func namesThatAreAddedAreTaken() throws {
    let folder = folder()
    try folder.append("a.parquet", try parquet(1...10, [Field("_file", .string)]))
    let error = #expect(throws: ConnectorError.self) { try folder.run() }
    #expect(error?.message.contains("'_file'") == true)
  }

  @Test func keysAboutLinesAreRefused() throws {
    let folder = folder()
    folder.streamOptions.append(.init(key: "flatten", value: .plain("true")))
    let error = #expect(throws: ConnectorError.self) { try folder.run() }
    #expect(error?.kind == .misconfigured)
  }

  @Test func objectsAreRead() throws {
    let stream = BucketStream("s3://logs/app/*.parquet")
    stream.options = [.init(key: "parse", value: .plain("parquet"))]
    stream.bucket.put("app/small.parquet", try parquet(1...10))
    stream.bucket.put("app/large.parquet", try parquet(11...400_000))
    stream.bucket.put("app/broken.parquet", "PAR1 and nothing")
    #expect(throws: ConnectorError.self) { try stream.run() }
    #expect(stream.ids == Array(1...400_000))
    #expect(stream.reads.filter { $0.contains("small") }.count == 1)
    stream.bucket.remove("app/broken.parquet")
    #expect(try stream.run() == 0)
    #expect(stream.reads.isEmpty)
  }
}
