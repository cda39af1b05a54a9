internal import Records

/// Takes nested columns apart into leaf entries, all rows a level at a time.
///
/// For each row, or element of a list, that a node has, the state carries the levels so far and
/// the number of the row in the node's column: -1 where it is null or empty further up, so that
/// only the levels are written.
///
///     rows        [{a: [1, 2]}, null, {a: []}]
///     leaf a      definition 3 3 0 1 · repetition 0 1 0 0 · values 1 2
/// - SeeAlso: S. Melnik and others, "Dremel: Interactive Analysis of Web-Scale Datasets" (2010).
struct Shredder {
  /// The leaves in the order of the schema, one for each that the node has.
  private(set) var leaves: [LeafEntries] = []

  private struct State {
    var definitionLevels: [UInt8]
    var repetitionLevels: [UInt8]
    var rows: [Int32]
  }

  private static let gone: Int32 = -1

  /// The entries of all leaves below a top-level field, for the rows at `range`.
  /// - Throws: `.schemaMismatch` where a required field has nulls.
  static func shred(_ column: Column, _ node: SchemaNode, rows range: Range<Int>)
    throws(ParquetError) -> [LeafEntries]
  {
    var shredder = Shredder()
    let state = State(
      definitionLevels: Array(repeating: 0, count: range.count),
      repetitionLevels: Array(repeating: 0, count: range.count),
      rows: range.map { Int32(truncatingIfNeeded: $0) })
    try shredder.visit(column, node, state, isInList: false)
    return shredder.leaves
  }

  private mutating func visit(
    _ column: Column, _ node: SchemaNode, _ state: State, isInList: Bool
  ) throws(ParquetError) {
    var state = state
    try Self.applyNulls(column, node, &state)
    switch (node.content, column.values) {
    case (.leaf, _):
      leaves.append(
        LeafEntries(
          definitionLevels: state.definitionLevels,
          repetitionLevels: isInList ? state.repetitionLevels : [],
          values: Self.present(column, state.rows)))
    case (.structure(let nodes), .structure(let columns)):
      for (node, column) in zip(nodes, columns) {
        try visit(column, node, state, isInList: isInList)
      }
    case (.list(let element), .list(let offsets, let child)):
      Self.expand(offsets, node.repetitionLevel, &state)
      try visit(child, element, state, isInList: true)
    case (.map(let keyNode, let valueNode), .map(let offsets, let keys, let values)):
      Self.expand(offsets, node.repetitionLevel, &state)
      try visit(keys, keyNode, state, isInList: true)
      try visit(values, valueNode, state, isInList: true)
    default:
      throw ParquetError(
        .schemaMismatch, "the values do not lie as \(node.field.type)",
        at: .init(column: node.field.name))
    }
  }

  /// Raises the level of rows that are not null here; the others are gone.
  private static func applyNulls(_ column: Column, _ node: SchemaNode, _ state: inout State)
    throws(ParquetError)
  {
    if node.field.isNullable {
      for (index, row) in state.rows.enumerated() where row != gone {
        if column.isNull(Int(row)) {
          state.rows[index] = gone
        } else {
          state.definitionLevels[index] += 1
        }
      }
    } else if column.validity != nil {
      for row in state.rows where row != gone && column.isNull(Int(row)) {
        throw ParquetError(
          .schemaMismatch, "a null in a required field", at: .init(column: node.field.name))
      }
    }
  }

  /// Replaces each row by the elements of its list.
  private static func expand(_ offsets: [Int32], _ repetitionLevel: Int, _ state: inout State) {
    var expanded = State(definitionLevels: [], repetitionLevels: [], rows: [])
    let repeated = UInt8(truncatingIfNeeded: repetitionLevel)
    for (index, row) in state.rows.enumerated() {
      let definition = state.definitionLevels[index]
      let repetition = state.repetitionLevels[index]
      let elements = row == gone ? 0..<0 : offsets[Int(row)]..<offsets[Int(row) + 1]
      if elements.isEmpty {
        expanded.definitionLevels.append(definition)
        expanded.repetitionLevels.append(repetition)
        expanded.rows.append(gone)
        continue
      }
      for element in elements {
        expanded.definitionLevels.append(definition + 1)
        expanded.repetitionLevels.append(element == elements.lowerBound ? repetition : repeated)
        expanded.rows.append(element)
      }
    }
    state = expanded
  }

  /// The column's values at the rows that are not gone.
  private static func present(_ column: Column, _ rows: [Int32]) -> Column {
    var kept: [Int32] = []
    kept.reserveCapacity(rows.count)
    for row in rows where row != gone { kept.append(row) }
    guard let first = kept.first, let last = kept.last else { return column.slice(0..<0) }
    if Int(last - first) == kept.count - 1 { return column.slice(Int(first)..<Int(last) + 1) }
    return column.gather(kept)
  }
}
