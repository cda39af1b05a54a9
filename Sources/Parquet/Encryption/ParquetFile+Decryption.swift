extension ParquetFile {
  /// Decrypts the modules of a column chunk; nil where it is not encrypted.
  /// - Throws: `.encrypted` where its key is missing.
  func cipher(rowGroup: Int, leaf: LeafColumn) throws(ParquetError) -> ChunkCipher? {
    let group = metadata.rowGroups[rowGroup]
    let column = try columnChunk(rowGroup: rowGroup, leaf: leaf)
    guard let crypto = column.cryptoMetaData else { return nil }
    guard let decryption else {
      throw ParquetError(
        .encrypted, "the column is encrypted, the file does not say by what algorithm")
    }
    return try decryption.chunk(
      crypto, name: leaf.name, rowGroup: group.ordinal.map { Int($0) } ?? rowGroup,
      column: leaf.index)
  }

  /// The metadata of a column chunk, decrypted where they are encrypted.
  func metadata(
    of column: ColumnChunk, rowGroup: Int, leaf: LeafColumn
  ) throws(ParquetError) -> ColumnMetaData {
    let cipher = try cipher(rowGroup: rowGroup, leaf: leaf)
    if let encrypted = column.encryptedColumnMetaData, let cipher {
      let plain = try cipher.open(encrypted, as: .columnMetaData)
      var reader = ThriftReader(plain)
      return try ColumnMetaData(from: &reader)
    }
    guard let chunk = column.metaData else {
      throw ParquetError(.corrupt, "a column chunk without metadata")
    }
    return chunk
  }
}
