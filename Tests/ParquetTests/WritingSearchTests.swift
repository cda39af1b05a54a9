import Base
import Compression
import Kernels
import Records
import Testing

@testable import Parquet

/// Which search for repetitions pages are compressed by.
@Suite struct SearchChoiceTests {
  private let scratch: PageScratch

  init() throws { scratch = try PageScratch(WriteOptions()) }

  /// Compresses a page and gives its bytes.
  private func compress(_ page: [UInt8], _ choice: inout SearchChoice) throws -> [UInt8] {
    scratch.body.removeAll()
    scratch.body.append(page)
    scratch.compressed.removeAll()
    // As the levels of a page of version 2.
    scratch.compressed.append([1, 2, 3])
    try choice.compress(scratch)
    let all = scratch.compressed.array()
    #expect(all.prefix(3) == [1, 2, 3])
    let stored = Array(all.dropFirst(3))
    #expect(try Decompressor(.zstd).decompress(stored.span.bytes, count: page.count) == page)
    return stored
  }

  private func usual(_ page: [UInt8]) throws -> Int { try Compressor(.zstd).compress(page).count }

  private static func names(_ count: Int, seed: UInt64) -> [UInt8] {
    var maker = SampleMaker(seed: seed)
    return (0..<count).flatMap { _ in
      [16, 0, 0, 0] + (0..<16).map { _ in UInt8(ascii: "a") + UInt8(maker.below(16)) }
    }
  }

  /// Texts with much in common.
  private static func paths(_ count: Int, seed: UInt64) -> [UInt8] {
    var maker = SampleMaker(seed: seed)
    let words = ["/api/v1/orders/", "/static/js/", "/account/", "/shop/cart?page=", "/search?q="]
    return (0..<count).flatMap { _ in
      Array((words[maker.below(5)] + words[maker.below(5)] + String(maker.below(3000))).utf8)
    }
  }

  @Test func noPageIsLargerThanWithTheLevelsOwnSearch() throws {
    for page in [Self.names(20_000, seed: 1), Self.paths(8000, seed: 2)] {
      var choice = SearchChoice()
      let first = try compress(page, &choice)
      #expect(first.count <= (try usual(page)))
      // The next one goes by what was found.
      #expect(try compress(page, &choice) == first)
    }
    var choice = SearchChoice()
    let names = Self.names(20_000, seed: 1)
    #expect(try compress(names, &choice).count < (try usual(names)))
  }

  @Test func pagesThatComeOutOtherwiseAreTriedAnew() throws {
    var choice = SearchChoice()
    _ = try compress(Self.names(20_000, seed: 1), &choice)
    // One page may go by the wrong search; the one after it does not.
    for seed: UInt64 in 2..<5 {
      let page = Self.paths(8000, seed: seed)
      let stored = try compress(page, &choice)
      if seed > 2 { #expect(stored.count <= (try usual(page))) }
    }
    for seed: UInt64 in 5..<8 {
      let page = Self.names(20_000, seed: seed)
      let stored = try compress(page, &choice)
      if seed > 5 { #expect(stored.count < (try usual(page))) }
    }
  }

  @Test func smallPagesGoByTheLevel() throws {
    var choice = SearchChoice()
    let page = Self.names(SearchChoice.trialBytesMin / 20, seed: 3)
    #expect(page.count < SearchChoice.trialBytesMin)
    #expect(try compress(page, &choice) == (try Compressor(.zstd).compress(page)))
  }

  @Test func otherCodecsHaveOneSearch() throws {
    for codec in [Codec.snappy, .gzip, .lz4Raw, .none] {
      let scratch = try PageScratch(WriteOptions(codec: codec))
      let page = Self.names(5000, seed: 4)
      scratch.body.append(page)
      var choice = SearchChoice()
      try choice.compress(scratch)
      #expect(scratch.compressed.array() == (try Compressor(codec).compress(page)))
    }
  }

  /// Whole files, whatever the number of threads, with a column whose values change their nature.
  @Test func filesAreTheSameWithAnyNumberOfThreads() throws {
    var maker = SampleMaker(seed: 9)
    let count = 120_000
    let texts = (0..<count).map { row in
      row / 30_000 % 2 == 0
        ? String(maker.next(), radix: 16) : "/api/v1/orders/\(maker.below(9000))/\(row % 7)"
    }
    let numbers = (0..<count).map { _ in Int64(truncatingIfNeeded: maker.next() >> 30) }
    var builder = BytesBuilder()
    for text in texts { builder.append(text) }
    let batch = Batch(
      schema: Schema([Field("text", .string), Field("number", .int64)]),
      columns: [
        builder.finish(.string), Column(type: .int64, count: count, values: .int64(numbers)),
      ], rowCount: count)
    var files: [[UInt8]] = []
    for threads in [1, 3] {
      var options = WriteOptions()
      options.threads = threads
      options.rowGroupRowsMax = 50_000
      files.append(try RoundTripTests.write(batch, options))
    }
    #expect(files[0] == files[1])
    try RoundTripTests.expect(
      try ParquetFile(MemorySource(files[0])).reader(), equals: batch, rows: Array(0..<count))
  }
}
