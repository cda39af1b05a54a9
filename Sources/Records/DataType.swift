/// The type of a column: what its values mean. `Column.Values` says how they lie in memory.
public indirect enum DataType: Hashable, Sendable {
  case boolean
  case int8, int16, int32, int64
  case uint8, uint16, uint32, uint64
  case float16, float32, float64
  /// 1 ≤ precision ≤ 38, 0 ≤ scale ≤ precision.
  case decimal(precision: Int, scale: Int)
  /// Days since 1970-01-01.
  case date
  /// Since midnight; MySQL's durations may be negative or beyond a day.
  case time(TimeUnit)
  /// Since 1970-01-01T00:00:00, in UTC where `isUTC`, else in the writer's local time.
  case timestamp(TimeUnit, isUTC: Bool)
  /// UTF-8 text.
  case string
  /// UTF-8 text that is a JSON document.
  case json
  case binary
  /// Bytes of one width.
  case fixedBinary(width: Int)
  /// 16 bytes, big-endian.
  case uuid
  case list(Field)
  case structure([Field])
  /// The key is required.
  case map(key: Field, value: Field)
}

public enum TimeUnit: String, Hashable, Sendable, Codable, CaseIterable {
  case milliseconds = "ms"
  case microseconds = "us"
  case nanoseconds = "ns"

  /// How many of the unit a second has.
  public var perSecond: Int64 {
    switch self {
    case .milliseconds: 1_000
    case .microseconds: 1_000_000
    case .nanoseconds: 1_000_000_000
    }
  }
}

/// How a column's values lie in memory.
public enum PhysicalType: Hashable, Sendable {
  case boolean, int32, int64, int128, float, double, bytes, fixedBytes(width: Int), list, structure,
    map
}

extension DataType {
  /// How values of this type lie in memory. float16 lies as `float`; small integers as `int32`;
  /// uint32 and uint64 as the bit pattern of `int32` and `int64`; decimals of up to 9, 18 and 38
  /// digits as `int32`, `int64` and `int128`, unscaled.
  public var physicalType: PhysicalType {
    switch self {
    case .boolean: .boolean
    case .int8, .int16, .int32, .uint8, .uint16, .uint32, .date: .int32
    case .int64, .uint64, .time, .timestamp: .int64
    case .float16, .float32: .float
    case .float64: .double
    case .decimal(let precision, _):
      precision <= 9 ? .int32 : precision <= 18 ? .int64 : .int128
    case .string, .json, .binary: .bytes
    case .fixedBinary(let width): .fixedBytes(width: width)
    case .uuid: .fixedBytes(width: 16)
    case .list: .list
    case .structure: .structure
    case .map: .map
    }
  }

  public var isNested: Bool {
    switch self {
    case .list, .structure, .map: true
    default: false
    }
  }
}

/// A named, typed place in a schema.
public struct Field: Hashable, Sendable {
  public var name: String
  public var type: DataType
  public var isNullable: Bool
  /// What the source says about the column; goes into the catalog.
  public var comment: String?

  public init(_ name: String, _ type: DataType, isNullable: Bool = true, comment: String? = nil) {
    self.name = name
    self.type = type
    self.isNullable = isNullable
    self.comment = comment
  }
}

/// The columns of a batch or table, in order; names are unique.
public struct Schema: Hashable, Sendable {
  public var fields: [Field]

  public init(_ fields: [Field]) { self.fields = fields }

  public func index(of name: String) -> Int? { fields.firstIndex { $0.name == name } }

  public subscript(name: String) -> Field? { fields.first { $0.name == name } }

  public var names: [String] { fields.map(\.name) }
}
