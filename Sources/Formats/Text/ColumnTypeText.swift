public import Records

/// Types of columns as configs write them: `bigint`, `decimal(12,2)`, `timestamp`.
public enum ColumnTypeText {
  /// nil where the text names no type. A timestamp has microseconds and is in UTC.
  public static func type(_ text: String) -> DataType? {
    let text = text.lowercased().filter { $0 != " " }
    switch text {
    case "boolean", "bool": return .boolean
    case "tinyint": return .int8
    case "smallint": return .int16
    case "int", "integer": return .int32
    case "bigint", "long": return .int64
    case "float": return .float32
    case "double": return .float64
    case "date": return .date
    case "timestamp": return .timestamp(.microseconds, isUTC: true)
    case "string", "text": return .string
    case "json": return .json
    default: break
    }
    guard text.hasPrefix("decimal("), text.hasSuffix(")") else { return nil }
    let parts = text.dropFirst(8).dropLast().split(separator: ",", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let precision = Int(parts[0]),
      let scale = parts.count == 2 ? Int(parts[1]) : 0, (1...38).contains(precision),
      (0...precision).contains(scale)
    else { return nil }
    return .decimal(precision: precision, scale: scale)
  }
}
