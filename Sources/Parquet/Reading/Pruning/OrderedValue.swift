internal import Kernels
internal import Records

/// A value in the form that its column's order compares.
enum OrderedValue: Equatable {
  /// Integers, dates, times, timestamps, unscaled decimals, booleans.
  case integer(Int128)
  case double(Double)
  /// Compared byte by byte, unsigned.
  case bytes(ArraySlice<UInt8>)

  /// Nil where the two are of different kinds or one is not a number.
  func compared(to other: OrderedValue) -> Int? {
    switch (self, other) {
    case (.integer(let a), .integer(let b)): return a < b ? -1 : a > b ? 1 : 0
    case (.double(let a), .double(let b)):
      if a.isNaN || b.isNaN { return nil }
      return a < b ? -1 : a > b ? 1 : 0
    case (.bytes(let a), .bytes(let b)):
      if a.elementsEqual(b) { return 0 }
      return a.lexicographicallyPrecedes(b) ? -1 : 1
    default: return nil
    }
  }
}

extension OrderedValue {
  /// A minimum or maximum as statistics store it.
  /// - Returns: nil where the length is wrong for the type, the value is not a number, or the
  ///   column has no order that is known.
  init?(statistic bytes: ArraySlice<UInt8>, leaf: LeafColumn) {
    switch leaf.primitiveType {
    case .boolean:
      guard bytes.count == 1, let bit = bytes.first else { return nil }
      self = .integer(bit == 0 ? 0 : 1)
    case .int32:
      guard let bits = Self.littleEndian(bytes, 4) else { return nil }
      let narrow = UInt32(truncatingIfNeeded: bits)
      self = .integer(leaf.isUnsigned ? Int128(narrow) : Int128(Int32(bitPattern: narrow)))
    case .int64:
      guard let bits = Self.littleEndian(bytes, 8) else { return nil }
      self = .integer(leaf.isUnsigned ? Int128(bits) : Int128(Int64(bitPattern: bits)))
    case .int96: return nil
    case .float:
      guard let bits = Self.littleEndian(bytes, 4) else { return nil }
      self.init(number: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))))
    case .double:
      guard let bits = Self.littleEndian(bytes, 8) else { return nil }
      self.init(number: Double(bitPattern: bits))
    case .byteArray, .fixedLengthByteArray:
      switch leaf.dataType {
      case .decimal:
        let number: Int128? = NumberConversions.bigEndian(
          bytes.span, from: 0, byteCount: bytes.count)
        guard let number, !bytes.isEmpty else { return nil }
        self = .integer(number)
      case .float16:
        guard let bits = Self.littleEndian(bytes, 2) else { return nil }
        self.init(number: Double(NumberConversions.half(UInt16(truncatingIfNeeded: bits))))
      case .string, .json, .binary, .uuid, .fixedBinary:
        guard Self.hasByteOrder(leaf) else { return nil }
        self = .bytes(bytes)
      default: return nil
      }
    }
  }

  private init?(number: Double) {
    if number.isNaN { return nil }
    self = .double(number)
  }

  /// Intervals and shapes have no order; of types to come it is not known.
  private static func hasByteOrder(_ leaf: LeafColumn) -> Bool {
    switch leaf.logicalType {
    case .geometry, .geography, .variant, .unknown: false
    case nil: leaf.primitiveType == .byteArray || leaf.typeLength != 12
    default: true
    }
  }

  private static func littleEndian(_ bytes: ArraySlice<UInt8>, _ count: Int) -> UInt64? {
    guard bytes.count == count else { return nil }
    return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// A value to compare a column with.
  /// - Returns: nil where the column's type does not hold it exactly.
  init?(_ value: Value, in type: DataType) {
    switch (value, type) {
    case (.boolean(let bit), .boolean): self = .integer(bit ? 1 : 0)
    case (.date(let days), .date): self = .integer(Int128(days))
    case (.time(let ticks, let unit), .time(let to)),
      (.timestamp(let ticks, let unit, _), .timestamp(let to, _)):
      let scaled = Int128(ticks) * Int128(to.perSecond)
      guard scaled % Int128(unit.perSecond) == 0 else { return nil }
      self = .integer(scaled / Int128(unit.perSecond))
    case (.text(let text), .string), (.text(let text), .json):
      self = .bytes(Array(text.utf8)[...])
    case (.bytes(let bytes), .binary), (.bytes(let bytes), .uuid),
      (.bytes(let bytes), .fixedBinary),
      (.bytes(let bytes), .string):
      self = .bytes(bytes[...])
    default:
      guard let number = Self.number(value, in: type) else { return nil }
      self = number
    }
  }

  private static func number(_ value: Value, in type: DataType) -> OrderedValue? {
    let unscaled: Int128
    var scale = 0
    switch value {
    case .integer(let number): unscaled = Int128(number)
    case .unsigned(let number): unscaled = Int128(number)
    case .decimal(let number, let digits):
      unscaled = number
      scale = digits
    case .float(let number): return floating(Double(number), in: type)
    case .double(let number): return floating(number, in: type)
    default: return nil
    }
    switch type {
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64:
      return rescaled(unscaled, from: scale, to: 0).map { .integer($0) }
    case .decimal(_, let columnScale):
      return rescaled(unscaled, from: scale, to: columnScale).map { .integer($0) }
    case .float16, .float32, .float64:
      guard scale == 0, unscaled.magnitude <= 1 << 24 else { return nil }
      return .double(Double(unscaled))
    default: return nil
    }
  }

  private static func floating(_ number: Double, in type: DataType) -> OrderedValue? {
    guard !number.isNaN, type == .float64 || Double(Float(number)) == number else { return nil }
    switch type {
    case .float16, .float32, .float64: return .double(number)
    default: return nil
    }
  }

  private static func rescaled(_ number: Int128, from: Int, to: Int) -> Int128? {
    var number = number
    for _ in from..<max(from, to) {
      let (scaled, overflow) = number.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      number = scaled
    }
    for _ in to..<max(from, to) {
      guard number % 10 == 0 else { return nil }
      number /= 10
    }
    return number
  }
}
