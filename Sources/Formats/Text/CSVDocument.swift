/// A small CSV document as a JSON array of objects, one a row, whose values are texts.
///
///     id,name\n1,"Ann, B"\n2,\n        [{"id":"1","name":"Ann, B"},{"id":"2","name":null}]
///
/// The first row names the columns. Quotes, doubled within quotes, as RFC 4180 has them; a field
/// that is empty without quotes is null. Rows may end early; one that is too long is an error.
public struct CSVDocument {
  private let bytes: [UInt8]
  private let delimiter: UInt8
  private var position = 0
  private var line = 1

  /// - Parameter delimiter: nil: of comma, semicolon, tab and bar the one that the first line has
  ///   most of.
  public static func json(_ bytes: [UInt8], delimiter: UInt8? = nil) throws(FormatError) -> [UInt8]
  {
    var document = CSVDocument(
      bytes: bytes, delimiter: delimiter ?? Self.likelyDelimiter(bytes))
    return try document.json()
  }

  private init(bytes: [UInt8], delimiter: UInt8) {
    self.bytes = bytes
    self.delimiter = delimiter
  }

  private static func likelyDelimiter(_ bytes: [UInt8]) -> UInt8 {
    var counts: [UInt8: Int] = [:]
    var isQuoted = false
    for byte in bytes.prefix(while: { $0 != 0x0A }) {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if !isQuoted { counts[byte, default: 0] += 1 }
    }
    let delimiters = Array(",;\t|".utf8)
    return delimiters.max { counts[$0] ?? 0 < counts[$1] ?? 0 }
      .flatMap { counts[$0] == nil ? nil : $0 } ?? UInt8(ascii: ",")
  }

  private func problem(_ message: String) -> FormatError {
    FormatError(
      .malformed, "the text is not CSV that can be read: \(message)",
      remedy: "Look at the text there, and name its delimiter where that was not found.",
      place: "line \(line)")
  }

  private mutating func json() throws(FormatError) -> [UInt8] {
    guard let header = try row() else { throw problem("it has no row with the columns' names") }
    var names: [[UInt8]] = []
    for (index, field) in header.enumerated() {
      var name = Array((field ?? []).drop { $0 == 0x20 })
      while name.last == 0x20 { name.removeLast() }
      if name.isEmpty { name = Array("column_\(index + 1)".utf8) }
      guard !names.contains(name) else {
        throw problem("two columns are named '\(String(decoding: name, as: UTF8.self))'")
      }
      guard names.count < 10_000 else { throw problem("it has more than 10000 columns") }
      names.append(name)
    }
    let keys = names.map { name in
      var key: [UInt8] = []
      JSONTextWriter.appendQuoted(name, to: &key)
      return key + [UInt8(ascii: ":")]
    }
    var output: [UInt8] = [UInt8(ascii: "[")]
    while let fields = try row() {
      guard fields.count <= keys.count else {
        throw problem("the row has \(fields.count) fields, and the first one \(keys.count)")
      }
      if output.count > 1 { output.append(UInt8(ascii: ",")) }
      output.append(UInt8(ascii: "{"))
      for (index, field) in fields.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        output.append(contentsOf: keys[index])
        if let field {
          JSONTextWriter.appendQuoted(field, to: &output)
        } else {
          output.append(contentsOf: "null".utf8)
        }
      }
      output.append(UInt8(ascii: "}"))
    }
    output.append(UInt8(ascii: "]"))
    return output
  }

  /// The next row that is not blank; nil at the end. Empty fields are nil.
  private mutating func row() throws(FormatError) -> [ArraySlice<UInt8>?]? {
    while position < bytes.count, bytes[position] == 0x0A || bytes[position] == 0x0D {
      if bytes[position] == 0x0A { line += 1 }
      position += 1
    }
    guard position < bytes.count else { return nil }
    var fields: [ArraySlice<UInt8>?] = []
    while true {
      fields.append(try field())
      guard position < bytes.count, bytes[position] == delimiter else { break }
      position += 1
    }
    if position < bytes.count, bytes[position] == 0x0D { position += 1 }
    guard position == bytes.count || bytes[position] == 0x0A else {
      throw problem("text follows a field's closing quote")
    }
    return fields
  }

  private mutating func field() throws(FormatError) -> ArraySlice<UInt8>? {
    let start = position
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
      while position < bytes.count, bytes[position] != delimiter, bytes[position] != 0x0A {
        position += 1
      }
      var field = bytes[start..<position]
      if field.last == 0x0D, position == bytes.count || bytes[position] == 0x0A {
        field.removeLast()
      }
      return field.isEmpty ? nil : field
    }
    position += 1
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") {
        guard position < bytes.count, bytes[position] == byte else { return text[...] }
        position += 1
      } else if byte == 0x0A {
        line += 1
      }
      text.append(byte)
    }
    throw problem("a field in quotes does not end")
  }
}
