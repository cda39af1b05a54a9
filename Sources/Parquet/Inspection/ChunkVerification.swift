internal import Records

/// Compares one column chunk with everything that is said of it.
struct ChunkVerification {
  private let file: ParquetFile
  private let rowGroup: Int
  private let leaf: LeafColumn
  private(set) var findings: [ParquetError] = []
  private(set) var pageCount = 0
  private(set) var checksumCount = 0

  // What has been seen so far.
  private var entryCount = 0
  private var rowCount = 0
  private var nullCount = 0
  private var dataPageCount = 0
  private var storedByteCount = 0
  private var rawByteCount = 0
  private var bounds = DataBounds()
  private var offsets: OffsetIndex?
  private var index: ColumnIndex?

  init(_ file: ParquetFile, rowGroup: Int, leaf: LeafColumn) {
    self.file = file
    self.rowGroup = rowGroup
    self.leaf = leaf
  }

  private var isFlat: Bool { leaf.maxRepetitionLevel == 0 }

  private mutating func report(_ message: String, at offset: Int?, page: Int? = nil) {
    findings.append(ParquetError(.corrupt, message, at: .init(offset: offset, page: page)))
  }

  mutating func run() {
    var options = file.options
    options.checksChecksums = true
    // Every moment that a file may hold is sound, also one that nanoseconds do not reach.
    options.int96Unit = .milliseconds
    do throws(ParquetError) {
      let chunk = try file.chunk(rowGroup: rowGroup, leaf: leaf)
      loadIndexes()
      let walker = try PageWalker(file, rowGroup: rowGroup, leaf: leaf, options: options)
      while let visit = try walker.next() { check(visit) }
      checkTotals(chunk)
    } catch {
      findings.append(error)
    }
  }

  private mutating func loadIndexes() {
    do throws(ParquetError) {
      offsets = try file.offsetIndex(rowGroup: rowGroup, leaf: leaf)
      index = try file.columnIndex(rowGroup: rowGroup, leaf: leaf)
      if let offsets, let index, offsets.pageLocations.count != index.nullPages.count {
        report(
          "the column index has \(index.nullPages.count) pages, the offset index "
            + "\(offsets.pageLocations.count)", at: columnIndexOffset)
        self.index = nil
      }
    } catch {
      findings.append(error.at(offset: columnIndexOffset))
    }
  }

  private var columnIndexOffset: Int? {
    file.metadata.rowGroups[rowGroup].columns[leaf.index].columnIndexOffset.flatMap(Int.init)
  }

  private var offsetIndexOffset: Int? {
    file.metadata.rowGroups[rowGroup].columns[leaf.index].offsetIndexOffset.flatMap(Int.init)
  }

  private mutating func check(_ visit: PageWalker.Visit) {
    let page = visit.page
    pageCount += 1
    if page.header.crc != nil { checksumCount += 1 }
    storedByteCount += page.headerByteCount + Int(page.header.compressedSize)
    rawByteCount += page.headerByteCount + Int(page.header.uncompressedSize)
    guard let content = visit.content else { return }
    checkHeader(page, content, visit.ordinal)
    checkOffsets(page, content, visit.ordinal)
    let pageBounds = DataBounds(content.values, leaf: leaf)
    checkColumnIndex(content, pageBounds)
    bounds.formUnion(pageBounds)
    entryCount += content.entryCount
    rowCount += content.rowCount
    nullCount += content.nullCount
    dataPageCount += 1
  }

  private mutating func checkHeader(
    _ page: RawPage, _ content: PageWalker.Content, _ ordinal: Int
  ) {
    guard case .dataV2(let header) = page.header.body else { return }
    if Int(header.rowCount) != content.rowCount {
      report(
        "the page has \(content.rowCount) rows, its header says \(header.rowCount)",
        at: page.offset, page: ordinal)
    }
    if isFlat, Int(header.nullCount) != content.nullCount {
      report(
        "the page has \(content.nullCount) nulls, its header says \(header.nullCount)",
        at: page.offset, page: ordinal)
    }
  }

  private mutating func checkOffsets(
    _ page: RawPage, _ content: PageWalker.Content, _ ordinal: Int
  ) {
    guard let offsets else { return }
    guard dataPageCount < offsets.pageLocations.count else {
      report("the offset index lacks the page", at: page.offset, page: ordinal)
      return
    }
    let location = offsets.pageLocations[dataPageCount]
    let byteCount = page.headerByteCount + Int(page.header.compressedSize)
    if location.offset != Int64(page.offset) || Int(location.compressedSize) != byteCount {
      report(
        "the offset index has the page at \(location.offset) with \(location.compressedSize) "
          + "bytes, it is at \(page.offset) with \(byteCount)", at: offsetIndexOffset, page: ordinal)
    }
    if location.firstRowIndex != Int64(rowCount) || !content.beginsRow {
      report(
        "the offset index has the page begin with row \(location.firstRowIndex), it begins "
          + (content.beginsRow ? "with row \(rowCount)" : "within row \(rowCount - 1)"),
        at: offsetIndexOffset, page: ordinal)
    }
  }

  private mutating func checkColumnIndex(_ content: PageWalker.Content, _ found: DataBounds) {
    guard let index, dataPageCount < index.nullPages.count else { return }
    let number = dataPageCount
    let isAllNull = content.nullCount == content.entryCount
    if index.nullPages[number] != isAllNull {
      report(
        "the column index says that page \(number) has "
          + (isAllNull ? "values, it has none" : "no values, it has some"), at: columnIndexOffset)
      return
    }
    if let nulls = index.nullCounts?[number], isFlat, nulls != Int64(content.nullCount) {
      report(
        "the column index has \(nulls) nulls in page \(number), there are \(content.nullCount)",
        at: columnIndexOffset)
    }
    let orders = file.metadata.columnOrders ?? []
    let order = leaf.index < orders.count ? orders[leaf.index] : nil
    let promised = Bounds(index, page: number, leaf: leaf, order: order)
    checkBounds(promised, found, "page \(number) by the column index", at: columnIndexOffset)
  }

  private mutating func checkBounds(
    _ promised: Bounds, _ found: DataBounds, _ what: String, at offset: Int?
  ) {
    func text(_ value: OrderedValue) -> String { value.value(in: leaf.dataType).text }
    if let least = found.min, let bound = promised.min, let order = least.compared(to: bound),
      order < 0 || (order > 0 && promised.isMinExact)
    {
      report("the least of \(what) is \(text(bound)), found \(text(least))", at: offset)
    }
    if let greatest = found.max, let bound = promised.max, let order = greatest.compared(to: bound),
      order > 0 || (order < 0 && promised.isMaxExact)
    {
      report("the greatest of \(what) is \(text(bound)), found \(text(greatest))", at: offset)
    }
  }

  private mutating func checkTotals(_ chunk: ColumnMetaData) {
    let footer = file.footerOffset
    if entryCount != chunk.valueCount {
      report("the chunk has \(entryCount) values, its metadata say \(chunk.valueCount)", at: footer)
    }
    let rows = file.metadata.rowGroups[rowGroup].rowCount
    if rowCount != rows {
      report("the chunk has \(rowCount) rows, its row group \(rows)", at: footer)
    }
    if storedByteCount != chunk.totalCompressedSize {
      report(
        "the chunk takes \(storedByteCount) bytes, its metadata say \(chunk.totalCompressedSize)",
        at: footer)
    }
    if rawByteCount != chunk.totalUncompressedSize {
      report(
        "the chunk takes \(rawByteCount) bytes before compression, its metadata say "
          + "\(chunk.totalUncompressedSize)", at: footer)
    }
    if let offsets, offsets.pageLocations.count != dataPageCount {
      report(
        "the offset index has \(offsets.pageLocations.count) pages, the chunk \(dataPageCount)",
        at: offsetIndexOffset)
    }
    if isFlat, let nulls = chunk.statistics?.nullCount, nulls != Int64(nullCount) {
      report("the statistics say \(nulls) nulls, there are \(nullCount)", at: footer)
    }
    let orders = file.metadata.columnOrders ?? []
    let order = leaf.index < orders.count ? orders[leaf.index] : nil
    checkBounds(
      Bounds(chunk, leaf: leaf, order: order), bounds, "the chunk by its statistics", at: footer)
  }
}
