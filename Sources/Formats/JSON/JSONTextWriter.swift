/// Writes values as JSON text without spaces, and scalars as plain text.
enum JSONTextWriter {
  static func append(_ cursor: JSONCursor, to output: inout [UInt8]) {
    cursor.tape.words.withUnsafeBufferPointer { words in
      cursor.tape.strings.withUnsafeBufferPointer { strings in
        if let words = words.baseAddress, let strings = strings.baseAddress {
          var index = cursor.index
          append(words, strings, &index, to: &output)
        }
      }
    }
  }

  /// Appends the value at `index` and moves behind it.
  /// Recursion is as deep as the document, at most `JSONDocument.depthMax`.
  static func append(
    _ words: UnsafePointer<UInt64>, _ strings: UnsafePointer<UInt8>, _ index: inout Int,
    to output: inout [UInt8]
  ) {
    let word = words[index]
    index += 1
    switch UInt8(truncatingIfNeeded: word >> 56) {
    case UInt8(ascii: "{"):
      appendItems(words, strings, &index, end: Int(word & 0xFFFF_FFFF), isObject: true, to: &output)
    case UInt8(ascii: "["):
      appendItems(
        words, strings, &index, end: Int(word & 0xFFFF_FFFF), isObject: false, to: &output)
    case UInt8(ascii: "\""):
      let start = strings + Int(word & 0x00FF_FFFF_FFFF_FFFF)
      let count = UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)
      appendQuoted(UnsafeBufferPointer(start: start + 4, count: Int(count)), to: &output)
    case UInt8(ascii: "l"):
      output.append(contentsOf: String(Int64(bitPattern: words[index])).utf8)
      index += 1
    case UInt8(ascii: "u"):
      output.append(contentsOf: String(words[index]).utf8)
      index += 1
    case UInt8(ascii: "d"):
      appendNumber(Double(bitPattern: words[index]), to: &output)
      index += 1
    case UInt8(ascii: "t"): output.append(contentsOf: "true".utf8)
    case UInt8(ascii: "f"): output.append(contentsOf: "false".utf8)
    default: output.append(contentsOf: "null".utf8)
    }
  }

  private static func appendItems(
    _ words: UnsafePointer<UInt64>, _ strings: UnsafePointer<UInt8>, _ index: inout Int, end: Int,
    isObject: Bool, to output: inout [UInt8]
  ) {
    output.append(UInt8(ascii: isObject ? "{" : "["))
    var isFirst = true
    while index < end - 1 {
      if !isFirst { output.append(UInt8(ascii: ",")) }
      isFirst = false
      if isObject {
        append(words, strings, &index, to: &output)
        output.append(UInt8(ascii: ":"))
      }
      append(words, strings, &index, to: &output)
    }
    index = end
    output.append(UInt8(ascii: isObject ? "}" : "]"))
  }

  /// The shortest text that is the same double: `1.5`, `1e+20`, `2.0`.
  static func appendNumber(_ value: Double, to output: inout [UInt8]) {
    output.append(contentsOf: value.description.utf8)
  }

  static func appendQuoted(_ bytes: some Collection<UInt8>, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        output.append(UInt8(ascii: "\\"))
        output.append(byte)
      case 0x0A: output.append(contentsOf: "\\n".utf8)
      case 0x0D: output.append(contentsOf: "\\r".utf8)
      case 0x09: output.append(contentsOf: "\\t".utf8)
      case 0..<0x20:
        output.append(contentsOf: "\\u00".utf8)
        output.append(hexDigit(byte >> 4))
        output.append(hexDigit(byte & 15))
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}
