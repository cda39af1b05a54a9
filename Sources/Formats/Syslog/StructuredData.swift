/// The structured data of RFC 5424, to JSON.
///
///     [a@1 x="1" y="2"][b@1]        {"a@1":{"x":"1","y":"2"},"b@1":{}}
///     [a@1 x="1" x="2"]             {"a@1":{"x":["1","2"]}}
enum StructuredData {
  private struct Parameter {
    var name: Range<Int>
    var value: Range<Int>
  }

  /// As many as one element may have, so that repeated names cost little.
  private static let parametersMax = 1000

  /// Reads the elements from `[` on, and moves behind them.
  /// - Returns: false where they are none.
  static func scan(_ line: inout FieldCursor, _ column: Int, _ row: inout FieldRow) -> Bool {
    guard line.byte == 0x5B else { return false }
    var elements: [(id: Range<Int>, parameters: [Parameter])] = []
    while line.skip(0x5B) {
      guard let element = element(&line), elements.count < parametersMax else { return false }
      elements.append(element)
    }
    guard line.isAtEnd || line.byte == 0x20 else { return false }
    let bytes = line.bytes
    row.set(column) { output in
      output.append(UInt8(ascii: "{"))
      for (index, element) in elements.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        appendQuoted(element.id, bytes, &output)
        output.append(UInt8(ascii: ":"))
        append(element.parameters, bytes, &output)
      }
      output.append(UInt8(ascii: "}"))
    }
    return true
  }

  private static func element(_ line: inout FieldCursor)
    -> (id: Range<Int>, parameters: [Parameter])?
  {
    guard let id = name(&line) else { return nil }
    var parameters: [Parameter] = []
    while line.skip(0x20) {
      guard let name = name(&line), line.skip("=\""), parameters.count < parametersMax else {
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
    return line.skip(0x5D) ? (id, parameters) : nil
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

  private static func append(
    _ parameters: [Parameter], _ bytes: UnsafeBufferPointer<UInt8>, _ output: inout [UInt8]
  ) {
    var values: [[UInt8]: [Range<Int>]] = [:]
    var order: [[UInt8]] = []
    for parameter in parameters {
      let name = Array(bytes[parameter.name])
      if values[name] == nil { order.append(name) }
      values[name, default: []].append(parameter.value)
    }
    output.append(UInt8(ascii: "{"))
    for (index, name) in order.enumerated() {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      JSONTextWriter.appendQuoted(text(name), to: &output)
      output.append(UInt8(ascii: ":"))
      let texts = values[name] ?? []
      if texts.count > 1 { output.append(UInt8(ascii: "[")) }
      for (place, value) in texts.enumerated() {
        if place > 0 { output.append(UInt8(ascii: ",")) }
        JSONTextWriter.appendQuoted(text(unescaped(bytes[value])), to: &output)
      }
      if texts.count > 1 { output.append(UInt8(ascii: "]")) }
    }
    output.append(UInt8(ascii: "}"))
  }

  private static func appendQuoted(
    _ range: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>, _ output: inout [UInt8]
  ) {
    JSONTextWriter.appendQuoted(text(Array(bytes[range])), to: &output)
  }

  /// UTF-8, whatever the bytes.
  private static func text(_ bytes: [UInt8]) -> [UInt8] {
    Array(String(decoding: bytes, as: UTF8.self).utf8)
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
