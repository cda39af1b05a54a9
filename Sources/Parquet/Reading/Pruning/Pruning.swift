internal import Records

/// Decides which rows of a row group may meet conditions, by statistics, bloom filters and page
/// indexes.
struct Pruning {
  let file: ParquetFile
  private let conditions: [Condition]

  private struct Condition {
    let leaf: LeafColumn
    let order: ColumnOrder?
    let comparison: Predicate.Comparison
    let value: OrderedValue?
  }

  /// - Throws: `.schemaMismatch` where a condition names no leaf column outside of lists.
  init(_ file: ParquetFile, _ predicates: [Predicate]) throws(ParquetError) {
    self.file = file
    var conditions: [Condition] = []
    for predicate in predicates {
      let leaf = file.parquetSchema.leaves.first { $0.name == predicate.column }
      guard let leaf, leaf.maxRepetitionLevel == 0 else {
        throw ParquetError(
          .schemaMismatch, "a condition on \(predicate.column), which is no column outside of lists"
        )
      }
      let orders = file.metadata.columnOrders ?? []
      conditions.append(
        Condition(
          leaf: leaf, order: leaf.index < orders.count ? orders[leaf.index] : nil,
          comparison: predicate.comparison,
          value: OrderedValue(predicate.value, in: leaf.dataType)))
    }
    self.conditions = conditions
  }

  /// The rows that may meet all conditions.
  func rows(inRowGroup index: Int, rowCount: Int) throws(ParquetError) -> RowRanges {
    var rows = RowRanges(0..<rowCount)
    for condition in conditions {
      let chunk = try file.chunk(rowGroup: index, leaf: condition.leaf)
      let bounds = Bounds(chunk, leaf: condition.leaf, order: condition.order)
      guard bounds.mayMatch(condition.comparison, condition.value) else { return RowRanges() }
    }
    for condition in conditions where condition.comparison == .equal {
      guard let bytes = condition.value?.plainBytes(condition.leaf),
        let filter = try file.bloomFilter(rowGroup: index, leaf: condition.leaf)
      else { continue }
      if !filter.mayContain(bytes) { return RowRanges() }
    }
    guard !conditions.isEmpty else { return rows }
    let leaves = conditions.map(\.leaf)
    let indexes = try file.prefetched(
      try file.columnIndexRanges(rowGroup: index, leaves: leaves)
        + file.offsetIndexRanges(rowGroup: index, leaves: leaves))
    for condition in conditions where !rows.isEmpty {
      rows = rows.intersection(
        try pages(condition, rowGroup: index, rowCount: rowCount, from: indexes))
    }
    return rows
  }

  /// The rows of the pages that may meet a condition; all where there is no index.
  private func pages(
    _ condition: Condition, rowGroup: Int, rowCount: Int, from indexes: any ByteSource
  ) throws(ParquetError) -> RowRanges {
    guard let index = try file.columnIndex(rowGroup: rowGroup, leaf: condition.leaf, from: indexes),
      let offsets = try file.offsetIndex(rowGroup: rowGroup, leaf: condition.leaf, from: indexes)
    else { return RowRanges(0..<rowCount) }
    guard index.nullPages.count == offsets.pageLocations.count else {
      throw ParquetError(
        .corrupt,
        "a column index of \(index.nullPages.count) pages, an offset index of "
          + "\(offsets.pageLocations.count)",
        at: .init(rowGroup: rowGroup, column: condition.leaf.name))
    }
    var rows = RowRanges()
    for page in offsets.pageLocations.indices {
      let bounds = Bounds(index, page: page, leaf: condition.leaf, order: condition.order)
      if bounds.mayMatch(condition.comparison, condition.value) {
        rows.append(offsets.rows(ofPage: page, rowCount: rowCount))
      }
    }
    return rows
  }
}

extension OffsetIndex {
  /// The rows that a page holds.
  /// - Precondition: the index was checked.
  func rows(ofPage page: Int, rowCount: Int) -> Range<Int> {
    let start = Int(pageLocations[page].firstRowIndex)
    let end = page + 1 < pageLocations.count ? Int(pageLocations[page + 1].firstRowIndex) : rowCount
    return start..<end
  }
}
