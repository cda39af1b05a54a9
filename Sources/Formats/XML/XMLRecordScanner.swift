/// Finds the elements that are records in XML text, without parsing what is in them.
///
/// What lies around them (prolog, the root's tags, comments, other elements) is passed over. A
/// record never holds another one: where the next begins before the first has ended, the first was
/// torn, by a writer that was killed, and is told from what follows.
struct XMLRecordScanner {
  enum Finding: Equatable {
    case record(Range<Int>)
    /// No whole record, and why.
    case broken(Range<Int>, String)
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private let name: [UInt8]
  private let end: Int
  private var position = 0
  /// Where the text begins that is in no tag.
  private var textStart = 0
  /// Where something begins that does not end in the text: a record, a tag, a comment.
  private(set) var unfinishedStart: Int?

  /// - Parameter name: the record's element, without a namespace.
  init(_ bytes: UnsafeBufferPointer<UInt8>, count: Int, name: [UInt8]) {
    self.bytes = bytes
    self.name = name
    end = count
  }

  /// The next record, or what is none but should be; nil at the end.
  mutating func next() -> Finding? {
    /// Where the record at hand begins.
    var start: Int?
    while let open = find(UInt8(ascii: "<"), from: position) {
      if start == nil, let stray = stray(upTo: open) {
        position = open
        return stray
      }
      guard let markup = markup(at: open) else {
        // Nothing closes it: all that is left belongs to it.
        unfinishedStart = start ?? open
        break
      }
      if markup.kind == .start || markup.kind == .empty, let torn = start {
        position = open
        textStart = open
        return .broken(torn..<open, "the record ends where another one begins")
      }
      position = markup.end
      textStart = markup.end
      switch markup.kind {
      case .other: continue
      case .start: start = open
      case .empty: return .record(open..<markup.end)
      case .end:
        if let start { return .record(start..<markup.end) }
        return .broken(
          lineStart(open)..<markup.end, "the end of a record whose beginning is missing")
      }
    }
    if unfinishedStart == nil { unfinishedStart = start }
    defer {
      position = end
      textStart = end
    }
    if position >= end, textStart >= end { return nil }
    if let unfinishedStart {
      return .broken(
        unfinishedStart..<end,
        start == nil ? "a tag or comment does not end" : "the record does not end")
    }
    return stray(upTo: end)
  }

  private enum Kind {
    case start, empty, end, other
  }

  /// What begins with '<' at a place; nil where it does not end.
  private func markup(at open: Int) -> (kind: Kind, end: Int)? {
    if has("<!--", at: open) { return find("-->", from: open + 4).map { (.other, $0 + 3) } }
    if has("<![CDATA[", at: open) { return find("]]>", from: open + 9).map { (.other, $0 + 3) } }
    if has("<?", at: open) { return find("?>", from: open + 2).map { (.other, $0 + 2) } }
    let isEnd = has("</", at: open)
    let isRecord = isRecordName(at: open + (isEnd ? 2 : 1))
    guard let close = tagEnd(open + 1) else { return nil }
    if !isRecord { return (.other, close + 1) }
    if isEnd { return (.end, close + 1) }
    return (bytes[close - 1] == UInt8(ascii: "/") ? .empty : .start, close + 1)
  }

  /// Whether a tag's name is the record's, behind whatever prefix.
  private func isRecordName(at start: Int) -> Bool {
    var first = start
    var index = start
    while index < end {
      switch bytes[index] {
      case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: "/"), UInt8(ascii: ">"):
        return index - first == name.count && bytes[first..<index].elementsEqual(name)
      case UInt8(ascii: ":"): first = index + 1
      default: break
      }
      index += 1
      if index - first > name.count && index - start > 1024 { return false }
    }
    return false
  }

  /// The '>' that ends a tag; those in quotes do not. A '<' before it means that it was torn.
  private func tagEnd(_ start: Int) -> Int? {
    var quote: UInt8?
    for index in start..<max(start, end) {
      let byte = bytes[index]
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      } else if byte == UInt8(ascii: ">") {
        return index
      }
      // XML allows none within a tag: a new one begins.
      if byte == UInt8(ascii: "<") { return index - 1 }
    }
    return nil
  }

  /// Text between tags that has a line of its own belongs to nothing.
  private mutating func stray(upTo limit: Int) -> Finding? {
    guard textStart < limit else { return nil }
    let text = textStart..<limit
    textStart = limit
    func isBlank(_ byte: UInt8) -> Bool {
      byte == 0x20 || byte == 0 || (0x09...0x0D).contains(byte)
    }
    guard let first = text.first(where: { !isBlank(bytes[$0]) }),
      let last = text.last(where: { !isBlank(bytes[$0]) })
    else { return nil }
    let beginsLine =
      text.lowerBound == 0 || (text.lowerBound..<first).contains { bytes[$0] == 0x0A }
    let endsLine = limit == end || (last..<limit).contains { bytes[$0] == 0x0A }
    return beginsLine && endsLine
      ? .broken(first..<last + 1, "the text belongs to no record") : nil
  }

  private func lineStart(_ place: Int) -> Int {
    var start = place
    while start > 0, bytes[start - 1] != 0x0A, bytes[start - 1] != UInt8(ascii: ">") { start -= 1 }
    return start
  }

  private func find(_ byte: UInt8, from start: Int) -> Int? {
    guard start < end else { return nil }
    return bytes[start..<end].firstIndex(of: byte)
  }

  private func find(_ text: StaticString, from start: Int) -> Int? {
    var start = start
    while let place = find(text.utf8Start.pointee, from: start) {
      if has(text, at: place) { return place }
      start = place + 1
    }
    return nil
  }

  private func has(_ text: StaticString, at place: Int) -> Bool {
    guard place + text.utf8CodeUnitCount <= end else { return false }
    return text.withUTF8Buffer { bytes[place..<place + $0.count].elementsEqual($0) }
  }
}

/// Blocks of XML end where no record is open.
struct XMLRecordFraming: RecordFraming {
  let name: [UInt8]

  func lastEnd(in bytes: [UInt8], count: Int) -> Int? {
    bytes.withUnsafeBufferPointer { bytes in
      var scanner = XMLRecordScanner(bytes, count: count, name: name)
      while scanner.next() != nil {}
      guard let unfinished = scanner.unfinishedStart else { return count }
      return bytes[..<unfinished].lastIndex(of: 0x0A).map { $0 + 1 }
    }
  }
}
