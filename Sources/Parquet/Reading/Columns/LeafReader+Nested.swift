internal import Kernels

/// Columns within lists: a row is an entry of repetition level 0 and those above 0 that follow.
extension LeafReader {
  func readNested(_ rowCount: Int) throws(ParquetError) {
    try forEachPart(rowCount) { (part) throws(ParquetError) in try self.appendNested(part) }
  }

  func skipNested(_ rowCount: Int) throws(ParquetError) {
    try forEachPart(rowCount) { (part) throws(ParquetError) in
      let dense = LevelCounting.count(
        self.pageDefinition.span.extracting(part),
        atLeast: UInt8(clamping: self.leaf.maxDefinitionLevel))
      try self.decoding { () throws(DecodeError) in try self.values.skip(dense: dense) }
    }
  }

  /// Walks the entries of the next `rowCount` rows, a part of a page at a time.
  private func forEachPart(
    _ rowCount: Int, _ body: (Range<Int>) throws(ParquetError) -> Void
  ) throws(ParquetError) {
    guard rowCount > 0 else { return }
    var rowsBegun = 0
    while true {
      if entriesLeft == 0 {
        if rowsBegun == rowCount, pagesBeginRows { return }
        guard try nextPage() else {
          guard rowsBegun == rowCount else { throw endsTooEarly(rowCount - rowsBegun) }
          return
        }
      }
      let start = pageRepetition.count - entriesLeft
      let (end, rows) = LevelCounting.rows(
        pageRepetition.span, from: start, countMax: rowCount - rowsBegun)
      guard rowsBegun > 0 || pageRepetition[start] == 0 else {
        throw ParquetError(
          .corrupt, "a row begins with repetition level \(pageRepetition[start]), expected 0")
      }
      rowsBegun += rows
      if end > start { try body(start..<end) }
      entriesLeft = pageRepetition.count - end
      // Only an entry of level 0, or the end of the chunk, ends the last row.
      if entriesLeft > 0 { return }
    }
  }

  private func appendNested(_ part: Range<Int>) throws(ParquetError) {
    let definition = pageDefinition
    let levels = definition.span.extracting(part)
    let maximum = UInt8(clamping: leaf.maxDefinitionLevel)
    let slotLevel = UInt8(clamping: shape.slotLevel)
    let slots = LevelCounting.count(levels, atLeast: slotLevel)
    let dense = LevelCounting.count(levels, atLeast: maximum)
    try take(2 * part.count + slots * values.slotByteCount)
    batchRepetition.append(contentsOf: pageRepetition[part])
    batchDefinition.append(contentsOf: definition[part])
    let first = bits.count
    if dense == slots {
      bits.append(repeating: true, count: slots)
    } else if slotLevel == 0 {
      bits.append(levels: levels, atLeast: maximum)
    } else {
      LevelAssembly.appendValidity(
        levels, slotLevel: slotLevel, validLevel: maximum, to: &bits)
    }
    try decoding { () throws(DecodeError) in
      try values.append(dense: dense, slots: slots, validity: bits.words, from: first)
    }
    slotCount += slots
  }
}
