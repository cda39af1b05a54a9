/// Where a column chunk and its indexes are.
public struct ColumnChunk: Hashable, Sendable {
  /// Another file that holds the data; nil where it is this one.
  public var filePath: String?
  /// Deprecated; 0 from new writers.
  public var fileOffset: Int64
  /// Nil where the chunk's metadata are encrypted with a key of their own.
  public var metaData: ColumnMetaData?
  public var offsetIndexOffset: Int64?
  public var offsetIndexLength: Int32?
  public var columnIndexOffset: Int64?
  public var columnIndexLength: Int32?
  public var cryptoMetaData: ColumnCryptoMetaData?
  public var encryptedColumnMetaData: ArraySlice<UInt8>?

  public init(fileOffset: Int64 = 0, metaData: ColumnMetaData?) {
    self.fileOffset = fileOffset
    self.metaData = metaData
  }
}

extension ColumnChunk: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    self.init(metaData: nil)
    var id = 0
    while let field = try reader.nextField(after: &id) {
      switch field.id {
      case 1: filePath = try reader.string(field)
      case 2: fileOffset = try reader.int64(field)
      case 3: metaData = try reader.structure(field)
      case 4: offsetIndexOffset = try reader.int64(field)
      case 5: offsetIndexLength = try reader.int32(field)
      case 6: columnIndexOffset = try reader.int64(field)
      case 7: columnIndexLength = try reader.int32(field)
      case 8: cryptoMetaData = try reader.structure(field)
      case 9: encryptedColumnMetaData = try reader.binary(field)
      default: try reader.skip(field)
      }
    }
  }

  func write(to writer: inout ThriftWriter) {
    writer.string(1, filePath)
    writer.int64(2, fileOffset)
    writer.structure(3, metaData)
    writer.int64(4, offsetIndexOffset)
    writer.int32(5, offsetIndexLength)
    writer.int64(6, columnIndexOffset)
    writer.int32(7, columnIndexLength)
    writer.structure(8, cryptoMetaData)
    writer.binary(9, encryptedColumnMetaData)
    writer.stop()
  }
}

/// A column that the rows of a row group are sorted by.
public struct SortingColumn: Hashable, Sendable {
  /// The number of the leaf column.
  public var columnIndex: Int32
  public var isDescending: Bool
  public var isNullsFirst: Bool

  public init(columnIndex: Int32, isDescending: Bool = false, isNullsFirst: Bool = false) {
    self.columnIndex = columnIndex
    self.isDescending = isDescending
    self.isNullsFirst = isNullsFirst
  }
}

extension SortingColumn: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    var id = 0
    var columnIndex: Int32?
    var isDescending: Bool?
    var isNullsFirst: Bool?
    while let field = try reader.nextField(after: &id) {
      switch field.id {
      case 1: columnIndex = try reader.int32(field)
      case 2: isDescending = try reader.bool(field)
      case 3: isNullsFirst = try reader.bool(field)
      default: try reader.skip(field)
      }
    }
    self.columnIndex = try reader.require(columnIndex, "SortingColumn.column_idx")
    self.isDescending = try reader.require(isDescending, "SortingColumn.descending")
    self.isNullsFirst = try reader.require(isNullsFirst, "SortingColumn.nulls_first")
  }

  func write(to writer: inout ThriftWriter) {
    writer.int32(1, columnIndex)
    writer.bool(2, isDescending)
    writer.bool(3, isNullsFirst)
    writer.stop()
  }
}

/// A horizontal part of the file: one chunk a leaf column.
///
/// The chunks of a footer that was read are parsed when they are asked for: of a wide file mostly
/// few are.
public struct RowGroup: Sendable {
  private var chunks: ColumnChunks
  /// Bytes of all chunks before compression.
  public var totalByteSize: Int64
  public var rowCount: Int64
  public var sortingColumns: [SortingColumn]?
  /// Of the first page.
  public var fileOffset: Int64?
  public var totalCompressedSize: Int64?
  /// The number of the row group in the file.
  public var ordinal: Int16?

  public init(columns: [ColumnChunk], totalByteSize: Int64, rowCount: Int64) {
    chunks = .parsed(columns)
    self.totalByteSize = totalByteSize
    self.rowCount = rowCount
  }

  /// All chunks. One that cannot be parsed has no metadata; `column(at:)` says why.
  public var columns: [ColumnChunk] {
    get { chunks.all }
    set { chunks = .parsed(newValue) }
  }

  /// Changes chunks where they are: `columns` is copied by every change.
  mutating func changeColumns(_ change: (inout [ColumnChunk]) -> Void) {
    var columns = chunks.all
    // Nobody else holds the array now.
    chunks = .parsed([])
    change(&columns)
    chunks = .parsed(columns)
  }

  /// How many chunks there are. Complexity: O(1).
  public var columnCount: Int { chunks.count }

  /// One chunk; the others are not parsed.
  /// - Throws: `.corrupt`, `.truncated`; `.schemaMismatch` where there is none of that number.
  public func column(at index: Int) throws(ParquetError) -> ColumnChunk {
    guard index >= 0, index < chunks.count else {
      throw ParquetError(.schemaMismatch, "no column chunk \(index); there are \(chunks.count)")
    }
    return try chunks.chunk(at: index)
  }
}

extension RowGroup: Hashable {
  public static func == (a: RowGroup, b: RowGroup) -> Bool {
    a.columns == b.columns && a.totalByteSize == b.totalByteSize && a.rowCount == b.rowCount
      && a.sortingColumns == b.sortingColumns && a.fileOffset == b.fileOffset
      && a.totalCompressedSize == b.totalCompressedSize && a.ordinal == b.ordinal
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(columns)
    hasher.combine(rowCount)
  }
}

extension RowGroup: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    self.init(columns: [], totalByteSize: 0, rowCount: 0)
    var id = 0
    var columns: ColumnChunks?
    var rowCount: Int64?
    while let field = try reader.nextField(after: &id) {
      switch field.id {
      case 1:
        if let located = try reader.located(field, as: ColumnChunk.self) {
          columns = .located(LocatedChunks(located))
        } else {
          columns = .parsed(try reader.structures(field))
        }
      case 2: totalByteSize = try reader.int64(field)
      case 3: rowCount = try reader.int64(field)
      case 4: sortingColumns = try reader.structures(field)
      case 5: fileOffset = try reader.int64(field)
      case 6: totalCompressedSize = try reader.int64(field)
      case 7: ordinal = try reader.int16(field)
      default: try reader.skip(field)
      }
    }
    chunks = try reader.require(columns, "RowGroup.columns")
    self.rowCount = try reader.require(rowCount, "RowGroup.num_rows")
  }

  func write(to writer: inout ThriftWriter) {
    writer.structures(1, columns)
    writer.int64(2, totalByteSize)
    writer.int64(3, rowCount)
    writer.structures(4, sortingColumns)
    writer.int64(5, fileOffset)
    writer.int64(6, totalCompressedSize)
    writer.int16(7, ordinal)
    writer.stop()
  }
}
