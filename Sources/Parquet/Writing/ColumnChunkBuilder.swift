internal import Compression
internal import Records

/// The finished pages of a column chunk, and what is known of them.
struct ColumnChunkBuilder {
  /// What the indexes say of a data page.
  struct Page {
    var byteCount: Int
    var rowCount: Int
    var entryCount: Int
    var nullCount: Int
    var bounds: ValueBounds
    var byteStringBytes: Int64
    var definitionHistogram: [Int64]
    var repetitionHistogram: [Int64]
  }

  private(set) var dictionaryPage: [UInt8]?
  private(set) var dataPages: [[UInt8]] = []
  private(set) var pages: [Page] = []
  /// Of all pages with their headers.
  private(set) var byteCount = 0
  private(set) var uncompressedByteCount = 0
  private(set) var encodingCounts: [PageEncodingStats] = []
  /// Nil where it is not known.
  var distinctCount: Int?
  /// With its header.
  var bloomFilter: [UInt8]?

  mutating func add(dictionary page: EncodedPage) {
    dictionaryPage = page.bytes
    count(page)
    countEncoding(.dictionary, .plain)
  }

  mutating func add(data page: EncodedPage, type: PageType, encoding: Encoding, _ summary: Page) {
    dataPages.append(page.bytes)
    pages.append(summary)
    count(page)
    countEncoding(type, encoding)
  }

  private mutating func count(_ page: EncodedPage) {
    byteCount += page.bytes.count
    uncompressedByteCount += page.uncompressedSize
  }

  private mutating func countEncoding(_ type: PageType, _ encoding: Encoding) {
    let known = encodingCounts.firstIndex { $0.pageType == type && $0.encoding == encoding }
    if let known {
      encodingCounts[known].count += 1
    } else {
      encodingCounts.append(PageEncodingStats(pageType: type, encoding: encoding, count: 1))
    }
  }

  // MARK: What the footer says

  var entryCount: Int { pages.reduce(0) { $0 + $1.entryCount } }
  var nullCount: Int { pages.reduce(0) { $0 + $1.nullCount } }

  var bounds: ValueBounds {
    pages.reduce(into: ValueBounds.none) { $0.merge($1.bounds) }
  }

  /// Every encoding in the chunk, that of the levels too.
  func encodings(_ leaf: LeafColumn) -> [Encoding] {
    var encodings: [Encoding] = []
    for count in encodingCounts where !encodings.contains(count.encoding) {
      encodings.append(count.encoding)
    }
    let hasLevels = leaf.maxDefinitionLevel > 0 || leaf.maxRepetitionLevel > 0
    if hasLevels, !encodings.contains(.rle) { encodings.append(.rle) }
    return encodings
  }

  func metaData(_ leaf: LeafColumn, _ layout: LeafLayout, _ options: WriteOptions, at offset: Int)
    -> ColumnMetaData
  {
    var metaData = ColumnMetaData(
      type: leaf.primitiveType, encodings: encodings(leaf), path: leaf.path,
      codec: options.codec, valueCount: Int64(entryCount),
      totalUncompressedSize: Int64(uncompressedByteCount), totalCompressedSize: Int64(byteCount),
      dataPageOffset: Int64(offset + (dictionaryPage?.count ?? 0)))
    if dictionaryPage != nil { metaData.dictionaryPageOffset = Int64(offset) }
    metaData.encodingStats = encodingCounts
    metaData.statistics = statistics(leaf, layout, options)
    metaData.sizeStatistics = sizeStatistics(leaf, layout)
    return metaData
  }

  private func statistics(_ leaf: LeafColumn, _ layout: LeafLayout, _ options: WriteOptions)
    -> Statistics
  {
    var statistics = Statistics(
      nullCount: Int64(nullCount), distinctCount: distinctCount.map { Int64($0) })
    guard let (least, most) = bounds.stored(layout) else { return statistics }
    let isText = leaf.dataType == .string || leaf.dataType == .json
    let countMax = BoundTruncation.countMax(leaf, options)
    let lower = BoundTruncation.lower(least, countMax: countMax, isText: isText)
    statistics.min = lower[...]
    statistics.isMinExact = lower.count == least.count
    let upper = BoundTruncation.upper(most, countMax: countMax, isText: isText)
    statistics.max = (upper ?? most)[...]
    statistics.isMaxExact = statistics.max?.elementsEqual(most)
    return statistics
  }

  private func sizeStatistics(_ leaf: LeafColumn, _ layout: LeafLayout) -> SizeStatistics? {
    var sizes = SizeStatistics()
    if layout == .bytes {
      sizes.unencodedByteArrayBytes = pages.reduce(0) { $0 + $1.byteStringBytes }
    }
    // With one optional level the null count says the same.
    if leaf.maxDefinitionLevel > 1 || leaf.maxRepetitionLevel > 0 {
      sizes.definitionLevelHistogram = Self.sum(pages.map(\.definitionHistogram))
    }
    if leaf.maxRepetitionLevel > 0 {
      sizes.repetitionLevelHistogram = Self.sum(pages.map(\.repetitionHistogram))
    }
    return sizes == SizeStatistics() ? nil : sizes
  }

  private static func sum(_ histograms: [[Int64]]) -> [Int64]? {
    guard var total = histograms.first else { return nil }
    for histogram in histograms.dropFirst() {
      for (level, count) in histogram.enumerated() { total[level] += count }
    }
    return total
  }

  // MARK: The indexes

  /// Nil where a page has values but no bounds: the format asks for all or none.
  func columnIndex(_ leaf: LeafColumn, _ layout: LeafLayout, _ options: WriteOptions)
    -> ColumnIndex?
  {
    var index = ColumnIndex(
      nullPages: [], minValues: [], maxValues: [], boundaryOrder: boundaryOrder,
      nullCounts: pages.map { Int64($0.nullCount) })
    let isText = leaf.dataType == .string || leaf.dataType == .json
    let countMax = BoundTruncation.countMax(leaf, options)
    for page in pages {
      let isNull = page.nullCount == page.entryCount
      index.nullPages.append(isNull)
      guard !isNull else {
        index.minValues.append([])
        index.maxValues.append([])
        continue
      }
      guard let (least, most) = page.bounds.stored(layout) else { return nil }
      let lower = BoundTruncation.lower(least, countMax: countMax, isText: isText)
      let upper = BoundTruncation.upper(most, countMax: countMax, isText: isText)
      index.minValues.append(lower[...])
      index.maxValues.append((upper ?? most)[...])
    }
    if leaf.maxDefinitionLevel > 1 || leaf.maxRepetitionLevel > 0 {
      index.definitionLevelHistograms = pages.flatMap(\.definitionHistogram)
    }
    if leaf.maxRepetitionLevel > 0 {
      index.repetitionLevelHistograms = pages.flatMap(\.repetitionHistogram)
    }
    return index
  }

  /// Of the pages that are not all null. Cut bounds keep the order of whole ones.
  private var boundaryOrder: BoundaryOrder {
    let bounds = pages.filter { $0.nullCount < $0.entryCount }.map(\.bounds)
    var isAscending = true
    var isDescending = true
    for (page, next) in zip(bounds, bounds.dropFirst()) {
      if page.isAtMost(next) != true { isAscending = false }
      if next.isAtMost(page) != true { isDescending = false }
    }
    return isAscending ? .ascending : isDescending ? .descending : .unordered
  }

  /// - Parameter offset: the file offset of the chunk.
  func offsetIndex(_ layout: LeafLayout, at offset: Int) -> OffsetIndex {
    var position = offset + (dictionaryPage?.count ?? 0)
    var row = 0
    var index = OffsetIndex(pageLocations: [])
    for page in pages {
      index.pageLocations.append(
        PageLocation(
          offset: Int64(position), compressedSize: Int32(clamping: page.byteCount),
          firstRowIndex: Int64(row)))
      position += page.byteCount
      row += page.rowCount
    }
    if layout == .bytes { index.unencodedByteArrayBytes = pages.map(\.byteStringBytes) }
    return index
  }
}
