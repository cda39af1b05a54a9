internal import Base
internal import CMariaDB
internal import Records

/// How a column comes over the wire and what becomes of it.
struct ColumnPlan: Sendable {
  /// How a value lies in a row of the binary protocol, and what it is turned into.
  ///
  /// - SeeAlso: MySQL internals, "Binary Protocol Value".
  enum Wire: UInt8, Sendable {
    /// Fixed width, little-endian.
    case int8, uint8, int16, uint16, bits32, bits64, float, double
    /// A length byte and that many bytes of calendar fields.
    case date, dateTime, time
    /// The same, turned into text as the server writes it.
    case dateText, dateTimeText
    /// A length and ASCII digits.
    case decimal32, decimal64, decimal128
    /// A length and bytes.
    case text, bytes, geometry
    /// A length and up to eight bytes, big-endian.
    case bits
    /// Never a value.
    case nothing
  }

  var field: Field
  var wire: Wire
  /// Bytes of a value on the wire; 0 where it tells its length.
  var fixedWidth: Int
  /// Digits after the point: of a decimal, or of a second.
  var scale: Int
}

extension ColumnPlan {
  /// The number above all that a decimal's digits can make, whatever its scale.
  var decimalBound: Int128 {
    guard case .decimal(let precision, _) = field.type else { return 0 }
    return (0..<min(38, precision)).reduce(1) { bound, _ in bound * 10 }
  }

  /// What a result's column is.
  ///
  /// - Parameters:
  ///   - column: the server's description of it.
  ///   - comment: the column's comment, where it has one.
  init(_ column: MYSQL_FIELD, comment: String?, zeroDates: ZeroDates) {
    let name = Self.text(column.name, column.name_length)
    let isUnsigned = column.flags & UInt32(UNSIGNED_FLAG) != 0
    let (type, wire, width) = Self.kind(of: column, isUnsigned: isUnsigned, zeroDates: zeroDates)
    let isDate =
      switch wire {
      case .date, .dateTime: true
      default: false
      }
    // A date that is none becomes null, whatever the column promises.
    let isNullable =
      column.flags & UInt32(NOT_NULL_FLAG) == 0 || (isDate && zeroDates == .null)
    field = Field(name, type, isNullable: isNullable, comment: comment)
    self.wire = wire
    fixedWidth = width
    scale = Int(min(column.decimals, 65))
    if case .decimal(_, let typeScale) = type { scale = typeScale }
  }

  /// Whether a result's column comes over the wire as this one was planned.
  func fits(_ column: MYSQL_FIELD, zeroDates: ZeroDates) -> Bool {
    let found = ColumnPlan(column, comment: nil, zeroDates: zeroDates)
    return found.wire == wire && found.fixedWidth == fixedWidth && found.scale == scale
      && found.field.type == field.type && (field.isNullable || !found.field.isNullable)
  }

  private static func kind(
    of column: MYSQL_FIELD, isUnsigned: Bool, zeroDates: ZeroDates
  ) -> (DataType, Wire, width: Int) {
    switch column.type {
    case MYSQL_TYPE_TINY: isUnsigned ? (.uint8, .uint8, 1) : (.int8, .int8, 1)
    case MYSQL_TYPE_SHORT: isUnsigned ? (.uint16, .uint16, 2) : (.int16, .int16, 2)
    case MYSQL_TYPE_YEAR: (.int32, .uint16, 2)
    // 24 bits fit a signed integer either way.
    case MYSQL_TYPE_INT24: (.int32, .bits32, 4)
    case MYSQL_TYPE_LONG: (isUnsigned ? .uint32 : .int32, .bits32, 4)
    case MYSQL_TYPE_LONGLONG: (isUnsigned ? .uint64 : .int64, .bits64, 8)
    case MYSQL_TYPE_FLOAT: (.float32, .float, 4)
    case MYSQL_TYPE_DOUBLE: (.float64, .double, 8)
    case MYSQL_TYPE_DECIMAL, MYSQL_TYPE_NEWDECIMAL: decimal(column, isUnsigned: isUnsigned)
    case MYSQL_TYPE_DATE, MYSQL_TYPE_NEWDATE:
      zeroDates == .text ? (.string, .dateText, 0) : (.date, .date, 0)
    case MYSQL_TYPE_TIMESTAMP, MYSQL_TYPE_TIMESTAMP2: dateTime(isUTC: true, zeroDates)
    case MYSQL_TYPE_DATETIME, MYSQL_TYPE_DATETIME2: dateTime(isUTC: false, zeroDates)
    case MYSQL_TYPE_TIME, MYSQL_TYPE_TIME2: (.time(.microseconds), .time, 0)
    case MYSQL_TYPE_BIT: (column.length > 63 ? .uint64 : .int64, .bits, 0)
    case MYSQL_TYPE_GEOMETRY: (.binary, .geometry, 0)
    case MYSQL_TYPE_NULL: (.string, .nothing, 0)
    default: bytes(column)
    }
  }

  private static func dateTime(isUTC: Bool, _ zeroDates: ZeroDates) -> (DataType, Wire, width: Int)
  {
    zeroDates == .text
      ? (.string, .dateTimeText, 0) : (.timestamp(.microseconds, isUTC: isUTC), .dateTime, 0)
  }

  private static func decimal(
    _ column: MYSQL_FIELD, isUnsigned: Bool
  ) -> (DataType, Wire, width: Int) {
    // The length counts the digits, the point and the sign.
    let scale = Int(min(column.decimals, 38))
    let precision =
      Int(min(column.length, 1000)) - (column.decimals > 0 ? 1 : 0) - (isUnsigned ? 0 : 1)
    guard precision >= 1, precision <= 38, column.decimals <= precision else {
      return (.string, .text, 0)
    }
    let type = DataType.decimal(precision: precision, scale: scale)
    return (type, precision <= 9 ? .decimal32 : precision <= 18 ? .decimal64 : .decimal128, 0)
  }

  private static func bytes(_ column: MYSQL_FIELD) -> (DataType, Wire, width: Int) {
    let isJSON = withUnsafePointer(to: column) { tm_mysql_field_is_json($0) }
    if isJSON { return (.json, .text, 0) }
    let isChoice = column.flags & UInt32(ENUM_FLAG | SET_FLAG) != 0
    let binaryCharset: UInt32 = 63
    return column.charsetnr == binaryCharset && !isChoice
      ? (.binary, .bytes, 0) : (.string, .text, 0)
  }

  private static func text(_ start: UnsafeMutablePointer<CChar>?, _ count: UInt32) -> String {
    guard let start else { return "" }
    return String(
      decoding: UnsafeRawBufferPointer(start: start, count: Int(count)), as: UTF8.self)
  }
}
