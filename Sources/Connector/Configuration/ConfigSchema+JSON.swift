public import Base

extension ConfigSchema {
  /// The schema as JSON Schema (draft 2020-12), for editors.
  public var jsonSchema: JSONValue {
    switch self {
    case .any: [:]
    case .string: ["type": ["string", "number", "boolean"]]
    case .integer(let range):
      range.upperBound == .max
        ? ["type": "integer", "minimum": .init(range.lowerBound)]
        : [
          "type": "integer", "minimum": .init(range.lowerBound), "maximum": .init(range.upperBound),
        ]
    case .boolean: ["type": "boolean"]
    case .duration:
      ["type": ["string", "integer"], "pattern": "^[0-9.]+ *(ms|s|sec|m|min|h|d|w)?$"]
    case .bytes: ["type": ["string", "integer"], "pattern": "^[0-9.]+ *([kmgtKMGT]?[iI]?[bB]?)$"]
    case .choice(let words):
      ["enum": .array(words.map { .string($0) } + (words.contains("null") ? [.null] : []))]
    case .list(let schema): ["type": "array", "items": schema.jsonSchema]
    case .dictionary(let schema): ["type": "object", "additionalProperties": schema.jsonSchema]
    case .oneOf(let schemas): ["anyOf": .array(schemas.map(\.jsonSchema))]
    case .map(let keys): Self.objectSchema(keys)
    }
  }

  private static func objectSchema(_ keys: [ConfigKey]) -> JSONValue {
    let properties = keys.map { key in
      var members = key.schema.jsonSchema.members ?? []
      members.append(.init(key: "description", value: .string(key.summary)))
      return JSONValue.Member(key: key.name, value: .object(members))
    }
    var members: [JSONValue.Member] = [
      .init(key: "type", value: "object"), .init(key: "properties", value: .object(properties)),
      .init(key: "additionalProperties", value: false),
    ]
    let required = keys.filter(\.isRequired)
    if !required.isEmpty {
      members.append(.init(key: "required", value: .array(required.map { .string($0.name) })))
    }
    return .object(members)
  }
}
