/// Finds and parses the footer of a file.
///
///     PAR1 | pages, indexes | footer | footer length, 4 bytes | PAR1
///
/// Where the footer is encrypted, the file begins and ends with PARE.
struct FooterReading {
  let metadata: FileMetaData
  /// Where the footer begins: nothing of a column lies behind it.
  let offset: Int
  /// Nil where nothing of the file is encrypted.
  let decryption: FileDecryption?
  /// What stands for the footer: that it is encrypted, or signed and by the right key.
  let protection: FooterProtection

  /// Bytes read from the end at first: most footers are within.
  private static let tailByteCounts = 64 << 10...512 << 10
  private static let magic = Array("PAR1".utf8)
  private static let encryptedMagic = Array("PARE".utf8)

  init(_ source: any ByteSource, options: ReadOptions) throws(ParquetError) {
    let fileByteCount = source.byteCount
    guard fileByteCount >= 12 else {
      throw ParquetError(
        .notParquet, "a file of \(fileByteCount) bytes; the smallest has 12")
    }
    let gap = source.readCost.gapByteCountMax
    let tailByteCount = min(
      max(gap, Self.tailByteCounts.lowerBound), Self.tailByteCounts.upperBound)
    var tail = try source.bytes(max(0, fileByteCount - tailByteCount)..<fileByteCount)
    let magic = Array(tail.suffix(4))
    guard magic == Self.magic || magic == Self.encryptedMagic else {
      throw ParquetError(
        .notParquet, "the file ends with bytes \(magic), expected PAR1",
        at: .init(offset: fileByteCount - 4))
    }
    var length = 0
    for (index, byte) in tail.suffix(8).prefix(4).enumerated() {
      length |= Int(byte) << (8 * index)
    }
    guard length <= fileByteCount - 12 else {
      throw ParquetError(
        .truncated, "a footer of \(length) bytes in a file of \(fileByteCount)",
        at: .init(offset: fileByteCount - 8))
    }
    guard length <= options.memoryByteCountMax / 8 else {
      throw ParquetError(
        .limitExceeded,
        "a footer of \(length) bytes, more than an eighth of the memory budget")
    }
    let start = fileByteCount - 8 - length
    offset = start
    if length + 8 > tail.count { tail = try source.bytes(start..<fileByteCount) }
    do throws(ParquetError) {
      let opened = try OpenedFooter(
        tail.suffix(length + 8).dropLast(8), isEncrypted: magic == Self.encryptedMagic,
        keys: options.decryption)
      metadata = opened.metadata
      decryption = opened.decryption
      protection = opened.protection
    } catch {
      var error = error
      error.place.offset = error.place.offset.map { $0 + start }
      throw error
    }
  }
}
