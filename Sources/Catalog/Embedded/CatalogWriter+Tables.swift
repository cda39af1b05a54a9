internal import Base
internal import GRDB

extension CatalogWriter {
  func createTable(_ table: CatalogTable) throws(CatalogError) {
    let checked = try checked(table)
    if try EmbeddedCatalog.recordIfPresent(checked.tableName, in: db) != nil {
      throw CatalogError(
        .alreadyExists, "the table exists already",
        remedy: "choose another name, or update the one that is there",
        place: checked.tableName.description)
    }
    try insert(checked)
  }

  func putTable(_ table: CatalogTable) throws(CatalogError) {
    let checked = try checked(table)
    guard let there = try EmbeddedCatalog.recordIfPresent(checked.tableName, in: db) else {
      return try insert(checked)
    }
    let merged = Self.merge(checked, over: there.table)
    if merged == there.table { return }
    var sameButParameters = merged
    sameButParameters.parameters = there.table.parameters
    try replace(there, with: merged, keepsOldVersion: sameButParameters != there.table)
  }

  func updateTable(_ table: CatalogTable, expectedVersion: String?, keepsOldVersion: Bool)
    throws(CatalogError)
  {
    var checked = try checked(table)
    let there = try EmbeddedCatalog.record(checked.tableName, in: db)
    if let expectedVersion, expectedVersion != String(there.version) {
      throw CatalogError(
        .concurrentModification,
        "the table is in version \(there.version), not \(expectedVersion)",
        remedy: "read the table again and repeat the change", place: checked.tableName.description)
    }
    checked.createTime = there.table.createTime
    try replace(there, with: checked, keepsOldVersion: keepsOldVersion)
  }

  private func insert(_ table: CatalogTable) throws(CatalogError) {
    var table = table
    table.createTime = time
    table.updateTime = time
    table.versionID = "0"
    try execute(
      "INSERT INTO catalog_table (database, name, version, body) VALUES (?, ?, 0, ?)",
      [table.database, table.name, table.json.text()])
  }

  private func replace(
    _ there: EmbeddedCatalog.TableRecord, with table: CatalogTable, keepsOldVersion: Bool
  ) throws(CatalogError) {
    if table.partitionKeys.count != there.table.partitionKeys.count,
      try EmbeddedCatalog.partitionCount(of: there.table.tableName, in: db) > 0
    {
      throw CatalogError(
        .invalidInput, "the table has partitions, so its partition keys cannot change in number",
        remedy: "delete the partitions first", place: table.tableName.description)
    }
    if keepsOldVersion {
      try execute(
        "INSERT INTO catalog_table_version (table_id, version, body) VALUES (?, ?, ?)",
        [there.id, there.version, there.table.json.text()])
    }
    var table = table
    table.updateTime = time
    table.versionID = String(there.version + 1)
    try execute(
      "UPDATE catalog_table SET version = ?, body = ? WHERE id = ?",
      [there.version + 1, table.json.text(), there.id])
  }

  /// The new table, with what people may have added to the old one.
  private static func merge(_ new: CatalogTable, over old: CatalogTable) -> CatalogTable {
    var merged = new
    merged.createTime = old.createTime
    merged.updateTime = old.updateTime
    merged.versionID = old.versionID
    merged.description = new.description ?? old.description
    merged.owner = new.owner ?? old.owner
    merged.parameters = old.parameters.merging(new.parameters) { $1 }
    let known = Set(new.otherMembers.map(\.key))
    merged.otherMembers += old.otherMembers.filter { !known.contains($0.key) }
    merged.partitionKeys = merge(new.partitionKeys, over: old.partitionKeys)
    if let storage = old.storage {
      merged.storage?.columns = merge(new.storage?.columns ?? [], over: storage.columns)
      merged.storage?.parameters.merge(storage.parameters) { new, _ in new }
    }
    return merged
  }

  private static func merge(_ new: [CatalogColumn], over old: [CatalogColumn]) -> [CatalogColumn] {
    let byName = Dictionary(old.map { ($0.name, $0) }) { first, _ in first }
    return new.map { column in
      guard let there = byName[column.name] else { return column }
      var merged = column
      merged.comment = column.comment ?? there.comment
      var kept = there.parameters
      kept[CatalogColumn.typeParameter] = nil
      merged.parameters = kept.merging(column.parameters) { $1 }
      return merged
    }
  }

  /// The table with its names in lower case, in a database that exists.
  private func checked(_ table: CatalogTable) throws(CatalogError) -> CatalogTable {
    var checked = table
    let name = try table.tableName.folded()
    checked.database = try EmbeddedCatalog.database(name.database, in: db).name
    checked.name = name.table
    try CatalogName.checkDistinct(table.allColumns.map(\.name), in: name.description)
    checked.storage?.columns = try folded(table.storage?.columns ?? [])
    checked.partitionKeys = try folded(table.partitionKeys)
    return checked
  }

  private func folded(_ columns: [CatalogColumn]) throws(CatalogError) -> [CatalogColumn] {
    var folded = columns
    for index in folded.indices {
      folded[index].name = try CatalogName.foldedColumn(columns[index].name)
    }
    return folded
  }
}
