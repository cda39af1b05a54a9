internal import Records

/// The view that stands for a table: a scan of exactly its files.
///
/// The files are read by the table's schema, not their own, so none is opened to plan a query;
/// columns are found by name, widened to the table's type, and NULL where a file lacks them.
///
/// Partition values are constants. To scan each partition by itself takes seconds to plan from
/// some thousands on, so partitions share scans of up to `filesPerScanMax` files, in which the
/// value is looked up by the file's name: DuckDB skips files by that, and the look-up is linear
/// in the files of the scan. (10,000 partitions: one scan each, 2.8 s and 250 MB to read one of
/// them; 64 to a scan, 0.3 s and 55 MB.)
struct DuckDBView {
  static let filesPerScanMax = 64
  /// The column that holds a file's name. DuckDB skips files by it under no other name, so a
  /// column of the table that is named so is read under `renamedColumn`.
  private static let fileColumn = "filename"
  private static let renamedColumn = "__tidemark_filename"

  private let table: QueryTable
  private let keys: [String: Int]

  init(_ table: QueryTable) {
    self.table = table
    keys = Dictionary(
      table.partitionKeys.enumerated().map { ($1.lowercased(), $0) },
      uniquingKeysWith: { a, _ in a })
  }

  var statement: String {
    "CREATE VIEW \(DuckDBText.name(table.database)).\(DuckDBText.name(table.name)) AS\n\(query);\n"
  }

  private var query: String {
    let scans = scans()
    return scans.isEmpty ? empty : scans.map(select).joined(separator: "\nUNION ALL\n")
  }

  /// No rows, but the right columns.
  private var empty: String {
    let columns = table.columns.fields.map {
      "CAST(NULL AS \(DuckDBText.type($0.type))) AS \(DuckDBText.name($0.name))"
    }
    return "SELECT \(columns.isEmpty ? "NULL" : columns.joined(separator: ", ")) WHERE false"
  }

  /// Neighbouring partitions together, as far as their files are few.
  private func scans() -> [[QueryPartition]] {
    var scans: [[QueryPartition]] = []
    var fileCount = 0
    for partition in table.partitions where !partition.files.isEmpty {
      if scans.isEmpty || fileCount + partition.files.count > Self.filesPerScanMax {
        scans.append([])
        fileCount = 0
      }
      scans[scans.count - 1].append(partition)
      fileCount += partition.files.count
    }
    return scans
  }

  private func select(_ partitions: [QueryPartition]) -> String {
    let columns = table.columns.fields.map { field in
      let name = DuckDBText.name(field.name)
      guard let key = keys[field.name.lowercased()] else {
        let scanned = Self.scannedName(field)
        return scanned == field.name ? name : "\(DuckDBText.name(scanned)) AS \(name)"
      }
      return "CAST(\(value(key, partitions)) AS \(DuckDBText.type(field.type))) AS \(name)"
    }
    let files = partitions.flatMap(\.files).map { DuckDBText.literal($0) }
    return """
      SELECT \(columns.joined(separator: ", ")) FROM read_parquet(
      [\(files.joined(separator: ",\n"))],
      \(schema)hive_partitioning=false, filename=true)
      """
  }

  private func value(_ key: Int, _ partitions: [QueryPartition]) -> String {
    func text(_ partition: QueryPartition) -> String {
      key < partition.values.count
        ? partition.values[key].map(DuckDBText.literal) ?? "NULL" : "NULL"
    }
    let values = Set(partitions.map(text))
    if values.count == 1, let value = values.first { return value }
    let entries = partitions.flatMap { partition in
      partition.files.map { "\(DuckDBText.literal($0)): \(text(partition))" }
    }
    return "MAP {\(entries.joined(separator: ",\n"))}[\(Self.fileColumn)]"
  }

  private static func scannedName(_ field: Field) -> String {
    field.name.lowercased() == fileColumn ? renamedColumn : field.name
  }

  private var schema: String {
    let fields = table.columns.fields.filter { keys[$0.name.lowercased()] == nil }
    if fields.isEmpty { return "" }
    let entries = fields.map { field in
      let name = DuckDBText.literal(field.name)
      let type = DuckDBText.literal(DuckDBText.type(field.type))
      let scanned = DuckDBText.literal(Self.scannedName(field))
      return "\(name): {name: \(scanned), type: \(type), default_value: NULL}"
    }
    return "schema=MAP {\(entries.joined(separator: ",\n"))},\n"
  }
}
