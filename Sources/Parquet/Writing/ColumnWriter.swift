internal import Compression
internal import Kernels
internal import Records

/// Encodes the values of one leaf column into pages, as they arrive.
///
/// What is held for a row group: the pages made so far, compressed, the page that is being filled
/// and the dictionary while it grows. A chunk begins with a dictionary, unless the options say
/// no, and goes on without one when the first page shows that it does not pay, or when it has
/// come to its limit; the pages made till then stay.
final class ColumnWriter {
  let leaf: LeafColumn
  let layout: LeafLayout
  let settings: ColumnSettings
  let options: WriteOptions

  // The page being filled.
  var levels: PageLevels
  /// 32-bit entry numbers, while there is a dictionary.
  var indices = ByteBuffer()
  /// Values in PLAIN encoding, without one.
  var plain = ByteBuffer()
  /// Booleans.
  var bits = PackedBits()
  var bounds = ValueBounds.none
  /// Bytes of byte strings alone.
  var byteStringBytes: Int64 = 0

  // The chunk.
  var dictionary: ValueDictionary?
  var chunk = ColumnChunkBuilder()

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
    dictionary = nil
    if options.usesDictionaries, let kind = layout.dictionaryLayout {
      dictionary = ValueDictionary(kind, pageBytesMax: options.dictionaryBytesMax)
    }
  }

  /// Memory held now.
  var bufferedByteCount: Int {
    chunk.byteCount + indices.capacity + plain.capacity + bits.memoryByteCount
      + levels.memoryByteCount + (dictionary?.memoryByteCount ?? 0)
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

  // MARK: Values

  /// How many of the values at `range` the page has room for, as far as that can be told
  /// beforehand; 0 asks for a new page.
  private func fitting(_ values: Column.Values, _ range: Range<Int>) throws(ParquetError) -> Int {
    let isEmpty = levels.rowCount == 0
    switch layout {
    case .boolean: return range.count
    case .bytes:
      let room = options.pageBytesMax - plain.count
      let count = try values.withRaw(range) { raw throws(ParquetError) in
        ViewSizes.fitting(raw, byteCountMax: room)
      }
      return count == 0 && isEmpty ? min(1, range.count) : count
    case .int32, .int64, .float, .double, .fixed:
      let width = layout.memoryWidth ?? 1
      let room =
        dictionary == nil
        ? (options.pageBytesMax - plain.count) / width
        : (options.pageBytesMax - indices.count) / 4
      let count = min(range.count, max(0, room))
      return count == 0 && isEmpty ? min(1, range.count) : count
    }
  }

  /// Whether the next row should begin a page.
  private var isPageFull: Bool {
    levels.rowCount >= options.pageRowsMax || plain.count >= options.pageBytesMax
      || indices.count >= options.pageBytesMax || bits.count / 8 >= options.pageBytesMax
  }

  /// Appends values without nulls.
  private func appendDense(_ raw: RawSpan, _ buffers: [[UInt8]], _ scratch: PageScratch)
    throws(ParquetError)
  {
    if let dictionary {
      let indexBytes = indices.count
      let entryCount = dictionary.entryCount
      let pageByteCount = dictionary.pageByteCount
      if !encode(raw, buffers, dictionary) {
        // At its limit: the page ends before these values, what they added is taken back.
        indices.truncate(to: indexBytes)
        dictionary.truncate(entryCount: entryCount, pageByteCount: pageByteCount)
        try finishPage(scratch)
        try closeDictionary(scratch)
        appendPlain(raw, buffers)
      }
    } else {
      appendPlain(raw, buffers)
    }
    // Those of byte strings with a dictionary come from its entries when the page ends.
    if settings.isOrdered, dictionary == nil || !layout.isByteString {
      bounds.merge(.of(raw, layout, buffers))
    }
    if layout == .bytes {
      byteStringBytes += Int64(truncatingIfNeeded: ViewSizes.byteCount(raw))
    }
  }

  private func encode(_ raw: RawSpan, _ buffers: [[UInt8]], _ dictionary: ValueDictionary) -> Bool {
    guard layout == .bytes else {
      let width = layout.memoryWidth ?? 1
      return dictionary.encode(raw, into: &indices) == raw.byteCount / width
    }
    var start = 0
    while start < raw.byteCount {
      let rest = raw.extracting(start..<raw.byteCount)
      let (buffer, count) = ViewSizes.run(rest)
      let run = rest.extracting(0..<count * 12)
      let bytes = buffers[buffer]
      let done = dictionary.encode(views: run, in: bytes.span.bytes, into: &indices)
      if done < count { return false }
      start += count * 12
    }
    return true
  }

  private func appendPlain(_ raw: RawSpan, _ buffers: [[UInt8]]) {
    guard layout == .bytes else { return plain.append(raw) }
    var start = 0
    while start < raw.byteCount {
      let rest = raw.extracting(start..<raw.byteCount)
      let (buffer, count) = ViewSizes.run(rest)
      let bytes = buffers[buffer]
      plain.appendPlain(views: rest.extracting(0..<count * 12), in: bytes.span.bytes)
      start += count * 12
    }
  }
}
