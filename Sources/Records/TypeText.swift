public import Base

/// The text form of types, as Glue and Hive write them where they have the type:
/// `bigint`, `decimal(10,2)`, `array<string>`, `struct<a:int,b:string>`.
extension DataType: CustomStringConvertible {
  public var description: String {
    switch self {
    case .boolean: "boolean"
    case .int8: "tinyint"
    case .int16: "smallint"
    case .int32: "int"
    case .int64: "bigint"
    case .uint8: "tinyint unsigned"
    case .uint16: "smallint unsigned"
    case .uint32: "int unsigned"
    case .uint64: "bigint unsigned"
    case .float16: "float16"
    case .float32: "float"
    case .float64: "double"
    case .decimal(let precision, let scale): "decimal(\(precision),\(scale))"
    case .date: "date"
    case .time(let unit): "time(\(unit.rawValue))"
    case .timestamp(let unit, let isUTC): "timestamp(\(unit.rawValue)\(isUTC ? ",utc" : ""))"
    case .string: "string"
    case .json: "json"
    case .binary: "binary"
    case .fixedBinary(let width): "fixed(\(width))"
    case .uuid: "uuid"
    case .list(let element): "array<\(element.type)>"
    case .structure(let fields):
      "struct<" + fields.map { "\($0.name):\($0.type)" }.joined(separator: ",") + ">"
    case .map(let key, let value): "map<\(key.type),\(value.type)>"
    }
  }
}

/// A schema as JSON, exact and stable: how the commit log keeps it.
extension Schema {
  public var json: JSONValue { .array(fields.map(\.json)) }

  public init?(json: JSONValue) {
    guard let items = json.array else { return nil }
    var fields: [Field] = []
    for item in items {
      guard let field = Field(json: item) else { return nil }
      fields.append(field)
    }
    self.init(fields)
  }
}

extension Field {
  public var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init(key: "name", value: .string(name)), .init(key: "type", value: type.json),
      .init(key: "nullable", value: .boolean(isNullable)),
    ]
    if let comment { members.append(.init(key: "comment", value: .string(comment))) }
    return .object(members)
  }

  public init?(json: JSONValue) {
    guard let name = json["name"]?.string, let typeJSON = json["type"],
      let type = DataType(json: typeJSON)
    else { return nil }
    self.init(
      name, type, isNullable: json["nullable"]?.boolean ?? true, comment: json["comment"]?.string)
  }
}

extension DataType {
  private static let simple: [DataType] = [
    .boolean, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float16, .float32,
    .float64, .date, .string, .json, .binary, .uuid,
  ]

  public var json: JSONValue {
    switch self {
    case .decimal(let precision, let scale):
      .object(["decimal": [.init(precision), .init(scale)]])
    case .time(let unit): .object(["time": .string(unit.rawValue)])
    case .timestamp(let unit, let isUTC):
      .object(["timestamp": .string(unit.rawValue), "utc": .boolean(isUTC)])
    case .fixedBinary(let width): .object(["fixed": .init(width)])
    case .list(let element): .object(["list": element.json])
    case .structure(let fields): .object(["struct": Schema(fields).json])
    case .map(let key, let value): .object(["map": [key.json, value.json]])
    default: .string(description)
    }
  }

  public init?(json: JSONValue) {
    if let name = json.string {
      guard let type = Self.simple.first(where: { $0.description == name }) else { return nil }
      self = type
    } else if let parts = json["decimal"]?.array, parts.count == 2,
      let precision = parts[0].integer, let scale = parts[1].integer,
      (1...38).contains(precision), (0...precision).contains(scale)
    {
      self = .decimal(precision: Int(precision), scale: Int(scale))
    } else if let unit = json["time"]?.string.flatMap(TimeUnit.init(rawValue:)) {
      self = .time(unit)
    } else if let unit = json["timestamp"]?.string.flatMap(TimeUnit.init(rawValue:)) {
      self = .timestamp(unit, isUTC: json["utc"]?.boolean ?? false)
    } else if let width = json["fixed"]?.integer, (1...1_000_000).contains(width) {
      self = .fixedBinary(width: Int(width))
    } else if let element = json["list"].flatMap(Field.init(json:)) {
      self = .list(element)
    } else if let schema = json["struct"].flatMap(Schema.init(json:)) {
      self = .structure(schema.fields)
    } else if let parts = json["map"]?.array, parts.count == 2, let key = Field(json: parts[0]),
      let value = Field(json: parts[1])
    {
      self = .map(key: key, value: value)
    } else {
      return nil
    }
  }
}
