import Base
import Compression
import Foundation
import Records
import Testing

@testable import Parquet

/// Bloom filters as they are written: with and without a dictionary, within their bounds, and
/// used by others.
@Suite struct WritingBloomTests {
  private let rows = 20_000

  private func batch(distinct: Int) -> Batch {
    var maker = SampleMaker(seed: UInt64(distinct))
    // Even numbers alone, so that odd ones lie within the bounds and are not there.
    let ids = (0..<rows).map { _ in Int64(maker.below(distinct)) * 2 }
    let fields = [
      Field("id", .int64), Field("name", .string), Field("small", .int32),
      Field("tags", .list(Field("element", .string))),
    ]
    let names = ByteColumn(ids.map { "name \($0)" })
    let columns: [Column.Values] = [
      .int64(ids), .bytes(names), .int32(ids.map { Int32(truncatingIfNeeded: $0) }),
      .list(
        offsets: (0...Int32(rows)).map { $0 },
        Column(type: .string, count: rows, values: .bytes(names))),
    ]
    return Batch(
      schema: Schema(fields),
      columns: zip(fields, columns).map { Column(type: $0.type, count: rows, values: $1) },
      rowCount: rows)
  }

  private func options() -> WriteOptions {
    var options = WriteOptions()
    options.bloomFilters = ["id", "name", "small", "tags"]
    options.rowGroupRowsMax = 9000
    return options
  }

  @Test(arguments: [50, 1_000_000], WriteProfile.allCases)
  func filtersKnowEveryValue(_ distinct: Int, _ profile: WriteProfile) throws {
    let batch = batch(distinct: distinct)
    var options = options()
    options.profile = profile
    // With the dictionary full in mid-chunk, too.
    options.dictionaryBytesMax = distinct == 50 ? 1 << 20 : 30_000
    let bytes = try RoundTripTests.write(batch, options)
    let file = try ParquetFile(MemorySource(bytes))
    guard case .int64(let ids) = batch.columns[0].values else { return }
    for group in 0..<file.metadata.rowGroups.count {
      let range = group * 9000..<min(rows, (group + 1) * 9000)
      for leaf in file.parquetSchema.leaves {
        let filter = try #require(try file.bloomFilter(rowGroup: group, leaf: leaf))
        func bytes(_ id: Int64) -> [UInt8] {
          switch leaf.primitiveType {
          case .int64: (0..<8).map { UInt8(truncatingIfNeeded: id >> ($0 * 8)) }
          case .int32: (0..<4).map { UInt8(truncatingIfNeeded: id >> ($0 * 8)) }
          default: Array("name \(id)".utf8)
          }
        }
        #expect(range.allSatisfy { filter.mayContain(bytes(ids[$0])) })
        let wrong = range.count { filter.mayContain(bytes(Int64($0) * 2 + 1)) }
        #expect(wrong < range.count / 40)
      }
      for column in file.metadata.rowGroups[group].columns {
        let metaData = try #require(column.metaData)
        let length = try #require(metaData.bloomFilterLength)
        #expect(distinct == 50 ? length < 300 : length > Int64(range.count))
      }
    }
  }

  /// A filter may not outgrow its bound; what it holds is no larger meanwhile.
  @Test func filtersAreBounded() {
    var maker = SampleMaker(seed: 5)
    var builder = BloomFilterBuilder(falsePositiveRate: 0.01, byteCountMax: 5000)
    var largest = 0
    for _ in 0..<100 {
      let values = (0..<1000).map { _ in maker.next() }
      builder.insert(values.span.bytes, width: 8)
      largest = max(largest, builder.memoryByteCount)
    }
    #expect(largest < 40_000)
    let filter = builder.finish()?.count ?? 0
    #expect(filter > 4096 && filter < 4200)
    var empty = BloomFilterBuilder(falsePositiveRate: 0.01, byteCountMax: 5000)
    let nothing = empty.finish()
    #expect(nothing == nil)
    // Many values, few distinct ones: still exact.
    var repeating = BloomFilterBuilder(falsePositiveRate: 0.01, byteCountMax: 5000)
    for _ in 0..<100 {
      let values = (0..<1000).map { UInt64($0 % 7) }
      repeating.insert(values.span.bytes, width: 8)
    }
    let small = repeating.finish()?.count ?? 0
    #expect(small > 32 && small < 100)
  }

  /// Nothing but nulls: no filter.
  @Test func nullsHaveNoFilter() throws {
    let schema = Schema([Field("n", .int64)])
    let batch = Batch(
      schema: schema, columns: [.nulls(.int64, count: 100)], rowCount: 100)
    var options = WriteOptions()
    options.bloomFilters = ["n"]
    let file = try ParquetFile(MemorySource(try RoundTripTests.write(batch, options)))
    #expect(file.metadata.rowGroups[0].columns[0].metaData?.bloomFilterOffset == nil)
  }

  /// DuckDB leaves row groups out by our filters, and finds what is there.
  @Test func duckDBPrunesByThem() throws {
    let folder = try Folder()
    let bytes = try RoundTripTests.write(batch(distinct: 1_000_000), options())
    let file = folder.url.appending(path: "bloom.parquet")
    try Data(bytes).write(to: file)
    let script = """
      import sys, duckdb
      path = sys.argv[1]
      con = duckdb.connect()
      def excluded(column, value):
          found = con.execute(
              "select bloom_filter_excludes from parquet_bloom_probe(?, ?, ?)",
              [path, column, value]).fetchall()
          assert len(found) == 3, found
          return sum(1 for (out,) in found if out)
      ids = [row[0] for row in con.execute(
          f"select id from read_parquet('{path}') using sample 200").fetchall()]
      assert all(excluded("id", i) < 3 for i in ids)
      assert all(excluded("name", f"name {i}") < 3 for i in ids)
      assert sum(excluded("id", i + 1) for i in ids) > 570
      assert sum(excluded("name", f"name {i + 1}") for i in ids) > 570
      assert sum(excluded("small", i + 1) for i in ids) > 570
      """
    let output = try PythonReaders.run(["-c", script, file.path()])
    #expect(output.status == 0, "\(output.text)")
  }
}
