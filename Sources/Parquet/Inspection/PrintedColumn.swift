internal import Records

/// How a column is printed, known before there are rows.
indirect enum PrintedShape: Sendable {
  case plain
  case variant
  case structure(names: [[UInt8]], [PrintedShape])
  case list(PrintedShape)
  case map(key: PrintedShape, value: PrintedShape)

  init(_ type: DataType) {
    switch type {
    case .structure(let fields):
      self = .structure(
        names: fields.map { Self.key($0.name) }, fields.map { PrintedShape($0.type) })
    case .list(let element): self = .list(PrintedShape(element.type))
    case .map(let key, let value):
      self = .map(key: PrintedShape(key.type), value: PrintedShape(value.type))
    default: self = .plain
    }
  }

  init(_ node: SchemaNode, _ elements: [SchemaElement]) {
    switch node.content {
    case .leaf: self = .plain
    case .structure(let children):
      if case .variant = elements[node.elementIndex].logicalType {
        self = .variant
      } else {
        self = .structure(
          names: children.map { Self.key($0.field.name) },
          children.map { PrintedShape($0, elements) })
      }
    case .list(let element): self = .list(PrintedShape(element, elements))
    case .map(let key, let value):
      self = .map(key: PrintedShape(key, elements), value: PrintedShape(value, elements))
    }
  }

  /// `"name":`
  static func key(_ name: String) -> [UInt8] {
    var output: [UInt8] = []
    JSONText.appendString(Array(name.utf8)[...], to: &output)
    output.append(UInt8(ascii: ":"))
    return output
  }
}

/// A column with the shape it is printed in.
indirect enum PrintedColumn {
  case plain(Column)
  case variant(VariantColumn)
  case structure(Column, names: [[UInt8]], [PrintedColumn])
  case list(Column, offsets: [Int32], PrintedColumn)
  case map(Column, offsets: [Int32], keys: PrintedColumn, values: PrintedColumn)

  init(_ shape: PrintedShape, _ column: Column) throws(ParquetError) {
    switch (shape, column.values) {
    case (.variant, _): self = .variant(try VariantColumn(column))
    case (.structure(let names, let shapes), .structure(let children)):
      var printed: [PrintedColumn] = []
      for (shape, child) in zip(shapes, children) {
        printed.append(try PrintedColumn(shape, child))
      }
      self = .structure(column, names: names, printed)
    case (.list(let shape), .list(let offsets, let child)):
      self = .list(column, offsets: offsets, try PrintedColumn(shape, child))
    case (.map(let key, let value), .map(let offsets, let keys, let values)):
      self = .map(
        column, offsets: offsets, keys: try PrintedColumn(key, keys),
        values: try PrintedColumn(value, values))
    default: self = .plain(column)
    }
  }
}
