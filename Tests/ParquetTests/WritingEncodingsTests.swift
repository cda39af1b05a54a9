import Base
import Compression
import Records
import Testing

@testable import Parquet

/// Every encoding of every type that can have it, read back by our reader and the others.
@Suite struct WritingEncodingsTests {
  private static let encodings: [Encoding] = [
    .plain, .rle, .rleDictionary, .deltaBinaryPacked, .deltaLengthByteArray, .deltaByteArray,
    .byteStreamSplit,
  ]

  /// Columns of all types that can have the encoding, and of lists of some.
  private func batch(
    _ encoding: Encoding, _ profile: WriteProfile, nulls: SampleMaker.Nulls, distinct: Int
  ) throws -> Batch {
    var fields: [Field] = []
    for (index, type) in leafTypes.enumerated() {
      // A type that others read differently is for our own reader.
      let schema = Schema([Field("c", profile.storedType(of: type))])
      let leaf = try ParquetSchema(storing: schema).leaves[0]
      guard Encoding.possible(for: leaf.primitiveType).contains(encoding) else { continue }
      fields.append(Field("c\(index)", type))
      if index % 5 == 0 { fields.append(Field("l\(index)", .list(Field("element", type)))) }
    }
    var maker = SampleMaker(seed: UInt64(distinct))
    let columns = fields.map {
      maker.column($0.type, count: 1500, nulls: nulls, distinct: distinct)
    }
    return Batch(schema: Schema(fields), columns: columns, rowCount: 1500)
  }

  private func options(
    _ encoding: Encoding, _ batch: Batch, _ profile: WriteProfile, _ version: PageVersion,
    _ codec: Codec
  ) -> WriteOptions {
    var options = WriteOptions(codec: codec, profile: profile)
    options.pageVersion = version
    options.pageRowsMax = 333
    options.rowGroupRowsMax = 1100
    for name in batch.schema.names { options.encodings[name] = encoding }
    return options
  }

  @Test(arguments: encodings, PageVersion.allCases)
  func ourReaderReadsThem(_ encoding: Encoding, _ version: PageVersion) throws {
    for nulls in SampleMaker.Nulls.allCases {
      for (codec, distinct) in [(Codec.none, 30), (.zstd, 1_000_000)] {
        let batch = try batch(encoding, .max, nulls: nulls, distinct: distinct)
        let options = options(encoding, batch, .max, version, codec)
        let bytes = try RoundTripTests.write(batch, options)
        let file = try ParquetFile(MemorySource(bytes))
        for group in file.metadata.rowGroups where nulls != .all {
          for column in group.columns {
            let pages = column.metaData?.encodingStats?.filter { $0.pageType != .dictionary }
            #expect(pages?.map(\.encoding) == [encoding])
          }
        }
        try RoundTripTests.expect(try file.reader(), equals: batch, rows: Array(0..<1500))
      }
    }
  }

  /// Those that others can read.
  @Test func otherReadersReadThem() throws {
    let folder = try Folder()
    for encoding in Self.encodings {
      var engines = ["pyarrow", "duckdb", "polars"]
      for version in PageVersion.allCases {
        for (nulls, codec, distinct) in [
          (SampleMaker.Nulls.none, Codec.zstd, 30), (.some, .snappy, 1_000_000),
          (.all, .none, 1),
        ] {
          let batch = try batch(encoding, .lake, nulls: nulls, distinct: distinct)
          let options = options(encoding, batch, .lake, version, codec)
          // The others have no splitting of integers; polars no fixed bytes with shared prefixes.
          if encoding == .byteStreamSplit { engines = ["pyarrow"] }
          if encoding == .deltaByteArray { engines = ["pyarrow", "duckdb"] }
          try folder.write(
            "\(encoding)-\(version)-\(nulls)", [batch], options, engines)
        }
      }
    }
    let output = try PythonReaders.run(folder.url)
    #expect(output.status == 0, "\(output.text)")
  }

  /// Floating-point numbers split into streams are read by all.
  @Test func splitFloatsAreReadByAll() throws {
    let folder = try Folder()
    let schema = Schema([Field("f", .float32), Field("d", .float64)])
    var maker = SampleMaker(seed: 9)
    let columns = schema.fields.map {
      maker.column($0.type, count: 900, nulls: .some, distinct: 10_000)
    }
    let batch = Batch(schema: schema, columns: columns, rowCount: 900)
    var options = WriteOptions()
    options.encodings = ["f": .byteStreamSplit, "d": .byteStreamSplit]
    try folder.write("split", [batch], options, ["pyarrow", "duckdb", "polars"])
    let output = try PythonReaders.run(folder.url)
    #expect(output.status == 0, "\(output.text)")
  }

  /// In version 2, what compression does not shrink is stored as it is.
  @Test func whatDoesNotShrinkStaysPlain() throws {
    var maker = SampleMaker(seed: 3)
    let noise = (0..<2000).map { _ in Int64(bitPattern: maker.next()) }
    let batch = Batch(
      schema: Schema([Field("noise", .int64, isNullable: false)]),
      columns: [Column(type: .int64, count: 2000, values: .int64(noise))], rowCount: 2000)
    for codec in [Codec.zstd, .snappy, .gzip] {
      let options = options(.plain, batch, .max, .v2, codec)
      let bytes = try RoundTripTests.write(batch, options)
      let (header, end) = try PageHeader.parse(bytes, range: 4..<bytes.count)
      guard case .dataV2(let page) = header.body else {
        Issue.record("no version 2 page")
        continue
      }
      #expect(!page.isCompressed && header.compressedSize == header.uncompressedSize)
      #expect(end > 4)
      try RoundTripTests.expect(
        try ParquetFile(MemorySource(bytes)).reader(), equals: batch, rows: Array(0..<2000))
    }
  }
}

/// The encodings that the data choose.
@Suite struct EncodingChoiceTests {
  private func file(_ values: [Column.Values], _ options: WriteOptions, rows: Int) throws -> (
    [UInt8], FileMetaData
  ) {
    let fields = values.enumerated().map { index, values in
      let type: DataType =
        switch values {
        case .boolean: .boolean
        case .double: .float64
        case .bytes: .string
        default: .int64
        }
      return Field("c\(index)", type, isNullable: false)
    }
    let batch = Batch(
      schema: Schema(fields),
      columns: zip(fields, values).map { Column(type: $0.type, count: rows, values: $1) },
      rowCount: rows)
    let bytes = try RoundTripTests.write(batch, options)
    let file = try ParquetFile(MemorySource(bytes))
    try RoundTripTests.expect(try file.reader(), equals: batch, rows: Array(0..<rows))
    return (bytes, file.metadata)
  }

  private func encodings(_ metaData: FileMetaData, group: Int = 0) -> [Encoding?] {
    metaData.rowGroups[group].columns.map { column in
      column.metaData?.encodingStats?.filter { $0.pageType != .dictionary }
        .max { $0.count < $1.count }?.encoding
    }
  }

  private let rows = 60_000

  private var samples: [Column.Values] {
    var maker = SampleMaker(seed: 12)
    var time: Int64 = 1_700_000_000_000_000
    let times = (0..<rows).map { _ -> Int64 in
      time += Int64(maker.below(5_000_000))
      return time
    }
    var walk = 20.0
    let walks = (0..<rows).map { _ -> Double in
      walk += Double(maker.below(2001) - 1000) / 7919
      return walk
    }
    let urls = (0..<rows).map { "https://example.com/catalog/item/\(10_000_000 + $0)" }
    return [
      .int64(times), .double(walks), .bytes(ByteColumn(urls)),
      .int64((0..<rows).map { _ in Int64(maker.below(40)) << 40 }),
      .boolean(Bitmap((0..<rows).map { $0 / 5000 % 2 == 0 })),
      .int64((0..<rows).map { _ in Int64(bitPattern: maker.next()) }),
    ]
  }

  @Test(arguments: [Codec.zstd, .none])
  func maxTakesWhatIsSmallest(_ codec: Codec) throws {
    let (bytes, metaData) = try file(
      samples, WriteOptions(codec: codec, profile: .max), rows: rows)
    let found = encodings(metaData)
    #expect(found[0] == .deltaBinaryPacked)
    #expect(found[1] == (codec == .none ? .plain : .byteStreamSplit))
    #expect(found[2] == .deltaByteArray)
    #expect(found[3] == .rleDictionary)
    #expect(found[4] == .rle)
    #expect(found[5] == .plain)
    let (lake, lakeMetaData) = try file(samples, WriteOptions(codec: codec), rows: rows)
    #expect(
      encodings(lakeMetaData) == [.plain, .plain, .plain, .rleDictionary, .plain, .plain])
    #expect(bytes.count < lake.count)
  }

  @Test func theChoiceIsExplained() throws {
    let (_, metaData) = try file(samples, WriteOptions(profile: .max), rows: rows)
    let text = try #require(metaData.value(forKey: EncodingReport.key))
    let report = try #require(EncodingReport(parsing: text))
    #expect(report.entries.map(\.path) == (0..<6).map { "c\($0)" })
    #expect(report.entries.map { Optional($0.encoding) } == encodings(metaData))
    #expect(report.entries[3].reason.contains("40 distinct in 20000 values"))
    #expect(report.entries[0].reason.contains("DELTA_BINARY_PACKED"))
    var options = WriteOptions()
    options.encodings = ["c0": .deltaBinaryPacked]
    let (_, wished) = try file([.int64([1, 2, 3])], options, rows: 3)
    #expect(
      wished.value(forKey: EncodingReport.key)
        == #"{"c0":{"encoding":"DELTA_BINARY_PACKED","reason":"asked for"}}"#)
    options.explainsEncodings = false
    let (_, silent) = try file([.int64([1, 2, 3])], options, rows: 3)
    #expect(silent.value(forKey: EncodingReport.key) == nil)
  }

  /// Chunks after the first take the choice over, until their values look different.
  @Test(arguments: WriteProfile.allCases)
  func laterChunksFollowTheirValues(_ profile: WriteProfile) throws {
    var maker = SampleMaker(seed: 7)
    // Distinct values in the first two row groups, repeating ones in the next, distinct again.
    let numbers = (0..<rows).map { row -> Int64 in
      (30_000..<45_000).contains(row)
        ? Int64(maker.below(20)) << 50 : Int64(bitPattern: maker.next())
    }
    let texts = numbers.map { "text \(UInt64(bitPattern: $0))" }
    var options = WriteOptions(profile: profile)
    options.rowGroupRowsMax = 15_000
    options.pageRowsMax = 4000
    let (_, metaData) = try file(
      [.int64(numbers), .bytes(ByteColumn(texts))], options, rows: rows)
    for column in 0..<2 {
      let found = (0..<4).map { encodings(metaData, group: $0)[column] == .rleDictionary }
      #expect(found == [false, false, true, false])
      let distinct = metaData.rowGroups[2].columns[column].metaData?.statistics?.distinctCount
      #expect(distinct == 20)
      #expect(metaData.rowGroups[1].columns[column].metaData?.statistics?.distinctCount == nil)
    }
    // Bounds of values that were taken back from a dictionary hold.
    let sorted = numbers[15_000..<30_000].map { "text \(UInt64(bitPattern: $0))" }.sorted()
    let statistics = try #require(metaData.rowGroups[1].columns[1].metaData?.statistics)
    #expect(statistics.min.map(Array.init) == sorted.first.map { Array($0.utf8) })
    #expect(statistics.max.map(Array.init) == sorted.last.map { Array($0.utf8) })
  }
}
