public import Records

/// A leaf of the schema tree: what a file stores as one column.
public struct LeafColumn: Hashable, Sendable {
  /// Its number among the leaves, depth first: the number of its chunk in every row group.
  public let index: Int
  /// The names from the top down, without the root's.
  public let path: [String]
  public let primitiveType: PrimitiveType
  /// Bytes a value of FIXED_LEN_BYTE_ARRAY; 0 for the other types.
  public let typeLength: Int
  /// From the logical or, where that is missing, the converted type; nil where neither says
  /// anything that fits the primitive type.
  public let logicalType: LogicalType?
  /// How many of its ancestors, and itself, are optional or repeated: the definition level of a
  /// value that is there. At most 255.
  public let maxDefinitionLevel: Int
  /// How many of its ancestors, and itself, are repeated.
  public let maxRepetitionLevel: Int
  /// The type that its values are read as.
  public let dataType: DataType

  /// The path with dots.
  public var name: String { path.joined(separator: ".") }
}

extension LeafColumn {
  /// Whether statistics compare values as unsigned numbers or bytes, rather than signed.
  public var isUnsigned: Bool {
    switch logicalType {
    case .integer(_, let isSigned): return !isSigned
    case .decimal: return false
    default:
      return primitiveType == .byteArray || primitiveType == .fixedLengthByteArray
        || primitiveType == .boolean
    }
  }
}
