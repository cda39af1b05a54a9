internal import Crypto
internal import CryptoExtras
internal import Foundation

/// Decrypts modules with one key.
///
///     length, 4 bytes | nonce, 12 | ciphertext | tag, 16      AES-GCM; the length is of the rest
///     length, 4 bytes | nonce, 12 | ciphertext                AES-CTR: pages of AES_GCM_CTR_V1
struct ModuleCipher: Sendable {
  static let lengthByteCount = 4
  static let nonceByteCount = 12
  static let tagByteCount = 16

  private let key: SymmetricKey
  /// Whether pages are encrypted without authentication.
  private let usesCTR: Bool

  /// - Precondition: the key has 16, 24 or 32 bytes.
  init(key: [UInt8], cipher: EncryptionAlgorithm.Cipher) {
    self.key = SymmetricKey(data: key)
    usesCTR = cipher == .aesGCMCTR
  }

  /// The bytes behind the length that a module begins with.
  static func byteCount(_ start: ArraySlice<UInt8>) -> Int {
    start.prefix(lengthByteCount).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
  }

  /// - Parameters:
  ///   - module: with its length in front, and nothing behind.
  ///   - aad: what was authenticated along.
  /// - Throws: `.encrypted` where key, additional data and bytes do not fit together.
  func open(
    _ module: ArraySlice<UInt8>, as kind: EncryptedModule, aad: [UInt8]
  ) throws(ParquetError) -> [UInt8] {
    let isCTR = usesCTR && kind.isPageBody
    let least = Self.nonceByteCount + (isCTR ? 0 : Self.tagByteCount)
    let body = module.dropFirst(Self.lengthByteCount)
    guard body.count >= least, Self.byteCount(module) == body.count else {
      throw ParquetError(
        .encrypted,
        "an encrypted \(kind) of \(module.count) bytes does not have the length that it begins with"
      )
    }
    let nonce = body.prefix(Self.nonceByteCount)
    let rest = body.dropFirst(Self.nonceByteCount)
    do {
      if isCTR {
        // The counter behind the nonce begins with 1.
        let counter = try AES._CTR.Nonce(nonceBytes: Array(nonce) + [0, 0, 0, 1])
        return Array(try AES._CTR.decrypt(rest, using: key, nonce: counter))
      }
      let box = try AES.GCM.SealedBox(
        nonce: AES.GCM.Nonce(data: nonce), ciphertext: rest.dropLast(Self.tagByteCount),
        tag: rest.suffix(Self.tagByteCount))
      return Array(try AES.GCM.open(box, using: key, authenticating: aad))
    } catch {
      throw ParquetError(
        .encrypted,
        "the \(kind) does not pass authentication: the key or the AAD prefix is not the one it was "
          + "written with, or its bytes were changed")
    }
  }

  /// Whether a signature, nonce and tag, was made for these bytes.
  func verifies(
    _ signature: ArraySlice<UInt8>, of bytes: ArraySlice<UInt8>, aad: [UInt8]
  ) -> Bool {
    guard let nonce = try? AES.GCM.Nonce(data: signature.prefix(Self.nonceByteCount)),
      let box = try? AES.GCM.seal(bytes, using: key, nonce: nonce, authenticating: aad)
    else { return false }
    // The whole difference decides, not its first byte.
    let tag = signature.dropFirst(Self.nonceByteCount)
    guard tag.count == Self.tagByteCount else { return false }
    return zip(tag, box.tag).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
