internal import Base
internal import Foundation
public import GRDB

extension EmbeddedCatalog {
  /// Does what the change says, in the transaction of the caller, who rolls back when it throws.
  /// - Throws: `.entityNotFound`, `.alreadyExists`, `.invalidInput`, `.concurrentModification`.
  public static func apply(_ change: CatalogChange, in db: Database) throws(CatalogError) {
    for operation in change.operations {
      let writer = CatalogWriter(db: db, time: change.time)
      switch operation {
      case .createDatabase(let database, let ifAbsent):
        try writer.createDatabase(database, ifAbsent: ifAbsent)
      case .updateDatabase(let database): try writer.updateDatabase(database)
      case .deleteDatabase(let name): try writer.deleteDatabase(name)
      case .createTable(let table): try writer.createTable(table)
      case .putTable(let table): try writer.putTable(table)
      case .updateTable(let table, let version, let keepsOldVersion):
        try writer.updateTable(table, expectedVersion: version, keepsOldVersion: keepsOldVersion)
      case .deleteTable(let name, let ifPresent):
        try writer.deleteTable(name, ifPresent: ifPresent)
      case .deleteTableVersions(let name, let versions):
        try writer.deleteTableVersions(name, versions)
      case .putPartitions(let name, let partitions): try writer.putPartitions(name, partitions)
      case .deletePartitions(let name, let values): try writer.deletePartitions(name, values)
      case .deleteAllPartitions(let name): try writer.deleteAllPartitions(name)
      }
    }
  }
}

/// The writes of one operation.
struct CatalogWriter {
  let db: Database
  let time: Instant

  func createDatabase(_ database: CatalogDatabase, ifAbsent: Bool) throws(CatalogError) {
    let name = try CatalogName.folded(database.name, what: "database")
    if try exists(name) {
      if ifAbsent { return }
      throw CatalogError(
        .alreadyExists, "the database exists already",
        remedy: "choose another name, or use the one that is there", place: name)
    }
    var made = database
    made.name = name
    made.createTime = time
    try save(made)
  }

  func updateDatabase(_ database: CatalogDatabase) throws(CatalogError) {
    let there = try EmbeddedCatalog.database(database.name, in: db)
    var updated = database
    updated.name = there.name
    updated.createTime = there.createTime
    try save(updated)
  }

  func deleteDatabase(_ name: String) throws(CatalogError) {
    let name = try EmbeddedCatalog.database(name, in: db).name
    for table in try EmbeddedCatalog.tables(of: name, in: db) {
      try deleteTable(table.tableName, ifPresent: false)
    }
    try execute("DELETE FROM catalog_database WHERE name = ?", [name])
  }

  func deleteTable(_ name: TableName, ifPresent: Bool) throws(CatalogError) {
    if ifPresent, try EmbeddedCatalog.recordIfPresent(name, in: db) == nil { return }
    let id = try EmbeddedCatalog.record(name, in: db).id
    // Not left to the foreign keys: the caller may have switched them off.
    for table in ["catalog_partition", "catalog_descriptor", "catalog_table_version"] {
      try execute("DELETE FROM \(table) WHERE table_id = ?", [id])
    }
    try execute("DELETE FROM catalog_table WHERE id = ?", [id])
  }

  func deleteTableVersions(_ name: TableName, _ versions: [String]) throws(CatalogError) {
    let id = try EmbeddedCatalog.record(name, in: db).id
    for version in versions {
      try execute(
        "DELETE FROM catalog_table_version WHERE table_id = ? AND version = ?",
        [id, Int(version)])
    }
  }

  func putPartitions(_ name: TableName, _ partitions: [PartitionInput]) throws(CatalogError) {
    let record = try EmbeddedCatalog.record(name, in: db)
    let keyCount = record.table.partitionKeys.count
    for partition in partitions {
      if keyCount == 0 || partition.values.count != keyCount {
        throw CatalogError(
          .invalidInput,
          "a partition has \(partition.values.count) values; the table has \(keyCount) keys",
          remedy: "give one value a partition key",
          place: "\(record.table.tableName)/\(partition.values.joined(separator: "/"))")
      }
      let parts = try parts(of: partition, tableID: record.id)
      try execute(
        """
        INSERT INTO catalog_partition (table_id, key, location, descriptor_id, parameters, created)
        VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET location = excluded.location,
          descriptor_id = excluded.descriptor_id, parameters = excluded.parameters
        """,
        [
          record.id, Data(PartitionKey(partition.values).bytes), parts.location,
          parts.descriptorID, parts.parameters, time.microseconds,
        ])
    }
  }

  private struct PartitionParts {
    var location: String?
    var descriptorID: Int64?
    var parameters: String?
  }

  private func parts(of partition: PartitionInput, tableID: Int64) throws(CatalogError)
    -> PartitionParts
  {
    var parts = PartitionParts()
    if !partition.parameters.isEmpty {
      var members = MemberWriter()
      members.add("Parameters", partition.parameters)
      parts.parameters = members.finish([])["Parameters"]?.text()
    }
    switch partition.storage {
    case .inherited(let location): parts.location = location
    case .own(var descriptor):
      parts.location = descriptor.location
      descriptor.location = nil
      let body = descriptor.json.text()
      try execute(
        "INSERT OR IGNORE INTO catalog_descriptor (table_id, body) VALUES (?, ?)",
        [tableID, body])
      parts.descriptorID = try EmbeddedCatalog.translating {
        try Int64.fetchOne(
          db, sql: "SELECT id FROM catalog_descriptor WHERE table_id = ? AND body = ?",
          arguments: [tableID, body])
      }
    }
    return parts
  }

  func deletePartitions(_ name: TableName, _ values: [[String]]) throws(CatalogError) {
    let id = try EmbeddedCatalog.record(name, in: db).id
    for values in values {
      try execute(
        "DELETE FROM catalog_partition WHERE table_id = ? AND key = ?",
        [id, Data(PartitionKey(values).bytes)])
    }
  }

  func deleteAllPartitions(_ name: TableName) throws(CatalogError) {
    let id = try EmbeddedCatalog.record(name, in: db).id
    try execute("DELETE FROM catalog_partition WHERE table_id = ?", [id])
    try execute("DELETE FROM catalog_descriptor WHERE table_id = ?", [id])
  }

  private func exists(_ database: String) throws(CatalogError) -> Bool {
    try EmbeddedCatalog.translating {
      try Bool.fetchOne(
        db, sql: "SELECT EXISTS (SELECT 1 FROM catalog_database WHERE name = ?)",
        arguments: [database]) ?? false
    }
  }

  private func save(_ database: CatalogDatabase) throws(CatalogError) {
    try execute(
      """
      INSERT INTO catalog_database (name, body) VALUES (?, ?)
      ON CONFLICT DO UPDATE SET body = excluded.body
      """,
      [database.name, database.json.text()])
  }

  func execute(_ sql: String, _ arguments: StatementArguments) throws(CatalogError) {
    try EmbeddedCatalog.translating {
      try db.cachedStatement(sql: sql).execute(arguments: arguments)
    }
  }
}
