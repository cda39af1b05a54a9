internal import Base

/// Values as the texts that they have in a column of text:
///
/// | value | text |
/// |---|---|
/// | whole number, decimal | its digits, a decimal's with its scale: `-12`, `1.50` |
/// | double, float | the shortest that is the same number: `1.5`, `2.0`, `1e+20`, `nan`, `inf` |
/// | boolean | `true`, `false` |
/// | date, timestamp, time | ISO 8601: `2026-11-21`, `2026-11-21T07:34:00.5Z`, `07:34:00` |
/// | UUID | `123e4567-e89b-12d3-a456-426614174000` |
/// | list, struct, map | JSON, without the members of a struct that are null |
extension Column {
  /// The values as text, nulls as nulls; nil for bytes, of which no text is the right one, and where
  /// the texts are 4 GiB or more.
  /// - Parameter target: `.string`; or `.json`, of nested values.
  /// Complexity: O(bytes of the texts).
  func asText(_ target: DataType) -> Column? {
    guard type.hasText, type.isNested || target == .string else { return nil }
    var texts: [UInt8] = []
    var views: [ByteView] = []
    views.reserveCapacity(count)
    for row in 0..<count {
      let start = texts.count
      if !isNull(row) { ColumnTexts.append(self, row, isJSON: false, to: &texts) }
      guard texts.count <= Int(UInt32.max) else { return nil }
      views.append(ByteView(offset: UInt32(start), length: UInt32(texts.count - start)))
    }
    return Column(
      type: target, count: count, validity: validity,
      values: .bytes(ByteColumn(views: views, buffers: [texts])))
  }
}

private enum ColumnTexts {
  /// Recursion is as deep as the type.
  /// - Parameter isJSON: whether the value stands in a JSON text.
  static func append(_ column: Column, _ row: Int, isJSON: Bool, to output: inout [UInt8]) {
    if column.isNull(row) {
      output += "null".utf8
      return
    }
    switch column.values {
    case .int64(let values) where column.type == .int64: output.append(decimal: values[row])
    case .list(let offsets, let child):
      appendItems(Int(offsets[row])..<Int(offsets[row + 1]), "[]", to: &output) {
        append(child, $0, isJSON: true, to: &$1)
      }
    case .structure(let children): appendMembers(column, children, row, to: &output)
    case .map(let offsets, let keys, let values):
      appendItems(Int(offsets[row])..<Int(offsets[row + 1]), "{}", to: &output) { index, output in
        var key: [UInt8] = []
        append(keys, index, isJSON: false, to: &key)
        appendMember(String(decoding: key, as: UTF8.self), values, index, to: &output)
      }
    default: appendScalar(column, row, isJSON: isJSON, to: &output)
    }
  }

  private static func appendMembers(
    _ column: Column, _ children: [Column], _ row: Int, to output: inout [UInt8]
  ) {
    guard case .structure(let fields) = column.type else { return }
    let present = children.indices.filter { !children[$0].isNull(row) }
    appendItems(present.indices, "{}", to: &output) { index, output in
      let place = present[index]
      appendMember(fields[place].name, children[place], row, to: &output)
    }
  }

  private static func appendMember(
    _ name: String, _ column: Column, _ row: Int, to output: inout [UInt8]
  ) {
    appendQuoted(name, to: &output)
    output.append(UInt8(ascii: ":"))
    append(column, row, isJSON: true, to: &output)
  }

  private static func appendItems(
    _ range: Range<Int>, _ brackets: StaticString, to output: inout [UInt8],
    _ body: (Int, inout [UInt8]) -> Void
  ) {
    let isList = brackets.description == "[]"
    output.append(UInt8(ascii: isList ? "[" : "{"))
    for index in range {
      if index > range.lowerBound { output.append(UInt8(ascii: ",")) }
      body(index, &output)
    }
    output.append(UInt8(ascii: isList ? "]" : "}"))
  }

  private static func appendScalar(
    _ column: Column, _ row: Int, isJSON: Bool, to output: inout [UInt8]
  ) {
    let value = column[row]
    switch value {
    case .boolean, .integer, .unsigned, .decimal: output += value.text.utf8
    case .float(let number) where !isJSON || number.isFinite: output += value.text.utf8
    case .double(let number) where !isJSON || number.isFinite: output += value.text.utf8
    case .text(let text) where column.type == .json && isJSON: output += text.utf8
    case .bytes(let bytes): appendText(uuid(bytes), isJSON, to: &output)
    default: appendText(value.text, isJSON, to: &output)
    }
  }

  private static func appendText(_ text: String, _ isJSON: Bool, to output: inout [UInt8]) {
    if isJSON { appendQuoted(text, to: &output) } else { output += text.utf8 }
  }

  private static func appendQuoted(_ text: String, to output: inout [UInt8]) {
    output += JSONValue.string(text).text().utf8
  }

  private static func uuid(_ bytes: [UInt8]) -> String {
    var text = Value.bytes(bytes).text
    for place in [20, 16, 12, 8] where text.count > place {
      text.insert("-", at: text.index(text.startIndex, offsetBy: place))
    }
    return text
  }
}
