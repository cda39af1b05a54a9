public import Records

extension GlueType {
  /// Levels of nesting beyond which a type is refused.
  public static let depthMax = 32

  /// The type that a Glue type text stands for. `char(n)` and `varchar(n)` are strings,
  /// timestamps have microseconds and no zone.
  /// - Parameter place: the column, for the error.
  /// - Throws: `.invalidInput` with what was found at which byte.
  public static func parse(_ text: String, place: String) throws(CatalogError) -> DataType {
    var parser = TypeParser(text, place: place)
    return try parser.whole()
  }
}

/// Recursive descent over the bytes of a type text.
private struct TypeParser {
  private let bytes: [UInt8]
  private let place: String
  private var index = 0

  init(_ text: String, place: String) {
    bytes = Array(text.utf8)
    self.place = place
  }

  mutating func whole() throws(CatalogError) -> DataType {
    let type = try type(depth: 0)
    skipSpace()
    if index < bytes.count { throw problem("something follows the type") }
    return type
  }

  private mutating func type(depth: Int) throws(CatalogError) -> DataType {
    if depth > GlueType.depthMax {
      throw problem("the type is nested deeper than \(GlueType.depthMax) levels")
    }
    let start = index
    let name = word().lowercased()
    switch name {
    case "boolean": return .boolean
    case "tinyint": return .int8
    case "smallint": return .int16
    case "int", "integer": return .int32
    case "bigint", "long": return .int64
    case "float", "real": return .float32
    case "double": return .float64
    case "date": return .date
    case "timestamp": return .timestamp(.microseconds, isUTC: false)
    case "string": return .string
    case "binary": return .binary
    case "char", "varchar":
      _ = try arguments(1)
      return .string
    case "decimal", "numeric": return try decimal()
    case "array":
      try expect("<")
      let element = try type(depth: depth + 1)
      try expect(">")
      return .list(Field("element", element))
    case "map":
      try expect("<")
      let key = try type(depth: depth + 1)
      try expect(",")
      let value = try type(depth: depth + 1)
      try expect(">")
      return .map(key: Field("key", key, isNullable: false), value: Field("value", value))
    case "struct": return try structure(depth: depth)
    default:
      index = start
      throw problem("unknown type '\(name)'")
    }
  }

  private mutating func decimal() throws(CatalogError) -> DataType {
    let numbers = try arguments(2)
    let precision = numbers.first ?? 10
    let scale = numbers.count > 1 ? numbers[1] : 0
    guard (1...38).contains(precision), (0...precision).contains(scale) else {
      throw problem("decimal(\(precision),\(scale)) is not possible")
    }
    return .decimal(precision: precision, scale: scale)
  }

  private mutating func structure(depth: Int) throws(CatalogError) -> DataType {
    try expect("<")
    var fields: [Field] = []
    var names: Set<String> = []
    if take(">") { return .structure([]) }
    while true {
      let name = fieldName().lowercased()
      if name.isEmpty { throw problem("a field has no name") }
      if !names.insert(name).inserted { throw problem("two fields are named '\(name)'") }
      try expect(":")
      fields.append(Field(name, try type(depth: depth + 1)))
      if take(">") { return .structure(fields) }
      try expect(",")
    }
  }

  /// Up to `countMax` numbers in parentheses; none where there are no parentheses.
  private mutating func arguments(_ countMax: Int) throws(CatalogError) -> [Int] {
    guard take("(") else { return [] }
    var numbers: [Int] = []
    repeat {
      guard let number = Int(word()), number >= 0 else { throw problem("expected a number") }
      numbers.append(number)
    } while numbers.count < countMax && take(",")
    try expect(")")
    return numbers
  }

  private mutating func word() -> String {
    skipSpace()
    let start = index
    while index < bytes.count, isWordByte(bytes[index]) { index += 1 }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// Everything up to the colon: Hive's field names may hold almost anything.
  private mutating func fieldName() -> String {
    skipSpace()
    let start = index
    while index < bytes.count, !":,<>".utf8.contains(bytes[index]) { index += 1 }
    var end = index
    while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(CatalogError) {
    if !take(character) { throw problem("expected '\(character)'") }
  }

  private mutating func skipSpace() {
    while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
  }

  private func problem(_ message: String) -> CatalogError {
    let text = String(decoding: bytes.prefix(200), as: UTF8.self)
    return CatalogError(
      .invalidInput, "\(message) at byte \(index) of the type '\(text)'",
      remedy: "write a Hive type such as bigint, decimal(10,2) or array<string>", place: place)
  }
}
