/// The values of one column of a batch: immutable, dense (a null has a slot with a zero in it).
@frozen
public struct Column: Sendable {
  public let type: DataType
  public let count: Int
  /// One bit a row, 1 = not null; nil means that no value is null.
  public let validity: Bitmap?
  public let values: Values

  /// How the values lie in memory; the case is always the one of `type.physicalType`.
  @frozen
  public enum Values: Sendable {
    case boolean(Bitmap)
    case int32([Int32])
    case int64([Int64])
    case int128([Int128])
    case float([Float])
    case double([Double])
    case bytes(ByteColumn)
    /// `count` × width bytes.
    case fixedBytes(width: Int, [UInt8])
    /// Row i holds the elements offsets[i] ..< offsets[i+1] of the child; count + 1 offsets.
    indirect case list(offsets: [Int32], Column)
    /// One child a field, each as long as the column.
    indirect case structure([Column])
    /// As a list of entries.
    indirect case map(offsets: [Int32], keys: Column, values: Column)
  }

  /// - Precondition: the validity and the values have `count` slots; `values` fits `type`.
  public init(type: DataType, count: Int, validity: Bitmap? = nil, values: Values) {
    precondition(validity.map { $0.count == count } ?? true)
    self.type = type
    self.count = count
    self.validity = validity
    self.values = values
  }

  @inlinable
  public func isNull(_ index: Int) -> Bool { validity.map { !$0[index] } ?? false }

  /// Complexity: O(count / 64).
  public var nullCount: Int { validity.map { count - $0.onesCount } ?? 0 }

  /// Bytes that the values take in memory, counting shared text once a value.
  public var byteCount: Int {
    (validity == nil ? 0 : (count + 7) / 8) + values.byteCount
  }

  /// A column of nothing but nulls.
  public static func nulls(_ type: DataType, count: Int) -> Column {
    Column(
      type: type, count: count, validity: Bitmap(repeating: false, count: count),
      values: .zeros(type, count: count))
  }
}

extension Column.Values {
  public var byteCount: Int {
    switch self {
    case .boolean(let bits): (bits.count + 7) / 8
    case .int32(let values): values.count * 4
    case .int64(let values): values.count * 8
    case .int128(let values): values.count * 16
    case .float(let values): values.count * 4
    case .double(let values): values.count * 8
    case .bytes(let column): column.byteCount + column.count * 12
    case .fixedBytes(_, let bytes): bytes.count
    case .list(let offsets, let child): offsets.count * 4 + child.byteCount
    case .structure(let children): children.reduce(0) { $0 + $1.byteCount }
    case .map(let offsets, let keys, let values):
      offsets.count * 4 + keys.byteCount + values.byteCount
    }
  }

  static func zeros(_ type: DataType, count: Int) -> Column.Values {
    switch type.physicalType {
    case .boolean: .boolean(Bitmap(repeating: false, count: count))
    case .int32: .int32(Array(repeating: 0, count: count))
    case .int64: .int64(Array(repeating: 0, count: count))
    case .int128: .int128(Array(repeating: 0, count: count))
    case .float: .float(Array(repeating: 0, count: count))
    case .double: .double(Array(repeating: 0, count: count))
    case .bytes:
      .bytes(
        ByteColumn(
          views: Array(repeating: ByteView(offset: 0, length: 0), count: count), buffers: [[]]))
    case .fixedBytes(let width):
      .fixedBytes(width: width, Array(repeating: 0, count: width * count))
    case .list, .structure, .map: nestedZeros(type, count: count)
    }
  }

  private static func nestedZeros(_ type: DataType, count: Int) -> Column.Values {
    let offsets = [Int32](repeating: 0, count: count + 1)
    switch type {
    case .list(let element): return .list(offsets: offsets, .nulls(element.type, count: 0))
    case .structure(let fields):
      return .structure(fields.map { .nulls($0.type, count: count) })
    case .map(let key, let value):
      return .map(
        offsets: offsets, keys: .nulls(key.type, count: 0), values: .nulls(value.type, count: 0))
    default: preconditionFailure("not nested")
    }
  }
}
