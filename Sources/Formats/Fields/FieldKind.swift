internal import Records

/// What a field's text becomes.
enum FieldKind {
  /// - Parameter isEscaped: with the escapes that web servers write.
  case text(isEscaped: Bool)
  case int, bigint, double
  case time(TimePattern)

  static let plain = FieldKind.text(isEscaped: false)
  static let escaped = FieldKind.text(isEscaped: true)
  /// ISO 8601 in UTC.
  static let iso = FieldKind.time(.iso8601)

  var type: DataType {
    switch self {
    case .text: .string
    case .int: .int32
    case .bigint: .int64
    case .double: .float64
    case .time: .timestamp(.microseconds, isUTC: true)
    }
  }

  /// What messages say was expected.
  var expected: String {
    switch self {
    case .text: "a text"
    case .int, .bigint: "a whole number"
    case .double: "a number"
    case .time(let pattern): "a time (\(pattern.text))"
    }
  }
}

extension FieldRow {
  /// Sets a field to what its text says; empty and `-` are null.
  /// - Returns: false where the text does not say what the kind demands.
  mutating func set(
    _ column: Int, _ kind: FieldKind, _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
  ) -> Bool {
    if range.isEmpty || FieldValue.isDash(bytes, range) { return true }
    switch kind {
    case .text(let isEscaped): set(column, text: range, isEscaped: isEscaped)
    case .int:
      guard let value = FieldValue.integer(bytes, range), Int32(exactly: value) != nil else {
        return false
      }
      set(column, integer: value)
    case .bigint:
      guard let value = FieldValue.integer(bytes, range) else { return false }
      set(column, integer: value)
    case .double:
      guard let value = FieldValue.double(bytes, range) else { return false }
      set(column, double: value)
    case .time(let pattern):
      guard let value = pattern.parse(bytes, range) else { return false }
      set(column, integer: value)
    }
    return true
  }

  /// Sets method, path and protocol, in four columns from this one on: the fourth is for requests
  /// that do not split into three, and holds them whole.
  mutating func set(
    request column: Int, _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, isEscaped: Bool
  ) {
    if range.isEmpty || FieldValue.isDash(bytes, range) { return }
    var first = range.lowerBound
    while first < range.upperBound, bytes[first] != 0x20 { first += 1 }
    var last = range.upperBound - 1
    while last > first, bytes[last] != 0x20 { last -= 1 }
    var version = FieldCursor(bytes, last + 1..<range.upperBound)
    guard first > range.lowerBound, last > first + 1, version.skip("HTTP/") else {
      return set(column + 3, text: range, isEscaped: isEscaped)
    }
    set(column, text: range.lowerBound..<first, isEscaped: isEscaped)
    set(column + 1, text: first + 1..<last, isEscaped: isEscaped)
    set(column + 2, text: last + 1..<range.upperBound, isEscaped: isEscaped)
  }
}

/// The columns of a format whose fields are named, each under a name of its own.
struct FieldNames {
  private(set) var columns: [FieldColumn] = []
  private var places: [String: Int] = [:]

  func place(_ name: String) -> Int? { places[foldedName(name)] }

  /// The column's place; a name that is taken gets a number behind it.
  mutating func add(_ column: FieldColumn) -> Int {
    var column = column
    let name = column.name
    var number = 2
    while places[foldedName(column.name)] != nil {
      column.name = "\(name)_\(number)"
      number += 1
    }
    places[foldedName(column.name)] = columns.count
    columns.append(column)
    return columns.count - 1
  }

  /// A name of lower-case letters, digits and `_`: `cs(User-Agent)` is `cs_user_agent`.
  static func plain(_ text: some StringProtocol) -> String {
    var name = ""
    for scalar in text.lowercased().unicodeScalars {
      let isPlain = scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
      if isPlain {
        name.unicodeScalars.append(scalar)
      } else if !name.isEmpty, name.last != "_" {
        name += "_"
      }
    }
    while name.last == "_" { name.removeLast() }
    return name.isEmpty ? "field" : name
  }
}
