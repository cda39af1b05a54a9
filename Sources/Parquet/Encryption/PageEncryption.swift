/// Decrypts the pages of one column chunk, and keeps count of them.
struct PageEncryption {
  private let cipher: ChunkCipher
  private let hasDictionary: Bool
  /// Whether the chunk's dictionary page is behind.
  private var passedDictionary = false
  private var passedAny = false
  /// The number of the next data page, dictionary not counted.
  private var ordinal = 0

  /// Nil where the chunk is not encrypted.
  init?(
    _ file: ParquetFile, _ chunk: ColumnMetaData, rowGroup: Int, leaf: LeafColumn
  ) throws(ParquetError) {
    guard let cipher = try file.cipher(rowGroup: rowGroup, leaf: leaf) else { return nil }
    self.cipher = cipher
    hasDictionary = chunk.dictionaryPageOffset.map { $0 > 0 } ?? false
  }

  /// - Parameter page: the number of the next page in the chunk, a dictionary included.
  mutating func seek(toPage page: Int) {
    ordinal = page - (passedDictionary ? 1 : 0)
    passedAny = true
  }

  /// Counts a page.
  /// - Returns: the number that its body is encrypted with.
  mutating func pass(_ header: PageHeader) -> Int {
    passedAny = true
    if header.type == .dictionary {
      passedDictionary = true
      return 0
    }
    defer { ordinal += 1 }
    return ordinal
  }

  /// The header of the next page.
  func header(_ module: ArraySlice<UInt8>) throws(ParquetError) -> PageHeader {
    let plain = try opened(module)
    return try PageHeader.parse(plain, range: 0..<plain.count).header
  }

  private func opened(_ module: ArraySlice<UInt8>) throws(ParquetError) -> [UInt8] {
    guard !passedAny else {
      return try cipher.open(module, as: .dataPageHeader, page: ordinal)
    }
    do throws(ParquetError) {
      return try cipher.open(module, as: hasDictionary ? .dictionaryPageHeader : .dataPageHeader)
    } catch {
      // Some writers name a dictionary that is not there, or do not name one that is.
      let other: EncryptedModule = hasDictionary ? .dataPageHeader : .dictionaryPageHeader
      guard let plain = try? cipher.open(module, as: other) else { throw error }
      return plain
    }
  }

  func body(
    _ module: ArraySlice<UInt8>, type: PageType, ordinal: Int
  ) throws(ParquetError) -> [UInt8] {
    try cipher.open(
      module, as: type == .dictionary ? .dictionaryPage : .dataPage, page: ordinal)
  }
}
