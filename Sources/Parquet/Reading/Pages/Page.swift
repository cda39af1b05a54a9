/// Bytes within an array that others share.
struct PageBytes {
  let bytes: [UInt8]
  let range: Range<Int>

  static let empty = PageBytes(bytes: [], range: 0..<0)

  var count: Int { range.count }
}

/// A page as it stands in the file.
struct RawPage {
  let header: PageHeader
  /// In the file, of the header.
  let offset: Int
  let headerByteCount: Int
  /// Encrypted where the chunk is.
  let body: PageBytes
  /// The number that the page is encrypted with; nil where it is not.
  let encryptedOrdinal: Int?
}

/// A data page whose parts are told apart and whose values are decompressed.
struct DataPage {
  /// Level entries: values, nulls and empty lists.
  let entryCount: Int
  let encoding: Encoding
  /// Where the header tells.
  let rowCount: Int?
  let nullCount: Int?
  let repetition: LevelDecoder
  let definition: LevelDecoder
  let values: PageBytes
  /// Bytes that the page takes in memory, beyond what it shares.
  let byteCount: Int
}

/// A dictionary page, decompressed.
struct DictionaryPage {
  let valueCount: Int
  let values: PageBytes
  let byteCount: Int
}
