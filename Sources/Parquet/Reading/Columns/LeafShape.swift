/// What of a leaf column's levels its place in the schema tree asks for.
struct LeafShape {
  let leaf: LeafColumn
  /// The definition level from which on an entry has a slot in the column: that of an element of
  /// the innermost list; 0 outside of lists.
  let slotLevel: Int
  /// Whether the columns around the leaf need its levels; else validity bits are enough.
  let needsLevels: Bool

  /// The shapes of all leaves below the nodes, by their numbers.
  static func shapes(of nodes: [SchemaNode], in schema: ParquetSchema) -> [Int: LeafShape] {
    var shapes: [Int: LeafShape] = [:]
    for node in nodes { collect(node, slotLevel: 0, isTop: true, schema, &shapes) }
    return shapes
  }

  private static func collect(
    _ node: SchemaNode, slotLevel: Int, isTop: Bool, _ schema: ParquetSchema,
    _ shapes: inout [Int: LeafShape]
  ) {
    switch node.content {
    case .leaf(let index):
      shapes[index] = LeafShape(
        leaf: schema.leaves[index], slotLevel: slotLevel, needsLevels: !isTop)
    case .structure(let children):
      for child in children {
        collect(child, slotLevel: slotLevel, isTop: false, schema, &shapes)
      }
    case .list(let element):
      collect(element, slotLevel: node.definitionLevel + 1, isTop: false, schema, &shapes)
    case .map(let key, let value):
      collect(key, slotLevel: node.definitionLevel + 1, isTop: false, schema, &shapes)
      collect(value, slotLevel: node.definitionLevel + 1, isTop: false, schema, &shapes)
    }
  }
}
