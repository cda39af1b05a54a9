/// Makes the readers of one row group's columns.
struct RowGroupOpening {
  let file: ParquetFile
  let index: Int
  let rowCount: Int
  let budget: MemoryBudget

  /// - Parameter isWhole: whether all rows are read; else pages are found by the offset index.
  func reader(_ shape: LeafShape, isWhole: Bool) throws(ParquetError) -> LeafReader {
    try reader(shape, isWhole: isWhole) { () throws(ParquetError) in
      try LeafValues.make(shape.leaf, options: file.options, budget: budget)
    }
  }

  /// The reader of what a column's values answer to conditions.
  func reader(of condition: LeafCondition, isWhole: Bool) throws(ParquetError) -> LeafReader {
    let shape = LeafShape(leaf: condition.leaf, slotLevel: 0, needsLevels: false)
    return try reader(shape, isWhole: isWhole) { () throws(ParquetError) in
      try LeafValues.testing(condition, options: file.options, budget: budget)
    }
  }

  private func reader(
    _ shape: LeafShape, isWhole: Bool, _ makeValues: () throws(ParquetError) -> LeafValues
  ) throws(ParquetError) -> LeafReader {
    let leaf = shape.leaf
    let chunk = try file.chunk(rowGroup: index, leaf: leaf)
    do throws(ParquetError) {
      guard let codec = chunk.codec else {
        throw ParquetError(.unsupported, "codec \(chunk.codecNumber)")
      }
      guard leaf.maxRepetitionLevel > 0 || chunk.valueCount == Int64(rowCount) else {
        throw ParquetError(
          .corrupt, "the chunk has \(chunk.valueCount) values, its row group \(rowCount) rows")
      }
      let offsets = isWhole ? nil : try file.offsetIndex(rowGroup: index, leaf: leaf)
      let pages = try PageReader(
        file.source, range: try file.range(of: chunk), leaf: leaf, codec: codec,
        options: file.options, budget: budget,
        encryption: try PageEncryption(file, chunk, rowGroup: index, leaf: leaf))
      return LeafReader(
        shape, pages: pages, values: try makeValues(), entryCount: Int(clamping: chunk.valueCount),
        offsetIndex: offsets, budget: budget)
    } catch {
      throw error.at(rowGroup: index, column: leaf.name)
    }
  }
}
