internal import Base
internal import Catalog
internal import Lake
internal import Records
internal import Storage

/// What a commit changes in the catalog: its tables' columns, and partitions that come and go.
struct TableRegistration {
  let workspace: Workspace
  /// Folder and database.
  let zone: String
  /// Where partitions lie after the commit.
  let locations: PartitionLocations
  /// What the stream is bound to: it names the table that is split, and by what.
  let binding: JSONValue?
  /// What the catalog tells besides of a table; what it was told before stays.
  var parameters: [String: [String: String]] = [:]

  /// - Parameters:
  ///   - schemas: of the stream's tables, partition columns last.
  ///   - files: new ones, or all that a table consists of after the commit.
  ///   - partitionsBefore: files whose partitions go, unless one of `files` lies in them.
  func change(
    schemas: [String: Schema], files: [DataFile], partitionsBefore: [DataFile]
  ) throws -> JSONValue {
    var change = CatalogChange(time: workspace.clock.now)
    change.operations.append(
      .createDatabase(
        CatalogDatabase(zone, description: "The \(zone) zone", locationURI: location(zone)),
        ifAbsent: true))
    for (table, schema) in schemas.sorted(by: { $0.key < $1.key }) {
      change.operations += try operations(
        table, schema, added: files.filter { $0.table == table },
        removed: partitionsBefore.filter { $0.table == table })
    }
    return change.json
  }

  private func operations(
    _ table: String, _ schema: Schema, added: [DataFile], removed: [DataFile]
  ) throws -> [CatalogOperation] {
    let name = TableName(zone, table)
    let keys =
      (added.first ?? removed.first)?.partition.map(\.name) ?? boundPartition(of: table)
    let fields = schema.fields
    var operations: [CatalogOperation] = [
      .putTable(
        try CatalogTable.parquet(
          name, schema: Schema(fields.filter { !keys.contains($0.name) }),
          partitionKeys: fields.filter { keys.contains($0.name) },
          location: location(
            keys.isEmpty
              ? locations.folder(zone: zone, table: table, [])
              : LakeLayout.tableFolder(zone: zone, table: table)),
          parameters: parameters[table] ?? [:]))
    ]
    let present = Set(added.map(\.partition))
    let gone = Set(removed.map(\.partition)).subtracting(present)
    if !gone.isEmpty && !keys.isEmpty {
      operations.append(
        .deletePartitions(name, gone.map(values).sorted { $0.lexicographicallyPrecedes($1) }))
    }
    if !present.isEmpty && !keys.isEmpty {
      let inputs = present.sorted { values($0).lexicographicallyPrecedes(values($1)) }.map {
        PartitionInput.parquet(
          values: $0.map(\.text),
          location: location(locations.folder(zone: zone, table: table, $0)))
      }
      operations.append(.putPartitions(name, inputs))
    }
    return operations
  }

  /// The partition columns of a table that no file of the commit belongs to.
  private func boundPartition(of table: String) -> [String] {
    guard binding?["table"]?.string == "\(zone).\(table)" else { return [] }
    return (binding?["partition"]?.array ?? []).compactMap(\.string)
  }

  private func values(_ partition: [PartitionValue]) -> [String] {
    partition.map { $0.text ?? PartitionValue.nullText }
  }

  private func location(_ key: String) -> String { "\(workspace.store.location)/\(key)" }
}
