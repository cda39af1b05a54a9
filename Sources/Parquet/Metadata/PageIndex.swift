/// Minimum, maximum and nulls of each data page of a column chunk.
///
/// The lists have one entry a page. The entry of a page of nulls in `minValues` and `maxValues`
/// is empty and means nothing.
public struct ColumnIndex: Hashable, Sendable {
  /// Whether all values of the page are null.
  public var nullPages: [Bool]
  /// Bounds, not always values themselves: long texts are cut.
  public var minValues: [ArraySlice<UInt8>]
  public var maxValues: [ArraySlice<UInt8>]
  public var boundaryOrder: BoundaryOrder
  public var nullCounts: [Int64]?
  /// The histograms of all pages in a row, each of maximum level + 1 entries.
  public var repetitionLevelHistograms: [Int64]?
  public var definitionLevelHistograms: [Int64]?
  public var nanCounts: [Int64]?

  public init(
    nullPages: [Bool], minValues: [ArraySlice<UInt8>], maxValues: [ArraySlice<UInt8>],
    boundaryOrder: BoundaryOrder, nullCounts: [Int64]? = nil
  ) {
    self.nullPages = nullPages
    self.minValues = minValues
    self.maxValues = maxValues
    self.boundaryOrder = boundaryOrder
    self.nullCounts = nullCounts
  }
}

extension ColumnIndex {
  public init(parsing bytes: [UInt8]) throws(ParquetError) {
    var reader = ThriftReader(bytes)
    try self.init(from: &reader)
  }
}

extension ColumnIndex: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    var id = 0
    var nullPages: [Bool]?
    var minValues: [ArraySlice<UInt8>]?
    var maxValues: [ArraySlice<UInt8>]?
    var order: Int32?
    self.init(nullPages: [], minValues: [], maxValues: [], boundaryOrder: .unordered)
    while let field = try reader.nextField(after: &id) {
      switch field.id {
      case 1: nullPages = try reader.bools(field)
      case 2: minValues = try reader.binaries(field)
      case 3: maxValues = try reader.binaries(field)
      case 4: order = try reader.int32(field)
      case 5: nullCounts = try reader.int64s(field)
      case 6: repetitionLevelHistograms = try reader.int64s(field)
      case 7: definitionLevelHistograms = try reader.int64s(field)
      case 8: nanCounts = try reader.int64s(field)
      default: try reader.skip(field)
      }
    }
    self.nullPages = try reader.require(nullPages, "ColumnIndex.null_pages")
    self.minValues = try reader.require(minValues, "ColumnIndex.min_values")
    self.maxValues = try reader.require(maxValues, "ColumnIndex.max_values")
    // An order that this module does not know is no order that it can use.
    boundaryOrder =
      BoundaryOrder(rawValue: try reader.require(order, "ColumnIndex.boundary_order")) ?? .unordered
    let pageCount = self.nullPages.count
    guard self.minValues.count == pageCount, self.maxValues.count == pageCount,
      nullCounts.map({ $0.count == pageCount }) ?? true
    else {
      throw reader.corrupt("a column index whose lists differ in length")
    }
  }

  func write(to writer: inout ThriftWriter) {
    writer.bools(1, nullPages)
    writer.binaries(2, minValues)
    writer.binaries(3, maxValues)
    writer.int32(4, boundaryOrder.rawValue)
    writer.int64s(5, nullCounts)
    writer.int64s(6, repetitionLevelHistograms)
    writer.int64s(7, definitionLevelHistograms)
    writer.int64s(8, nanCounts)
    writer.stop()
  }
}

/// Where a data page is.
public struct PageLocation: Hashable, Sendable {
  /// In the file, of the page's header.
  public var offset: Int64
  /// With the header.
  public var compressedSize: Int32
  /// The number of its first row within the row group.
  public var firstRowIndex: Int64

  public init(offset: Int64, compressedSize: Int32, firstRowIndex: Int64) {
    self.offset = offset
    self.compressedSize = compressedSize
    self.firstRowIndex = firstRowIndex
  }
}

extension PageLocation: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    var id = 0
    var offset: Int64?
    var size: Int32?
    var row: Int64?
    while let field = try reader.nextField(after: &id) {
      switch field.id {
      case 1: offset = try reader.int64(field)
      case 2: size = try reader.int32(field)
      case 3: row = try reader.int64(field)
      default: try reader.skip(field)
      }
    }
    self.offset = try reader.require(offset, "PageLocation.offset")
    compressedSize = try reader.require(size, "PageLocation.compressed_page_size")
    firstRowIndex = try reader.require(row, "PageLocation.first_row_index")
  }

  func write(to writer: inout ThriftWriter) {
    writer.int64(1, offset)
    writer.int32(2, compressedSize)
    writer.int64(3, firstRowIndex)
    writer.stop()
  }
}

/// Where the data pages of a column chunk are, in order.
public struct OffsetIndex: Hashable, Sendable {
  public var pageLocations: [PageLocation]
  /// Bytes of the BYTE_ARRAY values of each page.
  public var unencodedByteArrayBytes: [Int64]?

  public init(pageLocations: [PageLocation], unencodedByteArrayBytes: [Int64]? = nil) {
    self.pageLocations = pageLocations
    self.unencodedByteArrayBytes = unencodedByteArrayBytes
  }
}

extension OffsetIndex {
  public init(parsing bytes: [UInt8]) throws(ParquetError) {
    var reader = ThriftReader(bytes)
    try self.init(from: &reader)
  }
}

extension OffsetIndex: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    var id = 0
    var locations: [PageLocation]?
    unencodedByteArrayBytes = nil
    while let field = try reader.nextField(after: &id) {
      switch field.id {
      case 1: locations = try reader.structures(field)
      case 2: unencodedByteArrayBytes = try reader.int64s(field)
      default: try reader.skip(field)
      }
    }
    pageLocations = try reader.require(locations, "OffsetIndex.page_locations")
  }

  func write(to writer: inout ThriftWriter) {
    writer.structures(1, pageLocations)
    writer.int64s(2, unencodedByteArrayBytes)
    writer.stop()
  }
}
