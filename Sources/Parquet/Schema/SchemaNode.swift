public import Records

/// A field of the schema as rows have it: the groups that Parquet needs to spell lists and maps
/// are folded into one node.
///
///     optional group tags (LIST) {         list    definitionLevel 1, entries from level 2,
///       repeated group list {                      repetitionLevel 1
///         optional binary element;         leaf    definitionLevel 3
///       } }
///
/// An entry whose definition level is at least a node's `definitionLevel` has a value there; one
/// below it is null there or further up.
public struct SchemaNode: Hashable, Sendable {
  public indirect enum Content: Hashable, Sendable {
    /// The number of the leaf column.
    case leaf(Int)
    case structure([SchemaNode])
    /// Entries with at least `definitionLevel + 1` have an element.
    case list(element: SchemaNode)
    /// As a list of entries.
    case map(key: SchemaNode, value: SchemaNode)
  }

  public let field: Field
  public let definitionLevel: Int
  /// For lists and maps: an entry of this repetition level goes on with the list, one of a lower
  /// level begins another. For other nodes: that of the list they are in, 0 outside of lists.
  public let repetitionLevel: Int
  public let content: Content
  /// The node's own element in `ParquetSchema.elements`.
  public let elementIndex: Int

  /// The numbers of the leaf columns below, ascending and without gaps.
  public var leaves: Range<Int> {
    switch content {
    case .leaf(let index): return index..<index + 1
    case .list(let element): return element.leaves
    case .map(let key, let value): return key.leaves.lowerBound..<value.leaves.upperBound
    case .structure(let children):
      guard let first = children.first, let last = children.last else { return 0..<0 }
      return first.leaves.lowerBound..<last.leaves.upperBound
    }
  }
}
