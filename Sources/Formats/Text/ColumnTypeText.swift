public import Records

/// Types of columns as configs write them: `bigint`, `decimal(12,2)`, `timestamp`,
/// `timestamp(%d/%b/%Y:%H:%M:%S %z)`, `array<string>`, `struct<sku:string,qty:bigint>`.
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

  /// The types there are, for messages.
  public static let names =
    "boolean, tinyint, smallint, int, bigint, float, double, decimal(p,s) of up to 18 digits, "
    + "date, timestamp, string, json, array<…> or struct<name:…,…>"

  private static let timestamp = DataType.timestamp(.microseconds, isUTC: true)

  /// Types within types, at most.
  static let depthMax = 15

  /// nil where the text names no type. A timestamp has microseconds and is in UTC.
  public static func type(_ text: String) -> DataType? {
    var rest = Array(text.utf8.filter { $0 != UInt8(ascii: " ") })[...]
    guard let type = takeType(&rest, depth: 0), rest.isEmpty else { return nil }
    return type
  }

  private static func takeType(_ rest: inout ArraySlice<UInt8>, depth: Int) -> DataType? {
    let word = takeWord(&rest).lowercased()
    guard rest.first == UInt8(ascii: "<") else { return scalar(word) }
    rest.removeFirst()
    guard depth < depthMax else { return nil }
    switch word {
    case "array":
      guard let element = takeType(&rest, depth: depth + 1), take(">", &rest) else { return nil }
      return .list(Field("element", element))
    case "struct": return takeFields(&rest, depth: depth + 1).map { .structure($0) }
    default: return nil
    }
  }

  /// Fields up to the closing bracket; their names keep their case.
  private static func takeFields(_ rest: inout ArraySlice<UInt8>, depth: Int) -> [Field]? {
    var fields: [Field] = []
    repeat {
      let name = takeWord(&rest)
      guard !name.isEmpty, ColumnName.problem(Array(name.utf8)) == nil,
        !fields.contains(where: { foldedName($0.name) == foldedName(name) }), take(":", &rest),
        let type = takeType(&rest, depth: depth)
      else { return nil }
      fields.append(Field(name, type))
    } while take(",", &rest)
    return take(">", &rest) ? fields : nil
  }

  /// A name with what stands in parentheses behind it.
  private static func takeWord(_ rest: inout ArraySlice<UInt8>) -> String {
    var isInParentheses = false
    let word = rest.prefix { byte in
      if byte == UInt8(ascii: "(") { isInParentheses = true }
      if byte == UInt8(ascii: ")") { isInParentheses = false }
      return isInParentheses || !"<>,:".utf8.contains(byte)
    }
    rest = rest.dropFirst(word.count)
    return String(decoding: word, as: UTF8.self)
  }

  private static func take(_ character: Unicode.Scalar, _ rest: inout ArraySlice<UInt8>) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  private static func scalar(_ text: String) -> DataType? {
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
