import Parquet
import Records

/// Rows in memory that are written and read again.
struct BenchSubject {
  let schema: Schema
  let batches: [Batch]

  var rowCount: Int { batches.reduce(0) { $0 + $1.rowCount } }

  var columnByteCount: Int {
    batches.reduce(0) { sum, batch in batch.columns.reduce(sum) { $0 + $1.arrowByteCount } }
  }

  private static let batchRowCount = 65_536

  /// Reads a file whole.
  init(reading source: any ByteSource, columns: [String]?, threads: Int) throws(ParquetError) {
    var options = ReadOptions()
    options.batchRowCountMax = Self.batchRowCount
    options.batchByteCountMax = 256 << 20
    options.memoryByteCountMax = .max / 2
    options.threads = threads
    let reader = try ParquetFile(source, options: options).reader(columns: columns)
    var batches: [Batch] = []
    while let batch = try reader.next() {
      batches.append(
        Batch(
          schema: batch.schema, columns: batch.columns.map(\.compacted),
          rowCount: batch.rowCount))
    }
    self.init(schema: reader.schema, batches: batches)
  }

  private init(schema: Schema, batches: [Batch]) {
    self.schema = schema
    self.batches = batches
  }

  /// One of its columns.
  func column(_ index: Int) -> BenchSubject {
    let schema = Schema([schema.fields[index]])
    return BenchSubject(
      schema: schema,
      batches: batches.map {
        Batch(schema: schema, columns: [$0.columns[index]], rowCount: $0.rowCount)
      })
  }

  // MARK: Work

  func encode(_ options: WriteOptions, to sink: any ByteSink) throws(ParquetError) -> WrittenFile {
    let writer = try ParquetWriter(schema: schema, options: options, sink: sink)
    for batch in batches { try writer.write(batch) }
    return try writer.finish()
  }

  /// Reads all values of a file in memory.
  /// - Parameter keepsBatches: holds all of them till the end, as a table would be.
  static func decode(
    _ bytes: [UInt8], threads: Int, keepsBatches: Bool
  ) throws(ParquetError) -> Int {
    var options = ReadOptions()
    options.threads = threads
    options.memoryByteCountMax = .max / 2
    let reader = try ParquetFile(MemorySource(bytes), options: options).reader()
    var kept: [Batch] = []
    var rows = 0
    while let batch = try reader.next() {
      rows += batch.rowCount
      if keepsBatches { kept.append(batch) }
    }
    return withExtendedLifetime(kept) { rows }
  }
}

/// Forgets what it is given.
final class CountingSink: ByteSink {
  private(set) var byteCount = 0

  func write(_ bytes: [UInt8]) { byteCount += bytes.count }
}
