extension ParquetFile {
  /// A bloom filter of two modules: its header, then its bits.
  /// - Parameter start: where the first module begins, before the footer.
  func bloomFilter(
    encryptedAt start: Int, _ cipher: ChunkCipher
  ) throws(ParquetError) -> BloomFilter {
    let headerModule = try module(at: start)
    let plain = try cipher.open(headerModule[...], as: .bloomFilterHeader)
    var reader = ThriftReader(plain)
    let header = try BloomFilterHeader(from: &reader)
    let bits = try cipher.open(
      try module(at: start + headerModule.count)[...], as: .bloomFilterBits)
    guard bits.count == Int(header.byteCount) else {
      throw ParquetError(
        .corrupt, "a bloom filter of \(bits.count) bytes, its header says \(header.byteCount)",
        at: .init(offset: start))
    }
    return BloomFilter(bits: bits)
  }

  /// The bytes of a module, its length included.
  private func module(at start: Int) throws(ParquetError) -> [UInt8] {
    let left = footerOffset - start
    guard left >= ModuleCipher.lengthByteCount else {
      throw ParquetError(
        .truncated, "an encrypted module, the data end in \(left) bytes", at: .init(offset: start))
    }
    let head = try source.bytes(start..<start + ModuleCipher.lengthByteCount)
    let byteCount = ModuleCipher.lengthByteCount + ModuleCipher.byteCount(head[...])
    guard byteCount <= left else {
      throw ParquetError(
        .encrypted, "an encrypted module of \(byteCount) bytes, the data end in \(left)",
        at: .init(offset: start))
    }
    guard byteCount <= options.memoryByteCountMax / 8 else {
      throw ParquetError(
        .limitExceeded,
        "a module of \(byteCount) bytes, more than an eighth of the memory budget",
        at: .init(offset: start))
    }
    return try source.bytes(start..<start + byteCount)
  }
}
