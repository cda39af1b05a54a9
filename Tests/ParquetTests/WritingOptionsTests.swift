@testable import Parquet
import Records
import Testing

/// What options ask of columns by their paths, and what is said of conversions.
@Suite struct WriteOptionsTests {
  private let schema = Schema([
    Field("id", .int64), Field("flag", .boolean), Field("tags", .list(Field("element", .string))),
    Field("s", .structure([Field("x", .float64), Field("y", .float16)])),
  ])

  private func leaves() throws -> [LeafColumn] { try ParquetSchema(storing: schema).leaves }

  @Test func pathsMeanALeafOrAllBelow() throws {
    var options = WriteOptions()
    options.encodings = [
      "id": .deltaBinaryPacked, "tags": .plainDictionary, "s": .byteStreamSplit, "s.x": .plain,
    ]
    options.bloomFilters = ["id", "tags.list.element"]
    let settings = try ColumnSettings.of(leaves(), options)
    #expect(
      settings.map(\.encoding) == [
        .deltaBinaryPacked, nil, .rleDictionary, .plain, .byteStreamSplit,
      ])
    #expect(settings.map(\.hasBloomFilter) == [true, false, true, false, false])
  }

  @Test(arguments: [
    (["ids": Encoding.plain], [String](), "there is no column ids; the nearest is id"),
    (
      ["id": .deltaByteArray], [],
      "DELTA_BYTE_ARRAY is not for values of INT64, which can be PLAIN, RLE_DICTIONARY, "
        + "DELTA_BINARY_PACKED, BYTE_STREAM_SPLIT"
    ),
    (["flag": .rleDictionary], [], "which can be PLAIN, RLE"),
    ([:], ["tag"], "there is no column tag"),
    ([:], ["flag"], "a bloom filter of booleans"),
  ])
  func whatFitsNoColumnIsRefused(
    _ encodings: [String: Encoding], _ blooms: [String], _ message: String
  ) throws {
    var options = WriteOptions()
    options.encodings = encodings
    options.bloomFilters = blooms
    let error = #expect(throws: ParquetError.self) {
      try ParquetWriter(schema: schema, options: options, sink: MemorySink())
    }
    #expect(error?.kind == .schemaMismatch)
    #expect(error.map { $0.message.contains(message) } == true, "\(error?.message ?? "")")
  }

  @Test func everyEncodingHasAName() {
    for type in PrimitiveType.allCases {
      for encoding in Encoding.possible(for: type) {
        #expect(Encoding(name: encoding.description) == encoding)
        #expect(Encoding(name: encoding.description.lowercased()) == encoding)
      }
    }
    #expect(Encoding(name: "delta-binary-packed") == .deltaBinaryPacked)
    #expect(Encoding(name: "dictionary") == .rleDictionary)
    #expect(Encoding(name: "best") == nil)
  }

  @Test func notesSayWhatIsLost() {
    let schema = Schema([
      Field("at", .timestamp(.nanoseconds, isUTC: true)), Field("n", .uint64),
      Field("l", .list(Field("element", .time(.nanoseconds)))), Field("i", .int64),
    ])
    var options = WriteOptions()
    options.encodings = ["i": .deltaBinaryPacked, "n": .plain]
    options.annotations = [
      "i": ColumnAnnotation(logicalType: .integer(bitWidth: 64, isSigned: true))
    ]
    let notes = options.notes(for: schema)
    #expect(notes.map(\.column) == ["at", "n", "l.element", "i", "i"])
    #expect(notes.map(\.losesValues) == [true, false, true, false, false])
    #expect(notes[0].message.hasSuffix("fractions of a microsecond are cut off"))
    options.profile = .max
    #expect(options.notes(for: schema).isEmpty)
  }

  @Test func reportsParse() {
    let report = EncodingReport(entries: [
      .init(path: "a.\"b\"", encoding: .deltaByteArray, reason: "asked for"),
      .init(path: "c", encoding: .plain, reason: "3 distinct"),
    ])
    #expect(EncodingReport(parsing: report.text) == report)
    #expect(EncodingReport(parsing: "[]") == nil && EncodingReport(parsing: "{\"a\":1}") == nil)
  }
}

/// Annotations that `DataType` has no word for.
@Suite struct AnnotationTests {
  private let schema = Schema([
    Field("kind", .string), Field("doc", .binary), Field("span", .fixedBinary(width: 12)),
    Field("places", .list(Field("element", .binary))),
    Field("v", .structure([Field("metadata", .binary), Field("value", .binary)])),
  ])
  private let annotations: [String: ColumnAnnotation] = [
    "kind": ColumnAnnotation(logicalType: .enumeration, convertedType: .enumeration),
    "doc": ColumnAnnotation(logicalType: .bson, convertedType: .bson),
    "span": ColumnAnnotation(convertedType: .interval),
    "places.list.element": ColumnAnnotation(
      logicalType: .geography(crs: "EPSG:4979", algorithm: 2)),
    "v": ColumnAnnotation(logicalType: .variant(version: 1)),
  ]

  @Test func annotationsComeBack() throws {
    var options = WriteOptions(profile: .max)
    options.annotations = annotations
    let sink = MemorySink()
    let writer = try ParquetWriter(schema: schema, options: options, sink: sink)
    var maker = SampleMaker(seed: 4)
    let columns = schema.fields.map {
      maker.column($0.type, count: 50, nulls: .none, distinct: 50)
    }
    try writer.write(Batch(schema: schema, columns: columns, rowCount: 50))
    let file = try writer.finish()
    let read = try ParquetFile(MemorySource(sink.bytes)).parquetSchema
    #expect(read.foreignAnnotations == annotations)
    // What has no order has no bounds.
    let bounds = file.metaData.rowGroups[0].columns.map { $0.metaData?.statistics?.min != nil }
    #expect(bounds == [true, true, false, false, true, true])
    options.profile = .lake
    let lake = try ParquetWriter(schema: schema, options: options, sink: MemorySink())
    #expect(lake.fileSchema.foreignAnnotations.isEmpty)
  }

  @Test(arguments: [
    ("nothing", LogicalType.bson), ("kind", .uuid), ("kind", .variant(version: 1)), ("v", .bson),
    ("doc", .string), ("places", .list),
  ])
  func whatDoesNotFitIsRefused(_ path: String, _ type: LogicalType) {
    var options = WriteOptions(profile: .max)
    options.annotations = [path: ColumnAnnotation(logicalType: type)]
    let error = #expect(throws: ParquetError.self) {
      try ParquetWriter(schema: schema, options: options, sink: MemorySink())
    }
    #expect(error?.kind == .schemaMismatch)
  }
}
