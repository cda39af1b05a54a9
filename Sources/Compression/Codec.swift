/// A block codec, by the number that Parquet files name it with.
public enum Codec: Int32, Hashable, Sendable, CaseIterable {
  case none = 0
  case snappy = 1
  /// RFC 1952; several members in a row are one text.
  case gzip = 2
  /// Known by name only.
  case lzo = 3
  case brotli = 4
  /// LZ4 blocks in Hadoop's frame; deprecated, and written by some as a bare block or LZ4 frame.
  case lz4 = 5
  case zstd = 6
  /// One bare LZ4 block.
  case lz4Raw = 7

  public var name: String {
    switch self {
    case .none: "none"
    case .snappy: "snappy"
    case .gzip: "gzip"
    case .lzo: "lzo"
    case .brotli: "brotli"
    case .lz4: "lz4"
    case .zstd: "zstd"
    case .lz4Raw: "lz4_raw"
    }
  }

  /// - Parameter name: as `name`; also `uncompressed`. Case does not matter.
  public init?(name: String) {
    let lower = name.lowercased()
    if lower == "uncompressed" {
      self = .none
    } else if let codec = Self.allCases.first(where: { $0.name == lower }) {
      self = codec
    } else {
      return nil
    }
  }

  /// The levels that the codec takes, and the one it uses where none is asked for; nil where it
  /// has no levels.
  public var levels: (range: ClosedRange<Int>, standard: Int)? {
    switch self {
    case .gzip: (1...9, 6)
    case .brotli: (0...11, 5)
    case .zstd: (1...22, 3)
    case .none, .snappy, .lzo, .lz4, .lz4Raw: nil
    }
  }
}
