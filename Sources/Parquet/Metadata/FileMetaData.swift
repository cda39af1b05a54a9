/// The footer of a file.
public struct FileMetaData: Hashable, Sendable {
  public var version: Int32
  /// The schema tree depth first; the first element is the root.
  public var schema: [SchemaElement]
  public var rowCount: Int64
  public var rowGroups: [RowGroup]
  public var keyValues: [KeyValue]?
  public var createdBy: String?
  /// One a leaf column.
  public var columnOrders: [ColumnOrder]?
  /// Set where the footer is plain and columns are encrypted.
  public var encryptionAlgorithm: EncryptionAlgorithm?
  public var footerSigningKeyMetadata: ArraySlice<UInt8>?

  public init(
    version: Int32 = 2, schema: [SchemaElement], rowCount: Int64, rowGroups: [RowGroup],
    keyValues: [KeyValue]? = nil, createdBy: String? = nil, columnOrders: [ColumnOrder]? = nil
  ) {
    self.version = version
    self.schema = schema
    self.rowCount = rowCount
    self.rowGroups = rowGroups
    self.keyValues = keyValues
    self.createdBy = createdBy
    self.columnOrders = columnOrders
  }

  /// The last value under a key of the file's key-value metadata.
  public func value(forKey key: String) -> String? {
    keyValues?.last { $0.key == key }?.value
  }
}

extension FileMetaData {
  /// Parses a footer, without the length and magic behind it.
  public init(parsing footer: [UInt8]) throws(ParquetError) {
    var reader = ThriftReader(footer)
    try self.init(from: &reader)
  }

  /// The footer's bytes, without the length and magic behind it.
  public var footer: [UInt8] { serialized() }
}

extension FileMetaData: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    self.init(schema: [], rowCount: 0, rowGroups: [])
    var id = 0
    var version: Int32?
    var schema: [SchemaElement]?
    var rowCount: Int64?
    var rowGroups: [RowGroup]?
    while let field = try reader.nextField(after: &id) {
      switch field.id {
      case 1: version = try reader.int32(field)
      case 2: schema = try reader.structures(field)
      case 3: rowCount = try reader.int64(field)
      case 4: rowGroups = try reader.structures(field)
      case 5: keyValues = try reader.structures(field)
      case 6: createdBy = try reader.string(field)
      case 7: columnOrders = try reader.structures(field)
      case 8: encryptionAlgorithm = try reader.structure(field)
      case 9: footerSigningKeyMetadata = try reader.binary(field)
      default: try reader.skip(field)
      }
    }
    self.version = try reader.require(version, "FileMetaData.version")
    self.schema = try reader.require(schema, "FileMetaData.schema")
    self.rowCount = try reader.require(rowCount, "FileMetaData.num_rows")
    self.rowGroups = try reader.require(rowGroups, "FileMetaData.row_groups")
  }

  func write(to writer: inout ThriftWriter) {
    writer.int32(1, version)
    writer.structures(2, schema)
    writer.int64(3, rowCount)
    writer.structures(4, rowGroups)
    writer.structures(5, keyValues)
    writer.string(6, createdBy)
    writer.structures(7, columnOrders)
    writer.structure(8, encryptionAlgorithm)
    writer.binary(9, footerSigningKeyMetadata)
    writer.stop()
  }
}

/// By what order the minima and maxima of a column are to be understood.
public enum ColumnOrder: Hashable, Sendable {
  /// The one that the logical type has.
  case typeDefined
  /// IEEE 754's total order of floating-point numbers.
  case ieee754Total
  /// The chronological order of INT96 timestamps.
  case int96Timestamp
  /// Of the future: the statistics can not be used.
  case unknown(field: Int)
}

extension ColumnOrder: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    var id = 0
    self = .unknown(field: 0)
    while let field = try reader.nextField(after: &id) {
      try reader.skip(field)
      switch field.id {
      case 1: self = .typeDefined
      case 2: self = .ieee754Total
      case 3: self = .int96Timestamp
      default: self = .unknown(field: field.id)
      }
    }
  }

  func write(to writer: inout ThriftWriter) {
    switch self {
    case .typeDefined: writer.emptyStructure(1)
    case .ieee754Total: writer.emptyStructure(2)
    case .int96Timestamp: writer.emptyStructure(3)
    case .unknown(let field): if field > 0 { writer.emptyStructure(field) }
    }
    writer.stop()
  }
}
