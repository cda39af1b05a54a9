import Compression
import Records
import Testing

@testable import Parquet

/// What the writer wrote, the reader reads.
@Suite struct RoundTripTests {
  static let types = leafTypes + nestedTypes

  /// A column of each type, with and without nulls, under a name that says so.
  static func batch(rows: Int, seed: UInt64, distinct: Int, types: [DataType]) -> Batch {
    var maker = SampleMaker(seed: seed)
    var fields: [Field] = []
    var columns: [Column] = []
    for type in types {
      for nulls in SampleMaker.Nulls.allCases {
        fields.append(Field("\(type) \(nulls)", type, isNullable: nulls != .none))
        columns.append(maker.column(type, count: rows, nulls: nulls, distinct: distinct))
      }
    }
    return Batch(schema: Schema(fields), columns: columns, rowCount: rows)
  }

  static func write(_ batch: Batch, _ options: WriteOptions) throws -> [UInt8] {
    let sink = MemorySink()
    let writer = try ParquetWriter(schema: batch.schema, options: options, sink: sink)
    try writer.write(batch)
    _ = try writer.finish()
    return sink.bytes
  }

  /// Compares the rows that come from a reader with `rows` of the batch.
  static func expect(
    _ reader: ParquetReader, equals batch: Batch, rows: [Int], columns: [Int]? = nil
  ) throws {
    var next = 0
    while let read = try reader.next() {
      for (place, index) in (columns ?? Array(batch.columns.indices)).enumerated() {
        let found = read.columns[place]
        let expected = batch.columns[index]
        let wrong = (0..<read.rowCount).first { found[$0] != expected[rows[next + $0]] }
        if let wrong {
          Issue.record(
            """
            \(batch.schema.fields[index].name), row \(rows[next + wrong]): \(found[wrong].text), \
            expected \(expected[rows[next + wrong]].text)
            """)
        }
      }
      next += read.rowCount
    }
    #expect(next == rows.count)
  }

  @Test(arguments: WriteProfile.allCases, [Codec.none, .snappy, .zstd])
  func everyTypeComesBack(profile: WriteProfile, codec: Codec) throws {
    // Types that the profile stores as they are.
    let types = Self.types.filter { profile.storedType(of: $0) == $0 }
    for (rows, distinct) in [(1, 1), (700, 20), (700, 100_000)] {
      let batch = Self.batch(rows: rows, seed: 7, distinct: distinct, types: types)
      var options = WriteOptions(codec: codec, profile: profile)
      options.pageRowsMax = 97
      options.rowGroupRowsMax = 450
      let bytes = try Self.write(batch, options)
      for batchRows in [1000, 64] {
        var reading = ReadOptions()
        reading.batchRowCountMax = batchRows
        let file = try ParquetFile(MemorySource(bytes), options: reading)
        #expect(file.schema == batch.schema)
        try Self.expect(try file.reader(), equals: batch, rows: Array(0..<rows))
      }
      let verification = ParquetFile.verify(MemorySource(bytes))
      #expect(verification.isSound, "\(verification.report.text)")
    }
  }

  @Test(arguments: [Codec.gzip, .brotli, .lz4Raw])
  func otherCodecs(codec: Codec) throws {
    let batch = Self.batch(rows: 300, seed: 3, distinct: 50, types: [.int64, .string, .float64])
    let bytes = try Self.write(batch, WriteOptions(codec: codec, profile: .max))
    let file = try ParquetFile(MemorySource(bytes))
    try Self.expect(try file.reader(), equals: batch, rows: Array(0..<300))
  }

  /// Small windows make every page and header cross their borders.
  @Test func windowsOfAnySize() throws {
    struct Slow: ByteSource {
      let memory: MemorySource
      var byteCount: Int { memory.byteCount }
      func read(_ range: Range<Int>) -> [UInt8] { memory.read(range) }
    }
    let batch = Self.batch(
      rows: 500, seed: 4, distinct: 30, types: [.int64, .string, .list(Field("element", .string))])
    var options = WriteOptions(codec: .none)
    options.pageRowsMax = 50
    let bytes = try Self.write(batch, options)
    for window in [1, 100, 3000] {
      var reading = ReadOptions()
      reading.windowByteCount = window
      let file = try ParquetFile(Slow(memory: MemorySource(bytes)), options: reading)
      try Self.expect(try file.reader(), equals: batch, rows: Array(0..<500))
    }
  }

  @Test func columnsAndRowGroupsAreSelected() throws {
    let batch = Self.batch(rows: 100, seed: 5, distinct: 9, types: [.int32, .string, .date])
    var options = WriteOptions()
    options.rowGroupRowsMax = 30
    let file = try ParquetFile(MemorySource(try Self.write(batch, options)))
    let names = [batch.schema.fields[4].name, batch.schema.fields[0].name]
    let reader = try file.reader(columns: names, rowGroups: [3, 1])
    #expect(reader.schema.names == names)
    try Self.expect(reader, equals: batch, rows: Array(90..<100) + Array(30..<60), columns: [4, 0])
    let none = try file.reader(columns: [])
    var rows = 0
    while let read = try none.next() { rows += read.rowCount }
    #expect(rows == 100)
    #expect(throws: ParquetError.self) { try file.reader(columns: ["nothing"]) }
    #expect(throws: ParquetError.self) { try file.reader(rowGroups: [4]) }
    #expect(throws: ParquetError.self) { try file.reader(rowGroups: [-1]) }
  }

  @Test(arguments: [true, false])
  func rowRangesAreExact(hasIndex: Bool) throws {
    let batch = Self.batch(
      rows: 400, seed: 6, distinct: 40,
      types: [.int64, .string, .boolean, .uuid, .decimal(precision: 30, scale: 2)] + nestedTypes)
    for profile in WriteProfile.allCases {
      var options = WriteOptions(codec: .snappy, profile: profile)
      options.pageRowsMax = 33
      options.rowGroupRowsMax = 250
      options.writesPageIndex = hasIndex
      let file = try ParquetFile(MemorySource(try Self.write(batch, options)))
      let columns = batch.columns.indices.filter {
        profile.storedType(of: batch.columns[$0].type) == batch.columns[$0].type
      }
      let names = columns.map { batch.schema.fields[$0].name }
      for range in [0..<400, 0..<1, 249..<251, 100..<180, 399..<400, 300..<9999, 7..<7, 33..<66] {
        let rows = Array(range.clamped(to: 0..<400))
        try Self.expect(
          try file.reader(columns: names, rows: range), equals: batch, rows: rows, columns: columns)
      }
    }
  }

  @Test func threadsReadTheSame() throws {
    let batch = Self.batch(rows: 3000, seed: 11, distinct: 300, types: leafTypes + nestedTypes)
    var options = WriteOptions(profile: .max)
    options.pageRowsMax = 400
    options.rowGroupRowsMax = 1700
    let bytes = try Self.write(batch, options)
    var reading = ReadOptions()
    reading.threads = 3
    for batchRows in [100, 5000] {
      reading.batchRowCountMax = batchRows
      let file = try ParquetFile(MemorySource(bytes), options: reading)
      try Self.expect(try file.reader(), equals: batch, rows: Array(0..<3000))
      try Self.expect(
        try file.reader(rows: 500..<2100), equals: batch, rows: Array(500..<2100))
    }
    // An error of any column ends the reading.
    var damaged = bytes
    for place in stride(from: 3000, to: bytes.count / 2, by: 97) { damaged[place] ^= 0x55 }
    let file = try ParquetFile(MemorySource(damaged), options: reading)
    #expect(throws: ParquetError.self) {
      let reader = try file.reader()
      while try reader.next() != nil {}
    }
  }

  @Test func memoryIsBounded() throws {
    let batch = Self.batch(rows: 20_000, seed: 8, distinct: 1 << 40, types: [.string, .int64])
    var options = WriteOptions()
    options.explainsEncodings = false
    let bytes = try Self.write(batch, options)
    var reading = ReadOptions()
    reading.memoryByteCountMax = 10_000
    let file = try ParquetFile(MemorySource(bytes), options: reading)
    let reader = try file.reader()
    #expect {
      while try reader.next() != nil {}
    } throws: {
      ($0 as? ParquetError)?.kind == .limitExceeded
    }
    // Enough for a page and a batch, far from enough for all.
    reading.memoryByteCountMax = 4 << 20
    reading.batchRowCountMax = 1000
    let bounded = try ParquetFile(MemorySource(bytes), options: reading)
    try Self.expect(try bounded.reader(), equals: batch, rows: Array(0..<20_000))
  }
}
