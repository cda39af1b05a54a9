extension ParquetSchema {
  /// Whether any column, group or list entry carries a field ID.
  var hasFieldIDs: Bool { elements.contains { $0.fieldID != nil } }

  /// The field IDs of this schema as another stores them that spells the same rows: one an element
  /// of the other, nil where there is none. By place in the tree and not by name, since a column
  /// `a.b` and the field `b` of a struct `a` have the same path.
  /// - Throws: `.schemaMismatch` where the other has other rows.
  func fieldIDs(storedAs other: ParquetSchema) throws(ParquetError) -> [Int32?] {
    var ids: [Int32?] = Array(repeating: nil, count: other.elements.count)
    ids[0] = elements.first?.fieldID
    guard nodes.count == other.nodes.count else { throw Self.otherRows }
    for (old, new) in zip(nodes, other.nodes) { try collect(old, new, &ids) }
    return ids
  }

  /// The schema with field IDs, one an element.
  /// - Throws: `.schemaMismatch` where there are more or fewer.
  func numbered(_ ids: [Int32?]) throws(ParquetError) -> ParquetSchema {
    if ids.isEmpty { return self }
    guard ids.count == elements.count else { throw Self.otherRows }
    var elements = elements
    for (index, id) in ids.enumerated() { elements[index].fieldID = id }
    return try ParquetSchema(elements: elements)
  }

  private static var otherRows: ParquetError {
    ParquetError(.schemaMismatch, "field IDs of a schema with other columns")
  }

  private func collect(_ old: SchemaNode, _ new: SchemaNode, _ ids: inout [Int32?])
    throws(ParquetError)
  {
    ids[new.elementIndex] = elements[old.elementIndex].fieldID
    switch (old.content, new.content) {
    case (.leaf, .leaf): return
    case (.structure(let olds), .structure(let news)) where olds.count == news.count:
      for (old, new) in zip(olds, news) { try collect(old, new, &ids) }
    case (.list(let oldItem), .list(let newItem)):
      carryEntry(from: old, before: oldItem, to: new, before: newItem, &ids)
      try collect(oldItem, newItem, &ids)
      // A repeated field is list and entry in one element: its number is the list's.
      if oldItem.elementIndex == old.elementIndex { ids[newItem.elementIndex] = nil }
    case (.map(let oldKey, let oldValue), .map(let newKey, let newValue)):
      carryEntry(from: old, before: oldKey, to: new, before: newKey, &ids)
      try collect(oldKey, newKey, &ids)
      try collect(oldValue, newValue, &ids)
    default: throw Self.otherRows
    }
  }

  /// The number of the repeated group between a list or map and what it holds, where both schemas
  /// have one.
  private func carryEntry(
    from old: SchemaNode, before oldItem: SchemaNode, to new: SchemaNode,
    before newItem: SchemaNode, _ ids: inout [Int32?]
  ) {
    guard oldItem.elementIndex == old.elementIndex + 2,
      newItem.elementIndex == new.elementIndex + 2
    else { return }
    ids[new.elementIndex + 1] = elements[old.elementIndex + 1].fieldID
  }
}
