public import GRDB

/// The catalog in SQLite: in the same file as the commit log, so that both change in one
/// transaction.
///
///     try queue.write { db in
///       try EmbeddedCatalog.migrate(db)
///       try EmbeddedCatalog.apply(change, in: db)   // within the caller's transaction
///     }
///     let table = try EmbeddedCatalog(queue).table(TableName("raw", "shop_orders"))
///
/// Its tables begin with `catalog_`. Nothing but `apply` writes to them.
public struct EmbeddedCatalog: CatalogReader {
  private let source: any DatabaseReader

  /// - Parameter source: a database that `migrate` has been through.
  public init(_ source: any DatabaseReader) { self.source = source }

  public func databases() throws(CatalogError) -> [CatalogDatabase] {
    try read(Self.databases)
  }

  public func database(_ name: String) throws(CatalogError) -> CatalogDatabase {
    try read { db in try Self.database(name, in: db) }
  }

  public func tables(in database: String) throws(CatalogError) -> [CatalogTable] {
    try read { db in try Self.tables(of: database, in: db) }
  }

  public func table(_ name: TableName) throws(CatalogError) -> CatalogTable {
    try read { db in try Self.table(name, in: db) }
  }

  public func versions(of table: TableName) throws(CatalogError) -> [CatalogTable] {
    try read { db in try Self.versions(of: table, in: db) }
  }

  public func partitions(of table: TableName, after token: String?, limit: Int)
    throws(CatalogError) -> PartitionPage
  {
    try read { db in try Self.partitions(of: table, after: token, limit: limit, in: db) }
  }

  public func partition(of table: TableName, values: [String]) throws(CatalogError)
    -> CatalogPartition?
  {
    try read { db in try Self.partition(of: table, values: values, in: db) }
  }

  public func partitionCount(of table: TableName) throws(CatalogError) -> Int {
    try read { db in try Self.partitionCount(of: table, in: db) }
  }

  /// Reads outside of any transaction of the caller's.
  private func read<Result>(_ body: (Database) throws -> Result) throws(CatalogError) -> Result {
    try Self.translating { try source.read(body) }
  }
}

extension EmbeddedCatalog {
  /// Says of SQLite's errors what they mean; those of the catalog pass.
  static func translating<Result>(_ body: () throws -> Result) throws(CatalogError) -> Result {
    do { return try body() } catch let error as CatalogError { throw error } catch {
      throw CatalogError(error)
    }
  }
}

extension CatalogError {
  fileprivate init(_ error: any Error) {
    let code = (error as? DatabaseError)?.resultCode
    let cause = (error as? DatabaseError)?.message ?? "\(error)"
    switch code {
    case .SQLITE_BUSY?, .SQLITE_LOCKED?:
      self.init(
        .operationTimeout, "another process is writing to the catalog",
        remedy: "try again when it has finished", place: "catalog", cause: cause)
    case .SQLITE_FULL?:
      self.init(
        .internalService, "no room is left for the catalog", remedy: "free some space on its disk",
        place: "catalog", cause: cause)
    case .SQLITE_READONLY?, .SQLITE_PERM?, .SQLITE_CANTOPEN?:
      self.init(
        .internalService, "the catalog's file cannot be written",
        remedy: "give this user write access to the state file and its folder", place: "catalog",
        cause: cause)
    default:
      self.init(
        .internalService, "the catalog's database reports an error",
        remedy: "check the state file with `sqlite3 FILE 'pragma integrity_check'`",
        place: "catalog", cause: cause)
    }
  }
}
