internal import Compression
internal import Kernels

extension ColumnWriter {
  /// Ends the page being filled, if there is one.
  func finishPage(_ scratch: PageScratch, isLast: Bool = false) throws(ParquetError) {
    guard levels.entryCount > 0 else { return }
    do {
      if let dictionary, layout.isByteString, settings.isOrdered {
        bounds.merge(indices.withBytes { .of($0, in: dictionary, layout) })
      }
      try chooseEncoding(isLastPage: isLast, scratch)
      try encodePage(scratch)
      if isChosen, !isMeasured { compareWithVerdict() }
    } catch {
      throw error.at(column: leaf.name, page: chunk.pages.count)
    }
    scratch.shrink(to: options.pageBytesMax * 4)
    levels.removeAll()
    indices.removeAll()
    plain.removeAll()
    bits.removeAll()
    bounds = .none
    byteStringBytes = 0
  }

  /// Ends the chunk: its last page, the dictionary and the bloom filter.
  func finishChunk(_ scratch: PageScratch) throws(ParquetError) {
    try finishPage(scratch, isLast: true)
    try closeDictionary(scratch, isWhole: true)
    chunk.bloomFilter = bloom?.finish()
  }

  /// Forgets the verdict where pages no longer come to what they did.
  private func compareWithVerdict() {
    isMeasured = true
    guard let verdict, let page = chunk.pages.last else { return }
    let bytes = Double(page.byteCount) / Double(max(1, page.entryCount - page.nullCount))
    if verdict.isOutdated(by: bytes) {
      self.verdict?.valueCount = 0
    } else if verdict.bytesPerValue == nil {
      self.verdict?.bytesPerValue = bytes
    }
  }

  static func indexBitWidth(_ dictionary: ValueDictionary) -> Int {
    max(1, PageLevels.bitWidth(max(0, dictionary.entryCount - 1)))
  }

  /// Stores the dictionary, if pages use it, and goes on without.
  /// - Parameter isWhole: the chunk ends with it.
  func closeDictionary(_ scratch: PageScratch, isWhole: Bool = false) throws(ParquetError) {
    guard let dictionary else { return }
    self.dictionary = nil
    collectHashes(of: dictionary)
    guard isChosen else { return }
    if isWhole, layout.hasDistinctBits { chunk.distinctCount = dictionary.entryCount }
    scratch.body.removeAll()
    scratch.compressed.removeAll()
    dictionary.withPage { scratch.body.append($0) }
    let page = try EncodedPage.make(
      scratch, codec: options.codec, writesChecksum: options.writesChecksums,
      uncompressedCount: scratch.body.count, search: &dictionarySearch
    ) { sizes in
      PageHeader(
        type: .dictionary, uncompressedSize: sizes.uncompressed, compressedSize: sizes.stored,
        crc: sizes.crc,
        body: .dictionary(
          DictionaryPageHeader(
            valueCount: Int32(clamping: dictionary.entryCount), encoding: .plain)))
    }
    chunk.add(dictionary: page)
  }

  private func encodePage(_ scratch: PageScratch) throws(ParquetError) {
    scratch.body.removeAll()
    scratch.compressed.removeAll()
    let isVersion2 = options.writtenPageVersion == .v2
    var repetitionBytes = 0
    var definitionBytes = 0
    if isVersion2 {
      levels.writeRepetition(into: &scratch.compressed)
      repetitionBytes = scratch.compressed.count
      levels.writeDefinition(into: &scratch.compressed)
      definitionBytes = scratch.compressed.count - repetitionBytes
    } else {
      levels.writeWithLengths(into: &scratch.body)
    }
    let encoding = writeValues(into: &scratch.body)
    let uncompressedCount = repetitionBytes + definitionBytes + scratch.body.count
    let page = try EncodedPage.make(
      scratch, codec: options.codec, writesChecksum: options.writesChecksums,
      uncompressedCount: uncompressedCount, search: &searches[encoding, default: SearchChoice()],
      mayStayPlain: isVersion2
    ) { sizes in
      PageHeader(
        type: isVersion2 ? .dataV2 : .data, uncompressedSize: sizes.uncompressed,
        compressedSize: sizes.stored, crc: sizes.crc,
        body: isVersion2
          ? .dataV2(
            DataPageHeaderV2(
              valueCount: Int32(clamping: levels.entryCount),
              nullCount: Int32(clamping: levels.nullCount),
              rowCount: Int32(clamping: levels.rowCount), encoding: encoding,
              definitionLevelsByteCount: Int32(clamping: definitionBytes),
              repetitionLevelsByteCount: Int32(clamping: repetitionBytes),
              isCompressed: sizes.isCompressed))
          : .data(
            DataPageHeader(valueCount: Int32(clamping: levels.entryCount), encoding: encoding)))
    }
    chunk.add(
      data: page, type: isVersion2 ? .dataV2 : .data, encoding: encoding,
      ColumnChunkBuilder.Page(
        byteCount: page.bytes.count, rowCount: levels.rowCount, entryCount: levels.entryCount,
        nullCount: levels.nullCount, bounds: bounds, byteStringBytes: byteStringBytes,
        definitionHistogram: levels.definitionHistogram,
        repetitionHistogram: levels.repetitionHistogram))
  }

  private func writeValues(into body: inout ByteBuffer) -> Encoding {
    // Nothing but nulls till now: the dictionary may yet turn out not to pay.
    guard isChosen else { return .plain }
    if let dictionary {
      let width = Self.indexBitWidth(dictionary)
      body.append(UInt8(truncatingIfNeeded: width))
      indices.withBytes { body.appendHybrid32($0, bitWidth: width) }
      return .rleDictionary
    }
    if layout == .boolean {
      body.append(bits, as: valueEncoding)
    } else {
      plain.withBytes { body.append($0, as: valueEncoding, layout, count: valueCount) }
    }
    return valueEncoding
  }
}
