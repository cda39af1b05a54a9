internal import Base
internal import Foundation
public import GRDB

/// The reads within a transaction of the caller's.
extension EmbeddedCatalog {
  public static func databases(_ db: Database) throws(CatalogError) -> [CatalogDatabase] {
    try translating {
      try String.fetchAll(db, sql: "SELECT body FROM catalog_database ORDER BY name").map {
        try CatalogDatabase(json: parsed($0))
      }
    }
  }

  public static func database(_ name: String, in db: Database) throws(CatalogError)
    -> CatalogDatabase
  {
    let name = name.lowercased()
    return try translating {
      let body = try String.fetchOne(
        db, sql: "SELECT body FROM catalog_database WHERE name = ?", arguments: [name])
      guard let body else {
        let names = try String.fetchAll(db, sql: "SELECT name FROM catalog_database")
        throw notFound("database", name, nearestName(to: name, among: names))
      }
      return try CatalogDatabase(json: parsed(body))
    }
  }

  public static func tables(of database: String, in db: Database) throws(CatalogError)
    -> [CatalogTable]
  {
    let name = try Self.database(database, in: db).name
    return try translating {
      try String.fetchAll(
        db, sql: "SELECT body FROM catalog_table WHERE database = ? ORDER BY name",
        arguments: [name]
      ).map { try CatalogTable(json: parsed($0)) }
    }
  }

  public static func table(_ name: TableName, in db: Database) throws(CatalogError)
    -> CatalogTable
  {
    try record(name, in: db).table
  }

  public static func versions(of name: TableName, in db: Database) throws(CatalogError)
    -> [CatalogTable]
  {
    let record = try record(name, in: db)
    return try translating {
      let old = try String.fetchAll(
        db, sql: "SELECT body FROM catalog_table_version WHERE table_id = ? ORDER BY version DESC",
        arguments: [record.id])
      return [record.table] + (try old.map { try CatalogTable(json: parsed($0)) })
    }
  }

  public static func partitionCount(of name: TableName, in db: Database) throws(CatalogError)
    -> Int
  {
    let record = try record(name, in: db)
    return try translating {
      try Int.fetchOne(
        db, sql: "SELECT count(*) FROM catalog_partition WHERE table_id = ?",
        arguments: [record.id]) ?? 0
    }
  }

  public static func partition(of name: TableName, values: [String], in db: Database)
    throws(CatalogError) -> CatalogPartition?
  {
    let record = try record(name, in: db)
    return try translating {
      let row = try Row.fetchOne(
        db, sql: partitionColumns + " AND key = ?",
        arguments: [record.id, Data(PartitionKey(values).bytes)])
      var decoder = PartitionDecoder(record.table)
      return try row.map { try decoder.partition($0, in: db) }
    }
  }

  public static func partitions(
    of name: TableName, after token: String?, limit: Int, in db: Database
  ) throws(CatalogError) -> PartitionPage {
    let record = try record(name, in: db)
    var after = PartitionKey([])
    if let token {
      guard let key = PartitionKey(token: token) else {
        throw CatalogError(
          .invalidInput, "the page token is not one of this catalog's",
          remedy: "begin again without a token", place: name.description)
      }
      after = key
    }
    let limit = max(1, min(limit, 1_000_000))
    return try translating {
      let rows = try Row.fetchCursor(
        db, sql: partitionColumns + " AND key > ? ORDER BY key LIMIT ?",
        arguments: [record.id, Data(after.bytes), limit + 1])
      var decoder = PartitionDecoder(record.table)
      var page = PartitionPage(partitions: [], next: nil)
      while let row = try rows.next() {
        if page.partitions.count == limit {
          page.next = page.partitions.last.map { PartitionKey($0.values).token }
          break
        }
        page.partitions.append(try decoder.partition(row, in: db))
      }
      return page
    }
  }

  private static let partitionColumns = """
    SELECT key, location, descriptor_id, parameters, created FROM catalog_partition
    WHERE table_id = ?
    """

  struct TableRecord {
    var id: Int64
    var version: Int
    var table: CatalogTable
  }

  /// - Throws: `.entityNotFound` with the name that was probably meant.
  static func record(_ name: TableName, in db: Database) throws(CatalogError) -> TableRecord {
    if let record = try recordIfPresent(name, in: db) { return record }
    let database = try Self.database(name.database, in: db).name
    let names = try translating {
      try String.fetchAll(
        db, sql: "SELECT name FROM catalog_table WHERE database = ?", arguments: [database])
    }
    let near = nearestName(to: name.table.lowercased(), among: names)
    throw notFound("table", name.description, near.map { "\(database).\($0)" })
  }

  static func recordIfPresent(_ name: TableName, in db: Database) throws(CatalogError)
    -> TableRecord?
  {
    try translating {
      let row = try Row.fetchOne(
        db, sql: "SELECT id, version, body FROM catalog_table WHERE database = ? AND name = ?",
        arguments: [name.database.lowercased(), name.table.lowercased()])
      guard let row else { return nil }
      return TableRecord(
        id: row["id"], version: row["version"],
        table: try CatalogTable(json: parsed(row["body"])))
    }
  }

  static func parsed(_ text: String) throws(CatalogError) -> JSONValue {
    do { return try JSONValue(parsing: text) } catch {
      throw CatalogError(
        .internalService, "an entry of the catalog is damaged", remedy: "restore the state file",
        place: "catalog", cause: error.description)
    }
  }

  private static func notFound(_ what: String, _ name: String, _ near: String?) -> CatalogError {
    CatalogError(
      .entityNotFound, "there is no such \(what)",
      remedy: near.map { "did you mean '\($0)'?" }
        ?? "see what there is with `tidemark catalog \(what)s`",
      place: name)
  }
}

/// Makes partitions of rows; keeps the descriptors that it has met.
private struct PartitionDecoder {
  private let name: TableName
  private let inherited: StorageDescriptor
  private var descriptors: [Int64: StorageDescriptor] = [:]

  init(_ table: CatalogTable) {
    name = table.tableName
    inherited = table.storage ?? StorageDescriptor()
  }

  mutating func partition(_ row: Row, in db: Database) throws -> CatalogPartition {
    guard let values = PartitionKey(bytes: [UInt8](row["key"] as Data)).values else {
      throw CatalogError(
        .internalService, "an entry of the catalog is damaged", remedy: "restore the state file",
        place: name.description)
    }
    var storage = inherited
    if let id = row["descriptor_id"] as Int64? { storage = try descriptor(id, in: db) }
    storage.location = row["location"]
    var parameters: [String: String] = [:]
    if let text = row["parameters"] as String? {
      for member in try EmbeddedCatalog.parsed(text).members ?? [] {
        parameters[member.key] = member.value.string
      }
    }
    return CatalogPartition(
      table: name, values: values, creationTime: Instant(microseconds: row["created"]),
      storage: storage, parameters: parameters)
  }

  private mutating func descriptor(_ id: Int64, in db: Database) throws -> StorageDescriptor {
    if let known = descriptors[id] { return known }
    let body = try String.fetchOne(
      db, sql: "SELECT body FROM catalog_descriptor WHERE id = ?", arguments: [id])
    let descriptor = try StorageDescriptor(json: EmbeddedCatalog.parsed(body ?? "{}"))
    descriptors[id] = descriptor
    return descriptor
  }
}
