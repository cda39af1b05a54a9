internal import Base
internal import Records

extension Predicate {
  /// A condition whose value is given as text, read by the type of the column.
  ///
  ///     try Predicate(column: "price", operator: ">=", text: "9.95", in: file)
  ///     try Predicate(column: "day", operator: "=", text: "2026-11-21", in: file)
  ///     try Predicate(column: "name", operator: "is null", in: file)
  ///
  /// | column | text |
  /// |---|---|
  /// | boolean | `true`, `false` |
  /// | integers, decimals, floating point | `-12`, `9.95`, `1e6` |
  /// | date | `2026-11-21` |
  /// | time | `07:34:00.5` |
  /// | timestamp | `2026-11-21`, `2026-11-21T07:34:00.5`, with a zone `Z` or `+01:00` |
  /// | string, JSON | as it is, or in single or double quotes |
  /// | binary | `0x` and hexadecimal digits, else as string |
  /// | UUID, fixed binary | hexadecimal digits, `-` between them, `0x` before them |
  ///
  /// - Parameters:
  ///   - symbol: `=`, `!=`, `<`, `<=`, `>`, `>=`, `is null` or `is not null`.
  ///   - text: not used by the last two. Any value may be in quotes.
  /// - Throws: `.schemaMismatch` for a column that is not there or is within a list, an operator
  ///   that is not known, and a text that is no value of the column's type.
  public init(
    column: String, operator symbol: String, text: String = "", in file: ParquetFile
  ) throws(ParquetError) {
    let leaf = try file.conditionLeaf(column)
    guard let comparison = Comparison(symbol: symbol) else {
      let known = Comparison.allCases.map(\.symbol).joined(separator: ", ")
      throw ParquetError(
        .schemaMismatch, "an operator \(symbol), expected one of: \(known)",
        at: .init(column: column))
    }
    self.init(column, comparison)
    guard comparison.hasOperand else { return }
    let type = file.valueType(of: leaf)
    guard let value = Value(literal: text, of: type) else {
      throw ParquetError(
        .schemaMismatch,
        "“\(text)” is no value of type \(type), expected \(Value.literalForm(of: type))",
        at: .init(column: column))
    }
    self.value = value
  }
}

extension Value {
  /// What a literal of a type looks like, for errors.
  static func literalForm(of type: DataType) -> String {
    switch type {
    case .boolean: "true or false"
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64:
      "a number such as -12 or 2.5"
    case .decimal: "a number such as -12 or 9.95"
    case .float16, .float32, .float64: "a number such as 2.5 or 1e6"
    case .date: "a date such as 2026-11-21"
    case .time: "a time such as 07:34:00.5"
    case .timestamp: "a date or time such as 2026-11-21 or 2026-11-21T07:34:00Z"
    case .string, .json, .binary: "a text"
    case .uuid: "32 hexadecimal digits"
    case .fixedBinary(let width): "\(2 * width) hexadecimal digits"
    case .list, .structure, .map: "a condition on a column within it"
    }
  }

  /// - Returns: nil where the text is no value of the type.
  init?(literal: String, of type: DataType) {
    let text = Self.unquoted(literal)
    let value: Value? =
      switch type {
      case .boolean: ["true": true, "false": false][text.lowercased()].map { .boolean($0) }
      case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .decimal:
        Self.decimal(text)
      case .float16, .float32: Float(text).map { .float($0) }
      case .float64: Double(text).map { .double($0) }
      case .date: Self.date(text)
      case .time: Self.time(text)
      case .timestamp(_, let isUTC): Self.timestamp(text, isUTC: isUTC)
      case .string, .json: .text(text)
      case .binary:
        text.hasPrefix("0x") ? Self.bytes(text).map { .bytes($0) } : .text(text)
      case .uuid: Self.bytes(text, width: 16)
      case .fixedBinary(let width): Self.bytes(text, width: width)
      case .list, .structure, .map: nil
      }
    guard let value else { return nil }
    self = value
  }

  /// Without a pair of quotes around it; two of them within stand for one.
  private static func unquoted(_ text: String) -> String {
    guard text.utf8.count >= 2, let first = text.first, first == "'" || first == "\"",
      text.last == first
    else { return text }
    let parts = text.dropFirst().dropLast().split(
      separator: "\(first)\(first)", omittingEmptySubsequences: false)
    return parts.joined(separator: String(first))
  }

  /// Digits with a sign, a point and an exponent, exactly.
  private static func decimal(_ text: String) -> Value? {
    var rest = Substring(text)
    let isNegative = rest.hasPrefix("-")
    if isNegative || rest.hasPrefix("+") { rest = rest.dropFirst() }
    let parts = rest.split(
      maxSplits: 1, omittingEmptySubsequences: false, whereSeparator: { $0 == "e" || $0 == "E" })
    guard let mantissa = parts.first else { return nil }
    var exponent = 0
    if parts.count == 2 {
      guard let number = Int(parts[1]), abs(number) <= 64 else { return nil }
      exponent = number
    }
    let halves = mantissa.split(
      separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let digits = halves.joined()
    guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
    guard var number = Int128(digits) else { return nil }
    var scale = (halves.count == 2 ? halves[1].utf8.count : 0) - exponent
    while scale < 0 {
      let (next, overflow) = number.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      number = next
      scale += 1
    }
    return .decimal(isNegative ? -number : number, scale: scale)
  }

  private static func date(_ text: String) -> Value? {
    guard text.utf8.count == 10, let moment = CivilTime.parse(text) else { return nil }
    return .date(Int32(clamping: moment.floorDivided(by: CivilTime.microsecondsPerDay)))
  }

  /// Moments of whole seconds and the nanoseconds of the fraction: up to nine digits.
  private static func seconds(_ text: String) -> (text: String, nanoseconds: Int64)? {
    guard let point = text.firstIndex(of: ".") else { return (text, 0) }
    let digits = text[text.index(after: point)...].prefix { $0.isASCII && $0.isNumber }
    guard (1...9).contains(digits.count), let fraction = Int64(digits) else { return nil }
    var nanoseconds = fraction
    for _ in digits.count..<9 { nanoseconds *= 10 }
    return (String(text[..<point] + text[digits.endIndex...]), nanoseconds)
  }

  private static func timestamp(_ text: String, isUTC: Bool) -> Value? {
    guard let (whole, fraction) = seconds(text), let moment = CivilTime.parse(whole) else {
      return nil
    }
    guard fraction % 1000 != 0 else {
      return .timestamp(moment + fraction / 1000, .microseconds, isUTC: isUTC)
    }
    let (scaled, overflow) = moment.multipliedReportingOverflow(by: 1000)
    let (sum, sumOverflow) = scaled.addingReportingOverflow(fraction)
    return overflow || sumOverflow ? nil : .timestamp(sum, .nanoseconds, isUTC: isUTC)
  }

  private static func time(_ text: String) -> Value? {
    guard let (whole, fraction) = seconds(text), !whole.hasSuffix("Z"),
      let moment = CivilTime.parse("1970-01-01T" + whole), moment >= 0,
      moment < CivilTime.microsecondsPerDay
    else { return nil }
    return .time(moment * 1000 + fraction, .nanoseconds)
  }

  private static func bytes(_ text: String, width: Int) -> Value? {
    guard let bytes = bytes(text), bytes.count == width else { return nil }
    return .bytes(bytes)
  }

  /// Pairs of hexadecimal digits.
  private static func bytes(_ text: String) -> [UInt8]? {
    let digits = Array((text.hasPrefix("0x") ? text.dropFirst(2) : text[...]).utf8)
      .filter { $0 != UInt8(ascii: "-") }
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: digits.count, by: 2) {
      let pair = String(decoding: digits[start..<start + 2], as: UTF8.self)
      guard let byte = UInt8(pair, radix: 16), !pair.hasPrefix("+") else { return nil }
      bytes.append(byte)
    }
    return bytes
  }
}
