public import Records

/// A table as a query sees it: its columns and exactly the files that it consists of.
public struct QueryTable: Hashable, Sendable {
  /// The schema that the table is in: the zone's database.
  public var database: String
  public var name: String
  /// All columns in the table's order, partition keys among them.
  public var columns: Schema
  /// The columns whose values are not in the files but are those of the partition.
  public var partitionKeys: [String]
  /// An unpartitioned table has at most one, without values.
  public var partitions: [QueryPartition]

  public init(
    database: String, name: String, columns: Schema, partitionKeys: [String] = [],
    partitions: [QueryPartition]
  ) {
    self.database = database
    self.name = name
    self.columns = columns
    self.partitionKeys = partitionKeys
    self.partitions = partitions
  }
}

/// Files with the same partition values.
public struct QueryPartition: Hashable, Sendable {
  /// One a partition key; nil for null. Texts, converted to the column's type.
  public var values: [String?]
  /// Absolute paths or `s3://` locations of Parquet files.
  public var files: [String]

  public init(values: [String?] = [], files: [String]) {
    self.values = values
    self.files = files
  }
}
