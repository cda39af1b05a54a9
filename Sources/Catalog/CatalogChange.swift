public import Base

/// What a commit does to the catalog: a plain value that the commit log keeps as JSON, and that
/// does the same wherever it is applied again in the same order.
public struct CatalogChange: Hashable, Sendable {
  /// When it was decided; becomes the times that the catalog shows.
  public var time: Instant
  /// Applied in order, all or none.
  public var operations: [CatalogOperation]

  public init(time: Instant, operations: [CatalogOperation] = []) {
    self.time = time
    self.operations = operations
  }

  public var isEmpty: Bool { operations.isEmpty }
}

public enum CatalogOperation: Hashable, Sendable {
  /// - `ifAbsent`: where the database exists it stays as it is; else `.alreadyExists` is thrown.
  case createDatabase(CatalogDatabase, ifAbsent: Bool)
  /// Replaces description, location and parameters.
  case updateDatabase(CatalogDatabase)
  /// With all its tables.
  case deleteDatabase(String)
  /// Throws `.alreadyExists`.
  case createTable(CatalogTable)
  /// Makes the table or brings it up to date, keeping what people added to it: parameters that
  /// the new one lacks, descriptions and comments where it has none. The version rises when
  /// anything changes; the old one is kept when more than parameters changed.
  case putTable(CatalogTable)
  /// Replaces the table.
  /// - `expectedVersion`: if given, throws `.concurrentModification` where the table has another.
  /// - `keepsOldVersion`: false for `SkipArchive`; the version rises nonetheless.
  case updateTable(CatalogTable, expectedVersion: String?, keepsOldVersion: Bool)
  /// With its partitions and versions.
  /// - `ifPresent`: a missing table is no error.
  case deleteTable(TableName, ifPresent: Bool)
  /// Forgets old versions. The present one stays.
  case deleteTableVersions(TableName, [String])
  /// Makes partitions or replaces those with the same values.
  case putPartitions(TableName, [PartitionInput])
  /// Those that are not there are no error.
  case deletePartitions(TableName, [[String]])
  case deleteAllPartitions(TableName)
}
