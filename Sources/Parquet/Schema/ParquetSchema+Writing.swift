public import Records

extension ParquetSchema {
  /// The tree that rows of a schema are stored in: three-level lists, maps of `key_value`.
  /// - Parameter schema: types as stored; see `WriteProfile.storedSchema`.
  /// - Throws: `.schemaMismatch` where Parquet has no place for it: a struct without fields, two
  ///   fields of one name, a decimal or fixed width out of range.
  public init(storing schema: Schema) throws(ParquetError) {
    var elements = [
      SchemaElement(name: "schema", childCount: Int32(clamping: schema.fields.count))
    ]
    try Self.checkNames(schema.fields, in: "")
    for field in schema.fields { try Self.append(field, to: &elements, path: "") }
    try self.init(elements: elements)
  }

  private static func append(_ field: Field, to elements: inout [SchemaElement], path: String)
    throws(ParquetError)
  {
    let path = path.isEmpty ? field.name : path + "." + field.name
    let repetition: Repetition = field.isNullable ? .optional : .required
    switch field.type {
    case .structure(let fields):
      guard !fields.isEmpty else {
        throw ParquetError(
          .schemaMismatch, "a struct without fields has no columns to be stored in",
          at: .init(column: path))
      }
      try checkNames(fields, in: path)
      elements.append(
        SchemaElement(
          name: field.name, repetition: repetition, childCount: Int32(clamping: fields.count)))
      for child in fields { try append(child, to: &elements, path: path) }
    case .list(let element):
      elements.append(
        SchemaElement(
          name: field.name, repetition: repetition, childCount: 1, convertedType: .list,
          logicalType: .list))
      elements.append(SchemaElement(name: "list", repetition: .repeated, childCount: 1))
      var element = element
      element.name = "element"
      try append(element, to: &elements, path: path + ".list")
    case .map(let key, let value):
      elements.append(
        SchemaElement(
          name: field.name, repetition: repetition, childCount: 1, convertedType: .map,
          logicalType: .map))
      elements.append(SchemaElement(name: "key_value", repetition: .repeated, childCount: 2))
      let keyField = Field("key", key.type, isNullable: false)
      let valueField = Field("value", value.type, isNullable: value.isNullable)
      try append(keyField, to: &elements, path: path + ".key_value")
      try append(valueField, to: &elements, path: path + ".key_value")
    default:
      try checkLeaf(field.type, path)
      elements.append(LeafTypes.element(field))
    }
  }

  private static func checkNames(_ fields: [Field], in path: String) throws(ParquetError) {
    var seen: Set<String> = []
    for field in fields where !seen.insert(field.name).inserted {
      throw ParquetError(
        .schemaMismatch, "two fields are called \(field.name)",
        at: .init(column: path.isEmpty ? nil : path))
    }
  }

  private static func checkLeaf(_ type: DataType, _ path: String) throws(ParquetError) {
    let isGood =
      switch type {
      case .decimal(let precision, let scale):
        (1...38).contains(precision) && (0...precision).contains(scale)
      case .fixedBinary(let width): width > 0 && width <= 1 << 24
      default: true
      }
    if !isGood {
      throw ParquetError(
        .schemaMismatch, "\(type) is out of the range that can be stored", at: .init(column: path))
    }
  }
}
