/// How a leaf column's values are stored.
public enum PrimitiveType: Int32, Hashable, Sendable, CaseIterable {
  case boolean = 0
  case int32 = 1
  case int64 = 2
  /// Deprecated timestamps of 12 bytes; read, never written.
  case int96 = 3
  case float = 4
  case double = 5
  case byteArray = 6
  case fixedLengthByteArray = 7

  /// Bytes of a value in PLAIN encoding; nil where it varies or is a bit.
  public var byteCount: Int? {
    switch self {
    case .int32, .float: 4
    case .int64, .double: 8
    case .int96: 12
    case .boolean, .byteArray, .fixedLengthByteArray: nil
    }
  }
}

/// What values mean, in the old way; superseded by `LogicalType`, still written for old readers.
public enum ConvertedType: Int32, Hashable, Sendable, CaseIterable {
  case utf8 = 0
  case map = 1
  case mapKeyValue = 2
  case list = 3
  case enumeration = 4
  case decimal = 5
  case date = 6
  case timeMilliseconds = 7
  case timeMicroseconds = 8
  case timestampMilliseconds = 9
  case timestampMicroseconds = 10
  case uint8 = 11
  case uint16 = 12
  case uint32 = 13
  case uint64 = 14
  case int8 = 15
  case int16 = 16
  case int32 = 17
  case int64 = 18
  case json = 19
  case bson = 20
  case interval = 21
}

/// How often a field occurs in its parent.
public enum Repetition: Int32, Hashable, Sendable, CaseIterable {
  case required = 0
  case optional = 1
  case repeated = 2
}

/// How a page's values are laid out. Open: files may name encodings of the future, which only
/// matters once such a page is read.
public struct Encoding: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public let rawValue: Int32

  public init(rawValue: Int32) { self.rawValue = rawValue }

  public static let plain = Encoding(rawValue: 0)
  /// The old number for dictionary pages and indices.
  public static let plainDictionary = Encoding(rawValue: 2)
  public static let rle = Encoding(rawValue: 3)
  /// Levels only; deprecated.
  public static let bitPacked = Encoding(rawValue: 4)
  public static let deltaBinaryPacked = Encoding(rawValue: 5)
  public static let deltaLengthByteArray = Encoding(rawValue: 6)
  public static let deltaByteArray = Encoding(rawValue: 7)
  public static let rleDictionary = Encoding(rawValue: 8)
  public static let byteStreamSplit = Encoding(rawValue: 9)

  public var description: String {
    switch self {
    case .plain: "PLAIN"
    case .plainDictionary: "PLAIN_DICTIONARY"
    case .rle: "RLE"
    case .bitPacked: "BIT_PACKED"
    case .deltaBinaryPacked: "DELTA_BINARY_PACKED"
    case .deltaLengthByteArray: "DELTA_LENGTH_BYTE_ARRAY"
    case .deltaByteArray: "DELTA_BYTE_ARRAY"
    case .rleDictionary: "RLE_DICTIONARY"
    case .byteStreamSplit: "BYTE_STREAM_SPLIT"
    default: "encoding \(rawValue)"
    }
  }
}

/// What a page holds. Open: pages of unknown kinds are passed over.
public struct PageType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public let rawValue: Int32

  public init(rawValue: Int32) { self.rawValue = rawValue }

  public static let data = PageType(rawValue: 0)
  public static let index = PageType(rawValue: 1)
  public static let dictionary = PageType(rawValue: 2)
  public static let dataV2 = PageType(rawValue: 3)

  public var description: String {
    switch self {
    case .data: "DATA_PAGE"
    case .index: "INDEX_PAGE"
    case .dictionary: "DICTIONARY_PAGE"
    case .dataV2: "DATA_PAGE_V2"
    default: "page type \(rawValue)"
    }
  }
}

/// Whether the page minima and maxima of a column index rise or fall.
public enum BoundaryOrder: Int32, Hashable, Sendable {
  case unordered = 0
  case ascending = 1
  case descending = 2
}
