import Compression
@testable import Parquet
import Records
import Testing

@Suite struct ThriftTests {
  /// Every field of every structure set, to ids beyond one byte's step.
  private func fullMetaData() -> FileMetaData {
    var column = ColumnMetaData(
      type: .byteArray, encodings: [.plain, .rleDictionary, Encoding(rawValue: 77)],
      path: ["a", "list", "element"], codec: .zstd, valueCount: 1 << 40,
      totalUncompressedSize: -1, totalCompressedSize: 5, dataPageOffset: 4)
    column.codecNumber = 99
    column.keyValues = [KeyValue(key: "k", value: nil), KeyValue(key: "", value: "v")]
    column.indexPageOffset = 9
    column.dictionaryPageOffset = 0
    column.statistics = Statistics(
      min: [1, 2], max: [], nullCount: 3, distinctCount: 4, isMinExact: true, isMaxExact: false)
    column.statistics?.deprecatedMin = [0]
    column.statistics?.deprecatedMax = [255]
    column.statistics?.nanCount = 12
    column.encodingStats = [PageEncodingStats(pageType: .data, encoding: .plain, count: 2)]
    column.bloomFilterOffset = 100
    column.bloomFilterLength = 32
    column.sizeStatistics = SizeStatistics(
      unencodedByteArrayBytes: 7, repetitionLevelHistogram: [1, 2],
      definitionLevelHistogram: (0..<20).map { $0 })
    var box = BoundingBox(xMin: -1.5, xMax: 2, yMin: .infinity, yMax: 0)
    box.mMax = 4
    column.geospatialStatistics = GeospatialStatistics(boundingBox: box, types: [1, 3007])
    var chunk = ColumnChunk(fileOffset: 3, metaData: column)
    chunk.filePath = "other"
    chunk.offsetIndexOffset = 1
    chunk.offsetIndexLength = 2
    chunk.columnIndexOffset = 3
    chunk.columnIndexLength = 4
    chunk.cryptoMetaData = .columnKey(path: ["a"], keyMetadata: [9])
    chunk.encryptedColumnMetaData = [1, 2, 3]
    var plainKey = ColumnChunk(metaData: nil)
    plainKey.cryptoMetaData = .footerKey
    var group = RowGroup(columns: [chunk, plainKey], totalByteSize: 8, rowCount: 9)
    group.sortingColumns = [SortingColumn(columnIndex: 0, isDescending: true, isNullsFirst: false)]
    group.fileOffset = 4
    group.totalCompressedSize = 5
    group.ordinal = -1
    var file = FileMetaData(
      schema: schemaElements(), rowCount: 9, rowGroups: [group, group],
      keyValues: [KeyValue(key: "x", value: "y")], createdBy: "tidemark",
      columnOrders: [.typeDefined, .ieee754Total, .int96Timestamp, .unknown(field: 30)])
    file.encryptionAlgorithm = EncryptionAlgorithm(
      cipher: .aesGCMCTR, aadPrefix: [1], aadFileUnique: [2], suppliesAADPrefix: true)
    file.footerSigningKeyMetadata = [5]
    return file
  }

  private func schemaElements() -> [SchemaElement] {
    let types: [LogicalType] = [
      .string, .map, .list, .enumeration, .decimal(precision: 10, scale: 2), .date,
      .time(.milliseconds, isUTC: true), .timestamp(.nanoseconds, isUTC: false),
      .integer(bitWidth: -8, isSigned: false), .null, .json, .bson, .uuid, .float16,
      .variant(version: 1), .variant(version: nil), .geometry(crs: "crs"), .geometry(crs: nil),
      .geography(crs: nil, algorithm: 4), .unknown(field: 40),
    ]
    return types.map {
      SchemaElement(
        name: "n", type: .int96, typeLength: 3, repetition: .repeated, childCount: 0,
        convertedType: .interval, scale: 1, precision: 2, fieldID: -7, logicalType: $0)
    } + [SchemaElement(name: "")]
  }

  @Test func everyFieldGoesBothWays() throws {
    let file = fullMetaData()
    #expect(try FileMetaData(parsing: file.footer) == file)
  }

  @Test func pageHeadersGoBothWays() throws {
    let bodies: [(PageType, PageHeader.Body)] = [
      (
        .data,
        .data(
          DataPageHeader(
            valueCount: 5, encoding: .plain, statistics: Statistics(min: [1], nullCount: 0)))
      ),
      (
        .dataV2,
        .dataV2(
          DataPageHeaderV2(
            valueCount: 5, nullCount: 1, rowCount: 2, encoding: .deltaByteArray,
            definitionLevelsByteCount: 3, repetitionLevelsByteCount: 4, isCompressed: false))
      ),
      (
        .dictionary,
        .dictionary(
          DictionaryPageHeader(
            valueCount: 1, encoding: .plain, isSorted: true))
      ),
      (.index, .index),
    ]
    for (type, body) in bodies {
      let header = PageHeader(
        type: type, uncompressedSize: 100, compressedSize: 0, crc: 0xFFFF_FFFE, body: body)
      let bytes = [1, 2, 3] + header.serialized() + [9]
      let (found, end) = try PageHeader.parse(bytes, range: 3..<bytes.count)
      #expect(found == header && end == bytes.count - 1)
    }
    let unknown = PageHeader(
      type: PageType(rawValue: 9), uncompressedSize: 1, compressedSize: 1, body: .unknown)
    #expect(try PageHeader.parse(unknown.serialized(), range: 0..<100).header == unknown)
  }

  @Test func indexesAndHeadersGoBothWays() throws {
    var index = ColumnIndex(
      nullPages: [true, false], minValues: [[], [1]], maxValues: [[], [2, 3]],
      boundaryOrder: .descending, nullCounts: [0, 5])
    index.repetitionLevelHistograms = [1, 2]
    index.definitionLevelHistograms = [3]
    index.nanCounts = [4]
    #expect(try ColumnIndex(parsing: index.serialized()) == index)
    let offsets = OffsetIndex(
      pageLocations: (0..<40).map {
        PageLocation(offset: Int64($0) << 33, compressedSize: Int32($0), firstRowIndex: 2)
      }, unencodedByteArrayBytes: [1])
    #expect(try OffsetIndex(parsing: offsets.serialized()) == offsets)
    var reader = ThriftReader(BloomFilterHeader(byteCount: 64).serialized())
    #expect(try BloomFilterHeader(from: &reader).byteCount == 64)
    let crypto = FileCryptoMetaData(
      algorithm: EncryptionAlgorithm(cipher: .aesGCM), keyMetadata: [1])
    reader = ThriftReader(crypto.serialized())
    #expect(try FileCryptoMetaData(from: &reader) == crypto)
  }

  /// Any prefix and any changed byte give an error or other metadata, never a crash or a hang.
  @Test func damageIsSurvived() throws {
    let bytes = fullMetaData().footer
    for end in 0..<bytes.count {
      #expect(throws: ParquetError.self) { try FileMetaData(parsing: Array(bytes[..<end])) }
    }
    for position in bytes.indices {
      for flip in [0x01, 0x80, 0xFF, 0x0C] as [UInt8] {
        var changed = bytes
        changed[position] ^= flip
        _ = try? FileMetaData(parsing: changed)
      }
    }
  }

  private func kind(of bytes: [UInt8]) -> ParquetError.Kind? {
    do {
      _ = try FileMetaData(parsing: bytes)
      return nil
    } catch {
      return error.kind
    }
  }

  @Test func hostileBytesAreRefused() {
    // A varint of 11 bytes, and one of 10 that passes 64 bits.
    #expect(kind(of: [0x15] + Array(repeating: 0xFF, count: 10) + [0x01, 0]) == .corrupt)
    #expect(kind(of: [0x16] + Array(repeating: 0xFF, count: 9) + [0x7F, 0]) == .corrupt)
    // A version of more than 32 bits.
    #expect(kind(of: [0x15, 0xFE, 0xFF, 0xFF, 0xFF, 0x7F, 0]) == .corrupt)
    // A list of 2^31 structures, and a negative count as an unsigned one.
    #expect(kind(of: [0x29, 0xFC, 0x80, 0x80, 0x80, 0x80, 0x08]) == .corrupt)
    #expect(kind(of: [0x29, 0xFC] + Array(repeating: 0xFF, count: 9) + [0x01]) == .corrupt)
    // A wrong wire type for a known field, an unknown wire type.
    #expect(kind(of: [0x18, 0x00, 0]) == .corrupt)
    #expect(kind(of: [0x1E, 0x00]) == .corrupt)
    // A string longer than the bytes.
    #expect(kind(of: [0x68, 0x7F, 0x41]) == .truncated)
    // Unknown fields that nest without end: structures, lists.
    #expect(kind(of: Array(repeating: 0xFC, count: 500)) == .limitExceeded)
    #expect(kind(of: [0xF9] + Array(repeating: 0x19, count: 500)) == .limitExceeded)
    // Required fields that are missing.
    #expect(kind(of: [0]) == .corrupt)
    #expect(kind(of: []) == .truncated)
  }

  /// Structures that take far more memory than bytes are refused before they pile up.
  @Test func memoryIsBoundedByTheSize() {
    // Column chunks of one byte each, in one row group.
    let count = 8_000_000
    var size: [UInt8] = []
    var rest = count
    while rest >= 0x80 {
      size.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    size.append(UInt8(rest))
    let bytes = [0x49, 0x1C, 0x19, 0xFC] as [UInt8] + size + Array(repeating: 0, count: count)
    #expect(kind(of: bytes) == .limitExceeded)
  }

  @Test func unknownFieldsAreSkipped() throws {
    var writer = ThriftWriter()
    writer.string(1, "key")
    writer.string(2, "value")
    writer.bool(3, true)
    writer.int8(4, 1)
    writer.int16(5, -5)
    writer.double(6, 1)
    writer.int64s(7, [1, 2, 3])
    writer.bools(8, [true, false])
    writer.structure(100) {
      $0.strings(1, ["a"])
      $0.emptyStructure(200)
      $0.bool(201, false)
    }
    writer.stop()
    // Behind it a map of i32 to binary, as field 101.
    var bytes = writer.bytes
    bytes.removeLast()
    bytes += [0x1B, 0x01, 0x58, 0x02, 0x01, 0x41, 0x00]
    var reader = ThriftReader(bytes)
    #expect(try KeyValue(from: &reader) == KeyValue(key: "key", value: "value"))
    #expect(reader.bytesLeft == 0)
  }

  @Test func negativeSizesOfPagesAreRefused() {
    for (uncompressed, compressed, values) in [(-1, 1, 1), (1, -1, 1), (1, 1, -1)]
      as [(Int32, Int32, Int32)]
    {
      let header = PageHeader(
        type: .data, uncompressedSize: uncompressed, compressedSize: compressed,
        body: .data(DataPageHeader(valueCount: values, encoding: .plain)))
      let bytes = header.serialized()
      #expect(throws: ParquetError.self) { try PageHeader.parse(bytes, range: 0..<bytes.count) }
    }
  }

  @Test func errorsNamePlaceAndRemedy() {
    let error = ParquetError(.corrupt, "a run of no values", at: .init(offset: 7))
      .at(offset: 9, rowGroup: 1, column: "a.b", page: 3)
    #expect(
      error.description
        == "parquet: column a.b, row group 1, page 3, byte 7: a run of no values; "
        + "restore the file from its source; it is damaged")
    for kind in ParquetError.Kind.allCases { #expect(!ParquetError(kind, "").remedy.isEmpty) }
  }
}
