import Foundation
import Kernels
import Records
import Testing

@testable import Parquet

@Suite struct BloomFilterTests {
  private func filter(_ values: [[UInt8]]) -> [UInt8] {
    var bits = [UInt8](repeating: 0, count: 1024)
    for value in values { SplitBlockBloom.insert(XXHash64.hash(value.span), into: &bits) }
    return BloomFilterHeader(byteCount: 1024).serialized() + bits
  }

  /// A file of the numbers 10, 20, 30 with a filter that knows them.
  private func file(
    filter: [UInt8], adjust: @escaping (inout ColumnMetaData, Int) -> Void = { _, _ in }
  ) -> [UInt8] {
    let body = FileBuilder.int32s([10, 20, 30])
    var builder = FileBuilder.single(pages: [FileBuilder.data(body, count: 3)], rows: 3)
    let bytes = builder.bytes()
    let footerCount = Int(bytes[bytes.count - 8]) | Int(bytes[bytes.count - 7]) << 8
    let dataEnd = bytes.count - 8 - footerCount
    builder.adjust = {
      $0.rowGroups[0].columns[0].metaData?.bloomFilterOffset = Int64(dataEnd)
      if var chunk = $0.rowGroups[0].columns[0].metaData {
        adjust(&chunk, dataEnd)
        $0.rowGroups[0].columns[0].metaData = chunk
      }
    }
    var metadata = FileMetaData(schema: [], rowCount: 0, rowGroups: [])
    do {
      metadata = try FileMetaData(parsing: Array(bytes[dataEnd..<bytes.count - 8]))
    } catch {
      Issue.record("the builder's footer cannot be parsed")
    }
    builder.adjust(&metadata)
    return FileBuilder.finish(Array(bytes[..<dataEnd]) + filter, footer: metadata.footer)
  }

  private func rows(_ bytes: [UInt8], _ value: Int64) -> Outcome {
    Outcome.read(bytes, predicates: [Predicate("a", .equal, .integer(value))]).0
  }

  @Test func valuesThatAreNotThereAreLeftOut() {
    let known = [10, 20, 30].map { FileBuilder.littleEndian(Int32($0), 4) }
    let bytes = file(filter: filter(known))
    let all = Outcome.rows(["{\"a\":10}", "{\"a\":20}", "{\"a\":30}"])
    #expect(rows(bytes, 20) == all)
    #expect(rows(bytes, 21) == .rows([]))
    #expect(Outcome.read(bytes, predicates: [Predicate("a", .less, .integer(21))]).0 == all)
  }

  @Test func filtersThatLie() {
    let good = filter([])
    #expect(rows(file(filter: Array(good.dropLast())), 1) == .failure(.corrupt))
    #expect(rows(file(filter: [0xFF, 0xFF]), 1) == .failure(.corrupt))
    for offset: Int64 in [-1, 0, .max] {
      let bytes = file(filter: good) { chunk, _ in chunk.bloomFilterOffset = offset }
      #expect(rows(bytes, 1) == .failure(.corrupt))
    }
    for count: Int32 in [-32, 0, 31, .max] {
      let header = BloomFilterHeader(byteCount: count).serialized()
      #expect(rows(file(filter: header + good), 1) == .failure(.corrupt))
    }
  }

  @Test func filtersOfTheCorpus() throws {
    guard let corpus = try Corpus.required() else { return }
    let bytes = try Corpus.bytes(corpus.appendingPathComponent("data/bloom_filter.xxhash.bin"))
    let filter = try BloomFilter(parsing: bytes)
    for word in ["hello", "parquet", "bloom", "filter"] {
      #expect(filter.mayContain(Array(word.utf8)))
    }
    #expect(!filter.mayContain(Array("absent".utf8)))
    // The old kind, with another hash.
    let old = try Corpus.bytes(corpus.appendingPathComponent("data/bloom_filter.bin"))
    #expect(throws: ParquetError.self) { try BloomFilter(parsing: old) }
    for name in ["data_index_bloom_encoding_stats", "data_index_bloom_encoding_with_length"] {
      let path = corpus.appendingPathComponent("data/\(name).parquet")
      let file = try ParquetFile(MemorySource(try Corpus.bytes(path)))
      let leaf = file.parquetSchema.leaves[0]
      let found = try #require(try file.bloomFilter(rowGroup: 0, leaf: leaf))
      #expect(found.mayContain(Array("Hello".utf8)))
      #expect(!found.mayContain(Array("Hello_Not_Exists".utf8)))
    }
  }
}
