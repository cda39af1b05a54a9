internal import Kernels
internal import Records

/// Takes nested columns apart into leaf entries, all rows a level at a time.
///
/// For each row, or element of a list, that a node has, an entry carries the levels so far and the
/// number of the row in the node's column: -1 where it is null or empty further up, so that only
/// the levels are written.
///
///     rows        [{a: [1, 2]}, null, {a: []}]
///     leaf a      definition 3 3 0 1 · repetition 0 1 0 0 · values 1 2
/// - SeeAlso: S. Melnik and others, "Dremel: Interactive Analysis of Web-Scale Datasets" (2010).
struct Shredder {
  /// The leaves in the order of the schema, one for each that the node has.
  private(set) var leaves: [LeafEntries] = []

  /// The entries of all leaves below a top-level field, for the rows at `range`.
  /// - Throws: `.schemaMismatch` where a required field has nulls.
  static func shred(_ column: Column, _ node: SchemaNode, rows range: Range<Int>)
    throws(ParquetError) -> [LeafEntries]
  {
    var shredder = Shredder()
    let entries = LevelShredding.Entries(
      rows: range.map { Int32(truncatingIfNeeded: $0) },
      definitionLevels: Array(repeating: 0, count: range.count),
      repetitionLevels: Array(repeating: 0, count: range.count))
    try shredder.visit(column, node, entries, isInList: false)
    return shredder.leaves
  }

  private mutating func visit(
    _ column: Column, _ node: SchemaNode, _ above: LevelShredding.Entries, isInList: Bool
  ) throws(ParquetError) {
    var entries = above
    try Self.applyNulls(column, node, &entries)
    switch (node.content, column.values) {
    case (.leaf, _):
      leaves.append(
        LeafEntries(
          definitionLevels: entries.definitionLevels,
          repetitionLevels: isInList ? entries.repetitionLevels : [],
          values: Self.present(column, entries.rows)))
    case (.structure(let nodes), .structure(let columns)):
      for (node, child) in zip(nodes, columns) {
        guard child.count >= column.count else { throw Self.mismatch(node) }
        try visit(child, node, entries, isInList: isInList)
      }
    case (.list(let element), .list(let offsets, let child)):
      let inner = try Self.expand(entries, offsets, [child], column.count, node)
      try visit(child, element, inner, isInList: true)
    case (.map(let keyNode, let valueNode), .map(let offsets, let keys, let values)):
      let inner = try Self.expand(entries, offsets, [keys, values], column.count, node)
      try visit(keys, keyNode, inner, isInList: true)
      try visit(values, valueNode, inner, isInList: true)
    default: throw Self.mismatch(node)
    }
  }

  private static func mismatch(_ node: SchemaNode) -> ParquetError {
    ParquetError(
      .schemaMismatch, "the values do not lie as \(node.field.type)",
      at: .init(column: node.field.name))
  }

  /// Raises the level of rows that are not null here; the others are gone.
  private static func applyNulls(
    _ column: Column, _ node: SchemaNode, _ entries: inout LevelShredding.Entries
  ) throws(ParquetError) {
    guard node.field.isNullable else {
      guard let validity = column.validity else { return }
      var rows = entries.rows
      var levels = entries.definitionLevels
      if LevelShredding.applyNulls(&rows, &levels, validity: validity.words) > 0 {
        throw ParquetError(
          .schemaMismatch, "a null in a required field", at: .init(column: node.field.name))
      }
      return
    }
    LevelShredding.applyNulls(
      &entries.rows, &entries.definitionLevels, validity: column.validity?.words)
  }

  /// Replaces each row by the elements of its list.
  private static func expand(
    _ entries: LevelShredding.Entries, _ offsets: [Int32], _ children: [Column], _ rowCount: Int,
    _ node: SchemaNode
  ) throws(ParquetError) -> LevelShredding.Entries {
    let childCount = children.map(\.count).min() ?? 0
    guard offsets.count == rowCount + 1,
      LevelShredding.areSound(offsets, childCount: childCount)
    else { throw mismatch(node) }
    return LevelShredding.expand(
      entries, offsets, repetitionLevel: UInt8(truncatingIfNeeded: node.repetitionLevel))
  }

  /// The column's values at the rows that are not gone.
  private static func present(_ column: Column, _ rows: [Int32]) -> Column {
    let kept = LevelShredding.present(rows)
    guard let first = kept.first, let last = kept.last else { return column.slice(0..<0) }
    if Int(last - first) == kept.count - 1 { return column.slice(Int(first)..<Int(last) + 1) }
    return column.gather(kept)
  }
}
