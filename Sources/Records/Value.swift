internal import Base

/// One value outside a column, for cold paths: partition values, statistics, marks.
public enum Value: Hashable, Sendable {
  case null
  case boolean(Bool)
  case integer(Int64)
  case unsigned(UInt64)
  case float(Float)
  case double(Double)
  /// unscaled · 10^-scale.
  case decimal(Int128, scale: Int)
  /// Days since 1970-01-01.
  case date(Int32)
  case time(Int64, TimeUnit)
  case timestamp(Int64, TimeUnit, isUTC: Bool)
  case text(String)
  case bytes([UInt8])
  case list([Value])
  case structure([Value])
  case map([(key: Value, value: Value)])

  public static func == (a: Value, b: Value) -> Bool { a.text == b.text && a.rank == b.rank }

  public func hash(into hasher: inout Hasher) { hasher.combine(text) }

  private var rank: Int {
    switch self {
    case .null: 0
    case .boolean: 1
    case .integer: 2
    case .unsigned: 3
    case .float: 4
    case .double: 5
    case .decimal: 6
    case .date: 7
    case .time: 8
    case .timestamp: 9
    case .text: 10
    case .bytes: 11
    case .list: 12
    case .structure: 13
    case .map: 14
    }
  }
}

extension Column {
  /// The value of one row. For cold paths.
  public subscript(row: Int) -> Value {
    if isNull(row) { return .null }
    switch values {
    case .boolean(let bits): return .boolean(bits[row])
    case .int32(let values): return scalar32(values[row])
    case .int64(let values): return scalar64(values[row])
    case .int128(let values):
      if case .decimal(_, let scale) = type { return .decimal(values[row], scale: scale) }
      return .decimal(values[row], scale: 0)
    case .float(let values): return .float(values[row])
    case .double(let values): return .double(values[row])
    case .bytes(let column):
      return type == .binary
        ? .bytes(Array(column[row])) : .text(String(decoding: column[row], as: UTF8.self))
    case .fixedBytes(let width, let bytes):
      return .bytes(Array(bytes[row * width..<(row + 1) * width]))
    case .list(let offsets, let child):
      return .list((offsets[row]..<offsets[row + 1]).map { child[Int($0)] })
    case .structure(let children): return .structure(children.map { $0[row] })
    case .map(let offsets, let keys, let values):
      return .map((offsets[row]..<offsets[row + 1]).map { (keys[Int($0)], values[Int($0)]) })
    }
  }

  private func scalar32(_ value: Int32) -> Value {
    switch type {
    case .date: .date(value)
    case .uint32: .integer(Int64(UInt32(bitPattern: value)))
    case .decimal(_, let scale): .decimal(Int128(value), scale: scale)
    default: .integer(Int64(value))
    }
  }

  private func scalar64(_ value: Int64) -> Value {
    switch type {
    case .uint64: .unsigned(UInt64(bitPattern: value))
    case .time(let unit): .time(value, unit)
    case .timestamp(let unit, let isUTC): .timestamp(value, unit, isUTC: isUTC)
    case .decimal(_, let scale): .decimal(Int128(value), scale: scale)
    default: .integer(value)
    }
  }
}

extension Value {
  /// The value as plain text: dates `2026-11-21`, timestamps `2026-11-21T07:34:00.5Z`, decimals
  /// with their scale, bytes in hexadecimal.
  public var text: String {
    switch self {
    case .null: "null"
    case .boolean(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .unsigned(let value): String(value)
    case .float(let value): "\(value)"
    case .double(let value): "\(value)"
    case .decimal(let unscaled, let scale): Self.decimalText(unscaled, scale: scale)
    case .date(let days): CivilTime(daysSinceEpoch: Int(days)).dateText
    case .time(let value, let unit): Self.timeText(value, unit)
    case .timestamp(let value, let unit, let isUTC):
      Self.timestampText(value, unit) + (isUTC ? "Z" : "")
    case .text(let value): value
    case .bytes(let bytes):
      bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    case .list(let items), .structure(let items):
      "[" + items.map(\.text).joined(separator: ",") + "]"
    case .map(let entries):
      "{" + entries.map { "\($0.key.text):\($0.value.text)" }.joined(separator: ",") + "}"
    }
  }

  public static func decimalText(_ unscaled: Int128, scale: Int) -> String {
    var digits = String(unscaled.magnitude)
    if scale > 0 {
      if digits.count <= scale {
        digits = String(repeating: "0", count: scale + 1 - digits.count) + digits
      }
      digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -scale))
    }
    return (unscaled < 0 ? "-" : "") + digits
  }

  /// `HH:MM:SS` with all digits of the unit's fraction where it is not zero; hours may pass 24.
  static func timeText(_ value: Int64, _ unit: TimeUnit) -> String {
    let perSecond = unit.perSecond.magnitude
    let seconds = value.magnitude / perSecond
    let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { padded(Int($0), 2) }
    return (value < 0 ? "-" : "") + clock.joined(separator: ":")
      + fractionText(value.magnitude % perSecond, perSecond)
  }

  static func timestampText(_ value: Int64, _ unit: TimeUnit) -> String {
    let seconds = value.floorDivided(by: unit.perSecond)
    let fraction = UInt64(value &- seconds &* unit.perSecond)
    let days = seconds.floorDivided(by: 86_400)
    let clock = seconds - days * 86_400
    return CivilTime(daysSinceEpoch: Int(days)).dateText + "T"
      + timeText(clock * 1000, .milliseconds)
      + fractionText(fraction, unit.perSecond.magnitude)
  }

  private static func fractionText(_ fraction: UInt64, _ perSecond: UInt64) -> String {
    if fraction == 0 { return "" }
    var text = padded(Int(fraction), String(perSecond).count - 1)
    while text.hasSuffix("0") { text.removeLast() }
    return "." + text
  }
}
