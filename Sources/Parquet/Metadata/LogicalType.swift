public import Records

/// What a column's values mean.
/// - SeeAlso: parquet-format, LogicalTypes.md.
public enum LogicalType: Hashable, Sendable {
  case string
  case map
  case list
  case enumeration
  case decimal(precision: Int32, scale: Int32)
  case date
  case time(TimeUnit, isUTC: Bool)
  case timestamp(TimeUnit, isUTC: Bool)
  case integer(bitWidth: Int8, isSigned: Bool)
  /// Nothing but nulls.
  case null
  case json
  case bson
  case uuid
  case float16
  case variant(version: Int8?)
  case geometry(crs: String?)
  /// - Parameter algorithm: how edges bend, by the format's number; 0 (spherical) where nil.
  case geography(crs: String?, algorithm: Int32?)
  /// One that this module does not know, by its field number in the union; the values are read as
  /// what they are stored as.
  case unknown(field: Int)
}

extension LogicalType: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    var id = 0
    var type: LogicalType?
    while let field = try reader.nextField(after: &id) {
      guard type == nil, field.type == .structure else {
        throw reader.corrupt("a logical type with more than one kind, or field \(field.id)")
      }
      type = try Self.kind(field, &reader)
    }
    // An empty union comes from writers of newer kinds that were dropped on the way.
    self = type ?? .unknown(field: 0)
  }

  private static func kind(
    _ field: ThriftReader.FieldHeader, _ reader: inout ThriftReader
  ) throws(ParquetError) -> LogicalType {
    switch field.id {
    case 5: return try decimal(&reader)
    case 7, 8: return try temporal(&reader, isTime: field.id == 7)
    case 10: return try integer(&reader)
    case 16: return try variant(&reader)
    case 17, 18: return try geospatial(&reader, isGeometry: field.id == 17)
    default:
      try reader.skip(field)
      return switch field.id {
      case 1: .string
      case 2: .map
      case 3: .list
      case 4: .enumeration
      case 6: .date
      case 11: .null
      case 12: .json
      case 13: .bson
      case 14: .uuid
      case 15: .float16
      default: .unknown(field: field.id)
      }
    }
  }

  private static func decimal(_ reader: inout ThriftReader) throws(ParquetError) -> LogicalType {
    var id = 0
    var scale: Int32?
    var precision: Int32?
    while let field = try reader.nextField(after: &id) {
      switch field.id {
      case 1: scale = try reader.int32(field)
      case 2: precision = try reader.int32(field)
      default: try reader.skip(field)
      }
    }
    return .decimal(
      precision: try reader.require(precision, "DecimalType.precision"),
      scale: try reader.require(scale, "DecimalType.scale"))
  }

  private static func temporal(
    _ reader: inout ThriftReader, isTime: Bool
  ) throws(ParquetError) -> LogicalType {
    var id = 0
    var isUTC: Bool?
    var unit: TimeUnit?
    var unknownUnit = false
    while let field = try reader.nextField(after: &id) {
      switch field.id {
      case 1: isUTC = try reader.bool(field)
      case 2:
        guard field.type == .structure else { throw reader.corrupt("a time unit that is no union") }
        var unitID = 0
        while let choice = try reader.nextField(after: &unitID) {
          switch choice.id {
          case 1: unit = .milliseconds
          case 2: unit = .microseconds
          case 3: unit = .nanoseconds
          default: unknownUnit = true
          }
          try reader.skip(choice)
        }
      default: try reader.skip(field)
      }
    }
    if unit == nil, unknownUnit { return .unknown(field: isTime ? 7 : 8) }
    let known = try reader.require(unit, "unit of a time or timestamp")
    let isAdjusted = try reader.require(isUTC, "isAdjustedToUTC")
    return isTime ? .time(known, isUTC: isAdjusted) : .timestamp(known, isUTC: isAdjusted)
  }

  private static func integer(_ reader: inout ThriftReader) throws(ParquetError) -> LogicalType {
    var id = 0
    var bitWidth: Int8?
    var isSigned: Bool?
    while let field = try reader.nextField(after: &id) {
      switch field.id {
      case 1: bitWidth = try reader.int8(field)
      case 2: isSigned = try reader.bool(field)
      default: try reader.skip(field)
      }
    }
    return .integer(
      bitWidth: try reader.require(bitWidth, "IntType.bitWidth"),
      isSigned: try reader.require(isSigned, "IntType.isSigned"))
  }

  private static func variant(_ reader: inout ThriftReader) throws(ParquetError) -> LogicalType {
    var id = 0
    var version: Int8?
    while let field = try reader.nextField(after: &id) {
      if field.id == 1 { version = try reader.int8(field) } else { try reader.skip(field) }
    }
    return .variant(version: version)
  }

  private static func geospatial(
    _ reader: inout ThriftReader, isGeometry: Bool
  ) throws(ParquetError) -> LogicalType {
    var id = 0
    var crs: String?
    var algorithm: Int32?
    while let field = try reader.nextField(after: &id) {
      switch field.id {
      case 1: crs = try reader.string(field)
      case 2 where !isGeometry: algorithm = try reader.int32(field)
      default: try reader.skip(field)
      }
    }
    return isGeometry ? .geometry(crs: crs) : .geography(crs: crs, algorithm: algorithm)
  }

  func write(to writer: inout ThriftWriter) {
    switch self {
    case .string: writer.emptyStructure(1)
    case .map: writer.emptyStructure(2)
    case .list: writer.emptyStructure(3)
    case .enumeration: writer.emptyStructure(4)
    case .decimal(let precision, let scale):
      writer.structure(5) {
        $0.int32(1, scale)
        $0.int32(2, precision)
      }
    case .date: writer.emptyStructure(6)
    case .time(let unit, let isUTC): Self.write(7, unit, isUTC, &writer)
    case .timestamp(let unit, let isUTC): Self.write(8, unit, isUTC, &writer)
    case .integer(let bitWidth, let isSigned):
      writer.structure(10) {
        $0.int8(1, bitWidth)
        $0.bool(2, isSigned)
      }
    case .null: writer.emptyStructure(11)
    case .json: writer.emptyStructure(12)
    case .bson: writer.emptyStructure(13)
    case .uuid: writer.emptyStructure(14)
    case .float16: writer.emptyStructure(15)
    case .variant(let version): writer.structure(16) { $0.int8(1, version) }
    case .geometry(let crs): writer.structure(17) { $0.string(1, crs) }
    case .geography(let crs, let algorithm):
      writer.structure(18) {
        $0.string(1, crs)
        $0.int32(2, algorithm)
      }
    // Of a time or timestamp in an unknown unit, an empty structure would make one without a unit.
    case .unknown(7), .unknown(8): break
    case .unknown(let field): if field > 0 { writer.emptyStructure(field) }
    }
    writer.stop()
  }

  private static func write(
    _ field: Int, _ unit: TimeUnit, _ isUTC: Bool, _ writer: inout ThriftWriter
  ) {
    writer.structure(field) {
      $0.bool(1, isUTC)
      $0.structure(2) {
        switch unit {
        case .milliseconds: $0.emptyStructure(1)
        case .microseconds: $0.emptyStructure(2)
        case .nanoseconds: $0.emptyStructure(3)
        }
      }
    }
  }
}
