/// Reads the XML that services answer with, as far as they use it: elements, text, CDATA,
/// comments, processing instructions, the five named entities and numeric references. There are no
/// document types, so no entity can expand; depth is bounded, and size by the response's own bound.
struct XMLParser {
  static let depthMax = 32
  /// A page of a thousand objects has some ten thousand.
  static let elementsMax = 100_000

  private let bytes: [UInt8]
  private var index = 0
  private var elementCount = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(XMLSyntaxError) -> XMLElement {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    try skipAround()
    guard isAt("<") else { throw problem("expected an element") }
    let root = try element(depth: 0)
    try skipAround()
    guard index == bytes.count else { throw problem("text goes on after the document") }
    return root
  }

  private func problem(_ message: String) -> XMLSyntaxError {
    XMLSyntaxError(message: message, offset: index)
  }

  private func isAt(_ text: String) -> Bool {
    var place = index
    for byte in text.utf8 {
      guard place < bytes.count, bytes[place] == byte else { return false }
      place += 1
    }
    return true
  }

  private mutating func take(_ text: String) -> Bool {
    guard isAt(text) else { return false }
    index += text.utf8.count
    return true
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }

  private static func endsName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "/"), UInt8(ascii: ">"), UInt8(ascii: "="), UInt8(ascii: "<"),
      UInt8(ascii: "&"), UInt8(ascii: "\""), UInt8(ascii: "'"):
      true
    default: isSpace(byte)
    }
  }

  /// nil where the bytes are no UTF-8.
  private static func string(_ bytes: ArraySlice<UInt8>) -> String? {
    do { return String(copying: try UTF8Span(validating: bytes.span)) } catch { return nil }
  }

  private mutating func skipSpace() {
    while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
  }

  private mutating func skip(past end: String) throws(XMLSyntaxError) {
    while index < bytes.count {
      if take(end) { return }
      index += 1
    }
    throw problem("expected '\(end)'")
  }

  /// Space, comments and instructions around the root.
  private mutating func skipAround() throws(XMLSyntaxError) {
    while true {
      skipSpace()
      if take("<!--") {
        try skip(past: "-->")
      } else if take("<?") {
        try skip(past: "?>")
      } else if isAt("<!") {
        throw problem("a document type, which no answer needs")
      } else {
        return
      }
    }
  }

  private mutating func name() throws(XMLSyntaxError) -> String {
    let start = index
    while index < bytes.count, !Self.endsName(bytes[index]) { index += 1 }
    guard index > start, index - start <= 256 else { throw problem("expected a name") }
    let name = bytes[start..<index]
    // `s3:Key` is `Key`.
    let local = name.lastIndex(of: UInt8(ascii: ":")).map { name[($0 + 1)...] } ?? name
    guard let text = Self.string(local) else { throw problem("a name is not valid UTF-8") }
    return text
  }

  private mutating func element(depth: Int) throws(XMLSyntaxError) -> XMLElement {
    guard depth < Self.depthMax else { throw problem("more than \(Self.depthMax) levels") }
    elementCount += 1
    guard elementCount <= Self.elementsMax else {
      throw problem("more than \(Self.elementsMax) elements")
    }
    index += 1
    let start = index
    var element = XMLElement(name: try name())
    let qualified = bytes[start..<index]
    if try isEmptyAfterAttributes() { return element }
    var text: [UInt8] = []
    while index < bytes.count {
      if take("</") {
        guard bytes[index...].starts(with: qualified) else {
          throw problem("'\(element.name)' is not closed")
        }
        index += qualified.count
        skipSpace()
        guard take(">") else { throw problem("expected '>'") }
        guard let value = Self.string(text[...]) else {
          throw problem("a text is not valid UTF-8")
        }
        element.text = value
        return element
      }
      try content(of: &element, &text, depth)
    }
    throw problem("'\(element.name)' does not end")
  }

  private mutating func content(
    of element: inout XMLElement, _ text: inout [UInt8], _ depth: Int
  ) throws(XMLSyntaxError) {
    if bytes[index] != UInt8(ascii: "<") {
      // Most of an answer is plain text between two tags.
      let start = index
      while index < bytes.count, bytes[index] != UInt8(ascii: "<"),
        bytes[index] != UInt8(ascii: "&")
      { index += 1 }
      text += bytes[start..<index]
      if index == start { try reference(into: &text) }
    } else if index + 1 < bytes.count, bytes[index + 1] != UInt8(ascii: "!"),
      bytes[index + 1] != UInt8(ascii: "?")
    {
      // An object of a listing has about so many.
      if element.children.isEmpty && depth > 0 { element.children.reserveCapacity(8) }
      element.children.append(try self.element(depth: depth + 1))
    } else if take("<!--") {
      try skip(past: "-->")
    } else if take("<![CDATA[") {
      let start = index
      try skip(past: "]]>")
      text += bytes[start..<index - 3]
    } else if take("<?") {
      try skip(past: "?>")
    } else {
      throw problem("a declaration inside an element")
    }
  }

  /// Skips attributes and the end of the tag.
  /// - Returns: whether the element ended with its tag.
  private mutating func isEmptyAfterAttributes() throws(XMLSyntaxError) -> Bool {
    while true {
      skipSpace()
      if take("/>") { return true }
      if take(">") { return false }
      _ = try name()
      skipSpace()
      guard take("=") else { throw problem("expected '='") }
      skipSpace()
      guard index < bytes.count, bytes[index] == 0x22 || bytes[index] == 0x27 else {
        throw problem("expected a value in quotes")
      }
      let quote = bytes[index]
      index += 1
      while index < bytes.count, bytes[index] != quote {
        if bytes[index] == UInt8(ascii: "<") { throw problem("'<' in an attribute") }
        index += 1
      }
      guard index < bytes.count else { throw problem("an attribute does not end") }
      index += 1
    }
  }

  private mutating func reference(into text: inout [UInt8]) throws(XMLSyntaxError) {
    let start = index + 1
    guard let end = bytes[start...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else {
      throw problem("a reference does not end")
    }
    let name = String(decoding: bytes[start..<end], as: UTF8.self)
    switch name {
    case "amp": text.append(UInt8(ascii: "&"))
    case "lt": text.append(UInt8(ascii: "<"))
    case "gt": text.append(UInt8(ascii: ">"))
    case "quot": text.append(UInt8(ascii: "\""))
    case "apos": text.append(UInt8(ascii: "'"))
    default:
      let digits = name.dropFirst(name.hasPrefix("#x") || name.hasPrefix("#X") ? 2 : 1)
      let radix = name.hasPrefix("#x") || name.hasPrefix("#X") ? 16 : 10
      guard name.hasPrefix("#"), let code = UInt32(digits, radix: radix),
        let scalar = Unicode.Scalar(code), code != 0
      else { throw problem("an unknown entity") }
      text += Array(String(Character(scalar)).utf8)
    }
    index = end + 1
  }
}
