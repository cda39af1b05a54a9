public import Records

/// What a finished file holds.
public struct WrittenFile: Sendable {
  public var rowCount: Int
  public var byteCount: Int
  public var metaData: FileMetaData
  /// One a leaf column, in the order of the schema.
  public var columns: [ColumnRange]

  public init(
    rowCount: Int, byteCount: Int, metaData: FileMetaData, columns: [ColumnRange]
  ) {
    self.rowCount = rowCount
    self.byteCount = byteCount
    self.metaData = metaData
    self.columns = columns
  }
}

/// The values of one leaf column of a file, from the least to the greatest.
public struct ColumnRange: Hashable, Sendable {
  /// The names from the top down; lists and maps add their inner groups.
  public var path: [String]
  /// The type that the values are stored as.
  public var type: DataType
  /// Whole values, never cut; nil where there are none that order (nulls only, NaN only).
  public var min: Value?
  public var max: Value?
  public var nullCount: Int
  /// Values and nulls: the rows, for columns outside of lists.
  public var entryCount: Int

  public init(
    path: [String], type: DataType, min: Value?, max: Value?, nullCount: Int, entryCount: Int
  ) {
    self.path = path
    self.type = type
    self.min = min
    self.max = max
    self.nullCount = nullCount
    self.entryCount = entryCount
  }
}
