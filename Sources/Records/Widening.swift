/// How far types widen beyond those that hold all values of both as they are.
public struct WideningRule: Hashable, Sendable {
  /// Dates become timestamps, at midnight.
  public var makesTimesOfDates: Bool
  /// What no other type holds becomes text.
  public var makesText: Bool

  public init(makesTimesOfDates: Bool, makesText: Bool) {
    self.makesTimesOfDates = makesTimesOfDates
    self.makesText = makesText
  }

  /// No further.
  public static let exact = WideningRule(makesTimesOfDates: false, makesText: false)
  /// How types that were found out from values widen.
  public static let inferred = WideningRule(makesTimesOfDates: true, makesText: true)
}

extension DataType {
  /// The narrowest type that holds every value of both: how inferred types grow and how a table
  /// takes in a changed column. int → bigint → decimal, float → double, structs by union;
  /// nil where the rule has none.
  public func widened(with other: DataType, _ rule: WideningRule = .exact) -> DataType? {
    if self == other { return self }
    return widenedAsIs(with: other, rule) ?? (rule.makesText ? text(with: other) : nil)
  }

  private func widenedAsIs(with other: DataType, _ rule: WideningRule) -> DataType? {
    switch (self, other) {
    case (.date, .timestamp), (.timestamp, .date):
      return rule.makesTimesOfDates ? (self == .date ? other : self) : nil
    case (.timestamp(let a, let isUTC), .timestamp(let b, let otherUTC)) where isUTC == otherUTC:
      return .timestamp(a.perSecond >= b.perSecond ? a : b, isUTC: isUTC)
    case (.time(let a), .time(let b)): return .time(a.perSecond >= b.perSecond ? a : b)
    case (.json, .string), (.string, .json): return .string
    case (.list(let a), .list(let b)): return a.widened(with: b, rule).map { .list($0) }
    case (.structure(let a), .structure(let b)):
      return Schema(a).widened(with: Schema(b), rule).map { .structure($0.fields) }
    case (.map(let k, let a), .map(let l, let b)):
      guard let key = k.widened(with: l, rule), let value = a.widened(with: b, rule) else {
        return nil
      }
      return .map(key: key, value: value)
    default: return widenedNumber(with: other)
    }
  }

  /// JSON text where both are nested, else text; nil where the bytes of one are none.
  private func text(with other: DataType) -> DataType? {
    guard hasText, other.hasText else { return nil }
    return [self, other].allSatisfy { $0.isNested || $0 == .json } ? .json : .string
  }

  /// Whether a text says exactly what a value is: no text is as good as any for bytes.
  var hasText: Bool {
    switch self {
    case .binary, .fixedBinary: false
    case .list(let element): element.type.hasText
    case .structure(let fields): fields.allSatisfy { $0.type.hasText }
    case .map(let key, let value): key.type.hasText && value.type.hasText
    default: true
    }
  }

  private func widenedNumber(with other: DataType) -> DataType? {
    if let a = floatRank, let b = other.floatRank { return a >= b ? self : other }
    if floatRank != nil, other.wholeDigits != nil { return .float64 }
    if other.floatRank != nil, wholeDigits != nil { return other.widenedNumber(with: self) }
    if let a = integerBits, let b = other.integerBits {
      // An unsigned type fits the next signed one.
      let bits = max(a.isSigned ? a.bits : a.bits * 2, b.isSigned ? b.bits : b.bits * 2)
      if !a.isSigned && !b.isSigned { return a.bits >= b.bits ? self : other }
      switch bits {
      case 8: return .int8
      case 16: return .int16
      case 32: return .int32
      case 64: return .int64
      default: return .decimal(precision: 20, scale: 0)
      }
    }
    guard let a = wholeDigits, let b = other.wholeDigits else { return nil }
    let scale = max(decimalScale, other.decimalScale)
    let precision = max(a, b) + scale
    return precision <= 38 ? .decimal(precision: precision, scale: scale) : nil
  }

  private var floatRank: Int? {
    switch self {
    case .float16: 1
    case .float32: 2
    case .float64: 3
    default: nil
    }
  }

  private var integerBits: (bits: Int, isSigned: Bool)? {
    switch self {
    case .int8: (8, true)
    case .int16: (16, true)
    case .int32: (32, true)
    case .int64: (64, true)
    case .uint8: (8, false)
    case .uint16: (16, false)
    case .uint32: (32, false)
    case .uint64: (64, false)
    default: nil
    }
  }

  /// Decimal digits before the point that the type needs; nil where it is no exact number.
  private var wholeDigits: Int? {
    switch self {
    case .int8, .uint8: 3
    case .int16, .uint16: 5
    case .int32, .uint32: 10
    case .int64: 19
    case .uint64: 20
    case .decimal(let precision, let scale): precision - scale
    default: nil
    }
  }

  private var decimalScale: Int {
    if case .decimal(_, let scale) = self { scale } else { 0 }
  }
}

extension Field {
  func widened(with other: Field, _ rule: WideningRule) -> Field? {
    guard let type = type.widened(with: other.type, rule) else { return nil }
    return Field(
      name, type, isNullable: isNullable || other.isNullable, comment: comment ?? other.comment)
  }
}

extension Schema {
  /// The schema that holds the rows of both: columns by name, in this schema's order, then the
  /// new ones in the other's; a column that one side lacks becomes nullable. Nil where a column's
  /// types have no common one.
  public func widened(with other: Schema, _ rule: WideningRule = .exact) -> Schema? {
    var result: [Field] = []
    for var field in fields {
      if let match = other[field.name] {
        guard let widened = field.widened(with: match, rule) else { return nil }
        field = widened
      } else {
        field.isNullable = true
      }
      result.append(field)
    }
    for var field in other.fields where self[field.name] == nil {
      field.isNullable = true
      result.append(field)
    }
    return Schema(result)
  }
}
