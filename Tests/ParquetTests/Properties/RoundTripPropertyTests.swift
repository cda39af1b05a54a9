import Compression
import Foundation
import Records
import Testing

@testable import Parquet

/// Whatever is written in whatever way is read back equal: every value, null and level of nesting.
///
/// Each case has a seed, which a failure names; `TIDEMARK_PROPERTY_SEED` runs that one alone.
/// `TIDEMARK_PROPERTY_SECONDS` makes the search longer.
@Suite struct RoundTripPropertyTests {
  private static let environment = ProcessInfo.processInfo.environment

  @Test func whatIsWrittenIsRead() throws {
    if let seed = Self.environment["TIDEMARK_PROPERTY_SEED"].flatMap({ UInt64($0) }) {
      return try check(seed: seed)
    }
    let seconds = Self.environment["TIDEMARK_PROPERTY_SECONDS"].flatMap { Double($0) } ?? 5
    let end = ContinuousClock.now + .seconds(seconds)
    var seed = UInt64.random(in: 0...UInt64.max >> 1)
    var caseCount = 0
    while ContinuousClock.now < end {
      do {
        try check(seed: seed)
      } catch {
        Issue.record("\(error) (TIDEMARK_PROPERTY_SEED=\(seed))")
        return
      }
      seed += 1
      caseCount += 1
    }
    #expect(caseCount > 3, "only \(caseCount) cases in \(seconds) seconds")
  }

  private struct Difference: Error, CustomStringConvertible {
    let description: String
  }

  private func check(seed: UInt64) throws {
    var maker = SampleMaker(seed: seed &* 31 &+ 7)
    let profile = WriteProfile.allCases[maker.below(2)]
    var table = RandomTable(seed: seed, profile: profile)
    let schema = table.schema()
    let rows = table.element([0, 1, 8, 65, 300, 700])
    let batch = table.batch(schema, rows: rows)
    let options = try Self.options(profile, schema, &table)
    let bytes = try write(batch, options, &table)

    let verification = ParquetFile.verify(MemorySource(bytes))
    guard verification.isSound else {
      throw Difference(description: "not sound: \(verification.report.text) \(options)")
    }
    var reading = ReadOptions()
    reading.batchRowCountMax = table.element([1, 33, 100_000])
    reading.threads = 1 + table.random.below(3)
    reading.windowByteCount = table.element([50, 5000, 4 << 20])
    let file = try ParquetFile(MemorySource(bytes), options: reading)
    guard file.schema == schema else {
      throw Difference(description: "schema \(file.schema), expected \(schema)")
    }
    try compare(try file.reader(), batch, 0..<rows, options)
    if rows > 1 {
      let start = table.random.below(rows)
      let part = start..<start + table.random.below(rows - start) + 1
      try compare(try file.reader(rows: part), batch, part, options)
    }
  }

  private func compare(
    _ reader: ParquetReader, _ batch: Batch, _ rows: Range<Int>, _ options: WriteOptions
  ) throws {
    var next = rows.lowerBound
    while let read = try reader.next() {
      for (index, column) in read.columns.enumerated() {
        for row in 0..<read.rowCount where column[row] != batch.columns[index][next + row] {
          throw Difference(
            description: """
              \(batch.schema.fields[index]), row \(next + row) of \(rows): \
              \(column[row].text.prefix(300)), \
              expected \(batch.columns[index][next + row].text.prefix(300)); \(options)
              """)
        }
      }
      next += read.rowCount
    }
    guard next == rows.upperBound else {
      throw Difference(description: "\(next - rows.lowerBound) rows, expected \(rows.count)")
    }
  }

  private func write(
    _ batch: Batch, _ options: WriteOptions, _ table: inout RandomTable
  ) throws -> [UInt8] {
    let sink = MemorySink()
    let writer = try ParquetWriter(schema: batch.schema, options: options, sink: sink)
    var row = 0
    while row < batch.rowCount {
      let count = min(batch.rowCount - row, 1 + table.random.below(400))
      try writer.write(batch.slice(row..<row + count))
      row += count
      if table.chance(1, in: 8) { try writer.flushRowGroup() }
    }
    _ = try writer.finish()
    return sink.bytes
  }

  private static func options(
    _ profile: WriteProfile, _ schema: Schema, _ table: inout RandomTable
  ) throws -> WriteOptions {
    let codecs: [Codec] = [.none, .snappy, .gzip, .zstd, .brotli, .lz4Raw]
    var options = WriteOptions(codec: table.element(codecs), profile: profile)
    options.pageVersion = table.element([nil, .v1, .v2])
    options.rowGroupRowsMax = table.element([1, 50, 333, 1 << 20])
    if options.rowGroupRowsMax == 1 { options.rowGroupRowsMax = 17 }
    options.pageRowsMax = table.element([1, 10, 97, 20_000])
    options.pageBytesMax = table.element([1 << 10, 1 << 14, 1 << 20])
    options.dictionaryBytesMax = table.element([0, 40, 1000, 1 << 20])
    options.usesDictionaries = table.chance(5, in: 6)
    options.writesChecksums = table.chance(1, in: 2)
    options.writesPageIndex = table.chance(3, in: 4)
    options.boundBytesMax = table.element([8, 64])
    options.threads = 1 + table.random.below(3)
    let stored = try ParquetSchema(storing: profile.storedSchema(of: schema))
    for leaf in stored.leaves {
      let possible = Encoding.possible(for: leaf.primitiveType)
      if table.chance(1, in: 2), !possible.isEmpty {
        options.encodings[leaf.name] = table.element(possible)
      }
      if leaf.primitiveType != .boolean, table.chance(1, in: 4) {
        options.bloomFilters.append(leaf.name)
      }
    }
    return options
  }
}
