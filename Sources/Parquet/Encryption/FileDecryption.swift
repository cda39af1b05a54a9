/// How an encrypted file is, and with what it is decrypted.
struct FileDecryption: Sendable {
  let algorithm: EncryptionAlgorithm
  private let footerKeyMetadata: ArraySlice<UInt8>?
  private let keys: DecryptionKeys?
  private let fileAAD: [UInt8]

  /// - Throws: `.encrypted` where the AAD prefix is missing, or is not the one of the file. Without
  ///   any keys nothing is thrown: columns that are not encrypted can be read.
  init(
    _ algorithm: EncryptionAlgorithm, footerKeyMetadata: ArraySlice<UInt8>?, keys: DecryptionKeys?
  ) throws(ParquetError) {
    self.algorithm = algorithm
    self.footerKeyMetadata = footerKeyMetadata
    self.keys = keys
    let prefix = keys == nil ? [] : try Self.prefix(algorithm, supplied: keys?.aadPrefix)
    fileAAD = prefix + Array(algorithm.aadFileUnique ?? [])
  }

  private static func prefix(
    _ algorithm: EncryptionAlgorithm, supplied: [UInt8]?
  ) throws(ParquetError) -> [UInt8] {
    if let stored = algorithm.aadPrefix, !stored.isEmpty {
      guard supplied == nil || supplied == Array(stored) else {
        throw ParquetError(
          .encrypted, "the AAD prefix given is not the one that the file stores",
          remedy: "leave it out")
      }
      return Array(stored)
    }
    guard algorithm.suppliesAADPrefix ?? false else {
      guard supplied == nil else {
        throw ParquetError(
          .encrypted, "an AAD prefix was given, and the file was written without",
          remedy: "leave it out")
      }
      return []
    }
    guard let supplied else {
      throw ParquetError(
        .encrypted, "the file was written with an AAD prefix that it does not store",
        remedy: "supply the AAD prefix")
    }
    return supplied
  }

  private func cipher(
    _ purpose: DecryptionKeys.Purpose, metadata: ArraySlice<UInt8>?
  ) throws(ParquetError) -> ModuleCipher {
    guard let keys else {
      throw DecryptionKeys.missing(purpose, metadata: metadata)
    }
    return ModuleCipher(
      key: try keys.key(for: purpose, metadata: metadata), cipher: algorithm.cipher)
  }

  // MARK: The footer

  /// - Parameter module: the encrypted footer with its length in front.
  func footer(_ module: ArraySlice<UInt8>) throws(ParquetError) -> [UInt8] {
    let cipher = try cipher(.footer, metadata: footerKeyMetadata)
    return try cipher.open(module, as: .footer, aad: fileAAD + [EncryptedModule.footer.rawValue])
  }

  /// Nonce and tag, behind a footer that is signed.
  static let signatureByteCount = ModuleCipher.nonceByteCount + ModuleCipher.tagByteCount

  /// Checks the signature of a plain footer.
  /// - Parameter signed: the footer and the signature behind it.
  /// - Returns: false where the footer's key is not at hand: then nothing is known.
  func checkSignature(_ signed: ArraySlice<UInt8>) throws(ParquetError) -> Bool {
    guard let keys else { return false }
    let key: [UInt8]
    do throws(ParquetError) {
      key = try keys.key(for: .footer, metadata: footerKeyMetadata)
    } catch {
      // Keys of columns alone are enough to read those.
      guard keys.footer == nil, error.cause == nil else { throw error }
      return false
    }
    let cipher = ModuleCipher(key: key, cipher: algorithm.cipher)
    guard signed.count >= Self.signatureByteCount,
      cipher.verifies(
        signed.suffix(Self.signatureByteCount), of: signed.dropLast(Self.signatureByteCount),
        aad: fileAAD + [EncryptedModule.footer.rawValue])
    else {
      throw ParquetError(
        .encrypted,
        "the footer's signature does not fit: the footer key or the AAD prefix is not the one it "
          + "was written with, or the footer was changed")
    }
    return true
  }

  // MARK: Columns

  func chunk(
    _ crypto: ColumnCryptoMetaData, name: String, rowGroup: Int, column: Int
  ) throws(ParquetError) -> ChunkCipher {
    let cipher: ModuleCipher
    switch crypto {
    case .footerKey: cipher = try self.cipher(.footer, metadata: footerKeyMetadata)
    case .columnKey(_, let metadata): cipher = try self.cipher(.column(name), metadata: metadata)
    }
    return try ChunkCipher(cipher, fileAAD: fileAAD, rowGroup: rowGroup, column: column)
  }
}
