extension ParquetFile {
  /// The column index of a chunk; nil where it has none.
  public func columnIndex(rowGroup: Int, leaf: LeafColumn) throws(ParquetError) -> ColumnIndex? {
    try columnIndex(rowGroup: rowGroup, leaf: leaf, from: source)
  }

  func columnIndex(
    rowGroup: Int, leaf: LeafColumn, from source: any ByteSource
  ) throws(ParquetError) -> ColumnIndex? {
    let column = try columnChunk(rowGroup: rowGroup, leaf: leaf)
    do throws(ParquetError) {
      guard
        let range = try indexRange(column.columnIndexOffset, column.columnIndexLength)
      else { return nil }
      let bytes = try source.bytes(range)
      let plain = try cipher(rowGroup: rowGroup, leaf: leaf)?.open(bytes[...], as: .columnIndex)
      return try Self.placed(at: range.lowerBound) { () throws(ParquetError) in
        try ColumnIndex(parsing: plain ?? bytes)
      }
    } catch {
      throw error.at(rowGroup: rowGroup, column: leaf.name)
    }
  }

  /// The offset index of a chunk, checked against it; nil where it has none.
  public func offsetIndex(rowGroup: Int, leaf: LeafColumn) throws(ParquetError) -> OffsetIndex? {
    try offsetIndex(rowGroup: rowGroup, leaf: leaf, from: source)
  }

  func offsetIndex(
    rowGroup: Int, leaf: LeafColumn, from source: any ByteSource
  ) throws(ParquetError) -> OffsetIndex? {
    let column = try columnChunk(rowGroup: rowGroup, leaf: leaf)
    do throws(ParquetError) {
      guard
        let range = try indexRange(column.offsetIndexOffset, column.offsetIndexLength)
      else { return nil }
      let bytes = try source.bytes(range)
      let plain = try cipher(rowGroup: rowGroup, leaf: leaf)?.open(bytes[...], as: .offsetIndex)
      let index = try Self.placed(at: range.lowerBound) { () throws(ParquetError) in
        try OffsetIndex(parsing: plain ?? bytes)
      }
      let chunk = try self.chunk(rowGroup: rowGroup, leaf: leaf)
      try check(
        index, chunkRange: try self.range(of: chunk),
        rowCount: metadata.rowGroups[rowGroup].rowCount)
      return index
    } catch {
      throw error.at(rowGroup: rowGroup, column: leaf.name)
    }
  }

  /// Where the offset indexes of some chunks are.
  func offsetIndexRanges(
    rowGroup: Int, leaves: [LeafColumn]
  ) throws(ParquetError) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for leaf in leaves {
      let column = try columnChunk(rowGroup: rowGroup, leaf: leaf)
      do throws(ParquetError) {
        if let range = try indexRange(column.offsetIndexOffset, column.offsetIndexLength) {
          ranges.append(range)
        }
      } catch {
        throw error.at(rowGroup: rowGroup, column: leaf.name)
      }
    }
    return ranges
  }

  /// Where the column indexes of some chunks are.
  func columnIndexRanges(
    rowGroup: Int, leaves: [LeafColumn]
  ) throws(ParquetError) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for leaf in leaves {
      let column = try columnChunk(rowGroup: rowGroup, leaf: leaf)
      do throws(ParquetError) {
        if let range = try indexRange(column.columnIndexOffset, column.columnIndexLength) {
          ranges.append(range)
        }
      } catch {
        throw error.at(rowGroup: rowGroup, column: leaf.name)
      }
    }
    return ranges
  }

  /// The source with some ranges read before they are asked for, near ones together.
  func prefetched(_ ranges: [Range<Int>]) throws(ParquetError) -> any ByteSource {
    guard source.allBytes == nil, ranges.count > 1 else { return source }
    return try PrefetchedSource(
      source, ranges, byteCountMax: options.memoryByteCountMax / 8)
  }

  /// Errors of what is parsed name the place in the file.
  private static func placed<Index>(
    at start: Int, _ parse: () throws(ParquetError) -> Index
  ) throws(ParquetError) -> Index {
    do throws(ParquetError) {
      return try parse()
    } catch {
      var error = error
      error.place.offset = start + (error.place.offset ?? 0)
      throw error
    }
  }

  private func indexRange(_ offset: Int64?, _ length: Int32?) throws(ParquetError) -> Range<Int>? {
    guard let offset, let length, length > 0 else { return nil }
    let (end, overflow) = offset.addingReportingOverflow(Int64(length))
    guard offset >= 4, !overflow, end <= footerOffset else {
      throw ParquetError(
        .corrupt, "an index of \(length) bytes at \(offset), the data end at \(footerOffset)")
    }
    guard Int(length) <= options.memoryByteCountMax / 8 else {
      throw ParquetError(
        .limitExceeded, "an index of \(length) bytes, more than an eighth of the memory budget")
    }
    return Int(offset)..<Int(end)
  }

  private func check(
    _ index: OffsetIndex, chunkRange: Range<Int>, rowCount: Int64
  ) throws(ParquetError) {
    var offset = Int64(chunkRange.lowerBound)
    var row: Int64 = -1
    for (number, page) in index.pageLocations.enumerated() {
      let (end, overflow) = page.offset.addingReportingOverflow(Int64(page.compressedSize))
      guard page.offset >= offset, page.compressedSize > 0, !overflow, end <= chunkRange.upperBound
      else {
        throw ParquetError(
          .corrupt,
          "the offset index puts a page of \(page.compressedSize) bytes at \(page.offset)",
          at: .init(page: number))
      }
      guard page.firstRowIndex > row, page.firstRowIndex < rowCount,
        number > 0 || page.firstRowIndex == 0
      else {
        throw ParquetError(
          .corrupt,
          "the offset index has page \(number) begin with row \(page.firstRowIndex), the one "
            + "before with \(row), of \(rowCount)", at: .init(page: number))
      }
      offset = end
      row = page.firstRowIndex
    }
  }
}
