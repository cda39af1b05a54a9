/// Makes the readers of one row group's columns.
struct RowGroupOpening {
  let file: ParquetFile
  let index: Int
  let rowCount: Int
  let budget: MemoryBudget
  let decompressors: DecompressorPool

  /// A column chunk that is to be read, checked.
  struct Chunk {
    let shape: LeafShape
    let metadata: ColumnMetaData
    let range: Range<Int>
    /// Nil where all pages are read, or where nothing says where they are.
    let offsets: OffsetIndex?

    /// The parts of the file that hold some rows.
    func ranges(of rows: RowRanges, rowCount: Int) -> [Range<Int>] {
      guard let offsets, let first = offsets.pageLocations.first else { return [range] }
      var ranges: [Range<Int>] = []
      // The dictionary is before the first page.
      if Int(first.offset) > range.lowerBound {
        ranges.append(range.lowerBound..<Int(first.offset))
      }
      var selected = rows.ranges
      for (number, page) in offsets.pageLocations.enumerated() {
        let pageRows = offsets.rows(ofPage: number, rowCount: rowCount)
        while let next = selected.first, next.upperBound <= pageRows.lowerBound {
          selected.removeFirst()
        }
        guard let next = selected.first else { break }
        if next.lowerBound < pageRows.upperBound {
          ranges.append(Int(page.offset)..<Int(page.offset) + Int(page.compressedSize))
        }
      }
      return ranges
    }
  }

  /// The chunks of some leaves.
  /// - Parameter isWhole: whether all rows are read; else pages are found by the offset indexes.
  func chunks(_ shapes: [LeafShape], isWhole: Bool) throws(ParquetError) -> [Chunk] {
    var indexes: (any ByteSource)?
    if !isWhole {
      indexes = try file.prefetched(
        try file.offsetIndexRanges(rowGroup: index, leaves: shapes.map(\.leaf)))
    }
    var chunks: [Chunk] = []
    for shape in shapes {
      let leaf = shape.leaf
      let metadata = try file.chunk(rowGroup: index, leaf: leaf)
      do throws(ParquetError) {
        guard leaf.maxRepetitionLevel > 0 || metadata.valueCount == Int64(rowCount) else {
          throw ParquetError(
            .corrupt,
            "the chunk has \(metadata.valueCount) values, its row group \(rowCount) rows")
        }
        chunks.append(
          Chunk(
            shape: shape, metadata: metadata, range: try file.range(of: metadata),
            offsets: try indexes.flatMap { (source) throws(ParquetError) in
              try file.offsetIndex(rowGroup: index, leaf: leaf, from: source)
            }))
      } catch {
        throw error.at(rowGroup: index, column: leaf.name)
      }
    }
    return chunks
  }

  /// What is read together of the chunks; nil where nothing needs to be read.
  func plan(_ chunks: [Chunk], rows: RowRanges) -> ReadPlan? {
    guard file.source.allBytes == nil else { return nil }
    return ReadPlan(
      file.source, chunks: chunks.map { $0.ranges(of: rows, rowCount: rowCount) },
      windowByteCount: file.options.windowByteCount, budget: budget)
  }

  func reader(_ chunk: Chunk, _ plan: ReadPlan?) throws(ParquetError) -> LeafReader {
    try reader(chunk, plan) { () throws(ParquetError) in
      try LeafValues.make(chunk.shape.leaf, options: file.options, budget: budget)
    }
  }

  /// The reader of what a column's values answer to conditions.
  func reader(
    of condition: LeafCondition, _ chunk: Chunk, _ plan: ReadPlan?
  ) throws(ParquetError) -> LeafReader {
    try reader(chunk, plan) { () throws(ParquetError) in
      try LeafValues.testing(condition, options: file.options, budget: budget)
    }
  }

  private func reader(
    _ chunk: Chunk, _ plan: ReadPlan?, _ makeValues: () throws(ParquetError) -> LeafValues
  ) throws(ParquetError) -> LeafReader {
    let leaf = chunk.shape.leaf
    do throws(ParquetError) {
      guard let codec = chunk.metadata.codec else {
        throw ParquetError(.unsupported, "codec \(chunk.metadata.codecNumber)")
      }
      let pages = PageReader(
        file.source, range: chunk.range, leaf: leaf, codec: codec, options: file.options,
        budget: budget,
        encryption: try PageEncryption(file, chunk.metadata, rowGroup: index, leaf: leaf),
        plan: plan, decompressors: decompressors)
      return LeafReader(
        chunk.shape, pages: pages, values: try makeValues(),
        entryCount: Int(clamping: chunk.metadata.valueCount), offsetIndex: chunk.offsets,
        budget: budget)
    } catch {
      throw error.at(rowGroup: index, column: leaf.name)
    }
  }
}
