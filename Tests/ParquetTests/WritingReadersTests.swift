import Base
import Compression
import Foundation
import Parquet
import Records
import Testing

/// Files of every type and shape, read back value by value by pyarrow, DuckDB and polars.
@Suite struct WritingReadersTests {
  private static let everyEngine = ["pyarrow", "duckdb", "polars"]

  @Test func otherEnginesReadWhatWasWritten() throws {
    let folder = try Folder()
    try flat(folder)
    try nested(folder)
    try shapes(folder)
    try codecs(folder)
    try maxProfile(folder)
    let output = try PythonReaders.run(folder.url)
    #expect(output.status == 0, "\(output.text)")
  }

  /// A changed byte in a page is found by the page's checksum.
  @Test func checksumsCatchChangedBytes() throws {
    let folder = try Folder()
    var options = WriteOptions(codec: .none)
    options.pageRowsMax = 100
    let batch = Self.batch([Field("v", .int64)], rows: 1000, nulls: .none, distinct: 1_000_000)
    let sink = MemorySink()
    let writer = try ParquetWriter(schema: batch.schema, options: options, sink: sink)
    try writer.write(batch)
    _ = try writer.finish()
    var bytes = sink.bytes
    bytes[400] ^= 1
    try Data(bytes).write(to: folder.url.appending(path: "changed.parquet"))
    let expected: JSONValue = [
      "columns": .object([JSONValue.Member]()), "engines": .array([.string("pyarrow")]),
    ]
    try Data(expected.text().utf8).write(to: folder.url.appending(path: "changed.json"))
    let output = try PythonReaders.run(folder.url)
    #expect(output.text.contains("CRC") || output.text.contains("checksum"), "\(output.text)")
  }

  // MARK: Cases

  private func flat(_ folder: Folder) throws {
    let fields = leafTypes.enumerated().map { Field("c\($0.offset)", $0.element) }
    for nulls in SampleMaker.Nulls.allCases {
      for (rows, distinct) in [(0, 1), (1, 1), (700, 20), (5000, 3), (5000, 1_000_000)] {
        let batch = Self.batch(fields, rows: rows, nulls: nulls, distinct: distinct)
        var options = WriteOptions()
        options.pageRowsMax = 999
        try folder.write("flat-\(nulls)-\(rows)-\(distinct)", [batch], options, Self.everyEngine)
      }
    }
    let required = leafTypes.enumerated().map {
      Field("c\($0.offset)", $0.element, isNullable: false)
    }
    let batch = Self.batch(required, rows: 300, nulls: .none, distinct: 50)
    try folder.write("flat-required", [batch], WriteOptions(), Self.everyEngine)
  }

  private func nested(_ folder: Folder) throws {
    let fields = nestedTypes.enumerated().map { Field("n\($0.offset)", $0.element) }
    for nulls in SampleMaker.Nulls.allCases {
      for rows in [0, 1, 3000] {
        let batch = Self.batch(fields, rows: rows, nulls: nulls, distinct: 500)
        var options = WriteOptions(codec: .snappy)
        options.pageRowsMax = 257
        options.rowGroupRowsMax = 1100
        try folder.write("nested-\(nulls)-\(rows)", [batch], options, Self.everyEngine)
      }
    }
  }

  private func shapes(_ folder: Folder) throws {
    let fields = [
      Field("id", .int64, isNullable: false), Field("text", .string), Field("flag", .boolean),
      Field("sum", .decimal(precision: 30, scale: 2)),
    ]
    // Batches of odd sizes over several row groups; pages cut by bytes.
    let batches = [1, 77, 4096, 3, 10_000].map {
      Self.batch(fields, rows: $0, nulls: .some, distinct: 4000)
    }
    var options = WriteOptions()
    options.rowGroupRowsMax = 5000
    options.pageBytesMax = 4096
    try folder.write(
      "groups", batches, options, Self.everyEngine, groups: [5000, 5000, 4177])
    // The dictionary comes to its limit in mid-chunk.
    options = WriteOptions()
    options.dictionaryBytesMax = 10_000
    options.pageRowsMax = 1000
    try folder.write("fallback", batches, options, Self.everyEngine)
    options.usesDictionaries = false
    try folder.write("plain", batches, options, Self.everyEngine)
    // Long texts, longer than a page, with statistics cut.
    let long = (0..<20).map { String(repeating: "ü\($0 % 3)", count: 30_000) }
    let text = Batch(
      schema: Schema([Field("long", .string)]),
      columns: [
        Column(type: .string, count: 20, values: .bytes(ByteColumn(long)))
      ], rowCount: 20)
    options = WriteOptions()
    options.pageBytesMax = 50_000
    try folder.write("long", [text], options, Self.everyEngine)
    options.usesDictionaries = false
    try folder.write("long-plain", [text], options, Self.everyEngine)
    // No columns at all.
    let nothing = Batch(schema: Schema([]), columns: [], rowCount: 3)
    try folder.write("no-columns", [nothing], WriteOptions(), ["pyarrow"])
    try numbers(folder)
  }

  /// Statistics of numbers as other engines see them.
  private func numbers(_ folder: Folder) throws {
    let fields = [
      Field("i", .int32), Field("l", .int64), Field("d", .float64), Field("b", .boolean),
      Field("n", .decimal(precision: 20, scale: 1)), Field("s", .string), Field("none", .int32),
      Field("nan", .float64), Field("zero", .float64),
    ]
    let columns: [Column.Values] = [
      .int32([3, -7, 12]), .int64([Int64.max, 0, Int64.min]), .double([.nan, -1.5, 2.5]),
      .boolean(Bitmap([false, true, false])), .int128([-15, 7, 100]),
      .bytes(ByteColumn(["b", "", "ä"])), .int32([0, 0, 0]), .double([.nan, .nan, .nan]),
      .double([0, -0.0, 0]),
    ]
    let batch = Batch(
      schema: Schema(fields),
      columns: zip(fields, columns).map { field, values in
        Column(
          type: field.type, count: 3,
          validity: field.name == "none" ? Bitmap(repeating: false, count: 3) : nil,
          values: values)
      }, rowCount: 3)
    try folder.write(
      "ranges", [batch], WriteOptions(), Self.everyEngine,
      ranges: [
        "i": ["i:-7", "i:12"], "l": ["i:-9223372036854775808", "i:9223372036854775807"],
        "d": ["f:bff8000000000000", "f:4004000000000000"], "b": [.boolean(false), .boolean(true)],
        "n": ["n:-1.5", "n:10.0"], "s": ["s:", "s:ä"], "none": [.null, .null],
        "nan": [.null, .null], "zero": ["f:8000000000000000", "f:0000000000000000"],
      ])
  }

  private func codecs(_ folder: Folder) throws {
    let fields = [
      Field("a", .string), Field("b", .int64), Field("c", .list(Field("element", .int32))),
    ]
    let batch = Self.batch(fields, rows: 2000, nulls: .some, distinct: 300)
    for codec in [Codec.none, .snappy, .gzip, .zstd, .brotli, .lz4Raw] {
      var options = WriteOptions(codec: codec)
      options.pageRowsMax = 600
      try folder.write("codec-\(codec.name)", [batch], options, Self.everyEngine)
    }
    var options = WriteOptions(codec: .zstd, level: 9)
    options.threads = 2
    try folder.write("threads", [batch, batch, batch], options, Self.everyEngine)
  }

  private func maxProfile(_ folder: Folder) throws {
    let fields =
      leafTypes.enumerated().map { Field("c\($0.offset)", $0.element) }
      + nestedTypes.enumerated().map { Field("n\($0.offset)", $0.element) }
    for nulls in SampleMaker.Nulls.allCases {
      let batch = Self.batch(fields, rows: 1500, nulls: nulls, distinct: 100)
      var options = WriteOptions(profile: .max)
      options.pageRowsMax = 400
      try folder.write("max-\(nulls)", [batch], options, ["pyarrow"])
    }
  }

  private static func batch(
    _ fields: [Field], rows: Int, nulls: SampleMaker.Nulls, distinct: Int
  ) -> Batch {
    var maker = SampleMaker(seed: UInt64(rows * 31 + distinct))
    let columns = fields.map {
      maker.column(
        $0.type, count: rows, nulls: $0.isNullable ? nulls : .none, distinct: max(1, distinct))
    }
    return Batch(schema: Schema(fields), columns: columns, rowCount: rows)
  }
}

/// A folder for the length of a test.
final class Folder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appending(path: "tidemark-parquet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Writes a file and what readers should find in it.
  func write(
    _ name: String, _ batches: [Batch], _ options: WriteOptions, _ engines: [String],
    groups: [Int]? = nil, ranges: [String: [JSONValue]] = [:]
  ) throws {
    let sink = MemorySink()
    let writer = try ParquetWriter(schema: batches[0].schema, options: options, sink: sink)
    for batch in batches { try writer.write(batch) }
    let file = try writer.finish()
    #expect(file.byteCount == sink.bytes.count)
    #expect(file.rowCount == batches.reduce(0) { $0 + $1.rowCount })
    var members: [JSONValue.Member] = [
      .init(key: "columns", value: Spelling.columns(batches, options.profile)),
      .init(key: "engines", value: .array(engines.map { .string($0) })),
      .init(
        key: "ranges",
        value: .object(ranges.map { .init(key: $0.key, value: .array($0.value)) })),
    ]
    if let groups { members.append(.init(key: "groups", value: .array(groups.map { .init($0) }))) }
    try Data(sink.bytes).write(to: url.appending(path: name + ".parquet"))
    try Data(JSONValue.object(members).text().utf8).write(to: url.appending(path: name + ".json"))
  }
}

/// `readers.py`, run by the interpreter that the tests are told of.
enum PythonReaders {
  struct Output {
    var status: Int32
    var text: String
  }

  static func run(_ folder: URL) throws -> Output {
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "readers.py")
    return try run([script.path(), folder.path()])
  }

  /// - Parameter arguments: of the interpreter.
  static func run(_ arguments: [String]) throws -> Output {
    let process = Process()
    process.executableURL = try interpreter()
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Output(status: process.terminationStatus, text: String(decoding: data, as: UTF8.self))
  }

  static func interpreter() throws -> URL {
    if let path = ProcessInfo.processInfo.environment["TIDEMARK_TEST_PYTHON"] {
      return URL(filePath: path)
    }
    var folder = URL(filePath: FileManager.default.currentDirectoryPath)
    while true {
      let candidate = folder.appending(path: ".build/venv/bin/python")
      if FileManager.default.isExecutableFile(atPath: candidate.path()) { return candidate }
      let parent = folder.deletingLastPathComponent()
      try #require(
        parent.path() != folder.path(),
        "no Python with pyarrow, duckdb and polars: set TIDEMARK_TEST_PYTHON")
      folder = parent
    }
  }
}
