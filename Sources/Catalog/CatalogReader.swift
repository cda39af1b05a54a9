/// What is in a catalog. Names in any case.
public protocol CatalogReader: Sendable {
  /// In the order of their names.
  func databases() throws(CatalogError) -> [CatalogDatabase]

  /// - Throws: `.entityNotFound`.
  func database(_ name: String) throws(CatalogError) -> CatalogDatabase

  /// In the order of their names.
  /// - Throws: `.entityNotFound` where there is no such database.
  func tables(in database: String) throws(CatalogError) -> [CatalogTable]

  /// - Throws: `.entityNotFound`.
  func table(_ name: TableName) throws(CatalogError) -> CatalogTable

  /// The versions that are kept, the newest first; the first is the table as it is.
  /// - Throws: `.entityNotFound`.
  func versions(of table: TableName) throws(CatalogError) -> [CatalogTable]

  /// A page of partitions in the order of their values.
  /// - Parameters:
  ///   - token: the `next` of the page before; nil for the first.
  ///   - limit: at least 1.
  /// - Throws: `.entityNotFound` for the table, `.invalidInput` for the token.
  /// - Complexity: O(limit), wherever the page begins.
  func partitions(of table: TableName, after token: String?, limit: Int) throws(CatalogError)
    -> PartitionPage

  /// nil where there is no such partition.
  /// - Throws: `.entityNotFound` for the table.
  func partition(of table: TableName, values: [String]) throws(CatalogError) -> CatalogPartition?

  /// - Throws: `.entityNotFound` for the table.
  func partitionCount(of table: TableName) throws(CatalogError) -> Int
}

extension CatalogReader {
  /// All partitions, all in memory.
  public func partitions(of table: TableName) throws(CatalogError) -> [CatalogPartition] {
    var all: [CatalogPartition] = []
    var token: String?
    repeat {
      let page = try partitions(of: table, after: token, limit: 1000)
      all += page.partitions
      token = page.next
    } while token != nil
    return all
  }
}

/// Some of a table's partitions.
public struct PartitionPage: Hashable, Sendable {
  public var partitions: [CatalogPartition]
  /// Where the next page begins; nil when there is none.
  public var next: String?

  public init(partitions: [CatalogPartition], next: String?) {
    self.partitions = partitions
    self.next = next
  }
}
