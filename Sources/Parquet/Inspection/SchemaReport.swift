internal import Base
internal import Records

extension ParquetFile {
  /// The schema: as the file stores it, in the form of a `message` and as a tree, and as rows
  /// have it.
  public func schemaReport() -> Report {
    var text = ""
    var next = 0
    let message = appendElement(&next, depth: 0, to: &text)
    let columns = parquetSchema.leaves.map { leaf -> JSONValue in
      .object([
        "path": .string(leaf.name), "type": .string(leaf.primitiveType.text),
        "length": leaf.typeLength > 0 ? .init(leaf.typeLength) : .null,
        "logical": .init(leaf.logicalType?.text),
        "definition_level": .init(leaf.maxDefinitionLevel),
        "repetition_level": .init(leaf.maxRepetitionLevel),
      ])
    }
    return Report(
      json: .object([
        "fields": schema.json, "columns": .array(columns), "message": message,
      ]), text: text)
  }

  /// Appends the element at `next` and those below it; depth is bounded by the schema's.
  /// - Returns: the same as a tree.
  private func appendElement(_ next: inout Int, depth: Int, to text: inout String) -> JSONValue {
    let element = parquetSchema.elements[next]
    next += 1
    let indent = String(repeating: "  ", count: depth)
    let repetition = depth == 0 ? nil : element.repetition.map { "\($0)" } ?? "required"
    if let repetition {
      var type = element.type?.text ?? "group"
      if element.type == .fixedLengthByteArray { type += "(\(element.typeLength ?? 0))" }
      text += "\(indent)\(repetition) \(type) \(element.name)\(Self.annotation(element))"
      text += element.type == nil ? " {\n" : ";\n"
    } else {
      text += "message \(element.name) {\n"
    }
    var children: [JSONValue] = []
    if element.type == nil {
      for _ in 0..<Int(element.childCount ?? 0) where next < parquetSchema.elements.count {
        children.append(appendElement(&next, depth: depth + 1, to: &text))
      }
      text += "\(indent)}\n"
    }
    var members: [JSONValue.Member] = [.init(key: "name", value: .string(element.name))]
    func add(_ key: String, _ value: JSONValue?) {
      if let value { members.append(.init(key: key, value: value)) }
    }
    add("repetition", repetition.map { .string($0) })
    add("type", element.type.map { .string($0.text) })
    add("length", element.typeLength.map { .integer(Int64($0)) })
    add("logical", element.logicalType.map(Self.json))
    add("converted", element.convertedType.map { .string($0.text) })
    add("precision", element.precision.map { .integer(Int64($0)) })
    add("scale", element.scale.map { .integer(Int64($0)) })
    add("field_id", element.fieldID.map { .integer(Int64($0)) })
    add("children", element.type == nil ? .array(children) : nil)
    return .object(members)
  }

  private static func annotation(_ element: SchemaElement) -> String {
    var text = ""
    if let logical = element.logicalType {
      text += " (\(logical.text))"
    } else if let converted = element.convertedType {
      let digits = converted == .decimal ? "(\(element.precision ?? 0),\(element.scale ?? 0))" : ""
      text += " (\(converted.text)\(digits))"
    }
    if let id = element.fieldID { text += " = \(id)" }
    return text
  }

  private static func json(_ type: LogicalType) -> JSONValue {
    switch type {
    case .geometry(let crs):
      .object(["type": "GEOMETRY", "crs": .string(crs ?? LogicalType.crsDefault)])
    case .geography(let crs, let algorithm):
      .object([
        "type": "GEOGRAPHY", "crs": .string(crs ?? LogicalType.crsDefault),
        "algorithm": .string(LogicalType.edges(algorithm)),
      ])
    default: .string(type.text)
    }
  }
}
