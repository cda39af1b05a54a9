public import Records

/// The variants of a column that a file stores as one: a struct of metadata, value and, where
/// parts of the values are shredded into columns of their own, typed values.
///
/// - SeeAlso: parquet-format, VariantShredding.md.
public struct VariantColumn: Sendable {
  private let column: Column
  private let metadata: ByteColumn
  private let parts: Parts

  /// Where a value, or an element or field of one, comes from.
  private struct Parts {
    var value: Column?
    var typed: Column?

    init(_ column: Column) {
      guard case .structure(let fields) = column.type,
        case .structure(let children) = column.values
      else { return }
      for (field, child) in zip(fields, children) {
        if field.name == "value" { value = child }
        if field.name == "typed_value" { typed = child }
      }
    }
  }

  /// - Throws: `.schemaMismatch` where the column is no struct with binary metadata.
  public init(_ column: Column) throws(ParquetError) {
    guard case .structure(let fields) = column.type, case .structure(let children) = column.values,
      let index = fields.firstIndex(where: { $0.name == "metadata" }),
      case .bytes(let metadata) = children[index].values
    else {
      throw ParquetError(
        .schemaMismatch, "a variant column is a struct of metadata and value, found \(column.type)")
    }
    self.column = column
    self.metadata = metadata
    parts = Parts(column)
  }

  /// The variant of a row; nil where the row is null.
  /// - Throws: `.corrupt` where its bytes, or what is shredded of it, contradict themselves.
  public func variant(_ row: Int) throws(ParquetError) -> Variant? {
    if column.isNull(row) { return nil }
    let dictionary = try VariantMetadata(metadata[row])
    return try Self.variant(parts, row, dictionary, depth: 0) ?? .null
  }

  /// Nil where neither the value nor the typed value is there.
  private static func variant(
    _ parts: Parts, _ row: Int, _ dictionary: VariantMetadata, depth: Int
  ) throws(ParquetError) -> Variant? {
    guard depth < Variant.depthMax else {
      throw ParquetError(
        .limitExceeded, "variant: values nest deeper than \(Variant.depthMax) levels")
    }
    var value: Variant?
    if let column = parts.value, !column.isNull(row) {
      guard case .bytes(let bytes) = column.values else {
        throw ParquetError(.schemaMismatch, "variant: a value of type \(column.type)")
      }
      let slice = bytes[row]
      var decoder = VariantDecoder(dictionary: dictionary, valueByteCount: slice.count)
      value = try decoder.decode(slice, depth: depth)
    }
    guard let typed = parts.typed else { return value }
    try checkType(typed.type)
    guard !typed.isNull(row) else { return value }
    if case .structure(let children) = typed.values, case .structure(let fields) = typed.type {
      return try object(fields, children, row, value, dictionary, depth: depth)
    }
    guard value == nil else {
      throw ParquetError(.corrupt, "variant: both a value and a typed value")
    }
    if case .list(let offsets, let elements) = typed.values {
      let elementParts = Parts(elements)
      var items: [Variant] = []
      for index in Int(offsets[row])..<Int(offsets[row + 1]) {
        items.append(
          try variant(elementParts, index, dictionary, depth: depth + 1) ?? .null)
      }
      return .array(items)
    }
    return try scalar(typed, row)
  }

  /// The shredded fields, with those that were left in the value.
  private static func object(
    _ fields: [Records.Field], _ children: [Column], _ row: Int, _ value: Variant?,
    _ dictionary: VariantMetadata, depth: Int
  ) throws(ParquetError) -> Variant {
    var result: [Variant.Field] = []
    switch value {
    case nil: break
    case .object(let rest):
      // A field may not be in both; where it is, the shredded one counts.
      let names = Set(fields.map(\.name))
      result = rest.filter { !names.contains($0.name) }
    default:
      throw ParquetError(
        .corrupt, "variant: a value that is no object, with fields that are shredded")
    }
    for (field, child) in zip(fields, children) where !child.isNull(row) {
      if let found = try variant(Parts(child), row, dictionary, depth: depth + 1) {
        result.append(Variant.Field(field.name, found))
      }
    }
    return .object(Variant.sorted(result))
  }

  private static func checkType(_ type: DataType) throws(ParquetError) {
    switch type {
    case .boolean, .int8, .int16, .int32, .int64, .float32, .float64, .decimal, .date, .string,
      .binary, .uuid, .time(.microseconds), .timestamp(.microseconds, _),
      .timestamp(.nanoseconds, _), .list, .structure:
      return
    default: throw ParquetError(.unsupported, "variant: a shredded value of type \(type)")
    }
  }

  private static func scalar(_ column: Column, _ row: Int) throws(ParquetError) -> Variant {
    switch (column[row], column.type) {
    case (.boolean(let value), _): return .boolean(value)
    case (.integer(let value), .int8): return .int8(Int8(truncatingIfNeeded: value))
    case (.integer(let value), .int16): return .int16(Int16(truncatingIfNeeded: value))
    case (.integer(let value), .int32): return .int32(Int32(truncatingIfNeeded: value))
    case (.integer(let value), _): return .int64(value)
    case (.float(let value), _): return .float(value)
    case (.double(let value), _): return .double(value)
    case (.decimal(let unscaled, let scale), .decimal(let precision, _)):
      let byteCount = precision <= 9 ? 4 : precision <= 18 ? 8 : 16
      return .decimal(unscaled, scale: scale, byteCount: byteCount)
    case (.date(let days), _): return .date(days)
    case (.time(let value, _), _): return .time(value)
    case (.timestamp(let value, let unit, let isUTC), _):
      return .timestamp(value, unit, isUTC: isUTC)
    case (.text(let value), _): return .string(value)
    case (.bytes(let value), .uuid): return .uuid(value)
    case (.bytes(let value), _): return .binary(value)
    default:
      throw ParquetError(.unsupported, "variant: a shredded value of type \(column.type)")
    }
  }
}
