/// A format of access logs, compiled: the text before the first field, and the fields, each with
/// the text that ends it.
struct AccessTemplate {
  struct Item {
    enum Value {
      case field(FieldKind)
      /// Fills four columns.
      case request
    }

    /// The variable, for messages.
    var name: String
    var column: Int
    var value: Value
    /// What follows it up to the next; empty where the line ends with it.
    var terminator: [UInt8] = []
    /// In quotes, within which a backslash escapes.
    var isQuoted = false
    /// Whether a space may be in it, though no space ends it.
    var hasSpaces = false
    /// Several values with `, ` and ` : ` between them, as nginx writes about upstreams.
    var isList = false
  }

  var prefix: [UInt8]
  var items: [Item]

  /// - Returns: what was expected and not found; nil where the line is of the format.
  func scan(_ line: inout FieldCursor, _ row: inout FieldRow) -> String? {
    guard isAt(prefix, line, line.index) else {
      return "expected \(Self.shown(prefix)) at the start"
    }
    line.index += prefix.count
    for item in items {
      guard let end = end(of: item, line) else {
        return item.terminator.isEmpty
          ? "expected \(item.name) at the end"
          : "expected \(Self.shown(item.terminator)) behind \(item.name)"
      }
      let range = line.index..<end
      switch item.value {
      case .request: row.set(request: item.column, line.bytes, range, isEscaped: true)
      case .field(let kind):
        guard row.set(item.column, kind, line.bytes, range) else {
          return "expected \(kind.expected) for \(item.name), found "
            + FieldValue.excerpt(line.bytes, range)
        }
      }
      line.index = end + item.terminator.count
    }
    return nil
  }

  /// Where a field ends.
  private func end(of item: Item, _ line: FieldCursor) -> Int? {
    guard let first = item.terminator.first else {
      return item.isQuoted ? nil : lastEnd(item, line)
    }
    var place = line.index
    while place < line.end {
      let byte = line.bytes[place]
      if byte == first, isAt(item.terminator, line, place) {
        if item.isList, isWithinList(line, place) {
          place += 1
          continue
        }
        // The last quote of the line, or one with a space behind it.
        let next = place + item.terminator.count
        if item.terminator.count > 1 || !item.isQuoted || next == line.end
          || line.bytes[next] == 0x20
        {
          return place
        }
      }
      if item.isQuoted, byte == 0x5C {
        place += 2
      } else if byte == 0x20, !item.isQuoted, !item.hasSpaces, first != 0x20 {
        return nil
      } else {
        place += 1
      }
    }
    return nil
  }

  /// The last field ends at a space, where none may be in it.
  private func lastEnd(_ item: Item, _ line: FieldCursor) -> Int {
    var place = line.index
    while place < line.end {
      if line.bytes[place] == 0x20, !item.hasSpaces, !(item.isList && isWithinList(line, place)) {
        return place
      }
      place += 1
    }
    return max(place, line.index)
  }

  /// Whether the space stands between two values: `0.1, 0.2 : 0.3`.
  private func isWithinList(_ line: FieldCursor, _ space: Int) -> Bool {
    let before = space > line.index ? line.bytes[space - 1] : 0
    let after = space + 1 < line.end ? line.bytes[space + 1] : 0
    let isColon = after == 0x3A && space + 2 < line.end && line.bytes[space + 2] == 0x20
    return before == 0x2C || isColon
      || (before == 0x3A && space > line.index + 1 && line.bytes[space - 2] == 0x20)
  }

  @inline(__always)
  private func isAt(_ text: [UInt8], _ line: FieldCursor, _ place: Int) -> Bool {
    guard line.end - place >= text.count else { return false }
    for index in text.indices where line.bytes[place + index] != text[index] { return false }
    return true
  }

  private static func shown(_ text: [UInt8]) -> String {
    text == [0x20] ? "a space" : "'" + String(decoding: text, as: UTF8.self) + "'"
  }
}
