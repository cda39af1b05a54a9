internal import Records

/// What the annotations of a leaf mean for its values, both ways.
enum LeafTypes {
  // MARK: Reading

  /// The type that a leaf's values are read as, and the annotation that it comes from. An
  /// annotation that does not fit the primitive type is passed over.
  static func read(_ element: SchemaElement, _ type: PrimitiveType, typeLength: Int)
    -> (DataType, LogicalType?)
  {
    let logical =
      element.logicalType ?? element.convertedType.flatMap { fromConverted($0, element) }
    if let logical, let dataType = dataType(of: type, typeLength: typeLength, logical) {
      return (dataType, logical)
    }
    return (plain(type, typeLength: typeLength), nil)
  }

  private static func plain(_ type: PrimitiveType, typeLength: Int) -> DataType {
    switch type {
    case .boolean: .boolean
    case .int32: .int32
    case .int64: .int64
    case .int96: .timestamp(.nanoseconds, isUTC: false)
    case .float: .float32
    case .double: .float64
    case .byteArray: .binary
    case .fixedLengthByteArray: .fixedBinary(width: typeLength)
    }
  }

  private static func fromConverted(_ type: ConvertedType, _ element: SchemaElement)
    -> LogicalType?
  {
    switch type {
    case .utf8: .string
    case .enumeration: .enumeration
    case .decimal:
      .decimal(precision: element.precision ?? 0, scale: element.scale ?? 0)
    case .date: .date
    case .timeMilliseconds: .time(.milliseconds, isUTC: true)
    case .timeMicroseconds: .time(.microseconds, isUTC: true)
    case .timestampMilliseconds: .timestamp(.milliseconds, isUTC: true)
    case .timestampMicroseconds: .timestamp(.microseconds, isUTC: true)
    case .uint8: .integer(bitWidth: 8, isSigned: false)
    case .uint16: .integer(bitWidth: 16, isSigned: false)
    case .uint32: .integer(bitWidth: 32, isSigned: false)
    case .uint64: .integer(bitWidth: 64, isSigned: false)
    case .int8: .integer(bitWidth: 8, isSigned: true)
    case .int16: .integer(bitWidth: 16, isSigned: true)
    case .int32: .integer(bitWidth: 32, isSigned: true)
    case .int64: .integer(bitWidth: 64, isSigned: true)
    case .json: .json
    case .bson: .bson
    case .map, .mapKeyValue, .list, .interval: nil
    }
  }

  /// Nil where the annotation does not fit the primitive type, or says nothing of the values.
  private static func dataType(
    of type: PrimitiveType, typeLength: Int, _ logical: LogicalType
  ) -> DataType? {
    switch (logical, type) {
    case (.string, .byteArray), (.enumeration, .byteArray): return .string
    case (.json, .byteArray): return .json
    case (.bson, .byteArray), (.geometry, .byteArray), (.geography, .byteArray): return .binary
    case (.date, .int32): return .date
    case (.time(.milliseconds, _), .int32): return .time(.milliseconds)
    case (.time(let unit, _), .int64) where unit != .milliseconds: return .time(unit)
    case (.timestamp(let unit, let isUTC), .int64): return .timestamp(unit, isUTC: isUTC)
    case (.uuid, .fixedLengthByteArray) where typeLength == 16: return .uuid
    case (.float16, .fixedLengthByteArray) where typeLength == 2: return .float16
    case (.integer(let bitWidth, let isSigned), .int32):
      switch bitWidth {
      case 8: return isSigned ? .int8 : .uint8
      case 16: return isSigned ? .int16 : .uint16
      case 32: return isSigned ? .int32 : .uint32
      default: return nil
      }
    case (.integer(64, let isSigned), .int64): return isSigned ? .int64 : .uint64
    case (.decimal(let precision, let scale), .int32),
      (.decimal(let precision, let scale), .int64),
      (.decimal(let precision, let scale), .byteArray),
      (.decimal(let precision, let scale), .fixedLengthByteArray):
      guard (1...38).contains(precision), (0...precision).contains(scale) else { return nil }
      return .decimal(precision: Int(precision), scale: Int(scale))
    case (.null, _): return plain(type, typeLength: typeLength)
    default: return nil
    }
  }

  // MARK: Writing

  /// The element of a leaf field.
  /// - Precondition: the field's type is not nested.
  static func element(_ field: Field) -> SchemaElement {
    var element = SchemaElement(
      name: field.name, repetition: field.isNullable ? .optional : .required)
    let (type, length) = primitive(field.type)
    element.type = type
    element.typeLength = length
    annotate(&element, field.type)
    return element
  }

  private static func primitive(_ type: DataType) -> (PrimitiveType, Int32?) {
    switch type {
    case .boolean: (.boolean, nil)
    case .int8, .int16, .int32, .uint8, .uint16, .uint32, .date, .time(.milliseconds): (.int32, nil)
    case .int64, .uint64, .time, .timestamp: (.int64, nil)
    case .float16: (.fixedLengthByteArray, 2)
    case .float32: (.float, nil)
    case .float64: (.double, nil)
    case .decimal(let precision, _):
      precision <= 9
        ? (.int32, nil)
        : precision <= 18
          ? (.int64, nil)
          : (.fixedLengthByteArray, Int32(decimalByteCount(precision: precision)))
    case .fixedBinary(let width): (.fixedLengthByteArray, Int32(clamping: width))
    case .uuid: (.fixedLengthByteArray, 16)
    case .string, .json, .binary, .list, .structure, .map: (.byteArray, nil)
    }
  }

  /// The fewest bytes that hold every signed number of so many decimal digits.
  /// - Parameter precision: 1…38.
  static func decimalByteCount(precision: Int) -> Int {
    var largest = Int128(1)
    for _ in 0..<min(38, precision) { largest *= 10 }
    largest -= 1
    return (Int128.bitWidth - largest.leadingZeroBitCount) / 8 + 1
  }

  private static func annotate(_ element: inout SchemaElement, _ type: DataType) {
    func integer(_ bits: Int8, _ isSigned: Bool, _ converted: ConvertedType) {
      element.logicalType = .integer(bitWidth: bits, isSigned: isSigned)
      element.convertedType = converted
    }
    switch type {
    case .int8: integer(8, true, .int8)
    case .int16: integer(16, true, .int16)
    case .uint8: integer(8, false, .uint8)
    case .uint16: integer(16, false, .uint16)
    case .uint32: integer(32, false, .uint32)
    case .uint64: integer(64, false, .uint64)
    case .float16: element.logicalType = .float16
    case .decimal(let precision, let scale):
      element.logicalType = .decimal(precision: Int32(precision), scale: Int32(scale))
      element.convertedType = .decimal
      element.precision = Int32(precision)
      element.scale = Int32(scale)
    case .date:
      element.logicalType = .date
      element.convertedType = .date
    case .time(let unit):
      element.logicalType = .time(unit, isUTC: false)
      element.convertedType =
        unit == .milliseconds
        ? .timeMilliseconds : unit == .microseconds ? .timeMicroseconds : nil
    case .timestamp(let unit, let isUTC):
      element.logicalType = .timestamp(unit, isUTC: isUTC)
      // For local times too: old readers know no other mark of a timestamp.
      element.convertedType =
        unit == .milliseconds
        ? .timestampMilliseconds : unit == .microseconds ? .timestampMicroseconds : nil
    case .string:
      element.logicalType = .string
      element.convertedType = .utf8
    case .json:
      element.logicalType = .json
      element.convertedType = .json
    case .uuid: element.logicalType = .uuid
    case .boolean, .int32, .int64, .float32, .float64, .binary, .fixedBinary, .list, .structure,
      .map:
      break
    }
  }
}
