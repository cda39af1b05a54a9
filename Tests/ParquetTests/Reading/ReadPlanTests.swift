import Compression
import Records
import Synchronization
import Testing

@testable import Parquet

/// Which ranges are asked of a source, and how many.
@Suite struct ReadPlanTests {
  private final class CountingSource: ByteSource {
    let bytes: [UInt8]
    let readCost: ReadCost
    private let log = Mutex<[Range<Int>]>([])

    init(_ bytes: [UInt8], _ readCost: ReadCost) {
      self.bytes = bytes
      self.readCost = readCost
    }

    var byteCount: Int { bytes.count }

    func read(_ range: Range<Int>) -> [UInt8] {
      log.withLock { $0.append(range) }
      return Array(bytes[range])
    }

    /// The ranges since the last call.
    func take() -> [Range<Int>] {
      log.withLock { log in
        defer { log = [] }
        return log
      }
    }
  }

  private static let rowCount = 20_000

  /// 16 columns of 160 kB each, in pages of 1,000 rows.
  private static let bytes = Result {
    let names = (0..<16).map { "c\($0)" }
    let schema = Schema(names.map { Field($0, .int64, isNullable: false) })
    let columns = names.indices.map { index in
      Column(
        type: .int64, count: rowCount,
        values: .int64((0..<rowCount).map { Int64($0 * (index + 1)) }))
    }
    var options = WriteOptions()
    options.codec = .none
    options.usesDictionaries = false
    options.pageRowsMax = 1000
    return try RoundTripTests.write(
      Batch(schema: schema, columns: columns, rowCount: rowCount), options)
  }

  private func rows(
    _ file: ParquetFile, columns: [String]? = nil, filter: [Predicate] = [],
    rows: Range<Int>? = nil
  ) throws -> [Int64] {
    let reader = try file.reader(columns: columns, filter: filter, rows: rows)
    var numbers: [Int64] = []
    while let batch = try reader.next() {
      if case .int64(let values) = batch.columns[0].values { numbers += values }
    }
    return numbers
  }

  @Test func neighboursAreReadTogetherFromAfar() throws {
    let source = CountingSource(try Self.bytes.get(), .remote)
    let file = try ParquetFile(source)
    #expect(source.take().count == 1)
    #expect(try rows(file) == (0..<Self.rowCount).map(Int64.init))
    #expect(source.take().count == 1)
    // Chunks between those that are wanted are read for nothing rather than left out.
    _ = try rows(file, columns: ["c0", "c3", "c9"])
    #expect(source.take().count == 1)
    // The offset indexes, then the pages.
    _ = try rows(file, columns: ["c0", "c15"], rows: 5000..<5010)
    #expect(source.take().count == 2)
    // The indexes of the condition, its pages, the index of the other column, its pages.
    let found = try rows(
      file, columns: ["c5"], filter: [Predicate("c2", .equal, .integer(3 * 7777))])
    #expect(found == [6 * 7777])
    #expect(source.take().count <= 5)
  }

  @Test func nothingIsReadForNothingNearby() throws {
    let source = CountingSource(try Self.bytes.get(), .local)
    let file = try ParquetFile(source)
    _ = source.take()
    _ = try rows(file, columns: ["c0", "c3", "c9"])
    let byteCount = try ["c0", "c3", "c9"].reduce(0) { sum, name in
      let leaf = try #require(file.parquetSchema.leaves.first { $0.name == name })
      return sum + Int(try file.chunk(rowGroup: 0, leaf: leaf).totalCompressedSize)
    }
    let reads = source.take()
    #expect(reads.reduce(0) { $0 + $1.count } == byteCount)
    #expect(reads.count == 3)

    _ = try rows(file, columns: ["c4"], rows: 5000..<5010)
    // One page of 8 kB and the index.
    #expect(source.take().reduce(0) { $0 + $1.count } < 10_000)
  }

  @Test func largeChunksAreReadByWindows() throws {
    let source = CountingSource(try Self.bytes.get(), .local)
    var options = ReadOptions()
    options.windowByteCount = 64 << 10
    options.memoryByteCountMax = 8 << 20
    for threads in [1, 3] {
      options.threads = threads
      options.batchRowCountMax = 700
      let file = try ParquetFile(source, options: options)
      _ = source.take()
      #expect(try rows(file) == (0..<Self.rowCount).map(Int64.init))
      let reads = source.take()
      #expect(reads.allSatisfy { $0.count <= 64 << 10 })
      let all = reads.reduce(0) { $0 + $1.count }
      #expect(all < source.byteCount)
    }
  }

  @Test func gapsByCost() {
    #expect(ReadCost(latencySeconds: 0, bytesPerSecond: 1e9).gapByteCountMax == 4 << 10)
    #expect(ReadCost(latencySeconds: 10, bytesPerSecond: 1e9).gapByteCountMax == 32 << 20)
    #expect(ReadCost(latencySeconds: 0.01, bytesPerSecond: 1e6).gapByteCountMax == 10_000)
    #expect(ReadCost(latencySeconds: .nan, bytesPerSecond: 1).gapByteCountMax == 4 << 10)
  }

  @Test func plans() {
    let budget = MemoryBudget(byteCountMax: 1 << 30)
    func ranges(_ chunks: [[Range<Int>]], gap: Double, window: Int = 1000) -> [Range<Int>] {
      let cost = ReadCost(latencySeconds: 1, bytesPerSecond: gap)
      let source = CountingSource([UInt8](repeating: 0, count: 1), cost)
      return ReadPlan(source, chunks: chunks, windowByteCount: window, budget: budget).ranges
    }
    #expect(ranges([], gap: 1e6) == [])
    #expect(ranges([[0..<10], [10..<20]], gap: 0) == [0..<20])
    #expect(ranges([[9000..<9100], [100..<200]], gap: 0) == [100..<200, 9000..<9100])
    #expect(ranges([[9000..<9100], [100..<200]], gap: 1e5) == [100..<9100])
    // Pages far apart are read one by one.
    #expect(
      ranges([[100..<200, 50_000..<50_100]], gap: 0) == [100..<200, 50_000..<50_100])
    // Chunks that overlap, as broken files have them, are read once.
    #expect(ranges([[100..<200], [150..<300]], gap: 0) == [100..<300])
    #expect(
      ranges([[0..<10_000]], gap: 0, window: 4096) == [0..<4096, 4096..<8192, 8192..<10_000])
  }

  /// A large footer costs a second read, a small one does not.
  @Test func footers() throws {
    let names = (0..<3000).map { "a column with a rather long name \($0)" }
    let batch = Batch(
      schema: Schema(names.map { Field($0, .int32) }),
      columns: names.map { _ in Column(type: .int32, count: 1, values: .int32([7])) }, rowCount: 1)
    let bytes = try RoundTripTests.write(batch, WriteOptions())
    let source = CountingSource(bytes, .local)
    let file = try ParquetFile(source)
    #expect(source.take().count == 2)
    #expect(file.parquetSchema.leaves.count == 3000)
    _ = try rows(file, columns: [names[1500]])
    #expect(source.take().count == 1)
  }
}
