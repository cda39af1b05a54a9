/// One node of the schema tree, which a file stores depth first.
public struct SchemaElement: Hashable, Sendable {
  /// Nil for groups.
  public var type: PrimitiveType?
  /// Bytes a value, for FIXED_LEN_BYTE_ARRAY.
  public var typeLength: Int32?
  /// Nil for the root only.
  public var repetition: Repetition?
  public var name: String
  /// Nil or 0 for leaves.
  public var childCount: Int32?
  public var convertedType: ConvertedType?
  /// Of decimals in the old way.
  public var scale: Int32?
  public var precision: Int32?
  public var fieldID: Int32?
  public var logicalType: LogicalType?

  public init(
    name: String, type: PrimitiveType? = nil, typeLength: Int32? = nil,
    repetition: Repetition? = nil, childCount: Int32? = nil, convertedType: ConvertedType? = nil,
    scale: Int32? = nil, precision: Int32? = nil, fieldID: Int32? = nil,
    logicalType: LogicalType? = nil
  ) {
    self.type = type
    self.typeLength = typeLength
    self.repetition = repetition
    self.name = name
    self.childCount = childCount
    self.convertedType = convertedType
    self.scale = scale
    self.precision = precision
    self.fieldID = fieldID
    self.logicalType = logicalType
  }
}

extension SchemaElement: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    var id = 0
    var name: String?
    self.init(name: "")
    while let field = try reader.nextField(after: &id) {
      switch field.id {
      case 1:
        let value = try reader.int32(field)
        guard let known = PrimitiveType(rawValue: value) else {
          throw reader.corrupt("a physical type of \(value)")
        }
        type = known
      case 2: typeLength = try reader.int32(field)
      case 3:
        let value = try reader.int32(field)
        guard let known = Repetition(rawValue: value) else {
          throw reader.corrupt("a repetition of \(value)")
        }
        repetition = known
      case 4: name = try reader.string(field)
      case 5: childCount = try reader.int32(field)
      // An unknown one says nothing about how the values are stored.
      case 6: convertedType = ConvertedType(rawValue: try reader.int32(field))
      case 7: scale = try reader.int32(field)
      case 8: precision = try reader.int32(field)
      case 9: fieldID = try reader.int32(field)
      case 10: logicalType = try reader.structure(field)
      default: try reader.skip(field)
      }
    }
    self.name = try reader.require(name, "SchemaElement.name")
  }

  func write(to writer: inout ThriftWriter) {
    writer.int32(1, type?.rawValue)
    writer.int32(2, typeLength)
    writer.int32(3, repetition?.rawValue)
    writer.string(4, name)
    writer.int32(5, childCount)
    writer.int32(6, convertedType?.rawValue)
    writer.int32(7, scale)
    writer.int32(8, precision)
    writer.int32(9, fieldID)
    writer.structure(10, logicalType)
    writer.stop()
  }
}
