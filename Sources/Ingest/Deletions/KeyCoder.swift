internal import Base
internal import Records

/// Keys as bytes, and back: equal keys of one schema have equal bytes.
///
/// A byte a column says whether a value follows: numbers in their width, little-endian; texts and
/// bytes behind their length in four bytes.
struct KeyCoder {
  let schema: Schema

  /// - Throws: where a column's values cannot identify anything.
  init(_ schema: Schema, place: String) throws(IngestError) {
    self.schema = schema
    for field in schema.fields where field.type.isNested {
      throw IngestError(
        .refused, "the key's column '\(field.name)' is a \(field.type)",
        remedy: "Name columns under `key` that hold single values.", place: place)
    }
  }

  /// Appends one row's key.
  /// - Parameter columns: of the schema.
  func encode(_ columns: [Column], row: Int, to bytes: inout [UInt8]) {
    for column in columns {
      if column.isNull(row) {
        bytes.append(0)
        continue
      }
      bytes.append(1)
      switch column.values {
      case .boolean(let bits): bytes.append(bits[row] ? 1 : 0)
      case .int32(let values): Self.append(UInt64(UInt32(bitPattern: values[row])), 4, &bytes)
      case .int64(let values): Self.append(UInt64(bitPattern: values[row]), 8, &bytes)
      case .int128(let values):
        let value = UInt128(bitPattern: values[row])
        Self.append(UInt64(truncatingIfNeeded: value), 8, &bytes)
        Self.append(UInt64(truncatingIfNeeded: value >> 64), 8, &bytes)
      case .float(let values): Self.append(UInt64(values[row].bitPattern), 4, &bytes)
      case .double(let values): Self.append(values[row].bitPattern, 8, &bytes)
      case .bytes(let values):
        let value = values[row]
        Self.append(UInt64(value.count), 4, &bytes)
        bytes.append(contentsOf: value)
      case .fixedBytes(let width, let all):
        bytes.append(contentsOf: all[row * width..<(row + 1) * width])
      case .list, .structure, .map: break
      }
    }
  }

  private static func append(_ word: UInt64, _ count: Int, _ bytes: inout [UInt8]) {
    for shift in 0..<count { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift * 8))) }
  }

  // MARK: Back

  /// The columns of keys.
  func columns(_ keys: [ArraySlice<UInt8>]) -> [Column] {
    var rest = keys
    return schema.fields.map { field in
      var values: [ArraySlice<UInt8>?] = []
      values.reserveCapacity(keys.count)
      for index in rest.indices { values.append(Self.take(field.type, from: &rest[index])) }
      return Self.column(field.type, values)
    }
  }

  private static func take(
    _ type: DataType, from key: inout ArraySlice<UInt8>
  ) -> ArraySlice<UInt8>? {
    guard key.popFirst() == 1 else { return nil }
    let width: Int
    switch type.physicalType {
    case .boolean: width = 1
    case .int32, .float: width = 4
    case .int64, .double: width = 8
    case .int128: width = 16
    case .fixedBytes(let bytes): width = bytes
    case .bytes:
      guard key.count >= 4 else { return nil }
      width = Int(KeyDigest.word(key, key.startIndex, 4))
      key = key.dropFirst(4)
    case .list, .structure, .map: width = 0
    }
    let value = key.prefix(width)
    key = key.dropFirst(width)
    return value
  }

  private static func column(_ type: DataType, _ values: [ArraySlice<UInt8>?]) -> Column {
    switch type.physicalType {
    case .boolean:
      var builder = BooleanBuilder()
      for value in values {
        if let value { builder.append(value.first == 1) } else { builder.appendNull() }
      }
      return builder.finish()
    case .int32:
      return fixed(type, values) { Int32(truncatingIfNeeded: KeyDigest.word($0, $0.startIndex, 4)) }
    case .int64:
      return fixed(type, values) { Int64(truncatingIfNeeded: KeyDigest.word($0, $0.startIndex, 8)) }
    case .int128:
      return fixed(type, values) { value in
        let low = UInt128(KeyDigest.word(value, value.startIndex, 8))
        let high = UInt128(KeyDigest.word(value, value.startIndex + 8, 8))
        return Int128(truncatingIfNeeded: high << 64 | low)
      }
    case .float:
      return fixed(type, values) {
        Float(bitPattern: UInt32(truncatingIfNeeded: KeyDigest.word($0, $0.startIndex, 4)))
      }
    case .double:
      return fixed(type, values) { Double(bitPattern: KeyDigest.word($0, $0.startIndex, 8)) }
    case .fixedBytes(let width):
      var validity = ValidityBuilder()
      var bytes: [UInt8] = []
      for value in values {
        if value == nil { validity.appendNull() } else { validity.appendValid() }
        bytes.append(contentsOf: value ?? ArraySlice(repeating: 0, count: width))
      }
      return Column(
        type: type, count: values.count, validity: validity.finish(),
        values: .fixedBytes(width: width, bytes))
    case .bytes, .list, .structure, .map:
      var builder = BytesBuilder(capacity: values.count)
      for value in values {
        if let value { builder.append(value) } else { builder.appendNull() }
      }
      return builder.finish(type)
    }
  }

  private static func fixed<Value: BitwiseCopyable & Sendable & AdditiveArithmetic>(
    _ type: DataType, _ values: [ArraySlice<UInt8>?], _ decode: (ArraySlice<UInt8>) -> Value
  ) -> Column {
    var builder = FixedBuilder<Value>(capacity: values.count)
    for value in values {
      if let value { builder.append(decode(value)) } else { builder.appendNull() }
    }
    return builder.finish(type)
  }
}
