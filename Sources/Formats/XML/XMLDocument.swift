internal import CXML2

/// A parsed XML document, as JSON: `try XMLDocument(parsing: bytes).json()`.
///
///     <order id="7"><item>pen</item><item>ink</item><note/></order>
///     {"order":{"id":"7","item":["pen","ink"],"note":null}}
///
/// - An element with neither attributes nor elements is its text, without spaces at its ends; null
///   where there is none.
/// - Any other is an object of its attributes and elements, by their names without namespaces. What
///   has the same name is an array, in the document's order. Text beside them is `_text`.
/// - Values stay texts: `TextTypes` finds their types. Comments and instructions are left out, as
///   are attributes such as `xsi:nil`.
///
/// Hostile documents are refused: those that declare entities or attributes, or use entities that
/// XML itself does not know, are nested deeper than 256 levels, or have more than `nodesMax`
/// elements and attributes. Nothing is ever loaded from anywhere.
public final class XMLDocument {
  /// Elements and attributes together; each takes about 120 bytes of memory.
  public static let nodesMax = 1_000_000

  let tree: OpaquePointer
  let root: OpaquePointer

  /// - Parameter encoding: what is known of the text's encoding from elsewhere; nil: what a byte
  ///   order mark or the document itself says, else UTF-8.
  /// - Throws: `.malformed`, with the line where the text stops being XML.
  public convenience init(
    parsing bytes: [UInt8], encoding: String? = nil, nodesMax: Int = XMLDocument.nodesMax
  ) throws(FormatError) {
    try self.init(parsing: bytes[...], encoding: encoding, nodesMax: nodesMax)
  }

  init(parsing bytes: ArraySlice<UInt8>, encoding: String?, nodesMax: Int) throws(FormatError) {
    Self.prepare
    guard let count = Int32(exactly: bytes.count) else {
      throw Self.problem("the document has more than 2 GB", line: 0)
    }
    var state = cxml2_state()
    let tree = bytes.withUnsafeBufferPointer { bytes in
      cxml2_parse(bytes.baseAddress, count, encoding, nodesMax, &state)
    }
    guard let tree else { throw Self.problem(state, nodesMax) }
    guard let root = cxml2_root(tree) else {
      cxml2_document_free(tree)
      throw Self.problem("it has no element", line: 0)
    }
    self.tree = tree
    self.root = root
  }

  deinit { cxml2_document_free(tree) }

  /// Once, before several threads use the library.
  private static let prepare: Void = cxml2_prepare()

  /// The document as an object with one member, named like its root.
  public func json() -> [UInt8] {
    var writer = XMLWriter()
    writer.bytes.append(UInt8(ascii: "{"))
    writer.appendName(of: root)
    writer.append(element: root)
    writer.bytes.append(UInt8(ascii: "}"))
    return writer.bytes
  }

  /// The root as an object, also where it holds nothing but text.
  func appendRecord(to output: inout [UInt8]) {
    var writer = XMLWriter(bytes: output)
    output = []
    writer.append(record: root)
    output = writer.bytes
  }

  private static func problem(_ state: cxml2_state, _ nodesMax: Int) -> FormatError {
    let line = Int(state.line)
    switch state.outcome {
    case CXML2_TOO_LARGE:
      return problem("it has more than \(nodesMax) elements and attributes", line: line)
    case CXML2_DECLARES:
      return problem("it declares or uses entities of its own, which are not expanded", line: line)
    case CXML2_NO_MEMORY: return .outOfMemory
    default:
      var state = state
      let text = withUnsafeBytes(of: &state.message) { bytes in
        String(decoding: bytes.prefix { $0 != 0 && $0 != 0x0A }, as: UTF8.self)
      }
      return problem(text.isEmpty ? "it cannot be read" : text, line: line)
    }
  }

  private static func problem(_ message: String, line: Int) -> FormatError {
    FormatError(
      .malformed, "the text is not XML that can be read: \(message)",
      remedy: "Look at the text there, and have whoever writes it mend it.",
      place: line > 0 ? "line \(line)" : nil)
  }
}

/// Writes elements as JSON. Recursion is as deep as the document, at most 256 levels.
struct XMLWriter {
  var bytes: [UInt8] = []

  /// An element as an object, also where it holds nothing but text.
  mutating func append(record element: OpaquePointer) {
    if hasMembers(element) { return append(element: element) }
    bytes.append(UInt8(ascii: "{"))
    if let text = text(of: element) {
      appendTextName()
      JSONTextWriter.appendQuoted(text, to: &bytes)
    }
    bytes.append(UInt8(ascii: "}"))
  }

  mutating func append(element: OpaquePointer) {
    guard hasMembers(element) else { return append(text: text(of: element)) }
    // Names in the order in which they first come, each with what has it.
    var places: [String: Int] = [:]
    var members: [(name: String, nodes: [OpaquePointer])] = []
    func note(_ node: OpaquePointer) {
      let name = Self.localName(node)
      if let place = places[name] {
        members[place].nodes.append(node)
      } else {
        places[name] = members.count
        members.append((name, [node]))
      }
    }
    var attribute = cxml2_first_attribute(element)
    while let node = attribute {
      note(node)
      attribute = cxml2_next(node)
    }
    var child = cxml2_first_child(element)
    while let node = child {
      if cxml2_node_kind(node) == CXML2_ELEMENT { note(node) }
      child = cxml2_next(node)
    }
    bytes.append(UInt8(ascii: "{"))
    for (index, member) in members.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      JSONTextWriter.appendQuoted(Array(member.name.utf8), to: &bytes)
      bytes.append(UInt8(ascii: ":"))
      append(nodes: member.nodes)
    }
    if let text = text(of: element) {
      bytes.append(UInt8(ascii: ","))
      appendTextName()
      JSONTextWriter.appendQuoted(text, to: &bytes)
    }
    bytes.append(UInt8(ascii: "}"))
  }

  private mutating func append(nodes: [OpaquePointer]) {
    if nodes.count > 1 { bytes.append(UInt8(ascii: "[")) }
    for (index, node) in nodes.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      append(node: node)
    }
    if nodes.count > 1 { bytes.append(UInt8(ascii: "]")) }
  }

  mutating func append(node: OpaquePointer) {
    switch cxml2_node_kind(node) {
    case CXML2_ELEMENT: append(element: node)
    case CXML2_ATTRIBUTE: append(text: text(of: node))
    default: append(text: cxml2_node_content(node).map { Self.trimmed(Self.bytes($0)) })
    }
  }

  mutating func append(text: [UInt8]?) {
    if let text, !text.isEmpty {
      JSONTextWriter.appendQuoted(text, to: &bytes)
    } else {
      bytes.append(contentsOf: "null".utf8)
    }
  }

  mutating func appendName(of node: OpaquePointer) {
    JSONTextWriter.appendQuoted(Array(Self.localName(node).utf8), to: &bytes)
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func appendTextName() { bytes.append(contentsOf: "\"_text\":".utf8) }

  private func hasMembers(_ element: OpaquePointer) -> Bool {
    if cxml2_first_attribute(element) != nil { return true }
    var child = cxml2_first_child(element)
    while let node = child {
      if cxml2_node_kind(node) == CXML2_ELEMENT { return true }
      child = cxml2_next(node)
    }
    return false
  }

  /// The text directly in a node, without spaces at its ends; nil where there is none.
  private func text(of node: OpaquePointer) -> [UInt8]? {
    var text: [UInt8] = []
    var child = cxml2_first_child(node)
    while let node = child {
      if let content = cxml2_node_content(node) { text.append(contentsOf: Self.bytes(content)) }
      child = cxml2_next(node)
    }
    let trimmed = Self.trimmed(text)
    return trimmed.isEmpty ? nil : trimmed
  }

  private static func bytes(_ text: UnsafePointer<CChar>) -> [UInt8] {
    UnsafeBufferPointer(start: text, count: cxml2_text_count(text)).map { UInt8(bitPattern: $0) }
  }

  private static func trimmed(_ text: [UInt8]) -> [UInt8] {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    guard let start = text.firstIndex(where: { !isSpace($0) }),
      let end = text.lastIndex(where: { !isSpace($0) })
    else { return [] }
    return Array(text[start...end])
  }

  /// A name behind its prefix, which stays where nothing declares it.
  private static func localName(_ node: OpaquePointer) -> String {
    let name = cxml2_node_name(node).map { String(cString: $0) } ?? ""
    return name.lastIndex(of: ":").map { String(name[name.index(after: $0)...]) } ?? name
  }
}
