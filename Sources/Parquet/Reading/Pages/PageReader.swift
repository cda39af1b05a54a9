internal import Compression
internal import Kernels

/// Reads the pages of one column chunk in order: finds their headers, checks their sizes and
/// checksums, takes them apart and decompresses them.
///
/// Every size is checked against the chunk and the memory budget before anything is allocated.
final class PageReader {
  let leaf: LeafColumn
  private var bytes: ChunkBytes
  private let decompressors: DecompressorPool
  private let codec: Codec
  private let budget: MemoryBudget
  private let checksChecksums: Bool
  /// Nil where the chunk is not encrypted.
  private var encryption: PageEncryption?
  /// The number of the next page in the chunk, dictionary included.
  private(set) var ordinal = 0
  /// In the file, of the last page's header.
  private(set) var offset = 0

  /// The format sets no limit; nothing sane comes near this.
  static let headerByteCountMax = 16 << 20

  init(
    _ source: any ByteSource, range: Range<Int>, leaf: LeafColumn, codec: Codec,
    options: ReadOptions, budget: MemoryBudget, encryption: PageEncryption? = nil,
    plan: ReadPlan? = nil, decompressors: DecompressorPool = DecompressorPool()
  ) {
    self.leaf = leaf
    self.codec = codec
    self.budget = budget
    self.encryption = encryption
    self.decompressors = decompressors
    bytes = ChunkBytes(
      source, range: range, plan: plan, windowByteCount: options.windowByteCount, budget: budget)
    checksChecksums = options.checksChecksums
  }

  /// In the file, of the next page's header.
  var position: Int { bytes.position }

  var isAtEnd: Bool { bytes.bytesLeft <= 0 }

  /// Goes to the page whose header is at `offset` in the file.
  func seek(to offset: Int, ordinal: Int) {
    bytes.seek(to: offset)
    self.ordinal = ordinal
    encryption?.seek(toPage: ordinal)
  }

  /// The next page as it stands; nil at the end of the chunk.
  func nextRaw() throws(ParquetError) -> RawPage? {
    guard bytes.bytesLeft > 0 else { return nil }
    offset = bytes.position
    do throws(ParquetError) {
      let (header, headerByteCount) = try encryption == nil ? nextHeader() : nextEncryptedHeader()
      bytes.advance(headerByteCount)
      let range = try bytes.require(Int(header.compressedSize))
      let body = PageBytes(bytes: bytes.window, range: range)
      bytes.advance(range.count)
      if checksChecksums, let expected = header.crc { try Self.check(body, crc: expected) }
      ordinal += 1
      return RawPage(
        header: header, offset: offset, headerByteCount: headerByteCount, body: body,
        encryptedOrdinal: encryption?.pass(header))
    } catch {
      throw placed(error)
    }
  }

  private func nextHeader() throws(ParquetError) -> (PageHeader, Int) {
    // As much as there is: more is asked for where the header goes on.
    var wanted = 1
    while true {
      _ = try bytes.require(wanted)
      let unread = bytes.unread.prefix(Self.headerByteCountMax)
      do throws(ParquetError) {
        let (header, end) = try PageHeader.parse(bytes.window, range: unread)
        return (header, end - unread.lowerBound)
      } catch {
        guard error.kind == .truncated, unread.count < bytes.bytesLeft,
          unread.count < Self.headerByteCountMax
        else {
          var error = error
          error.place.offset = bytes.position
          throw error
        }
        wanted = min(bytes.bytesLeft, max(unread.count * 4, 64))
      }
    }
  }

  private func nextEncryptedHeader() throws(ParquetError) -> (PageHeader, Int) {
    let start = try bytes.require(ModuleCipher.lengthByteCount)
    let length = ModuleCipher.byteCount(bytes.window[start])
    guard length <= Self.headerByteCountMax else {
      throw ParquetError(.encrypted, "an encrypted page header of \(length) bytes")
    }
    let range = try bytes.require(ModuleCipher.lengthByteCount + length)
    guard let header = try encryption?.header(bytes.window[range]) else {
      throw ParquetError(.encrypted, "a page header that is not encrypted")
    }
    return (header, range.count)
  }

  /// The page's bytes as they are to be decompressed.
  /// - Returns: the bytes, and how many of them were taken from the budget.
  private func decrypted(_ page: RawPage) throws(ParquetError) -> (PageBytes, Int) {
    guard let encryption, let ordinal = page.encryptedOrdinal else { return (page.body, 0) }
    let byteCount = page.body.count
    try budget.take(byteCount, for: "a decrypted page")
    let plain = try encryption.body(
      page.body.bytes[page.body.range], type: page.header.type, ordinal: ordinal)
    return (PageBytes(bytes: plain, range: 0..<plain.count), byteCount)
  }

  static func check(_ body: PageBytes, crc expected: UInt32) throws(ParquetError) {
    let found = Checksum.crc32(body.bytes.span.extracting(body.range).bytes)
    guard found == expected else {
      throw ParquetError(
        .checksumMismatch, "the page's checksum is \(found), its header says \(expected)")
    }
  }

  /// The error with what is known of the place.
  func placed(_ error: ParquetError) -> ParquetError {
    error.at(offset: offset, column: leaf.name, page: ordinal)
  }

  /// - Parameter count: what the values decompress to.
  private func decompress(
    _ body: PageBytes, _ range: Range<Int>, count: Int
  ) throws(ParquetError) -> PageBytes {
    if range.isEmpty {
      guard count == 0 else {
        throw ParquetError(.corrupt, "no bytes are to decompress to \(count)")
      }
      return .empty
    }
    guard codec != .none else {
      guard range.count == count else {
        throw ParquetError(
          .corrupt, "\(range.count) uncompressed bytes, the header says \(count)")
      }
      return PageBytes(bytes: body.bytes, range: range)
    }
    do throws(CompressionError) {
      let decompressor = try decompressors.take(codec)
      let output = try decompressor.decompress(
        body.bytes.span.extracting(range).bytes, count: count)
      decompressors.give(decompressor)
      return PageBytes(bytes: output, range: 0..<count)
    } catch {
      throw ParquetError(error)
    }
  }

  // MARK: Dictionary pages

  /// - Returns: the page; its bytes are taken from the budget.
  func dictionary(
    _ page: RawPage, _ header: DictionaryPageHeader
  ) throws(ParquetError) -> DictionaryPage {
    do throws(ParquetError) {
      guard header.encoding == .plain || header.encoding == .plainDictionary else {
        throw ParquetError(.unsupported, "a dictionary in encoding \(header.encoding)")
      }
      let count = Int(page.header.uncompressedSize)
      let byteCount = codec == .none ? 0 : count
      try budget.take(byteCount, for: "a dictionary page")
      let (body, plainByteCount) = try decrypted(page)
      let values = try decompress(body, body.range, count: count)
      return DictionaryPage(
        valueCount: Int(header.valueCount), values: values, byteCount: byteCount + plainByteCount)
    } catch {
      throw placed(error)
    }
  }

  // MARK: Data pages

  /// - Returns: the page; its bytes are taken from the budget.
  func data(_ page: RawPage) throws(ParquetError) -> DataPage {
    do throws(ParquetError) {
      switch page.header.body {
      case .data(let header): return try version1(page, header)
      case .dataV2(let header): return try version2(page, header)
      default: throw ParquetError(.corrupt, "a \(page.header.type) without its header")
      }
    } catch {
      throw placed(error)
    }
  }

  private func version1(_ page: RawPage, _ header: DataPageHeader) throws(ParquetError) -> DataPage
  {
    let count = Int(page.header.uncompressedSize)
    let byteCount = codec == .none ? 0 : count
    try budget.take(byteCount, for: "a page")
    let (body, plainByteCount) = try decrypted(page)
    let content = try decompress(body, body.range, count: count)
    var rest = content.range
    let entryCount = Int(header.valueCount)
    let repetition = try levels(
      content.bytes, &rest, maximum: leaf.maxRepetitionLevel, count: entryCount,
      encoding: header.repetitionLevelEncoding)
    let definition = try levels(
      content.bytes, &rest, maximum: leaf.maxDefinitionLevel, count: entryCount,
      encoding: header.definitionLevelEncoding)
    return DataPage(
      entryCount: entryCount, encoding: header.encoding, rowCount: nil, nullCount: nil,
      repetition: repetition, definition: definition,
      values: PageBytes(bytes: content.bytes, range: rest), byteCount: byteCount + plainByteCount)
  }

  /// The levels at the start of `rest`, which moves behind them.
  private func levels(
    _ bytes: [UInt8], _ rest: inout Range<Int>, maximum: Int, count: Int, encoding: Encoding
  ) throws(ParquetError) -> LevelDecoder {
    guard maximum > 0, count > 0 else { return .none }
    let length: Int
    if encoding == .bitPacked {
      let bitWidth = Int.bitWidth - maximum.leadingZeroBitCount
      length = PackedLevelDecoder.byteCount(count, bitWidth: bitWidth)
    } else {
      guard rest.count >= 4 else {
        throw ParquetError(.corrupt, "the page ends before the length of its levels")
      }
      let start = rest.lowerBound
      length =
        Int(bytes[start]) | Int(bytes[start + 1]) << 8 | Int(bytes[start + 2]) << 16
        | Int(bytes[start + 3]) << 24
      rest = start + 4..<rest.upperBound
    }
    guard length <= rest.count else {
      throw ParquetError(.corrupt, "\(length) bytes of levels, the page has \(rest.count) left")
    }
    let range = rest.lowerBound..<rest.lowerBound + length
    rest = range.upperBound..<rest.upperBound
    return try LevelDecoder(bytes, range: range, maximum: maximum, encoding: encoding)
  }

  private func version2(
    _ page: RawPage, _ header: DataPageHeaderV2
  ) throws(ParquetError) -> DataPage {
    let (body, plainByteCount) = try decrypted(page)
    let repetitionCount = Int(header.repetitionLevelsByteCount)
    let levelCount = repetitionCount + Int(header.definitionLevelsByteCount)
    let valuesCount = Int(page.header.uncompressedSize) - levelCount
    guard levelCount <= body.count, valuesCount >= 0 else {
      throw ParquetError(
        .corrupt,
        "\(levelCount) bytes of levels in a page of \(body.count), \(page.header.uncompressedSize) "
          + "uncompressed")
    }
    let split = body.range.lowerBound + repetitionCount
    let valuesStart = body.range.lowerBound + levelCount
    let entryCount = Int(header.valueCount)
    guard header.nullCount <= header.valueCount, header.rowCount <= header.valueCount else {
      throw ParquetError(
        .corrupt, "\(header.nullCount) nulls and \(header.rowCount) rows of \(entryCount) values")
    }
    let isCompressed = header.isCompressed && codec != .none
    let byteCount = isCompressed ? valuesCount : 0
    try budget.take(byteCount, for: "a page")
    let stored = valuesStart..<body.range.upperBound
    if !isCompressed, stored.count != valuesCount {
      throw ParquetError(
        .corrupt, "\(stored.count) uncompressed bytes, the header says \(valuesCount)")
    }
    let values =
      isCompressed
      ? try decompress(body, stored, count: valuesCount)
      : PageBytes(bytes: body.bytes, range: stored)
    let repetition =
      leaf.maxRepetitionLevel == 0
      ? LevelDecoder.none
      : try LevelDecoder(
        body.bytes, range: body.range.lowerBound..<split, maximum: leaf.maxRepetitionLevel,
        encoding: .rle)
    let definition =
      leaf.maxDefinitionLevel == 0
      ? LevelDecoder.none
      : try LevelDecoder(
        body.bytes, range: split..<valuesStart, maximum: leaf.maxDefinitionLevel, encoding: .rle)
    return DataPage(
      entryCount: entryCount, encoding: header.encoding, rowCount: Int(header.rowCount),
      nullCount: Int(header.nullCount), repetition: repetition, definition: definition,
      values: values, byteCount: byteCount + plainByteCount)
  }
}
