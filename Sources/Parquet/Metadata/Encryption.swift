/// How the modules of an encrypted file are encrypted.
/// - SeeAlso: parquet-format, Encryption.md.
public struct EncryptionAlgorithm: Hashable, Sendable {
  public enum Cipher: Hashable, Sendable {
    /// Everything with AES-GCM.
    case aesGCM
    /// Pages with AES-CTR, the rest with AES-GCM.
    case aesGCMCTR
  }

  public var cipher: Cipher
  public var aadPrefix: ArraySlice<UInt8>?
  public var aadFileUnique: ArraySlice<UInt8>?
  /// Whether the reader has to bring the prefix.
  public var suppliesAADPrefix: Bool?

  public init(
    cipher: Cipher, aadPrefix: ArraySlice<UInt8>? = nil, aadFileUnique: ArraySlice<UInt8>? = nil,
    suppliesAADPrefix: Bool? = nil
  ) {
    self.cipher = cipher
    self.aadPrefix = aadPrefix
    self.aadFileUnique = aadFileUnique
    self.suppliesAADPrefix = suppliesAADPrefix
  }
}

extension EncryptionAlgorithm: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    var id = 0
    var found: EncryptionAlgorithm?
    while let choice = try reader.nextField(after: &id) {
      guard choice.type == .structure, choice.id == 1 || choice.id == 2 else {
        throw ParquetError(.unsupported, "encryption algorithm \(choice.id)")
      }
      var algorithm = EncryptionAlgorithm(cipher: choice.id == 1 ? .aesGCM : .aesGCMCTR)
      var inner = 0
      while let field = try reader.nextField(after: &inner) {
        switch field.id {
        case 1: algorithm.aadPrefix = try reader.binary(field)
        case 2: algorithm.aadFileUnique = try reader.binary(field)
        case 3: algorithm.suppliesAADPrefix = try reader.bool(field)
        default: try reader.skip(field)
        }
      }
      found = algorithm
    }
    self = try reader.require(found, "EncryptionAlgorithm")
  }

  func write(to writer: inout ThriftWriter) {
    writer.structure(cipher == .aesGCM ? 1 : 2) {
      $0.binary(1, aadPrefix)
      $0.binary(2, aadFileUnique)
      $0.bool(3, suppliesAADPrefix)
    }
    writer.stop()
  }
}

/// Which key a column chunk is encrypted with.
public enum ColumnCryptoMetaData: Hashable, Sendable {
  case footerKey
  case columnKey(path: [String], keyMetadata: ArraySlice<UInt8>?)
}

extension ColumnCryptoMetaData: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    var id = 0
    var found: ColumnCryptoMetaData?
    while let choice = try reader.nextField(after: &id) {
      guard choice.id == 2, choice.type == .structure else {
        try reader.skip(choice)
        if choice.id == 1 { found = .footerKey }
        continue
      }
      var inner = 0
      var path: [String] = []
      var keyMetadata: ArraySlice<UInt8>?
      while let field = try reader.nextField(after: &inner) {
        switch field.id {
        case 1: path = try reader.strings(field)
        case 2: keyMetadata = try reader.binary(field)
        default: try reader.skip(field)
        }
      }
      found = .columnKey(path: path, keyMetadata: keyMetadata)
    }
    self = try reader.require(found, "ColumnCryptoMetaData")
  }

  func write(to writer: inout ThriftWriter) {
    switch self {
    case .footerKey: writer.emptyStructure(1)
    case .columnKey(let path, let keyMetadata):
      writer.structure(2) {
        $0.strings(1, path)
        $0.binary(2, keyMetadata)
      }
    }
    writer.stop()
  }
}

/// What stands before an encrypted footer (files that end with PARE).
public struct FileCryptoMetaData: Hashable, Sendable {
  public var algorithm: EncryptionAlgorithm
  public var keyMetadata: ArraySlice<UInt8>?

  public init(algorithm: EncryptionAlgorithm, keyMetadata: ArraySlice<UInt8>? = nil) {
    self.algorithm = algorithm
    self.keyMetadata = keyMetadata
  }
}

extension FileCryptoMetaData: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    var id = 0
    var algorithm: EncryptionAlgorithm?
    keyMetadata = nil
    while let field = try reader.nextField(after: &id) {
      switch field.id {
      case 1: algorithm = try reader.structure(field)
      case 2: keyMetadata = try reader.binary(field)
      default: try reader.skip(field)
      }
    }
    self.algorithm = try reader.require(algorithm, "FileCryptoMetaData.encryption_algorithm")
  }

  func write(to writer: inout ThriftWriter) {
    writer.structure(1, algorithm)
    writer.binary(2, keyMetadata)
    writer.stop()
  }
}
