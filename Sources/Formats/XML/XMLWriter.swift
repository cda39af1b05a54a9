internal import CXML2

/// Writes elements as JSON. Recursion is as deep as the document, at most 256 levels.
struct XMLWriter {
  var bytes: [UInt8] = []

  /// Bytes of a name or text of the tree, which lives longer.
  private typealias Text = UnsafeBufferPointer<UInt8>

  /// An element as an object, also where it holds nothing but text.
  mutating func append(record element: OpaquePointer) {
    if hasMembers(element) { return append(element: element) }
    bytes.append(UInt8(ascii: "{"))
    appendTextMember(of: element, isFirst: true)
    bytes.append(UInt8(ascii: "}"))
  }

  mutating func append(element: OpaquePointer) {
    guard hasMembers(element) else { return appendText(of: element) }
    var members = Members()
    var attribute = cxml2_first_attribute(element)
    while let node = attribute {
      members.note(node, Self.localName(node))
      attribute = cxml2_next(node)
    }
    var child = cxml2_first_child(element)
    while let node = child {
      if cxml2_node_kind(node) == CXML2_ELEMENT { members.note(node, Self.localName(node)) }
      child = cxml2_next(node)
    }
    bytes.append(UInt8(ascii: "{"))
    for index in members.all.indices {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      appendQuoted(members.all[index].name)
      bytes.append(UInt8(ascii: ":"))
      append(members.all[index])
    }
    appendTextMember(of: element, isFirst: false)
    bytes.append(UInt8(ascii: "}"))
  }

  /// Names in the order in which they first come, each with what has it.
  private struct Members {
    struct Member {
      let name: Text
      let first: OpaquePointer
      var others: [OpaquePointer] = []
    }

    var all: [Member] = []
    /// By name, where there are many.
    private var places: [String: Int] = [:]

    /// So many names are compared one by one.
    private static let fewMax = 16

    mutating func note(_ node: OpaquePointer, _ name: Text) {
      if let place = place(of: name) {
        all[place].others.append(node)
        return
      }
      all.append(Member(name: name, first: node))
      if all.count == Self.fewMax {
        for (place, member) in all.enumerated() { places[Self.key(member.name)] = place }
      } else if all.count > Self.fewMax {
        places[Self.key(name)] = all.count - 1
      }
    }

    private func place(of name: Text) -> Int? {
      if all.count >= Self.fewMax { return places[Self.key(name)] }
      return all.firstIndex { member in
        // The library keeps one copy of a name.
        member.name.count == name.count
          && (member.name.baseAddress == name.baseAddress || member.name.elementsEqual(name))
      }
    }

    private static func key(_ name: Text) -> String { String(decoding: name, as: UTF8.self) }
  }

  private mutating func append(_ member: Members.Member) {
    if member.others.isEmpty { return append(node: member.first) }
    bytes.append(UInt8(ascii: "["))
    append(node: member.first)
    for node in member.others {
      bytes.append(UInt8(ascii: ","))
      append(node: node)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  mutating func append(node: OpaquePointer) {
    switch cxml2_node_kind(node) {
    case CXML2_ELEMENT: append(element: node)
    case CXML2_ATTRIBUTE: appendText(of: node)
    default:
      let text = cxml2_node_content(node).map { Self.trimmed(Self.text($0)) }
      if let text, !text.isEmpty { appendQuoted(text) } else { appendNull() }
    }
  }

  mutating func append(text: [UInt8]?) {
    if let text, !text.isEmpty {
      text.withUnsafeBufferPointer { appendQuoted($0) }
    } else {
      appendNull()
    }
  }

  mutating func appendName(of node: OpaquePointer) {
    appendQuoted(Self.localName(node))
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func appendNull() { bytes.append(contentsOf: "null".utf8) }

  private func hasMembers(_ element: OpaquePointer) -> Bool {
    if cxml2_first_attribute(element) != nil { return true }
    var child = cxml2_first_child(element)
    while let node = child {
      if cxml2_node_kind(node) == CXML2_ELEMENT { return true }
      child = cxml2_next(node)
    }
    return false
  }

  // MARK: Texts

  /// Appends the text directly in a node, without spaces at its ends; null where there is none.
  private mutating func appendText(of node: OpaquePointer) {
    withText(of: node) { writer, text in
      if text.isEmpty { writer.appendNull() } else { writer.appendQuoted(text) }
    }
  }

  private mutating func appendTextMember(of node: OpaquePointer, isFirst: Bool) {
    withText(of: node) { writer, text in
      if text.isEmpty { return }
      if !isFirst { writer.bytes.append(UInt8(ascii: ",")) }
      writer.bytes.append(contentsOf: "\"_text\":".utf8)
      writer.appendQuoted(text)
    }
  }

  private mutating func withText(
    of node: OpaquePointer, _ body: (inout XMLWriter, Text) -> Void
  ) {
    var first: Text?
    var whole: [UInt8]?
    var child = cxml2_first_child(node)
    while let node = child {
      if let content = cxml2_node_content(node) {
        // Elements, comments and references part a text into several.
        if let first {
          whole = whole ?? Array(first)
          whole?.append(contentsOf: Self.text(content))
        } else {
          first = Self.text(content)
        }
      }
      child = cxml2_next(node)
    }
    if let whole {
      whole.withUnsafeBufferPointer { body(&self, Self.trimmed($0)) }
    } else {
      body(&self, first.map { Self.trimmed($0) } ?? Text(start: nil, count: 0))
    }
  }

  private static func text(_ text: UnsafePointer<CChar>) -> Text {
    let count = cxml2_text_count(text)
    return Text(
      start: UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self), count: count)
  }

  private static func trimmed(_ text: Text) -> Text {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    var (start, end) = (0, text.count)
    while start < end, isSpace(text[start]) { start += 1 }
    while end > start, isSpace(text[end - 1]) { end -= 1 }
    return Text(rebasing: text[start..<end])
  }

  /// A name behind its prefix, which stays where nothing declares it.
  private static func localName(_ node: OpaquePointer) -> Text {
    guard let name = cxml2_node_name(node).map({ text($0) }) else {
      return Text(start: nil, count: 0)
    }
    guard let colon = name.lastIndex(of: UInt8(ascii: ":")) else { return name }
    return Text(rebasing: name[(colon + 1)...])
  }

  private mutating func appendQuoted(_ text: Text) {
    let isPlain = text.allSatisfy { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }
    guard isPlain else { return JSONTextWriter.appendQuoted(text, to: &bytes) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: text)
    bytes.append(UInt8(ascii: "\""))
  }
}
