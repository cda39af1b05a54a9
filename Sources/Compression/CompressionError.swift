/// Why bytes could not be compressed or decompressed.
public struct CompressionError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: Hashable, Sendable, CaseIterable {
    /// The input ends before the compressed data do.
    case truncated
    /// The input is not what the codec writes.
    case corrupt
    /// The data decompress to another number of bytes than was said.
    case sizeMismatch
    /// The data, or what they decompress to, pass the limit.
    case tooLarge
    /// There is no implementation of the codec.
    case unsupported
    /// The codec's library refused to work, for want of memory or by a wrong setting.
    case failed
  }

  public var kind: Kind
  /// What was found and what was expected.
  public var message: String
  /// The codec's or the format's name: `zstd`.
  public var codec: String
  /// Bytes of compressed input before the fault, where that is known.
  public var offset: Int?
  /// What a decoder would have to be allowed, where that is known.
  public var memoryNeeded: Int?

  public init(_ kind: Kind, codec: Codec, _ message: String, offset: Int? = nil) {
    self.init(kind, codec.name, message, offset)
  }

  public init(_ kind: Kind, format: StreamFormat, _ message: String, offset: Int? = nil) {
    self.init(kind, format.rawValue, message, offset)
  }

  private init(_ kind: Kind, _ codec: String, _ message: String, _ offset: Int?) {
    self.kind = kind
    self.codec = codec
    self.message = message
    self.offset = offset
  }

  /// What to do next.
  public var remedy: String {
    switch kind {
    case .truncated: "fetch the data again; if its writer is still at work, read it later"
    case .corrupt, .sizeMismatch: "fetch the data again or restore them from a good copy"
    case .tooLarge: "raise the memory budget, or leave the data out if they are not trusted"
    case .unsupported: "rewrite the data with zstd, snappy, gzip, brotli or lz4_raw"
    case .failed: "free memory or lower the compression level, then try again"
    }
  }

  /// What was found, and where.
  public var finding: String { "\(codec)\(offset.map { " at byte \($0)" } ?? ""): \(message)" }

  public var description: String { "\(finding); \(remedy)" }
}
