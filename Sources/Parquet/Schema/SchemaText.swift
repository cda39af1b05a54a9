internal import Records

extension LogicalType {
  /// As the `message` form of schemas spells it: `DECIMAL(12,2)`.
  public var text: String {
    switch self {
    case .string: "STRING"
    case .map: "MAP"
    case .list: "LIST"
    case .enumeration: "ENUM"
    case .decimal(let precision, let scale): "DECIMAL(\(precision),\(scale))"
    case .date: "DATE"
    case .time(let unit, let isUTC): "TIME(\(Self.name(unit)),\(isUTC))"
    case .timestamp(let unit, let isUTC): "TIMESTAMP(\(Self.name(unit)),\(isUTC))"
    case .integer(let bitWidth, let isSigned): "INTEGER(\(bitWidth),\(isSigned))"
    case .null: "UNKNOWN"
    case .json: "JSON"
    case .bson: "BSON"
    case .uuid: "UUID"
    case .float16: "FLOAT16"
    case .variant(let version): "VARIANT(\(version ?? 1))"
    case .geometry(let crs): "GEOMETRY(\(crs ?? Self.crsDefault))"
    case .geography(let crs, let algorithm):
      "GEOGRAPHY(\(crs ?? Self.crsDefault),\(Self.edges(algorithm)))"
    case .unknown(let field): "logical type \(field)"
    }
  }

  /// What coordinates are in where nothing is said: longitude and latitude.
  static let crsDefault = "OGC:CRS84"

  /// How the edges between points bend.
  static func edges(_ algorithm: Int32?) -> String {
    switch algorithm ?? 0 {
    case 0: "SPHERICAL"
    case 1: "VINCENTY"
    case 2: "THOMAS"
    case 3: "ANDOYER"
    case 4: "KARNEY"
    case let other: "algorithm \(other)"
    }
  }

  private static func name(_ unit: TimeUnit) -> String {
    switch unit {
    case .milliseconds: "MILLIS"
    case .microseconds: "MICROS"
    case .nanoseconds: "NANOS"
    }
  }
}

extension ConvertedType {
  /// As the `message` form of schemas spells it.
  public var text: String {
    switch self {
    case .utf8: "UTF8"
    case .map: "MAP"
    case .mapKeyValue: "MAP_KEY_VALUE"
    case .list: "LIST"
    case .enumeration: "ENUM"
    case .decimal: "DECIMAL"
    case .date: "DATE"
    case .timeMilliseconds: "TIME_MILLIS"
    case .timeMicroseconds: "TIME_MICROS"
    case .timestampMilliseconds: "TIMESTAMP_MILLIS"
    case .timestampMicroseconds: "TIMESTAMP_MICROS"
    case .uint8: "UINT_8"
    case .uint16: "UINT_16"
    case .uint32: "UINT_32"
    case .uint64: "UINT_64"
    case .int8: "INT_8"
    case .int16: "INT_16"
    case .int32: "INT_32"
    case .int64: "INT_64"
    case .json: "JSON"
    case .bson: "BSON"
    case .interval: "INTERVAL"
    }
  }
}

extension PrimitiveType {
  /// As the `message` form of schemas spells it.
  public var text: String {
    switch self {
    case .boolean: "boolean"
    case .int32: "int32"
    case .int64: "int64"
    case .int96: "int96"
    case .float: "float"
    case .double: "double"
    case .byteArray: "binary"
    case .fixedLengthByteArray: "fixed_len_byte_array"
    }
  }
}
