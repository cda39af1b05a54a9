import Base
import Compression
import Parquet
import Records

/// What writing and reading some rows took.
struct BenchResult {
  var file: String
  var codec: Codec
  var level: Int?
  var threads: Int
  var profile: String
  var rows: Int
  var columnBytes: Int
  var fileBytes: Int
  var encodeSeconds: Double
  var decodeSeconds: Double
  var peakBytes: Int?
  var columns: [ColumnResult] = []

  struct ColumnResult {
    var name: String
    var encodings: String
    var result: BenchMeasure
    var columnBytes: Int
  }

  var ratio: Double { Double(columnBytes) / Double(max(1, fileBytes)) }

  static func rate(_ bytes: Int, _ seconds: Double) -> Double {
    Double(bytes) / 1e6 / max(1e-9, seconds)
  }

  var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init(key: "file", value: .string(file)), .init(key: "codec", value: .string(codec.name)),
      .init(key: "level", value: .init(level)), .init(key: "threads", value: .init(threads)),
      .init(key: "profile", value: .string(profile)), .init(key: "rows", value: .init(rows)),
      .init(key: "column_bytes", value: .init(columnBytes)),
      .init(key: "file_bytes", value: .init(fileBytes)),
      .init(key: "encode_seconds", value: .double(encodeSeconds)),
      .init(key: "decode_seconds", value: .double(decodeSeconds)),
      .init(key: "peak_bytes", value: .init(peakBytes)),
    ]
    if !columns.isEmpty {
      members.append(.init(key: "columns", value: .array(columns.map(\.json))))
    }
    return .object(members)
  }
}

extension BenchResult.ColumnResult {
  var json: JSONValue {
    .object([
      "column": .string(name), "encodings": .string(encodings),
      "column_bytes": .init(columnBytes), "file_bytes": .init(result.fileBytes),
      "encode_seconds": .double(result.encodeSeconds),
      "decode_seconds": .double(result.decodeSeconds),
    ])
  }
}

/// The best of some repeats.
struct BenchMeasure {
  var encodeSeconds: Double
  var decodeSeconds: Double
  var fileBytes: Int
  var written: WrittenFile

  /// Writes the rows to memory and reads them from there, `repeats` times.
  init(_ subject: BenchSubject, _ options: WriteOptions, repeats: Int) throws(ParquetError) {
    let clock = ContinuousClock()
    var encodeSeconds = Double.infinity
    var decodeSeconds = Double.infinity
    var bytes: [UInt8] = []
    var written: WrittenFile?
    for _ in 0..<max(1, repeats) {
      bytes = []
      let start = clock.now
      // More than any file takes: what is not written to takes no memory.
      let sink = MemorySink(reserving: subject.columnByteCount * 5 / 4 + (1 << 20))
      written = try subject.encode(options, to: sink)
      encodeSeconds = min(encodeSeconds, (clock.now - start).inSeconds)
      bytes = sink.bytes
    }
    for _ in 0..<max(1, repeats) {
      let start = clock.now
      let rows = try BenchSubject.decode(bytes, threads: options.threads, keepsBatches: true)
      decodeSeconds = min(decodeSeconds, (clock.now - start).inSeconds)
      guard rows == subject.rowCount else {
        throw ParquetError(.corrupt, "read \(rows) rows of \(subject.rowCount) that were written")
      }
    }
    guard let written else { throw ParquetError(.closed, "nothing was measured") }
    self.encodeSeconds = encodeSeconds
    self.decodeSeconds = decodeSeconds
    self.written = written
    fileBytes = bytes.count
  }

  /// The encodings of the values, without those of levels.
  var encodings: String {
    var names: [String] = []
    for group in written.metaData.rowGroups {
      for chunk in group.columns {
        for stats in chunk.metaData?.encodingStats ?? [] where stats.pageType != .dictionary {
          if !names.contains(stats.encoding.description) { names.append("\(stats.encoding)") }
        }
      }
    }
    return names.joined(separator: "+")
  }
}

extension Duration {
  fileprivate var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
