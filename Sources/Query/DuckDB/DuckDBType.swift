internal import Records

/// How DuckDB's SQL writes names, texts and types.
enum DuckDBText {
  static func name(_ name: String) -> String {
    "\"" + name.replacing("\"", with: "\"\"") + "\""
  }

  static func literal(_ text: String) -> String {
    "'" + text.replacing("'", with: "''") + "'"
  }

  /// Times are plain integers in the lake's files, in their unit, as the catalog shows them too.
  static func type(_ type: DataType) -> String {
    switch type {
    case .boolean: "BOOLEAN"
    case .int8: "TINYINT"
    case .int16: "SMALLINT"
    case .int32: "INTEGER"
    case .int64, .time: "BIGINT"
    case .uint8: "UTINYINT"
    case .uint16: "USMALLINT"
    case .uint32: "UINTEGER"
    case .uint64: "UBIGINT"
    case .float16, .float32: "FLOAT"
    case .float64: "DOUBLE"
    case .decimal(let precision, let scale): "DECIMAL(\(precision),\(scale))"
    case .date: "DATE"
    case .timestamp(_, isUTC: true): "TIMESTAMP WITH TIME ZONE"
    case .timestamp(.nanoseconds, isUTC: false): "TIMESTAMP_NS"
    case .timestamp: "TIMESTAMP"
    case .string: "VARCHAR"
    case .json: "JSON"
    case .binary, .fixedBinary: "BLOB"
    case .uuid: "UUID"
    case .list(let element): "\(Self.type(element.type))[]"
    case .structure(let fields):
      "STRUCT(" + fields.map { "\(name($0.name)) \(Self.type($0.type))" }.joined(separator: ", ")
        + ")"
    case .map(let key, let value): "MAP(\(Self.type(key.type)), \(Self.type(value.type)))"
    }
  }
}
