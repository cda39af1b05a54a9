public import Compression

/// What a column chunk holds and where its pages are.
public struct ColumnMetaData: Hashable, Sendable {
  public var type: PrimitiveType
  /// Every encoding that occurs, of levels too.
  public var encodings: [Encoding]
  public var path: [String]
  /// The codec's number, also where `Codec` does not know it.
  public var codecNumber: Int32
  /// Level entries: values and nulls, also those of empty lists.
  public var valueCount: Int64
  /// Bytes of the pages with their headers, before compression.
  public var totalUncompressedSize: Int64
  /// Bytes of the pages with their headers, as stored.
  public var totalCompressedSize: Int64
  public var keyValues: [KeyValue]?
  /// File offset of the first data page.
  public var dataPageOffset: Int64
  public var indexPageOffset: Int64?
  /// File offset of the dictionary page; some writers put 0 for none.
  public var dictionaryPageOffset: Int64?
  public var statistics: Statistics?
  public var encodingStats: [PageEncodingStats]?
  public var bloomFilterOffset: Int64?
  public var bloomFilterLength: Int32?
  public var sizeStatistics: SizeStatistics?
  public var geospatialStatistics: GeospatialStatistics?

  public init(
    type: PrimitiveType, encodings: [Encoding], path: [String], codec: Codec, valueCount: Int64,
    totalUncompressedSize: Int64, totalCompressedSize: Int64, dataPageOffset: Int64
  ) {
    self.type = type
    self.encodings = encodings
    self.path = path
    codecNumber = codec.rawValue
    self.valueCount = valueCount
    self.totalUncompressedSize = totalUncompressedSize
    self.totalCompressedSize = totalCompressedSize
    self.dataPageOffset = dataPageOffset
  }

  /// Nil where the number is unknown.
  public var codec: Codec? { Codec(rawValue: codecNumber) }
}

extension ColumnMetaData: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    self.init(
      type: .boolean, encodings: [], path: [], codec: .none, valueCount: 0,
      totalUncompressedSize: 0, totalCompressedSize: 0, dataPageOffset: 0)
    var id = 0
    var seen: UInt32 = 0
    while let field = try reader.nextField(after: &id) {
      if (1...17).contains(field.id) { seen |= 1 << UInt32(field.id) }
      switch field.id {
      case 1:
        let value = try reader.int32(field)
        guard let known = PrimitiveType(rawValue: value) else {
          throw reader.corrupt("a physical type of \(value)")
        }
        type = known
      case 2: encodings = try reader.int32s(field).map(Encoding.init)
      case 3: path = try reader.strings(field)
      case 4: codecNumber = try reader.int32(field)
      case 5: valueCount = try reader.int64(field)
      case 6: totalUncompressedSize = try reader.int64(field)
      case 7: totalCompressedSize = try reader.int64(field)
      case 8: keyValues = try reader.structures(field)
      case 9: dataPageOffset = try reader.int64(field)
      case 10: indexPageOffset = try reader.int64(field)
      case 11: dictionaryPageOffset = try reader.int64(field)
      case 12: statistics = try reader.structure(field)
      case 13: encodingStats = try reader.structures(field)
      case 14: bloomFilterOffset = try reader.int64(field)
      // Some files have something else under this number; it is only a hint.
      case 15 where field.type == .int32: bloomFilterLength = try reader.int32(field)
      case 16: sizeStatistics = try reader.structure(field)
      case 17: geospatialStatistics = try reader.structure(field)
      default: try reader.skip(field)
      }
    }
    for required in [1, 2, 3, 4, 5, 6, 7, 9] where seen & 1 << UInt32(required) == 0 {
      throw reader.corrupt("field \(required) of ColumnMetaData is missing")
    }
  }

  func write(to writer: inout ThriftWriter) {
    writer.int32(1, type.rawValue)
    writer.int32s(2, encodings.map(\.rawValue))
    writer.strings(3, path)
    writer.int32(4, codecNumber)
    writer.int64(5, valueCount)
    writer.int64(6, totalUncompressedSize)
    writer.int64(7, totalCompressedSize)
    writer.structures(8, keyValues)
    writer.int64(9, dataPageOffset)
    writer.int64(10, indexPageOffset)
    writer.int64(11, dictionaryPageOffset)
    writer.structure(12, statistics)
    writer.structures(13, encodingStats)
    writer.int64(14, bloomFilterOffset)
    writer.int32(15, bloomFilterLength)
    writer.structure(16, sizeStatistics)
    writer.structure(17, geospatialStatistics)
    writer.stop()
  }
}

/// How many pages of a kind have an encoding: tells whether all data pages use the dictionary.
public struct PageEncodingStats: Hashable, Sendable {
  public var pageType: PageType
  public var encoding: Encoding
  public var count: Int32

  public init(pageType: PageType, encoding: Encoding, count: Int32) {
    self.pageType = pageType
    self.encoding = encoding
    self.count = count
  }
}

extension PageEncodingStats: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    var id = 0
    var values = [Int32?](repeating: nil, count: 3)
    while let field = try reader.nextField(after: &id) {
      if (1...3).contains(field.id) {
        values[field.id - 1] = try reader.int32(field)
      } else {
        try reader.skip(field)
      }
    }
    pageType = PageType(rawValue: try reader.require(values[0], "PageEncodingStats.page_type"))
    encoding = Encoding(rawValue: try reader.require(values[1], "PageEncodingStats.encoding"))
    count = try reader.require(values[2], "PageEncodingStats.count")
  }

  func write(to writer: inout ThriftWriter) {
    writer.int32(1, pageType.rawValue)
    writer.int32(2, encoding.rawValue)
    writer.int32(3, count)
    writer.stop()
  }
}

/// A pair of texts that the writer wished to keep.
public struct KeyValue: Hashable, Sendable {
  public var key: String
  public var value: String?

  public init(key: String, value: String?) {
    self.key = key
    self.value = value
  }
}

extension KeyValue: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    var id = 0
    var key: String?
    value = nil
    while let field = try reader.nextField(after: &id) {
      switch field.id {
      case 1: key = try reader.string(field)
      case 2: value = try reader.string(field)
      default: try reader.skip(field)
      }
    }
    self.key = try reader.require(key, "KeyValue.key")
  }

  func write(to writer: inout ThriftWriter) {
    writer.string(1, key)
    writer.string(2, value)
    writer.stop()
  }
}
