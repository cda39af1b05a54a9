public import Records

/// Types of columns as configs write them: `bigint`, `decimal(12,2)`, `timestamp`,
/// `timestamp(%d/%b/%Y:%H:%M:%S %z)`.
public enum ColumnTypeText {
  /// The type, and the `TimePattern` that a date or timestamp names in brackets; nil where the
  /// text names no type.
  public static func parse(_ text: String) -> (type: DataType, timePattern: String?)? {
    for (word, type) in [("timestamp", timestamp), ("date", DataType.date)] {
      guard text.lowercased().hasPrefix(word + "("), text.hasSuffix(")") else { continue }
      let pattern = text.dropFirst(word.utf8.count + 1).dropLast()
      return pattern.isEmpty ? nil : (type, String(pattern))
    }
    return type(text).map { ($0, nil) }
  }

  private static let timestamp = DataType.timestamp(.microseconds, isUTC: true)

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
    case "timestamp": return timestamp
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
