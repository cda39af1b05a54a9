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
  private var sizes: SizeTally
  private var values: ValueVerification?
  /// Pages by type and encoding.
  private var encodings: [PageEncodingStats: Int32] = [:]
  private var offsets: OffsetIndex?
  private var index: ColumnIndex?

  init(_ file: ParquetFile, rowGroup: Int, leaf: LeafColumn) {
    self.file = file
    self.rowGroup = rowGroup
    self.leaf = leaf
    sizes = SizeTally(leaf)
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
      let values = ValueVerification(leaf: leaf, chunk: chunk, bloom: bloomFilter(chunk))
      if let problem = values.problem { report(problem, at: file.footerOffset) }
      self.values = values
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
      checkBoundaryOrder()
    } catch {
      findings.append(error.at(offset: columnIndexOffset))
    }
  }

  private mutating func bloomFilter(_ chunk: ColumnMetaData) -> BloomFilter? {
    do throws(ParquetError) {
      return try file.bloomFilter(rowGroup: rowGroup, leaf: leaf)
    } catch {
      findings.append(error.at(offset: chunk.bloomFilterOffset.flatMap { Int(exactly: $0) }))
      return nil
    }
  }

  /// That the bounds of the pages rise or fall as the column index says.
  private mutating func checkBoundaryOrder() {
    guard let index, index.boundaryOrder != .unordered else { return }
    let orders = file.metadata.columnOrders ?? []
    let order = leaf.index < orders.count ? orders[leaf.index] : nil
    let sign = index.boundaryOrder == .ascending ? 1 : -1
    var before: Bounds?
    for page in index.nullPages.indices where !index.nullPages[page] {
      let bounds = Bounds(index, page: page, leaf: leaf, order: order)
      for (old, new) in [(before?.min, bounds.min), (before?.max, bounds.max)] {
        guard let old, let new, let compared = new.compared(to: old), compared * sign < 0 else {
          continue
        }
        report(
          "the column index has its bounds \(index.boundaryOrder), those of page \(page) are not",
          at: columnIndexOffset)
        return
      }
      before = bounds
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
    count(page.header)
    guard let content = visit.content else { return }
    checkHeader(page, content, visit.ordinal)
    checkOffsets(page, content, visit.ordinal)
    let pageBounds = DataBounds(content.values, leaf: leaf)
    checkColumnIndex(content, pageBounds)
    for problem in values?.problems(content.values) ?? [] {
      report(problem, at: page.offset, page: visit.ordinal)
    }
    sizes.add(content.sizes)
    bounds.formUnion(pageBounds)
    entryCount += content.entryCount
    rowCount += content.rowCount
    nullCount += content.nullCount
    dataPageCount += 1
  }

  private mutating func count(_ header: PageHeader) {
    let encoding: Encoding? =
      switch header.body {
      case .data(let data): data.encoding
      case .dataV2(let data): data.encoding
      case .dictionary(let data): data.encoding
      case .index, .unknown: nil
      }
    guard let encoding else { return }
    encodings[Self.key(header.type, encoding), default: 0] += 1
  }

  /// Some writers count pages of version 2 as ones of version 1.
  private static func key(_ type: PageType, _ encoding: Encoding) -> PageEncodingStats {
    PageEncodingStats(pageType: type == .dataV2 ? .data : type, encoding: encoding, count: 0)
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
    if let claims = offsets.unencodedByteArrayBytes, dataPageCount < claims.count,
      let found = content.sizes.byteArrayBytes, claims[dataPageCount] != found
    {
      report(
        "the offset index says \(claims[dataPageCount]) bytes of values in the page, found \(found)",
        at: offsetIndexOffset, page: ordinal)
    }
    let byteCount = page.headerByteCount + Int(page.header.compressedSize)
    if location.offset != Int64(page.offset) || Int(location.compressedSize) != byteCount {
      report(
        "the offset index has the page at \(location.offset) with \(location.compressedSize) "
          + "bytes, it is at \(page.offset) with \(byteCount)", at: offsetIndexOffset, page: ordinal
      )
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
    for problem in content.sizes.problems(index, page: number) {
      report(problem, at: columnIndexOffset)
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
    for problem in chunk.sizeStatistics.map({ sizes.problems($0) }) ?? [] {
      report(problem, at: footer)
    }
    for problem in values?.problems(chunk.statistics) ?? [] { report(problem, at: footer) }
    checkEncodings(chunk)
    let orders = file.metadata.columnOrders ?? []
    let order = leaf.index < orders.count ? orders[leaf.index] : nil
    checkBounds(
      Bounds(chunk, leaf: leaf, order: order), bounds, "the chunk by its statistics", at: footer)
  }
  /// That the pages are as many, of each type and encoding, as the metadata say.
  private mutating func checkEncodings(_ chunk: ColumnMetaData) {
    var claimed: [PageEncodingStats: Int32] = [:]
    for entry in chunk.encodingStats ?? [] {
      let key = Self.key(entry.pageType, entry.encoding)
      claimed[key] = (claimed[key] ?? 0) &+ entry.count
    }
    guard !claimed.isEmpty else { return }
    for key in Set(claimed.keys).union(encodings.keys) {
      let (found, said) = (encodings[key] ?? 0, claimed[key] ?? 0)
      guard found != said else { continue }
      report(
        "the metadata say \(said) pages of \(key.pageType) in \(key.encoding), there are \(found)",
        at: file.footerOffset)
    }
  }
}
