internal import Records

extension SchemaNode {
  /// The node with INT96 timestamps in another unit.
  func withInt96(in unit: TimeUnit, leaves: [LeafColumn]) -> SchemaNode {
    var type = field.type
    var content = content
    switch self.content {
    case .leaf(let index):
      if leaves[index].primitiveType == .int96 { type = .timestamp(unit, isUTC: false) }
    case .structure(let children):
      let retyped = children.map { $0.withInt96(in: unit, leaves: leaves) }
      type = .structure(retyped.map(\.field))
      content = .structure(retyped)
    case .list(let element):
      let retyped = element.withInt96(in: unit, leaves: leaves)
      if case .list(var item) = type {
        item.type = retyped.field.type
        type = .list(item)
      }
      content = .list(element: retyped)
    case .map(let key, let value):
      let key = key.withInt96(in: unit, leaves: leaves)
      let value = value.withInt96(in: unit, leaves: leaves)
      type = .map(key: key.field, value: value.field)
      content = .map(key: key, value: value)
    }
    var field = field
    field.type = type
    return SchemaNode(
      field: field, definitionLevel: definitionLevel, repetitionLevel: repetitionLevel,
      content: content, elementIndex: elementIndex)
  }
}
