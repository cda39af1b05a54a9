/// What is wrong with a JSON text, and where.
public struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  public var message: String
  /// Bytes from the start of the text.
  public var offset: Int

  public var description: String { "\(message) at byte \(offset)" }
}

extension JSONValue {
  /// Parses one JSON document (RFC 8259) of at most 512 levels.
  public init(parsing text: String) throws(JSONSyntaxError) {
    try self.init(parsing: Array(text.utf8))
  }

  public init(parsing bytes: [UInt8]) throws(JSONSyntaxError) {
    var parser = JSONParser(bytes: bytes)
    self = try parser.document()
  }

  /// The JSON text.
  /// - Parameter indented: over several lines, for people.
  public func text(indented: Bool = false) -> String {
    var output: [UInt8] = []
    output.reserveCapacity(512)
    if indented { writeIndented(to: &output, level: 0) } else { write(to: &output) }
    return String(decoding: output, as: UTF8.self)
  }

  private func write(to output: inout [UInt8]) {
    switch self {
    case .array(let items):
      output.append(UInt8(ascii: "["))
      for index in items.indices {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        items[index].write(to: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .object(let members):
      output.append(UInt8(ascii: "{"))
      for index in members.indices {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        Self.quote(members[index].key, into: &output)
        output.append(UInt8(ascii: ":"))
        members[index].value.write(to: &output)
      }
      output.append(UInt8(ascii: "}"))
    default: writeScalar(to: &output)
    }
  }

  private func writeScalar(to output: inout [UInt8]) {
    switch self {
    case .boolean(let value): output += (value ? "true" : "false").utf8
    case .integer(let value): output.append(decimal: value)
    case .double(let value):
      output +=
        (value.isFinite
        ? "\(value)" : (value.isNaN ? "\"NaN\"" : value < 0 ? "\"-Infinity\"" : "\"Infinity\""))
        .utf8
    case .string(let value): Self.quote(value, into: &output)
    default: output += "null".utf8
    }
  }

  private func writeIndented(to output: inout [UInt8], level: Int) {
    let inner = "\n" + String(repeating: "  ", count: level + 1)
    switch self {
    case .array(let items) where !items.isEmpty:
      for (index, item) in items.enumerated() {
        output += ((index == 0 ? "[" : ",") + inner).utf8
        item.writeIndented(to: &output, level: level + 1)
      }
      output += ("\n" + String(repeating: "  ", count: level) + "]").utf8
    case .object(let members) where !members.isEmpty:
      for (index, member) in members.enumerated() {
        output += ((index == 0 ? "{" : ",") + inner).utf8
        Self.quote(member.key, into: &output)
        output += ": ".utf8
        member.value.writeIndented(to: &output, level: level + 1)
      }
      output += ("\n" + String(repeating: "  ", count: level) + "}").utf8
    default: write(to: &output)
    }
  }

  /// Appends the text as a JSON string with its quotes.
  public static func quote(_ text: String, into output: inout String) {
    var bytes: [UInt8] = []
    quote(text, into: &bytes)
    output += String(decoding: bytes, as: UTF8.self)
  }

  private static func quote(_ text: String, into output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    let start = output.count
    output += text.utf8
    // Most texts have nothing to escape, and were copied as a whole.
    if output[start...].contains(where: isEscaped) {
      output.removeSubrange(start...)
      for byte in text.utf8 { appendEscaped(byte, to: &output) }
    }
    output.append(UInt8(ascii: "\""))
  }

  private static func isEscaped(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x7F
  }

  private static func appendEscaped(_ byte: UInt8, to output: inout [UInt8]) {
    switch byte {
    case UInt8(ascii: "\""): output += "\\\"".utf8
    case UInt8(ascii: "\\"): output += "\\\\".utf8
    case UInt8(ascii: "\n"): output += "\\n".utf8
    case UInt8(ascii: "\r"): output += "\\r".utf8
    case UInt8(ascii: "\t"): output += "\\t".utf8
    case _ where isEscaped(byte):
      let hex = String(byte, radix: 16)
      output += ("\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex).utf8
    default: output.append(byte)
    }
  }
}

private struct JSONParser {
  let bytes: [UInt8]
  var index = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONSyntaxError) -> JSONValue {
    let value = try value(depth: 0)
    skipSpace()
    guard index == bytes.count else { throw problem("text goes on after the document") }
    return value
  }

  private func problem(_ message: String) -> JSONSyntaxError {
    JSONSyntaxError(message: message, offset: index)
  }

  private mutating func skipSpace() {
    while index < bytes.count {
      switch bytes[index] {
      case 0x20, 0x09, 0x0A, 0x0D: index += 1
      default: return
      }
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard index < bytes.count, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    guard depth <= 512 else { throw problem("more than 512 levels") }
    skipSpace()
    guard index < bytes.count else { throw problem("text ends where a value should be") }
    switch bytes[index] {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(JSONSyntaxError)
    -> JSONValue
  {
    for byte in word.utf8 {
      guard take(byte) else { throw problem("expected '\(word)'") }
    }
    return value
  }

  private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    index += 1
    var members: [JSONValue.Member] = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object(members) }
    while true {
      skipSpace()
      guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else {
        throw problem("expected a key in quotes")
      }
      let key = try string()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw problem("expected ':' after a key") }
      members.append(JSONValue.Member(key: key, value: try value(depth: depth + 1)))
      skipSpace()
      if take(UInt8(ascii: "}")) { return .object(members) }
      guard take(UInt8(ascii: ",")) else { throw problem("expected ',' or '}'") }
    }
  }

  private mutating func array(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    index += 1
    var items: [JSONValue] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array(items) }
    while true {
      items.append(try value(depth: depth + 1))
      skipSpace()
      if take(UInt8(ascii: "]")) { return .array(items) }
      guard take(UInt8(ascii: ",")) else { throw problem("expected ',' or ']'") }
    }
  }

  private mutating func number() throws(JSONSyntaxError) -> JSONValue {
    let start = index
    var isInteger = true
    while index < bytes.count {
      switch bytes[index] {
      case 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "+"): break
      case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): isInteger = false
      default: return try finishNumber(start, isInteger)
      }
      index += 1
    }
    return try finishNumber(start, isInteger)
  }

  private func finishNumber(_ start: Int, _ isInteger: Bool) throws(JSONSyntaxError) -> JSONValue {
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    if isInteger, !text.hasPrefix("+"), let value = Int64(text) { return .integer(value) }
    guard let first = text.utf8.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first),
      let value = Double(text), value.isFinite
    else { throw JSONSyntaxError(message: "not a JSON value", offset: start) }
    return .double(value)
  }

  private mutating func string() throws(JSONSyntaxError) -> String {
    index += 1
    let start = index
    while index < bytes.count, bytes[index] >= 0x20, bytes[index] != UInt8(ascii: "\""),
      bytes[index] != UInt8(ascii: "\\")
    {
      index += 1
    }
    let plain = bytes[start..<index]
    if take(UInt8(ascii: "\"")) { return try finishString(plain) }
    var text = Array(plain)
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      switch byte {
      case UInt8(ascii: "\""): return try finishString(text[...])
      case UInt8(ascii: "\\"): try escape(into: &text)
      case 0..<0x20: throw problem("a control character inside a string")
      default: text.append(byte)
      }
    }
    throw problem("a string does not end")
  }

  private func finishString(_ text: ArraySlice<UInt8>) throws(JSONSyntaxError) -> String {
    do {
      return String(copying: try UTF8Span(validating: text.span))
    } catch { throw problem("a string is not valid UTF-8") }
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONSyntaxError) {
    guard index < bytes.count else { throw problem("a string does not end") }
    let byte = bytes[index]
    index += 1
    switch byte {
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "u"):
      var code = UInt32(try hex4())
      if (0xD800..<0xDC00).contains(code), index + 1 < bytes.count,
        bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u")
      {
        let mark = index
        index += 2
        let low = UInt32(try hex4())
        if (0xDC00..<0xE000).contains(low) {
          code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        } else {
          index = mark
        }
      }
      let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
      text.append(contentsOf: Array(String(Character(scalar)).utf8))
    default: throw problem("unknown escape in a string")
    }
  }

  private mutating func hex4() throws(JSONSyntaxError) -> UInt16 {
    guard index + 4 <= bytes.count,
      let code = UInt16(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
    else { throw problem("expected four hexadecimal digits") }
    index += 4
    return code
  }
}

extension [UInt8] {
  /// Adds a number's decimal digits, with a sign where it is negative.
  public mutating func append(decimal number: Int64) {
    if number < 0 { append(UInt8(ascii: "-")) }
    let start = count
    var rest = number.magnitude
    repeat {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest > 0
    self[start...].reverse()
  }
}
