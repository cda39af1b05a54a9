/// What stands before the bytes of a page.
public struct PageHeader: Hashable, Sendable {
  /// The part that depends on the kind of page.
  public enum Body: Hashable, Sendable {
    case data(DataPageHeader)
    case dataV2(DataPageHeaderV2)
    case dictionary(DictionaryPageHeader)
    case index
    /// Of a kind that this module does not know, or without the part that its kind asks for.
    case unknown
  }

  public var type: PageType
  /// Bytes of the page after decompression, without this header; with the levels.
  public var uncompressedSize: Int32
  /// Bytes of the page that follow this header.
  public var compressedSize: Int32
  /// CRC-32 (as gzip has it) of the bytes that follow this header.
  public var crc: UInt32?
  public var body: Body

  public init(
    type: PageType, uncompressedSize: Int32, compressedSize: Int32, crc: UInt32? = nil, body: Body
  ) {
    self.type = type
    self.uncompressedSize = uncompressedSize
    self.compressedSize = compressedSize
    self.crc = crc
    self.body = body
  }
}

public struct DataPageHeader: Hashable, Sendable {
  /// Level entries: values and nulls.
  public var valueCount: Int32
  public var encoding: Encoding
  public var definitionLevelEncoding: Encoding
  public var repetitionLevelEncoding: Encoding
  public var statistics: Statistics?

  public init(
    valueCount: Int32, encoding: Encoding, definitionLevelEncoding: Encoding = .rle,
    repetitionLevelEncoding: Encoding = .rle, statistics: Statistics? = nil
  ) {
    self.valueCount = valueCount
    self.encoding = encoding
    self.definitionLevelEncoding = definitionLevelEncoding
    self.repetitionLevelEncoding = repetitionLevelEncoding
    self.statistics = statistics
  }
}

public struct DataPageHeaderV2: Hashable, Sendable {
  /// Level entries: values and nulls.
  public var valueCount: Int32
  public var nullCount: Int32
  public var rowCount: Int32
  public var encoding: Encoding
  /// The levels stand before the values, never compressed: repetition levels first.
  public var definitionLevelsByteCount: Int32
  public var repetitionLevelsByteCount: Int32
  public var isCompressed: Bool
  public var statistics: Statistics?

  public init(
    valueCount: Int32, nullCount: Int32, rowCount: Int32, encoding: Encoding,
    definitionLevelsByteCount: Int32, repetitionLevelsByteCount: Int32, isCompressed: Bool,
    statistics: Statistics? = nil
  ) {
    self.valueCount = valueCount
    self.nullCount = nullCount
    self.rowCount = rowCount
    self.encoding = encoding
    self.definitionLevelsByteCount = definitionLevelsByteCount
    self.repetitionLevelsByteCount = repetitionLevelsByteCount
    self.isCompressed = isCompressed
    self.statistics = statistics
  }
}

public struct DictionaryPageHeader: Hashable, Sendable {
  public var valueCount: Int32
  public var encoding: Encoding
  public var isSorted: Bool?

  public init(valueCount: Int32, encoding: Encoding, isSorted: Bool? = nil) {
    self.valueCount = valueCount
    self.encoding = encoding
    self.isSorted = isSorted
  }
}

extension PageHeader {
  /// Parses the header at the start of `range`.
  /// - Returns: the header, and the index behind it.
  /// - Throws: `.truncated` where the range ends within the header: more bytes may mend it.
  public static func parse(_ bytes: [UInt8], range: Range<Int>)
    throws(ParquetError) -> (header: PageHeader, end: Int)
  {
    var reader = ThriftReader(bytes, range: range)
    let header = try PageHeader(from: &reader)
    return (header, reader.position)
  }
}

extension PageHeader: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    var id = 0
    var type: PageType?
    var uncompressedSize: Int32?
    var compressedSize: Int32?
    var data: DataPageHeader?
    var dictionary: DictionaryPageHeader?
    var dataV2: DataPageHeaderV2?
    crc = nil
    while let field = try reader.nextField(after: &id) {
      switch field.id {
      case 1: type = PageType(rawValue: try reader.int32(field))
      case 2: uncompressedSize = try reader.int32(field)
      case 3: compressedSize = try reader.int32(field)
      case 4: crc = UInt32(bitPattern: try reader.int32(field))
      case 5: data = try reader.structure(field)
      case 7: dictionary = try reader.structure(field)
      case 8: dataV2 = try reader.structure(field)
      default: try reader.skip(field)
      }
    }
    self.type = try reader.require(type, "PageHeader.type")
    self.uncompressedSize = try reader.require(
      uncompressedSize, "PageHeader.uncompressed_page_size")
    self.compressedSize = try reader.require(compressedSize, "PageHeader.compressed_page_size")
    guard self.uncompressedSize >= 0, self.compressedSize >= 0 else {
      throw reader.corrupt(
        "a page of \(self.compressedSize) bytes, \(self.uncompressedSize) uncompressed")
    }
    switch self.type {
    case .data: body = data.map(Body.data) ?? .unknown
    case .dataV2: body = dataV2.map(Body.dataV2) ?? .unknown
    case .dictionary: body = dictionary.map(Body.dictionary) ?? .unknown
    case .index: body = .index
    default: body = .unknown
    }
  }

  func write(to writer: inout ThriftWriter) {
    writer.int32(1, type.rawValue)
    writer.int32(2, uncompressedSize)
    writer.int32(3, compressedSize)
    writer.int32(4, crc.map { Int32(bitPattern: $0) })
    switch body {
    case .data(let header): writer.structure(5, header)
    case .index: writer.emptyStructure(6)
    case .dictionary(let header): writer.structure(7, header)
    case .dataV2(let header): writer.structure(8, header)
    case .unknown: break
    }
    writer.stop()
  }
}

extension DataPageHeader: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    var id = 0
    var numbers = [Int32?](repeating: nil, count: 4)
    statistics = nil
    while let field = try reader.nextField(after: &id) {
      switch field.id {
      case 1...4: numbers[field.id - 1] = try reader.int32(field)
      case 5: statistics = try reader.structure(field)
      default: try reader.skip(field)
      }
    }
    valueCount = try reader.require(numbers[0], "DataPageHeader.num_values")
    encoding = Encoding(rawValue: try reader.require(numbers[1], "DataPageHeader.encoding"))
    definitionLevelEncoding = Encoding(
      rawValue: try reader.require(numbers[2], "DataPageHeader.definition_level_encoding"))
    repetitionLevelEncoding = Encoding(
      rawValue: try reader.require(numbers[3], "DataPageHeader.repetition_level_encoding"))
    guard valueCount >= 0 else { throw reader.corrupt("a data page of \(valueCount) values") }
  }

  func write(to writer: inout ThriftWriter) {
    writer.int32(1, valueCount)
    writer.int32(2, encoding.rawValue)
    writer.int32(3, definitionLevelEncoding.rawValue)
    writer.int32(4, repetitionLevelEncoding.rawValue)
    writer.structure(5, statistics)
    writer.stop()
  }
}

extension DataPageHeaderV2: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    var id = 0
    var numbers = [Int32?](repeating: nil, count: 6)
    isCompressed = true
    statistics = nil
    while let field = try reader.nextField(after: &id) {
      switch field.id {
      case 1...6: numbers[field.id - 1] = try reader.int32(field)
      case 7: isCompressed = try reader.bool(field)
      case 8: statistics = try reader.structure(field)
      default: try reader.skip(field)
      }
    }
    valueCount = try reader.require(numbers[0], "DataPageHeaderV2.num_values")
    nullCount = try reader.require(numbers[1], "DataPageHeaderV2.num_nulls")
    rowCount = try reader.require(numbers[2], "DataPageHeaderV2.num_rows")
    encoding = Encoding(rawValue: try reader.require(numbers[3], "DataPageHeaderV2.encoding"))
    definitionLevelsByteCount = try reader.require(
      numbers[4], "DataPageHeaderV2.definition_levels_byte_length")
    repetitionLevelsByteCount = try reader.require(
      numbers[5], "DataPageHeaderV2.repetition_levels_byte_length")
    let counts = [
      valueCount, nullCount, rowCount, definitionLevelsByteCount, repetitionLevelsByteCount,
    ]
    guard counts.allSatisfy({ $0 >= 0 }) else {
      throw reader.corrupt("a data page with a negative count among \(counts)")
    }
  }

  func write(to writer: inout ThriftWriter) {
    writer.int32(1, valueCount)
    writer.int32(2, nullCount)
    writer.int32(3, rowCount)
    writer.int32(4, encoding.rawValue)
    writer.int32(5, definitionLevelsByteCount)
    writer.int32(6, repetitionLevelsByteCount)
    writer.bool(7, isCompressed)
    writer.structure(8, statistics)
    writer.stop()
  }
}

extension DictionaryPageHeader: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    var id = 0
    var valueCount: Int32?
    var encoding: Int32?
    isSorted = nil
    while let field = try reader.nextField(after: &id) {
      switch field.id {
      case 1: valueCount = try reader.int32(field)
      case 2: encoding = try reader.int32(field)
      case 3: isSorted = try reader.bool(field)
      default: try reader.skip(field)
      }
    }
    self.valueCount = try reader.require(valueCount, "DictionaryPageHeader.num_values")
    self.encoding = Encoding(
      rawValue: try reader.require(encoding, "DictionaryPageHeader.encoding"))
    guard self.valueCount >= 0 else {
      throw reader.corrupt("a dictionary page of \(self.valueCount) values")
    }
  }

  func write(to writer: inout ThriftWriter) {
    writer.int32(1, valueCount)
    writer.int32(2, encoding.rawValue)
    writer.bool(3, isSorted)
    writer.stop()
  }
}
