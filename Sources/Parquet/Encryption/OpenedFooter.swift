/// How a file's footer is protected.
public enum FooterProtection: String, Hashable, Sendable {
  /// By nothing.
  case none
  /// It is plain and signed; the key to check that was not given.
  case signed
  /// It is plain, and its signature was found right.
  case verified
  /// It is encrypted, and thereby authentic.
  case encrypted
}

/// A footer out of its envelope: decrypted, or checked against its signature.
///
///     plain      FileMetaData
///     signed     FileMetaData | nonce, 12 bytes | tag, 16
///     encrypted  FileCryptoMetaData | module of FileMetaData
struct OpenedFooter {
  let metadata: FileMetaData
  let decryption: FileDecryption?
  let protection: FooterProtection

  init(
    _ bytes: ArraySlice<UInt8>, isEncrypted: Bool, keys: DecryptionKeys?
  ) throws(ParquetError) {
    let footer = Array(bytes)
    guard isEncrypted else {
      metadata = try FileMetaData(parsing: footer)
      guard let algorithm = metadata.encryptionAlgorithm else {
        decryption = nil
        protection = .none
        return
      }
      let decryption = try FileDecryption(
        algorithm, footerKeyMetadata: metadata.footerSigningKeyMetadata, keys: keys)
      protection = try decryption.checkSignature(footer[...]) ? .verified : .signed
      self.decryption = decryption
      return
    }
    var reader = ThriftReader(footer)
    let crypto: FileCryptoMetaData
    do throws(ParquetError) {
      crypto = try FileCryptoMetaData(from: &reader)
    } catch {
      guard keys == nil else { throw error }
      throw ParquetError(.encrypted, "the footer is encrypted, in a way that cannot be told")
    }
    let decryption = try FileDecryption(
      crypto.algorithm, footerKeyMetadata: crypto.keyMetadata, keys: keys)
    do throws(ParquetError) {
      metadata = try FileMetaData(parsing: try decryption.footer(footer[reader.position...]))
    } catch {
      // Places within what was decrypted are none of the file.
      var error = error
      error.place.offset = reader.position
      throw error
    }
    protection = .encrypted
    self.decryption = decryption
  }
}
