internal import Kernels
internal import Records

/// Visits the pages of one column chunk in order, with what each holds.
final class PageWalker {
  struct Visit {
    let page: RawPage
    /// The number of the page in the chunk, a dictionary included.
    let ordinal: Int
    /// Nil for pages without data.
    let content: Content?
  }

  struct Content {
    let entryCount: Int
    /// Rows that begin in the page.
    let rowCount: Int
    /// Whether the page begins with a row of its own.
    let beginsRow: Bool
    /// Entries without a value: nulls and empty lists.
    let nullCount: Int
    let encoding: Encoding
    let sizes: SizeTally
    /// The page's values without nulls.
    let values: Column.Values
  }

  private let leaf: LeafColumn
  private let pages: PageReader
  private let values: LeafValues
  private let budget: MemoryBudget
  private var hasDictionary = false
  private var entriesLeft: Int

  init(
    _ file: ParquetFile, rowGroup: Int, leaf: LeafColumn, options: ReadOptions
  ) throws(ParquetError) {
    self.leaf = leaf
    let chunk = try file.chunk(rowGroup: rowGroup, leaf: leaf)
    guard let codec = chunk.codec else {
      throw ParquetError(.unsupported, "codec \(chunk.codecNumber)")
    }
    entriesLeft = Int(clamping: chunk.valueCount)
    budget = MemoryBudget(byteCountMax: options.memoryByteCountMax)
    pages = PageReader(
      file.source, range: try file.range(of: chunk), leaf: leaf, codec: codec, options: options,
      budget: budget, encryption: try PageEncryption(file, chunk, rowGroup: rowGroup, leaf: leaf))
    values = try LeafValues.make(leaf, options: options, budget: budget)
  }

  /// The next page; nil at the end of the chunk, or when all values it should have were seen.
  func next() throws(ParquetError) -> Visit? {
    let ordinal = pages.ordinal
    guard ordinal == 0 || entriesLeft > 0, let page = try pages.nextRaw() else { return nil }
    do throws(ParquetError) {
      let content = try content(page)
      entriesLeft -= content?.entryCount ?? 0
      return Visit(page: page, ordinal: ordinal, content: content)
    } catch {
      throw pages.placed(error).at(page: ordinal)
    }
  }

  private func content(_ page: RawPage) throws(ParquetError) -> Content? {
    switch page.header.body {
    case .dictionary(let header):
      guard !hasDictionary else { throw ParquetError(.corrupt, "a second dictionary page") }
      hasDictionary = true
      _ = try values.setDictionary(try pages.dictionary(page, header))
      return nil
    case .data, .dataV2:
      let data = try pages.data(page)
      defer { budget.give(data.byteCount) }
      try budget.take(2 * data.entryCount, for: "the levels of a page")
      defer { budget.give(2 * data.entryCount) }
      return try content(data)
    case .index, .unknown: return nil
    }
  }

  private func content(_ data: DataPage) throws(ParquetError) -> Content {
    var repetition: [UInt8] = []
    var definition: [UInt8] = []
    var repetitionLevels = data.repetition
    var definitionLevels = data.definition
    try values.beginPage(data.values, encoding: data.encoding)
    do throws(DecodeError) {
      try repetitionLevels.decode(data.entryCount, into: &repetition)
      try definitionLevels.decode(data.entryCount, into: &definition)
      try repetitionLevels.checkEnd()
      try definitionLevels.checkEnd()
      let dense = LevelCounting.count(
        definition.span, atLeast: UInt8(clamping: leaf.maxDefinitionLevel))
      values.beginBatch(slotCount: dense)
      try values.append(dense: dense, slots: dense, validity: [], from: 0)
      try values.endPage()
      let rows = repetition.reduce(0) { $0 + ($1 == 0 ? 1 : 0) }
      let found = values.finish()
      let sizes = SizeTally(
        leaf, repetition: repetition, definition: definition, entryCount: data.entryCount,
        values: found)
      return Content(
        entryCount: data.entryCount, rowCount: rows, beginsRow: repetition.first ?? 0 == 0,
        nullCount: data.entryCount - dense, encoding: data.encoding, sizes: sizes, values: found)
    } catch {
      throw ParquetError(error)
    }
  }
}
