/// The keys that an encrypted file is read with.
///
///     var keys = DecryptionKeys(footer: footerKey)
///     keys.columns["customer.name"] = nameKey
///     var options = ReadOptions()
///     options.decryption = keys
///
/// A module's key is looked for in this order: by the column's path (or, for the footer, in
/// `footer`), by the file's key metadata in `byMetadata`, as key material that a master key of
/// `byMetadata` unwraps, and at last with `lookup`.
///
/// Keys have 16, 24 or 32 bytes. They never occur in errors or descriptions.
public struct DecryptionKeys: Sendable {
  /// Of the footer, and of the columns that have no key of their own.
  public var footer: [UInt8]?
  /// By the dotted path of the leaf column, or of a column around it.
  public var columns: [String: [UInt8]]
  /// By the key metadata of the file, which often are a key's name; master keys by their names.
  public var byMetadata: [[UInt8]: [UInt8]]
  /// Asked for what is found nowhere else, with the file's key metadata; nil where unknown.
  public var lookup: (@Sendable (_ keyMetadata: [UInt8]) throws -> [UInt8]?)?
  /// What the file's additional authenticated data begin with, where the file does not store it.
  public var aadPrefix: [UInt8]?
  /// Key material that is stored outside of the file, JSON texts by their references.
  var material: [String: String] = [:]

  public init(
    footer: [UInt8]? = nil, columns: [String: [UInt8]] = [:],
    byMetadata: [[UInt8]: [UInt8]] = [:], aadPrefix: [UInt8]? = nil,
    lookup: (@Sendable (_ keyMetadata: [UInt8]) throws -> [UInt8]?)? = nil
  ) {
    self.footer = footer
    self.columns = columns
    self.byMetadata = byMetadata
    self.aadPrefix = aadPrefix
    self.lookup = lookup
  }
}

extension DecryptionKeys: CustomStringConvertible, CustomReflectable {
  /// How many keys there are, and nothing of them.
  public var description: String {
    "DecryptionKeys(footer: \(footer == nil ? "no" : "yes"), columns: \(columns.count), "
      + "named: \(byMetadata.count))"
  }

  public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension DecryptionKeys {
  /// What a key is wanted for.
  enum Purpose {
    case footer
    case column(String)
  }

  /// - Throws: `.encrypted` where there is no such key, with what to supply, or where it is no key.
  func key(for purpose: Purpose, metadata: ArraySlice<UInt8>?) throws(ParquetError) -> [UInt8] {
    guard let key = try find(purpose, metadata: metadata) else {
      throw Self.missing(purpose, metadata: metadata)
    }
    guard [16, 24, 32].contains(key.count) else {
      throw ParquetError(
        .encrypted,
        "the key given for \(Self.name(purpose)) has \(key.count) bytes, expected 16, 24 or 32")
    }
    return key
  }

  private func find(
    _ purpose: Purpose, metadata: ArraySlice<UInt8>?
  ) throws(ParquetError) -> [UInt8]? {
    switch purpose {
    case .footer: if let footer { return footer }
    case .column(let name): if let key = key(ofColumn: name) { return key }
    }
    guard let metadata else { return nil }
    if let key = byMetadata[Array(metadata)] { return key }
    if let key = KeyMaterial(Array(metadata), in: self)?.unwrapped(by: self) { return key }
    do {
      return try lookup?(Array(metadata))
    } catch {
      throw ParquetError(
        .encrypted, "looking up the key of \(Self.name(purpose)) failed", cause: error)
    }
  }

  /// Of the leaf column, or the nearest column around it.
  private func key(ofColumn name: String) -> [UInt8]? {
    var name = name[...]
    while true {
      if let key = columns[String(name)] { return key }
      guard let dot = name.lastIndex(of: ".") else { return nil }
      name = name[..<dot]
    }
  }

  private static func name(_ purpose: Purpose) -> String {
    switch purpose {
    case .footer: "the footer"
    case .column(let name): "column \(name)"
    }
  }

  /// Says what is encrypted and what would open it.
  static func missing(_ purpose: Purpose, metadata: ArraySlice<UInt8>?) -> ParquetError {
    let named = metadata.map { ", key metadata \(metadataText($0))" } ?? ""
    let (found, wanted) =
      switch purpose {
      case .footer: ("encrypted with the footer key", "the footer key")
      case .column(let name):
        ("encrypted with a key of the column's own", "a key for column \(name)")
      }
    return ParquetError(
      .encrypted, "\(found)\(named), which was not given",
      remedy: "supply \(wanted)\(metadata == nil ? "" : ", or a key for its key metadata")")
  }

  /// Key metadata as text where they are, in hexadecimal digits where not; cut where long.
  static func metadataText(_ metadata: ArraySlice<UInt8>) -> String {
    let text = String(decoding: metadata, as: UTF8.self)
    let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 32 && $0 != "\u{FFFD}" }
    let shown = isPlain ? text : Hexadecimal.text(metadata)
    return shown.count > 80 ? "\"\(shown.prefix(80))…\"" : "\"\(shown)\""
  }
}
