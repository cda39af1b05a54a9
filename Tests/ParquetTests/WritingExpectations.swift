import Base
import Parquet
import Records

/// Values as `readers.py` spells them.
enum Spelling {
  /// - Parameter type: of the value before it was stored.
  static func json(_ value: Value, _ type: DataType, _ profile: WriteProfile) -> JSONValue {
    switch (value, type) {
    case (.null, _): return .null
    case (.list(let items), .list(let element)):
      return .array(items.map { json($0, element.type, profile) })
    case (.structure(let items), .structure(let fields)):
      let members = zip(fields, items).map {
        JSONValue.Member(key: $0.name, value: json($1, $0.type, profile))
      }
      return .object([.init(key: "struct", value: .object(members))])
    case (.map(let entries), .map(let key, let value)):
      let pairs = entries.map { entry in
        JSONValue.array([
          json(entry.key, key.type, profile), json(entry.value, value.type, profile),
        ])
      }
      return .object([.init(key: "map", value: .array(pairs))])
    default: return leaf(value, type, profile)
    }
  }

  private static func leaf(_ value: Value, _ type: DataType, _ profile: WriteProfile) -> JSONValue {
    switch value {
    case .boolean(let value): return .boolean(value)
    case .integer(let value): return .string("i:\(value)")
    case .unsigned(let value): return .string(profile == .lake ? "n:\(value)" : "i:\(value)")
    case .float(let value): return double(Double(value))
    case .double(let value): return double(value)
    case .decimal(let unscaled, let scale):
      return .string("n:" + Value.decimalText(unscaled, scale: scale))
    case .date(let days): return .string("d:\(days)")
    case .time(let value, let unit): return time(value, unit, profile)
    case .timestamp(let value, .milliseconds, _): return .string("t:\(value * 1000)")
    case .timestamp(let value, .microseconds, _): return .string("t:\(value)")
    case .timestamp(let value, .nanoseconds, _):
      return profile == .lake
        ? .string("t:\(value.floorDivided(by: 1000))") : .string("i:\(value)")
    case .text(let text): return .string("s:" + text)
    case .bytes(let bytes):
      let hex = Value.bytes(bytes).text
      guard type == .uuid, profile == .lake else { return .string("x:" + hex) }
      var text = hex
      for position in [20, 16, 12, 8] {
        text.insert("-", at: text.index(text.startIndex, offsetBy: position))
      }
      return .string("s:" + text)
    case .null, .list, .structure, .map: return .null
    }
  }

  private static func double(_ value: Double) -> JSONValue {
    if value.isNaN { return .string("f:nan") }
    let hex = String(value.bitPattern, radix: 16)
    return .string("f:" + String(repeating: "0", count: 16 - hex.count) + hex)
  }

  private static func time(_ value: Int64, _ unit: TimeUnit, _ profile: WriteProfile) -> JSONValue {
    switch unit {
    case .milliseconds: .string("i:\(value * 1000)")
    case .microseconds: .string("i:\(value)")
    case .nanoseconds: .string(profile == .lake ? "i:\(value / 1000)" : "i:\(value)")
    }
  }

  /// The values of a batch by column.
  static func columns(_ batches: [Batch], _ profile: WriteProfile) -> JSONValue {
    guard let schema = batches.first?.schema else { return .object([JSONValue.Member]()) }
    let members = schema.fields.enumerated().map { index, field in
      let values = batches.flatMap { batch in
        (0..<batch.rowCount).map { json(batch.columns[index][$0], field.type, profile) }
      }
      return JSONValue.Member(key: field.name, value: .array(values))
    }
    return .object(members)
  }
}
