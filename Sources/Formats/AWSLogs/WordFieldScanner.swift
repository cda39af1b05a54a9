internal import Records

/// One of the fields that follow each other in a line, with spaces between them.
struct WordField {
  enum Value {
    case field(FieldKind)
    /// `192.0.2.1:80`, `2001:db8::1:80` or `[2001:db8::1]:80`, in two columns, `<name>_ip` and
    /// `<name>_port`.
    case address
    /// In four columns: `method`, `url` or `path`, `protocol`, and `request`.
    case request(target: String)
  }

  var name: String
  var value: Value

  init(_ name: String, _ kind: FieldKind = .plain) {
    self.name = name
    value = .field(kind)
  }

  init(_ name: String, _ value: Value) {
    self.name = name
    self.value = value
  }
}

/// Lines of fields in a fixed order: words, and texts in quotes or brackets. Fields at the end may
/// be missing, since they came later; what stands behind the last is in `extra`.
final class WordFieldScanner: FieldScanner {
  let columns: [FieldColumn]
  private let name: String
  private let fields: [WordField]
  private let places: [Int]
  private let extra: Int
  /// How many fields there are in the oldest lines.
  private let requiredCount: Int

  init(_ name: String, _ fields: [WordField], requiredCount: Int) {
    self.name = name
    self.fields = fields
    self.requiredCount = requiredCount
    var names = FieldNames()
    places = fields.map { field in
      switch field.value {
      case .field(let kind): return names.add(FieldColumn(field.name, kind.type))
      case .address:
        let place = names.add(FieldColumn(field.name + "_ip"))
        _ = names.add(FieldColumn(field.name + "_port", .int32))
        return place
      case .request(let target):
        let place = names.add(FieldColumn("method"))
        for part in [target, "protocol", "request"] { _ = names.add(FieldColumn(part)) }
        return place
      }
    }
    extra = names.add(.extra)
    columns = names.columns
  }

  func scan(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ row: inout FieldRow)
    -> FieldLine
  {
    var line = FieldCursor(bytes, range)
    for (index, field) in fields.enumerated() {
      line.skipSpaces()
      if line.isAtEnd, index >= requiredCount { return .row }
      guard let text = value(&line, field) else {
        return .fault("no \(name): expected \(field.name)" + behind(index))
      }
      guard set(field, places[index], bytes, text, &row) else {
        let expected =
          if case .field(let kind) = field.value { kind.expected } else { "an address" }
        return .fault(
          "no \(name): expected \(expected) for \(field.name)\(behind(index)), found "
            + FieldValue.excerpt(bytes, text))
      }
    }
    line.skipSpaces()
    row.set(extra, text: line.rest)
    return .row
  }

  private func behind(_ index: Int) -> String {
    index == 0 ? " at the start" : " behind \(fields[index - 1].name)"
  }

  private func value(_ line: inout FieldCursor, _ field: WordField) -> Range<Int>? {
    switch (line.byte, field.value) {
    case (0x22, _): return line.quoted()
    // In front of a port, brackets are part of the word.
    case (0x5B, .field), (0x5B, .request):
      line.index += 1
      let text = line.upTo(0x5D)
      return line.skip(0x5D) ? text : nil
    default:
      let word = line.word()
      return word.isEmpty ? nil : word
    }
  }

  private func set(
    _ field: WordField, _ column: Int, _ bytes: UnsafeBufferPointer<UInt8>, _ text: Range<Int>,
    _ row: inout FieldRow
  ) -> Bool {
    switch field.value {
    case .field(let kind): return row.set(column, kind, bytes, text)
    case .request:
      // Connections without a request have a dash for each part.
      if bytes[text].allSatisfy({ $0 == 0x2D || $0 == 0x20 }) { return true }
      row.set(request: column, bytes, text, isEscaped: false)
      return true
    case .address:
      if FieldValue.isDash(bytes, text) { return true }
      guard let colon = bytes[text].lastIndex(of: 0x3A), colon > text.lowerBound,
        row.set(column + 1, .int, bytes, colon + 1..<text.upperBound)
      else { return false }
      let isBracketed = bytes[text.lowerBound] == 0x5B && bytes[colon - 1] == 0x5D
      row.set(
        column, text: isBracketed ? text.lowerBound + 1..<colon - 1 : text.lowerBound..<colon)
      return true
    }
  }
}
