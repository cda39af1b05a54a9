/// The structured data of RFC 5424, to JSON.
///
///     [a@1 x="1" y="2"][b@1]        {"a@1":{"x":"1","y":"2"},"b@1":{}}
///     [a@1 x="1" x="2"]             {"a@1":{"x":["1","2"]}}
struct StructuredData {
  private struct Parameter {
    var name: Range<Int>
    var value: Range<Int>
  }

  /// Of the element at hand.
  private var parameters: [Parameter] = []

  /// As many as one element may have, and elements a line.
  private static let countMax = 1000
  /// So many are compared with each other; more are looked up.
  private static let comparedMax = 16

  /// Reads the elements from `[` on, and moves behind them.
  /// - Returns: false where they are none.
  mutating func scan(_ line: inout FieldCursor, _ column: Int, _ row: inout FieldRow) -> Bool {
    guard line.byte == 0x5B else { return false }
    var isWhole = true
    row.set(column) { isWhole = append(&line, &$0) }
    return isWhole && (line.isAtEnd || line.byte == 0x20)
  }

  private mutating func append(_ line: inout FieldCursor, _ output: inout [UInt8]) -> Bool {
    var count = 0
    output.append(UInt8(ascii: "{"))
    while line.skip(0x5B) {
      guard let id = element(&line), count < Self.countMax else { return false }
      if count > 0 { output.append(UInt8(ascii: ",")) }
      Self.appendQuoted(line.bytes[id], &output)
      output.append(UInt8(ascii: ":"))
      appendParameters(line.bytes, &output)
      count += 1
    }
    output.append(UInt8(ascii: "}"))
    return true
  }

  /// - Returns: the element's id; its parameters are in `parameters`.
  private mutating func element(_ line: inout FieldCursor) -> Range<Int>? {
    guard let id = Self.name(&line) else { return nil }
    parameters.removeAll(keepingCapacity: true)
    while line.skip(0x20) {
      guard let name = Self.name(&line), line.skip("=\""), parameters.count < Self.countMax else {
        return nil
      }
      let start = line.index
      while line.byte != 0x22, !line.isAtEnd {
        // Escaped are ", \ and ]; other backslashes are themselves.
        line.index += line.byte == 0x5C && line.index + 1 < line.end ? 2 : 1
      }
      parameters.append(Parameter(name: name, value: start..<line.index))
      guard line.skip(0x22) else { return nil }
    }
    return line.skip(0x5D) ? id : nil
  }

  /// Up to a space, `=` or `]`; quotes are none of it.
  private static func name(_ line: inout FieldCursor) -> Range<Int>? {
    let start = line.index
    while !line.isAtEnd {
      let byte = line.byte
      if byte == 0x22 { return nil }
      if byte == 0x20 || byte == 0x3D || byte == 0x5D { break }
      line.index += 1
    }
    return line.index > start ? start..<line.index : nil
  }

  private func appendParameters(_ bytes: UnsafeBufferPointer<UInt8>, _ output: inout [UInt8]) {
    output.append(UInt8(ascii: "{"))
    if hasRepeatedName(bytes) {
      appendLists(bytes, &output)
    } else {
      for (index, parameter) in parameters.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        Self.appendQuoted(bytes[parameter.name], &output)
        output.append(UInt8(ascii: ":"))
        Self.appendQuoted(bytes[parameter.value], &output, isEscaped: true)
      }
    }
    output.append(UInt8(ascii: "}"))
  }

  private func hasRepeatedName(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if parameters.count > Self.comparedMax {
      return Set(parameters.map { Array(bytes[$0.name]) }).count < parameters.count
    }
    for (index, parameter) in parameters.enumerated() {
      for other in parameters[..<index] where other.name.count == parameter.name.count {
        if bytes[other.name].elementsEqual(bytes[parameter.name]) { return true }
      }
    }
    return false
  }

  /// Where a name is repeated: its values as a list, where the first stands.
  private func appendLists(_ bytes: UnsafeBufferPointer<UInt8>, _ output: inout [UInt8]) {
    var values: [[UInt8]: [Range<Int>]] = [:]
    var order: [Range<Int>] = []
    for parameter in parameters {
      let name = Array(bytes[parameter.name])
      if values[name] == nil { order.append(parameter.name) }
      values[name, default: []].append(parameter.value)
    }
    for (index, name) in order.enumerated() {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      Self.appendQuoted(bytes[name], &output)
      output.append(UInt8(ascii: ":"))
      let texts = values[Array(bytes[name])] ?? []
      if texts.count > 1 { output.append(UInt8(ascii: "[")) }
      for (place, value) in texts.enumerated() {
        if place > 0 { output.append(UInt8(ascii: ",")) }
        Self.appendQuoted(bytes[value], &output, isEscaped: true)
      }
      if texts.count > 1 { output.append(UInt8(ascii: "]")) }
    }
  }

  /// - Parameter isEscaped: whether `"`, `\` and `]` have a backslash before them.
  private static func appendQuoted(
    _ bytes: Slice<UnsafeBufferPointer<UInt8>>, _ output: inout [UInt8], isEscaped: Bool = false
  ) {
    if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }) {
      output.append(UInt8(ascii: "\""))
      output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes))
      output.append(UInt8(ascii: "\""))
      return
    }
    let text = isEscaped ? unescaped(bytes) : Array(bytes)
    // UTF-8, whatever the bytes.
    JSONTextWriter.appendQuoted(String(decoding: text, as: UTF8.self).utf8, to: &output)
  }

  private static func unescaped(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var iterator = bytes.makeIterator()
    while let byte = iterator.next() {
      guard byte == 0x5C else {
        output.append(byte)
        continue
      }
      guard let next = iterator.next() else {
        output.append(byte)
        break
      }
      if next != 0x22 && next != 0x5C && next != 0x5D { output.append(byte) }
      output.append(next)
    }
    return output
  }
}
