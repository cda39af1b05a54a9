internal import Kernels
internal import Records

/// Turns values into the form that the profile stores them in.
enum StoredValues {
  /// Whether values of a type are stored as they lie in memory.
  static func areSame(_ type: DataType, _ leaf: LeafColumn) -> Bool {
    switch type {
    case .decimal(let precision, _): precision <= 18
    case .uint8, .uint16, .json: true
    case .float16, .time: false
    default: type == leaf.dataType
    }
  }

  /// - Parameters:
  ///   - column: of a leaf type, as rows have it.
  ///   - leaf: the column of the file.
  /// - Returns: values of the leaf's layout; the same ones where nothing has to change.
  /// - Throws: `.schemaMismatch` where a value does not fit.
  static func of(_ column: Column, _ leaf: LeafColumn) throws(ParquetError) -> Column.Values {
    switch (column.type, column.values, leaf.primitiveType) {
    case (.uint32, .int32(let values), .int64):
      return .int64(values.map { Int64(UInt32(bitPattern: $0)) })
    case (.uint64, .int64(let values), .fixedLengthByteArray):
      return fixed(values.map { Int128(UInt64(bitPattern: $0)) }, leaf.typeLength)
    case (.decimal, .int128(let values), .fixedLengthByteArray):
      return fixed(values, leaf.typeLength)
    case (.timestamp(.nanoseconds, _), .int64(let values), _)
    where leaf.dataType != column.type:
      return .int64(values.map { floorThousandth($0) })
    case (.time(.nanoseconds), .int64(let values), _) where leaf.dataType != column.type:
      return .int64(values.map { floorThousandth($0) })
    case (.time(.milliseconds), .int64(let values), .int64):
      return .int64(try milliseconds(values, leaf))
    case (.time(.milliseconds), .int64(let values), .int32):
      return .int32(try narrowed(values, leaf))
    case (.float16, .float(let values), .fixedLengthByteArray):
      return .fixedBytes(width: 2, halves(values))
    case (.uuid, .fixedBytes(_, let bytes), .byteArray): return uuidTexts(bytes)
    case (.fixedBinary(let width), .fixedBytes(_, let bytes), .byteArray):
      return try views(bytes, width, leaf)
    default: return column.values
    }
  }

  private static func fixed(_ values: [Int128], _ width: Int) -> Column.Values {
    var buffer = ByteBuffer(capacity: values.count * width)
    buffer.appendBigEndian(int128s: values.span.bytes, width: width)
    return .fixedBytes(width: width, buffer.array())
  }

  private static func floorThousandth(_ value: Int64) -> Int64 {
    let quotient = value / 1000
    return value % 1000 < 0 ? quotient - 1 : quotient
  }

  private static func milliseconds(_ values: [Int64], _ leaf: LeafColumn)
    throws(ParquetError) -> [Int64]
  {
    var result: [Int64] = []
    result.reserveCapacity(values.count)
    for value in values {
      let (product, overflow) = value.multipliedReportingOverflow(by: 1000)
      if overflow { throw outOfRange("\(value) milliseconds as microseconds", leaf) }
      result.append(product)
    }
    return result
  }

  private static func narrowed(_ values: [Int64], _ leaf: LeafColumn)
    throws(ParquetError) -> [Int32]
  {
    var result: [Int32] = []
    result.reserveCapacity(values.count)
    for value in values {
      guard let narrow = Int32(exactly: value) else {
        throw outOfRange("\(value) milliseconds as a 32-bit time", leaf)
      }
      result.append(narrow)
    }
    return result
  }

  private static func outOfRange(_ what: String, _ leaf: LeafColumn) -> ParquetError {
    ParquetError(.schemaMismatch, "\(what) is out of range", at: .init(column: leaf.name))
  }

  /// IEEE 754 binary16, little-endian, rounded to the nearest, ties to even.
  private static func halves(_ values: [Float]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count * 2)
    for value in values {
      let half = halfBits(value)
      bytes.append(UInt8(truncatingIfNeeded: half))
      bytes.append(UInt8(truncatingIfNeeded: half >> 8))
    }
    return bytes
  }

  static func halfBits(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let sign = UInt16(truncatingIfNeeded: bits >> 16) & 0x8000
    let magnitude = bits & 0x7FFF_FFFF
    if magnitude > 0x7F80_0000 { return sign | 0x7E00 }
    // Half way above 65504, the largest: rounds to infinity.
    if magnitude >= 0x477F_F000 { return sign | 0x7C00 }
    if magnitude < 0x3880_0000 {
      // Subnormal: units of 2^-24. Scaling by a power of two is exact.
      let units = Float(bitPattern: magnitude) * 16_777_216
      return sign | UInt16(units.rounded(.toNearestOrEven))
    }
    let rounded = magnitude &+ 0xFFF &+ (magnitude >> 13 & 1)
    return sign | UInt16(truncatingIfNeeded: (rounded &- 0x3800_0000) >> 13)
  }

  /// The value of an IEEE 754 binary16; exact.
  static func float(half: UInt16) -> Float {
    let sign: Float = half & 0x8000 == 0 ? 1 : -1
    let exponent = Int(half >> 10 & 0x1F)
    let fraction = Float(half & 0x3FF)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * Float(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction)
    }
  }

  private static let hexDigits = Array("0123456789abcdef".utf8)

  /// `8-4-4-4-12` digits each.
  private static func uuidTexts(_ bytes: [UInt8]) -> Column.Values {
    let count = bytes.count / 16
    var text: [UInt8] = []
    text.reserveCapacity(count * 36)
    for row in 0..<count {
      for index in 0..<16 {
        if index == 4 || index == 6 || index == 8 || index == 10 { text.append(0x2D) }
        let byte = bytes[row * 16 + index]
        text.append(hexDigits[Int(byte >> 4)])
        text.append(hexDigits[Int(byte & 15)])
      }
    }
    let views = (0..<count).map { ByteView(offset: UInt32($0 * 36), length: 36) }
    return .bytes(ByteColumn(views: views, buffers: [text]))
  }

  private static func views(_ bytes: [UInt8], _ width: Int, _ leaf: LeafColumn)
    throws(ParquetError) -> Column.Values
  {
    guard bytes.count <= Int(UInt32.max), width > 0 else {
      throw outOfRange("\(bytes.count) bytes of one batch", leaf)
    }
    let views = (0..<bytes.count / width).map {
      ByteView(offset: UInt32($0 * width), length: UInt32(width))
    }
    return .bytes(ByteColumn(views: views, buffers: [bytes]))
  }
}
