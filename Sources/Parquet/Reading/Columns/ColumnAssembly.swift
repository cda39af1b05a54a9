internal import Kernels
internal import Records

/// Puts leaf columns and their levels together to the columns of a batch.
struct ColumnAssembly {
  /// By the numbers of the leaves.
  let leaves: [Int: LeafBatch]

  /// - Parameter slotLevel: of the list around the node; 0 at the top.
  func column(_ node: SchemaNode, slotLevel: Int = 0) throws(ParquetError) -> Column {
    switch node.content {
    case .leaf(let index):
      let batch = try leaf(index)
      return Column(
        type: node.field.type, count: batch.slotCount,
        validity: node.field.isNullable ? batch.validity : nil, values: batch.values)
    case .structure(let children):
      return try structure(node, children, slotLevel)
    case .list(let element):
      let lists = try lists(node, slotLevel)
      let child = try self.column(element, slotLevel: node.definitionLevel + 1)
      try check(child, lists)
      return Column(
        type: node.field.type, count: lists.offsets.count - 1,
        validity: bitmap(lists.validity, node),
        values: .list(offsets: lists.offsets, child))
    case .map(let key, let value):
      let lists = try lists(node, slotLevel)
      let keys = try self.column(key, slotLevel: node.definitionLevel + 1)
      let values = try self.column(value, slotLevel: node.definitionLevel + 1)
      try check(keys, lists)
      try check(values, lists)
      return Column(
        type: node.field.type, count: lists.offsets.count - 1,
        validity: bitmap(lists.validity, node),
        values: .map(offsets: lists.offsets, keys: keys, values: values))
    }
  }

  private func leaf(_ index: Int) throws(ParquetError) -> LeafBatch {
    guard let batch = leaves[index] else {
      throw ParquetError(.corrupt, "leaf column \(index) was not read")
    }
    return batch
  }

  private func structure(
    _ node: SchemaNode, _ children: [SchemaNode], _ slotLevel: Int
  ) throws(ParquetError) -> Column {
    var columns: [Column] = []
    for child in children { columns.append(try self.column(child, slotLevel: slotLevel)) }
    let count = columns.first?.count ?? 0
    guard columns.allSatisfy({ $0.count == count }) else {
      throw ParquetError(
        .corrupt, "the fields of a struct have \(columns.map(\.count)) rows",
        at: .init(column: node.field.name))
    }
    var validity: Bitmap?
    if node.field.isNullable, let first = node.leafIndices.first {
      let batch = try leaf(first)
      let bits = LevelAssembly.validity(
        repetition: batch.repetition.isEmpty ? nil : batch.repetition.span,
        definition: batch.definition.span, depth: UInt8(clamping: node.repetitionLevel),
        slotLevel: UInt8(clamping: slotLevel), validLevel: UInt8(clamping: node.definitionLevel))
      guard bits.count == count else {
        throw ParquetError(
          .corrupt, "the levels of a struct give \(bits.count) rows, its fields \(count)",
          at: .init(column: node.field.name))
      }
      validity = bitmap(bits, node)
    }
    return Column(
      type: node.field.type, count: count, validity: validity, values: .structure(columns))
  }

  private func lists(
    _ node: SchemaNode, _ slotLevel: Int
  ) throws(ParquetError) -> LevelAssembly.Lists {
    let batch = try leaf(node.leafIndices.first ?? -1)
    do throws(DecodeError) {
      return try LevelAssembly.lists(
        repetition: batch.repetition.span, definition: batch.definition.span,
        depth: UInt8(clamping: node.repetitionLevel), slotLevel: UInt8(clamping: slotLevel),
        validLevel: UInt8(clamping: node.definitionLevel),
        elementLevel: UInt8(clamping: node.definitionLevel + 1),
        slotCountExpected: batch.slotCount)
    } catch {
      throw ParquetError(error).at(column: node.field.name)
    }
  }

  private func bitmap(_ bits: ValidityBits, _ node: SchemaNode) -> Bitmap? {
    guard node.field.isNullable else { return nil }
    let count = bits.count
    return bits.finish().map { Bitmap(words: $0, count: count) }
  }

  private func check(_ child: Column, _ lists: LevelAssembly.Lists) throws(ParquetError) {
    guard child.count == lists.elementCount else {
      throw ParquetError(
        .corrupt, "lists of \(lists.elementCount) elements have \(child.count) values")
    }
  }
}
