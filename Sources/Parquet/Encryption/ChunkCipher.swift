/// Decrypts the modules of one column chunk.
struct ChunkCipher: Sendable {
  private let cipher: ModuleCipher
  /// The file's part of what is authenticated along: prefix and unique identifier.
  private let fileAAD: [UInt8]
  private let rowGroup: Int
  private let column: Int

  /// Ordinals are 16 bits wide in what is authenticated.
  static let ordinalMax = Int(Int16.max)

  /// - Throws: `.unsupported` where an ordinal is beyond 32767.
  init(
    _ cipher: ModuleCipher, fileAAD: [UInt8], rowGroup: Int, column: Int
  ) throws(ParquetError) {
    self.cipher = cipher
    self.fileAAD = fileAAD
    self.rowGroup = try Self.checked(rowGroup, "row group")
    self.column = try Self.checked(column, "column")
  }

  private static func checked(_ ordinal: Int, _ what: String) throws(ParquetError) -> Int {
    guard (0...ordinalMax).contains(ordinal) else {
      throw ParquetError(
        .unsupported, "\(what) \(ordinal) is encrypted; encryption ends at number \(ordinalMax)")
    }
    return ordinal
  }

  /// - Parameter page: the number of the data page in the chunk, dictionary not counted.
  func aad(_ module: EncryptedModule, page: Int = 0) throws(ParquetError) -> [UInt8] {
    var aad = fileAAD + [module.rawValue]
    var ordinals = [rowGroup, column]
    if module.hasPageOrdinal { ordinals.append(try Self.checked(page, "page")) }
    for ordinal in ordinals {
      aad.append(UInt8(truncatingIfNeeded: ordinal))
      aad.append(UInt8(truncatingIfNeeded: ordinal >> 8))
    }
    return aad
  }

  /// - Parameter bytes: a module with its length in front, and nothing behind.
  func open(
    _ bytes: ArraySlice<UInt8>, as module: EncryptedModule, page: Int = 0
  ) throws(ParquetError) -> [UInt8] {
    try cipher.open(bytes, as: module, aad: try aad(module, page: page))
  }
}
