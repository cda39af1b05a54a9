internal import Kernels
internal import Records

/// Reads the rows of one column chunk: pages, levels and values, as many rows a call as asked for.
///
/// A batch's rows may begin and end within pages; of a list they may, in version 1 pages, go on
/// over the end of a page.
final class LeafReader {
  let shape: LeafShape
  var leaf: LeafColumn { shape.leaf }
  let pages: PageReader
  let values: LeafValues
  let budget: MemoryBudget
  /// Level entries of the chunk by its metadata, and how many have been seen.
  private let entryCount: Int
  private var entriesSeen = 0

  // The page at work.
  private var page: DataPage?
  private var hasDictionary = false
  /// Level entries of the page that are not used yet.
  var entriesLeft = 0
  var repetition = LevelDecoder.none
  var definition = LevelDecoder.none
  /// Of nested columns, the page's levels, of which the last `entriesLeft` are not used yet.
  var pageRepetition: [UInt8] = []
  var pageDefinition: [UInt8] = []
  /// Whether the page at work begins with a row of its own.
  private(set) var pageBeginsRow = false

  // The batch at work.
  var slotCount = 0
  var bits = ValidityBits(capacity: 0)
  var batchRepetition: [UInt8] = []
  var batchDefinition: [UInt8] = []

  // Taken from the budget.
  private var dictionaryByteCount = 0
  private var pageByteCount = 0
  var batchByteCount = 0

  init(
    _ shape: LeafShape, pages: PageReader, values: LeafValues, entryCount: Int,
    budget: MemoryBudget
  ) {
    self.shape = shape
    self.pages = pages
    self.values = values
    self.entryCount = entryCount
    self.budget = budget
  }

  deinit { budget.give(dictionaryByteCount + pageByteCount + batchByteCount) }

  var isNested: Bool { leaf.maxRepetitionLevel > 0 }

  // MARK: Batches

  /// Reads the next rows as a part of a batch.
  /// - Precondition: `beginBatch` was called, and the chunk has that many rows left.
  func read(rowCount: Int) throws(ParquetError) {
    do throws(ParquetError) {
      if isNested { try readNested(rowCount) } else { try readFlat(rowCount) }
    } catch {
      throw pages.placed(error)
    }
  }

  /// Passes over rows.
  func skip(rowCount: Int) throws(ParquetError) {
    do throws(ParquetError) {
      if isNested { try skipNested(rowCount) } else { try skipFlat(rowCount) }
    } catch {
      throw pages.placed(error)
    }
  }

  func beginBatch(rowCount: Int) throws(ParquetError) {
    try take(rowCount * values.slotByteCount)
    values.beginBatch(slotCount: rowCount)
    bits = ValidityBits(capacity: rowCount)
    batchRepetition = []
    batchDefinition = []
    slotCount = 0
  }

  func finishBatch() -> LeafBatch {
    let validity = bits.finish().map { Bitmap(words: $0, count: slotCount) }
    bits = ValidityBits(capacity: 0)
    let batch = LeafBatch(
      values: values.finish(), slotCount: slotCount, validity: validity,
      repetition: batchRepetition, definition: batchDefinition)
    batchRepetition = []
    batchDefinition = []
    budget.give(batchByteCount)
    batchByteCount = 0
    return batch
  }

  /// Counts bytes of the batch at work.
  func take(_ byteCount: Int) throws(ParquetError) {
    try budget.take(byteCount, for: "the rows of a batch")
    batchByteCount += byteCount
  }

  // MARK: Pages

  /// Goes to the next data page that has entries; false at the end of the chunk.
  func nextPage() throws(ParquetError) -> Bool {
    try endPage()
    while entriesSeen < entryCount, let raw = try pages.nextRaw() {
      switch raw.header.body {
      case .dictionary(let header):
        try setDictionary(raw, header)
      case .data, .dataV2:
        let page = try pages.data(raw)
        pageByteCount = page.byteCount
        guard page.entryCount > 0 else {
          budget.give(pageByteCount)
          pageByteCount = 0
          continue
        }
        try begin(page)
        return true
      case .index: continue
      case .unknown:
        // Pages of kinds to come are to be passed over; a data page without its header is not.
        guard raw.header.type.rawValue > PageType.dataV2.rawValue else {
          throw ParquetError(.corrupt, "a \(raw.header.type) without its header")
        }
      }
    }
    return false
  }

  private func setDictionary(
    _ raw: RawPage, _ header: DictionaryPageHeader
  ) throws(ParquetError) {
    guard !hasDictionary else { throw ParquetError(.corrupt, "a second dictionary page") }
    guard entriesSeen == 0 else {
      throw ParquetError(.corrupt, "a dictionary page behind data pages")
    }
    hasDictionary = true
    let page = try pages.dictionary(raw, header)
    dictionaryByteCount = page.byteCount
    let entriesByteCount = try values.setDictionary(page)
    try budget.take(entriesByteCount, for: "a dictionary")
    dictionaryByteCount += entriesByteCount
  }

  private func begin(_ page: DataPage) throws(ParquetError) {
    guard page.entryCount <= entryCount - entriesSeen else {
      throw ParquetError(
        .corrupt,
        "a page of \(page.entryCount) values, the chunk has \(entryCount - entriesSeen) left")
    }
    entriesSeen += page.entryCount
    entriesLeft = page.entryCount
    repetition = page.repetition
    definition = page.definition
    pageBeginsRow = page.rowCount != nil
    try values.beginPage(page.values, encoding: page.encoding)
    self.page = page
    if isNested { try loadLevels(page) }
  }

  private func loadLevels(_ page: DataPage) throws(ParquetError) {
    let byteCount = 2 * page.entryCount
    try budget.take(byteCount, for: "the levels of a page")
    pageByteCount += byteCount
    pageRepetition.removeAll(keepingCapacity: true)
    pageDefinition.removeAll(keepingCapacity: true)
    try decoding { () throws(DecodeError) in
      try repetition.decode(page.entryCount, into: &pageRepetition)
      try definition.decode(page.entryCount, into: &pageDefinition)
      try repetition.checkEnd()
      try definition.checkEnd()
    }
    if let expected = page.rowCount {
      let rows = pageRepetition.reduce(0) { $0 + ($1 == 0 ? 1 : 0) }
      guard rows == expected, pageRepetition.first == 0 else {
        throw ParquetError(
          .corrupt, "a page of \(rows) rows, its header says \(expected)")
      }
    }
  }

  /// Checks and lets go of the page at work.
  private func endPage() throws(ParquetError) {
    guard page != nil else { return }
    page = nil
    // What views point into belongs to the batch from now on; the rest is let go.
    batchByteCount += pageByteCount
    pageByteCount = 0
    try decoding { () throws(DecodeError) in
      if !isNested { try definition.checkEnd() }
      try values.endPage()
    }
  }

  /// Checks, after the last row of the chunk, that nothing is left over.
  func finishChunk() throws(ParquetError) {
    do throws(ParquetError) {
      guard entriesLeft == 0, try !nextPage() else {
        throw ParquetError(.corrupt, "the column has more rows than its row group")
      }
    } catch {
      throw pages.placed(error)
    }
  }

  func decoding<Result>(
    _ body: () throws(DecodeError) -> Result
  ) throws(ParquetError) -> Result {
    do { return try body() } catch { throw ParquetError(error) }
  }

  func endsTooEarly(_ missing: Int) -> ParquetError {
    ParquetError(.corrupt, "the column ends \(missing) rows before its row group does")
  }
}
