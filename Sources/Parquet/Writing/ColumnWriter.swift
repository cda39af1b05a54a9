internal import Compression
internal import Kernels
internal import Records

/// Encodes the values of one leaf column into pages, as they arrive.
///
/// What is held for a row group: the pages made so far, compressed, the page that is being filled
/// and the dictionary while it grows. A chunk begins with a dictionary, unless the options or an
/// earlier chunk say no, and goes on without one when the first page shows that another encoding
/// is better, or when it has come to its limit; the pages made till then stay.
final class ColumnWriter {
  let leaf: LeafColumn
  let layout: LeafLayout
  let settings: ColumnSettings
  let options: WriteOptions

  // The page being filled.
  var levels: PageLevels
  /// 32-bit entry numbers, while there is a dictionary.
  var indices = ByteBuffer()
  /// Values in PLAIN encoding, without one; encoded otherwise when the page ends.
  var plain = ByteBuffer()
  /// Booleans.
  var bits = PackedBits()
  var bounds = ValueBounds.none
  /// Bytes of byte strings alone.
  var byteStringBytes: Int64 = 0

  // The chunk.
  var dictionary: ValueDictionary?
  /// Of pages that use no dictionary.
  var valueEncoding = Encoding.plain
  /// Whether the encoding is settled: at the latest when the first page with values ends.
  var isChosen = false
  /// Whether that page has been held against the verdict.
  var isMeasured = false
  var bloom: BloomFilterBuilder?
  var chunk = ColumnChunkBuilder()

  // The file.
  var verdict: EncodingVerdict?
  /// Whether a dictionary came to its limit.
  var wasDictionaryFull = false
  /// Of data pages, by their encoding.
  var searches: [Encoding: SearchChoice] = [:]
  var dictionarySearch = SearchChoice()

  private static let keptBytes = 1 << 16

  init(_ leaf: LeafColumn, _ settings: ColumnSettings, _ options: WriteOptions)
    throws(ParquetError)
  {
    self.leaf = leaf
    self.settings = settings
    self.options = options
    layout = try LeafLayout(leaf)
    levels = PageLevels(leaf)
    startChunk()
  }

  /// Makes ready for the next row group.
  func startChunk() {
    chunk = ColumnChunkBuilder()
    // What one row group needed is not held for the next: many files may be open at once.
    plain.shrink(to: Self.keptBytes)
    indices.shrink(to: Self.keptBytes)
    isChosen = false
    isMeasured = false
    dictionary = nil
    if startsWithDictionary, let kind = layout.dictionaryLayout {
      dictionary = ValueDictionary(kind, pageBytesMax: options.dictionaryBytesMax)
    }
    valueEncoding = settings.encoding.flatMap { $0 == .rleDictionary ? nil : $0 } ?? .plain
    bloom = nil
    if settings.hasBloomFilter {
      bloom = BloomFilterBuilder(
        falsePositiveRate: options.bloomFalsePositiveRate, byteCountMax: options.bloomBytesMax)
    }
  }

  private var startsWithDictionary: Bool {
    if let encoding = settings.encoding { return encoding == .rleDictionary }
    return options.usesDictionaries
  }

  /// Values of the page being filled, without nulls.
  var valueCount: Int { levels.entryCount - levels.nullCount }

  /// Memory held now.
  var bufferedByteCount: Int {
    chunk.byteCount + indices.capacity + plain.capacity + bits.memoryByteCount
      + levels.memoryByteCount + (dictionary?.memoryByteCount ?? 0)
      + (bloom?.memoryByteCount ?? 0) + (chunk.bloomFilter?.count ?? 0)
  }

  /// About how many bytes the chunk would take if it ended here.
  var encodedByteCount: Int {
    let bitWidth = dictionary.map { PageLevels.bitWidth(max(1, $0.entryCount - 1)) } ?? 0
    return chunk.byteCount + (dictionary?.pageByteCount ?? 0) + indices.count / 32 * bitWidth
      + plain.count + bits.count / 8
  }

  // MARK: Flat columns

  /// Appends rows of a column that is not nested.
  /// - Parameter values: of the leaf's layout.
  func append(
    _ values: Column.Values, validity: Bitmap?, rows: Range<Int>, _ scratch: PageScratch
  ) throws(ParquetError) {
    var row = rows.lowerBound
    while row < rows.upperBound {
      var count = min(rows.upperBound - row, options.pageRowsMax - levels.rowCount)
      count = try fitting(values, row..<row + count)
      if count == 0 {
        try finishPage(scratch)
        continue
      }
      let range = row..<row + count
      let nulls = validity.map { count - BitCount.ones($0.words, range: range) } ?? 0
      if nulls > 0, leaf.maxDefinitionLevel == 0 {
        throw ParquetError(.schemaMismatch, "a null in a required column").at(column: leaf.name)
      }
      if nulls < count {
        try appendPresent(values, nulls > 0 ? validity : nil, range, scratch)
      }
      levels.append(validity, range: range, nulls: nulls)
      row += count
      if isPageFull { try finishPage(scratch) }
    }
  }

  private func appendPresent(
    _ values: Column.Values, _ validity: Bitmap?, _ range: Range<Int>, _ scratch: PageScratch
  ) throws(ParquetError) {
    if case .boolean(let source) = values {
      return appendBits(source, validity, range)
    }
    guard let validity, let width = layout.memoryWidth else {
      return try values.withRaw(range) { raw throws(ParquetError) in
        try appendDense(raw, values.buffers, scratch)
      }
    }
    scratch.dense.removeAll()
    try values.withRaw(range) { raw throws(ParquetError) in
      _ = scratch.dense.appendCompacted(
        raw, width: width, validity: validity.words, from: range.lowerBound)
    }
    try scratch.dense.withBytes { raw throws(ParquetError) in
      try appendDense(raw, values.buffers, scratch)
    }
  }

  private func appendBits(_ source: Bitmap, _ validity: Bitmap?, _ range: Range<Int>) {
    let before = bits.count
    if let validity {
      bits.append(source.words, range: range, where: validity.words)
    } else {
      bits.append(source.words, range: range)
    }
    let count = bits.count - before
    let ones = bits.onesCount(from: before)
    bounds.merge(.boolean(ones == count, ones > 0))
  }

  // MARK: Nested columns

  /// Appends entries of whole rows.
  /// - Parameter values: those of `entries`, in the leaf's layout.
  func append(_ entries: LeafEntries, _ values: Column.Values, _ scratch: PageScratch)
    throws(ParquetError)
  {
    var cutter = EntryCutter(entries, maxDefinitionLevel: leaf.maxDefinitionLevel)
    while !cutter.isAtEnd {
      var piece = cutter.next(rowsMax: options.pageRowsMax - levels.rowCount, entriesMax: 16_384)
      // Shorter pieces until the values fit the page; one row has to, whatever its size.
      while piece.rows > 1, try fitting(values, piece.values) < piece.values.count {
        piece = cutter.next(rowsMax: max(1, piece.rows / 2), entriesMax: 16_384)
      }
      if piece.rows == 1, levels.rowCount > 0,
        try fitting(values, piece.values) < piece.values.count
      {
        try finishPage(scratch)
      }
      if !piece.values.isEmpty { try appendPresent(values, nil, piece.values, scratch) }
      levels.append(
        entries, range: piece.entries, rows: piece.rows,
        nulls: piece.entries.count - piece.values.count)
      cutter.advance(piece)
      if isPageFull { try finishPage(scratch) }
    }
  }
}
