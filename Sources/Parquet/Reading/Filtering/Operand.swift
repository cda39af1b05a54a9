internal import Records

/// What values of a column are compared with, in the column's own terms and exact.
enum Operand: Hashable {
  /// The number itself, or, where it is not whole in the column's unit, one strictly between this
  /// and the next.
  case integer(floor: Int128, isExact: Bool)
  /// The number itself, or one strictly between this and the next floating-point number.
  case double(floor: Double, isExact: Bool)
  case bytes([UInt8])
  /// A null, or what is not a number: nothing compares with it.
  case none

  /// - Returns: nil where a value of this kind does not compare with the type.
  init?(_ value: Value, in type: DataType) {
    switch (value, type) {
    case (.null, _): self = .none
    case (.boolean(let bit), .boolean): self = .integer(floor: bit ? 1 : 0, isExact: true)
    case (.text(let text), .string), (.text(let text), .json), (.text(let text), .binary):
      self = .bytes(Array(text.utf8))
    case (.bytes(let bytes), .binary), (.bytes(let bytes), .uuid),
      (.bytes(let bytes), .fixedBinary), (.bytes(let bytes), .string), (.bytes(let bytes), .json):
      self = .bytes(bytes)
    default:
      guard let number = Self.moment(value, in: type) ?? Self.number(value, in: type) else {
        return nil
      }
      self = number
    }
  }

  // MARK: Dates and times

  private static func moment(_ value: Value, in type: DataType) -> Operand? {
    let secondsPerDay: Int128 = 86_400
    switch (value, type) {
    case (.date(let days), .date): return .integer(floor: Int128(days), isExact: true)
    case (.date(let days), .timestamp(let unit, _)):
      return .integer(
        floor: Int128(days) * secondsPerDay * Int128(unit.perSecond), isExact: true)
    case (.timestamp(let ticks, let unit, _), .date):
      return quotient(Int128(ticks), Int128(unit.perSecond) * secondsPerDay)
    case (.time(let ticks, let unit), .time(let to)),
      (.timestamp(let ticks, let unit, _), .timestamp(let to, _)):
      return quotient(Int128(ticks) * Int128(to.perSecond), Int128(unit.perSecond))
    default: return nil
    }
  }

  /// - Precondition: divisor > 0.
  private static func quotient(_ number: Int128, _ divisor: Int128) -> Operand {
    let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
    return .integer(floor: remainder < 0 ? quotient - 1 : quotient, isExact: remainder == 0)
  }

  // MARK: Numbers

  private static func number(_ value: Value, in type: DataType) -> Operand? {
    let scale: Int
    switch type {
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64: scale = 0
    case .decimal(_, let digits): scale = digits
    case .float16, .float32, .float64: return floating(value)
    default: return nil
    }
    switch value {
    case .integer(let number): return rescaled(Int128(number), from: 0, to: scale)
    case .unsigned(let number): return rescaled(Int128(number), from: 0, to: scale)
    case .decimal(let number, let digits): return rescaled(number, from: digits, to: scale)
    case .float(let number): return whole(Double(number), scale: scale)
    case .double(let number): return whole(number, scale: scale)
    default: return nil
    }
  }

  /// A floating-point number against whole ones. Against decimals with a fraction only whole
  /// numbers are exact.
  private static func whole(_ number: Double, scale: Int) -> Operand? {
    if number.isNaN { return Operand.none }
    let floor = number.rounded(.down)
    guard let exact = Int128(exactly: floor) else {
      return .integer(floor: number < 0 ? .min : .max, isExact: false)
    }
    if scale == 0 { return .integer(floor: exact, isExact: floor == number) }
    guard floor == number else { return nil }
    return rescaled(exact, from: 0, to: scale)
  }

  private static func rescaled(_ number: Int128, from: Int, to: Int) -> Operand {
    var scaled = number
    for _ in from..<max(from, to) {
      let (next, overflow) = scaled.multipliedReportingOverflow(by: 10)
      if overflow { return .integer(floor: number < 0 ? .min : .max, isExact: false) }
      scaled = next
    }
    var isExact = true
    for _ in to..<max(from, to) {
      let (next, remainder) = scaled.quotientAndRemainder(dividingBy: 10)
      isExact = isExact && remainder == 0
      scaled = remainder < 0 ? next - 1 : next
    }
    return .integer(floor: scaled, isExact: isExact)
  }

  /// A number against floating-point ones. A decimal counts as the nearest of these.
  private static func floating(_ value: Value) -> Operand? {
    switch value {
    case .float(let number): return number.isNaN ? Operand.none : exactly(Double(number))
    case .double(let number): return number.isNaN ? Operand.none : exactly(number)
    case .integer(let number): return nearest(Int128(number))
    case .unsigned(let number): return nearest(Int128(number))
    case .decimal(let number, let scale):
      if scale == 0 { return nearest(number) }
      return Double(Value.decimalText(number, scale: scale)).map(exactly)
    default: return nil
    }
  }

  private static func exactly(_ number: Double) -> Operand {
    .double(floor: number, isExact: true)
  }

  private static func nearest(_ number: Int128) -> Operand {
    let near = Double(number)
    guard let back = Int128(exactly: near) else {
      return .double(floor: near.nextDown, isExact: false)
    }
    if back == number { return exactly(near) }
    return .double(floor: back > number ? near.nextDown : near, isExact: false)
  }
}
