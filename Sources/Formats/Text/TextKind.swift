internal import Kernels
internal import Records

/// What texts of a column have been found to be. Kinds only widen:
///
///     boolean                                              string
///     integer → decimal (38 digits) → double               string
///     date → timestamp                                     string
enum TextKind {
  /// Nothing but nulls and empty texts so far.
  case undetermined
  case boolean, integer, decimal, double, date, timestamp, string

  /// The narrowest kind that holds the values of both.
  func widened(with other: Self) -> Self {
    if self == other { return self }
    switch (self, other) {
    case (.undetermined, _): return other
    case (_, .undetermined): return self
    case (.integer, .decimal), (.decimal, .integer): return .decimal
    case (.integer, .double), (.double, .integer), (.decimal, .double), (.double, .decimal):
      return .double
    case (.date, .timestamp), (.timestamp, .date): return .timestamp
    default: return .string
    }
  }

  /// The kind of a column that the table has: at least as wide as its type.
  init(known type: DataType) {
    switch type {
    case .boolean: self = .boolean
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32: self = .integer
    case .uint64, .decimal(_, scale: 0): self = .decimal
    case .float16, .float32, .float64: self = .double
    case .date: self = .date
    case .timestamp(_, isUTC: true): self = .timestamp
    default: self = .string
    }
  }

  /// The narrowest kind of a text, which is not empty.
  /// - Parameters:
  ///   - text: one; eight bytes behind it may be read.
  init(_ text: UnsafeBufferPointer<UInt8>, times: TextTimes) {
    guard let first = text.first, let start = text.baseAddress else {
      self = .undetermined
      return
    }
    var view = ByteView(buffer: 1, offset: 0, length: UInt32(text.count))
    self = withUnsafePointer(to: &view) { view in
      let texts = ParseTextColumn.Texts(view, own: start, block: start)
      var integer: Int64 = 0
      var double = 0.0
      var boolean: UInt8 = 0
      if first == UInt8(ascii: "-") || first == UInt8(ascii: ".") || first &- 0x30 <= 9 {
        if ParseTextColumn.integers(texts, 0..<1, into: &integer) == 1 { return .integer }
        if TextNumber.wide(text) != nil { return .decimal }
      }
      if ParseTextColumn.doubles(texts, 0..<1, into: &double) == 1 { return .double }
      if ParseTextColumn.booleans(texts, 0..<1, into: &boolean) == 1 { return .boolean }
      if times.date(text) != nil { return .date }
      if times.timestamp(text) != nil { return .timestamp }
      return .string
    }
  }

  var type: DataType? {
    switch self {
    case .undetermined: nil
    case .boolean: .boolean
    case .integer: .int64
    case .decimal: .decimal(precision: 38, scale: 0)
    case .double: .float64
    case .date: .date
    case .timestamp: .timestamp(.microseconds, isUTC: true)
    case .string: .string
    }
  }
}

/// Numbers in texts of which there are few.
enum TextNumber {
  /// An integer of up to 38 digits, as programs write it.
  /// - Parameter text: eight bytes behind it may be read.
  static func wide(_ text: UnsafeBufferPointer<UInt8>) -> Int128? {
    guard let start = text.baseAddress, let first = text.first else { return nil }
    let isNegative = first == UInt8(ascii: "-")
    let count = text.count - (isNegative ? 1 : 0)
    let digits = start + (isNegative ? 1 : 0)
    guard count > 0, count == 1 || digits[0] != UInt8(ascii: "0"),
      let value = ParseTextDigits.wide(digits, count: count)
    else { return nil }
    return isNegative ? -value : value
  }

  /// A decimal number times 10^scale, where it fits the precision and no digit is lost.
  /// Form: sign, digits, point, digits; or an exponent, for at most 18 digits.
  static func unscaled(_ text: UnsafeBufferPointer<UInt8>, precision: Int, scale: Int) -> Int128? {
    if text.contains(where: { $0 | 0x20 == UInt8(ascii: "e") }) {
      let value = DecimalText.unscaled(Array(text), scale: scale, rounds: false)
      return value.flatMap { $0.magnitude < powerOfTen(min(precision, 18)) ? Int128($0) : nil }
    }
    var value: UInt128 = 0
    var fraction: Int?
    var digitCount = 0
    let hasSign = text.first == UInt8(ascii: "-") || text.first == UInt8(ascii: "+")
    for byte in text.dropFirst(hasSign ? 1 : 0) {
      if byte == UInt8(ascii: "."), fraction == nil {
        fraction = 0
        continue
      }
      guard byte &- 0x30 <= 9 else { return nil }
      digitCount += 1
      if let places = fraction {
        if places == scale {
          guard byte == 0x30 else { return nil }
          continue
        }
        fraction = places + 1
      }
      value = value * 10 + UInt128(byte - 0x30)
      if value >= powerOfTen(precision) { return nil }
    }
    guard digitCount > 0 else { return nil }
    for _ in (fraction ?? 0)..<scale {
      value *= 10
      if value >= powerOfTen(precision) { return nil }
    }
    return text.first == UInt8(ascii: "-") ? -Int128(value) : Int128(value)
  }

  private static let powersOfTen: [UInt128] = (0...38).map { exponent in
    (0..<exponent).reduce(1) { power, _ in power * 10 }
  }

  private static func powerOfTen(_ exponent: Int) -> UInt128 { powersOfTen[min(exponent, 38)] }
}
