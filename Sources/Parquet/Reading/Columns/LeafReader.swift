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
  private var hasBegun = false
  /// Level entries of the page that are not used yet.
  var entriesLeft = 0
  var repetition = LevelDecoder.none
  var definition = LevelDecoder.none
  /// Of nested columns, the page's levels, of which the last `entriesLeft` are not used yet.
  var pageRepetition: [UInt8] = []
  var pageDefinition: [UInt8] = []
  /// The number of the next row to read or pass over.
  private(set) var row = 0
  /// Where the pages are and what rows they begin with, where rows may be left out.
  private let offsetIndex: OffsetIndex?
  /// Whether pages were left out: then what the chunk holds in all cannot be checked.
  private var hasJumped = false
  /// Whether every page is known to begin with a row of its own.
  var pagesBeginRows: Bool { offsetIndex != nil }

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
    offsetIndex: OffsetIndex?, budget: MemoryBudget
  ) {
    self.offsetIndex = offsetIndex
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
      row += rowCount
    } catch {
      throw pages.placed(error)
    }
  }

  /// Goes to a row that is not behind the next one: over pages where an offset index tells
  /// where they are, through them where not.
  func skip(to target: Int) throws(ParquetError) {
    do throws(ParquetError) {
      try jump(to: target)
      let rowCount = target - row
      guard rowCount > 0 else { return }
      if isNested { try skipNested(rowCount) } else { try skipFlat(rowCount) }
      row = target
    } catch {
      throw pages.placed(error)
    }
  }

  /// Goes to the page that holds a row, where it is not the one at work.
  private func jump(to target: Int) throws(ParquetError) {
    guard let locations = offsetIndex?.pageLocations, target > row || page == nil else { return }
    guard let number = Self.page(holding: target, in: locations) else { return }
    let location = locations[number]
    // The page at work, or the next one, is reached without a jump.
    guard location.firstRowIndex > row else { return }
    // What lies before the first data page is the dictionary.
    if !hasBegun, let start = locations.first?.offset, pages.position < start,
      let first = try pages.nextRaw(), case .dictionary(let header) = first.header.body
    {
      try setDictionary(first, header)
    }
    hasBegun = true
    hasJumped = true
    try endPage(isComplete: false)
    entriesLeft = 0
    row = Int(location.firstRowIndex)
    pages.seek(to: Int(location.offset), ordinal: number + (hasDictionary ? 1 : 0))
  }

  /// The last page that begins at or before a row: rows ascend, so by halves.
  private static func page(holding row: Int, in locations: [PageLocation]) -> Int? {
    var low = 0
    var high = locations.count
    while low < high {
      let middle = (low + high) / 2
      if locations[middle].firstRowIndex <= row { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : low - 1
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
    try endPage(isComplete: true)
    hasBegun = true
    while hasJumped || entriesSeen < entryCount, let raw = try pages.nextRaw() {
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
    guard entriesSeen == 0, !hasJumped else {
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
    guard hasJumped || page.entryCount <= entryCount - entriesSeen else {
      throw ParquetError(
        .corrupt,
        "a page of \(page.entryCount) values, the chunk has \(entryCount - entriesSeen) left")
    }
    entriesSeen += page.entryCount
    entriesLeft = page.entryCount
    repetition = page.repetition
    definition = page.definition
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

  /// Lets go of the page at work, and checks it where all of it was read.
  private func endPage(isComplete: Bool) throws(ParquetError) {
    guard page != nil else { return }
    page = nil
    // What views point into belongs to the batch from now on; the rest is let go.
    batchByteCount += pageByteCount
    pageByteCount = 0
    guard isComplete else { return }
    try decoding { () throws(DecodeError) in
      if !isNested { try definition.checkEnd() }
      try values.endPage()
    }
  }

  /// Checks, after the last row of the chunk, that nothing is left over.
  func finishChunk() throws(ParquetError) {
    guard !hasJumped else { return }
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
