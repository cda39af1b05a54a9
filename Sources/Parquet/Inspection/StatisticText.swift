internal import Base
internal import Records

extension OrderedValue {
  /// The value as a column of the type has it.
  func value(in type: DataType) -> Value {
    switch self {
    case .double(let number): return .double(number)
    case .bytes(let bytes):
      switch type {
      case .string, .json:
        // A bound may have been cut within a character.
        guard let text = String(validating: bytes, as: UTF8.self) else {
          return .bytes(Array(bytes))
        }
        return .text(text)
      default: return .bytes(Array(bytes))
      }
    case .integer(let number):
      switch type {
      case .boolean: return .boolean(number != 0)
      case .date: return .date(Int32(clamping: number))
      case .time(let unit): return .time(Int64(clamping: number), unit)
      case .timestamp(let unit, let isUTC):
        return .timestamp(Int64(clamping: number), unit, isUTC: isUTC)
      case .decimal(_, let scale): return .decimal(number, scale: scale)
      case .uint64: return .unsigned(UInt64(clamping: number))
      default: return .integer(Int64(clamping: number))
      }
    }
  }
}

/// Bounds as reports show them.
enum StatisticText {
  static let lengthMax = 40

  /// Nil where the statistic is missing or cannot be understood.
  static func value(_ bytes: ArraySlice<UInt8>?, _ leaf: LeafColumn) -> Value? {
    bytes.flatMap { OrderedValue(statistic: $0, leaf: leaf) }?.value(in: leaf.dataType)
  }

  static func json(_ bytes: ArraySlice<UInt8>?, _ leaf: LeafColumn) -> JSONValue {
    switch value(bytes, leaf) {
    case nil: .null
    case .integer(let number): .integer(number)
    case .boolean(let bit): .boolean(bit)
    case .double(let number): .double(number)
    case .some(let other): .string(other.text)
    }
  }

  /// Cut to `lengthMax` characters.
  static func text(_ bytes: ArraySlice<UInt8>?, _ leaf: LeafColumn) -> String {
    guard let value = value(bytes, leaf) else { return "" }
    let text = value.text
    return text.count <= lengthMax ? text : text.prefix(lengthMax - 1) + "…"
  }
}
