internal import Base
internal import Records

extension ParquetFile {
  /// The schema: as the file stores it, in the form of a `message`, and as rows have it.
  public func schemaReport() -> Report {
    var text = ""
    var next = 0
    appendElement(&next, depth: 0, to: &text)
    let columns = parquetSchema.leaves.map { leaf -> JSONValue in
      .object([
        "path": .string(leaf.name), "type": .string("\(leaf.primitiveType)"),
        "length": leaf.typeLength > 0 ? .init(leaf.typeLength) : .null,
        "logical": leaf.logicalType.map { .string("\($0)") } ?? .null,
        "definition_level": .init(leaf.maxDefinitionLevel),
        "repetition_level": .init(leaf.maxRepetitionLevel),
      ])
    }
    return Report(json: .object(["fields": schema.json, "columns": .array(columns)]), text: text)
  }

  /// Appends the element at `next` and those below it; depth is bounded by the schema's.
  private func appendElement(_ next: inout Int, depth: Int, to text: inout String) {
    let element = parquetSchema.elements[next]
    next += 1
    let indent = String(repeating: "  ", count: depth)
    let childCount = Int(element.childCount ?? 0)
    let annotation = Self.annotation(element)
    if depth == 0 {
      text += "message \(element.name) {\n"
    } else {
      let repetition = element.repetition.map { "\($0)" } ?? "required"
      var type = element.type.map { "\($0)" } ?? "group"
      if element.type == .fixedLengthByteArray { type += "(\(element.typeLength ?? 0))" }
      text += "\(indent)\(repetition) \(type) \(element.name)\(annotation)"
      text += element.type == nil ? " {\n" : ";\n"
    }
    guard element.type == nil else { return }
    for _ in 0..<childCount where next < parquetSchema.elements.count {
      appendElement(&next, depth: depth + 1, to: &text)
    }
    text += "\(indent)}\n"
  }

  private static func annotation(_ element: SchemaElement) -> String {
    var text = ""
    if let logical = element.logicalType {
      text += " (\(logical))"
    } else if let converted = element.convertedType {
      text += " (\(converted))"
    }
    if let id = element.fieldID { text += " = \(id)" }
    return text
  }
}
