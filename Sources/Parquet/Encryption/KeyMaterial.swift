internal import Base
internal import Crypto
internal import Foundation

/// A data key as the key tools of other writers store it: wrapped by a master key, or by a key
/// that a master key wraps.
///
/// Wrapped keys are those of master keys that are at hand, not in a key management service:
/// AES-GCM with the name of the wrapping key authenticated along.
///
///     {"keyMaterialType": "PKMT1", "internalStorage": true, "masterKeyID": "kf",
///      "doubleWrapping": false, "wrappedDEK": "…"}
struct KeyMaterial {
  private let masterKeyID: String
  private let wrappedDataKey: String
  /// The key that wraps the data key, where that is not the master key itself.
  private let keyEncryptionKey: (id: String, wrapped: String)?

  /// - Parameters:
  ///   - metadata: the material itself, or a reference to material outside of the file.
  ///   - keys: where such material is.
  /// - Returns: nil where the metadata are something else.
  init?(_ metadata: [UInt8], in keys: DecryptionKeys) {
    guard let outer = try? JSONValue(parsing: metadata),
      outer["keyMaterialType"]?.string == "PKMT1"
    else { return nil }
    var json = outer
    if let reference = outer["keyReference"]?.string {
      guard let text = keys.material[reference], let found = try? JSONValue(parsing: text) else {
        return nil
      }
      json = found
    }
    guard let master = json["masterKeyID"]?.string, let wrapped = json["wrappedDEK"]?.string else {
      return nil
    }
    masterKeyID = master
    wrappedDataKey = wrapped
    if json["doubleWrapping"]?.boolean ?? false {
      guard let id = json["keyEncryptionKeyID"]?.string,
        let wrappedKey = json["wrappedKEK"]?.string
      else { return nil }
      keyEncryptionKey = (id, wrappedKey)
    } else {
      keyEncryptionKey = nil
    }
  }

  /// - Returns: nil where the master key is not among the keys, or does not open the material: it
  ///   may have been wrapped in another way, which a lookup may know.
  func unwrapped(by keys: DecryptionKeys) -> [UInt8]? {
    guard let master = keys.byMetadata[Array(masterKeyID.utf8)] else { return nil }
    guard let outer = keyEncryptionKey else {
      return Self.open(wrappedDataKey, with: master, name: Array(masterKeyID.utf8))
    }
    guard let name = Data(base64Encoded: outer.id),
      let key = Self.open(outer.wrapped, with: master, name: Array(masterKeyID.utf8))
    else { return nil }
    return Self.open(wrappedDataKey, with: key, name: Array(name))
  }

  private static func open(_ wrapped: String, with key: [UInt8], name: [UInt8]) -> [UInt8]? {
    // Wrapped locally, the key lies in a structure that tells the master key's version.
    let inner = (try? JSONValue(parsing: wrapped))?["encryptedKey"]?.string ?? wrapped
    guard let combined = Data(base64Encoded: inner),
      let box = try? AES.GCM.SealedBox(combined: combined),
      let opened = try? AES.GCM.open(box, using: SymmetricKey(data: key), authenticating: name)
    else { return nil }
    return Array(opened)
  }
}

extension DecryptionKeys {
  /// Takes in key material that was stored beside a file, in
  /// `_KEY_MATERIAL_FOR_<name of the file>.json`.
  /// - Throws: `.encrypted` where the text is no such material.
  public mutating func addKeyMaterial(parsing text: String) throws(ParquetError) {
    guard let members = (try? JSONValue(parsing: text))?.members else {
      throw ParquetError(.encrypted, "the key material is no JSON object")
    }
    for member in members { material[member.key] = member.value.string }
  }
}
