public import Records

/// What is known of the data of a table or partition, for its parameters.
public struct DataStatistics: Hashable, Sendable {
  public var fileCount: Int
  public var rowCount: Int
  public var byteCount: Int

  public init(fileCount: Int, rowCount: Int, byteCount: Int) {
    self.fileCount = fileCount
    self.rowCount = rowCount
    self.byteCount = byteCount
  }

  /// Under the names that Glue's crawlers use.
  public var parameters: [String: String] {
    [
      "objectCount": String(fileCount), "recordCount": String(rowCount),
      "sizeKey": String(byteCount),
      "averageRecordSize": String(rowCount > 0 ? byteCount / rowCount : 0),
    ]
  }
}

extension CatalogTable {
  /// The parameter that names the columns which tell rows apart, with commas between them.
  public static let keyParameter = "tidemark.key"

  /// An external table of Parquet files, as Athena, Spark and Trino want it described.
  /// - Parameters:
  ///   - schema: the columns in the files, in order.
  ///   - partitionKeys: columns that are in no file but in the partitions' values.
  ///   - location: the folder, `s3://…` or a path.
  ///   - parameters: further ones; `tidemark.*` by custom.
  /// - Throws: `.invalidInput` for names that cannot be, or that collide in lower case.
  public static func parquet(
    _ name: TableName, schema: Schema, partitionKeys: [Field] = [], location: String,
    statistics: DataStatistics? = nil, description: String? = nil,
    parameters: [String: String] = [:]
  ) throws(CatalogError) -> CatalogTable {
    let folded = try name.folded()
    let place = folded.description
    try CatalogName.checkDistinct(schema.names + partitionKeys.map(\.name), in: place)
    var all = ["classification": "parquet", "typeOfData": "file", "EXTERNAL": "TRUE"]
    if let statistics { all.merge(statistics.parameters) { $1 } }
    all.merge(parameters) { $1 }
    return CatalogTable(
      folded, description: description,
      storage: .parquet(columns: try columns(schema.fields, place), location: location),
      partitionKeys: try columns(partitionKeys, place), parameters: all)
  }

  private static func columns(_ fields: [Field], _ place: String) throws(CatalogError)
    -> [CatalogColumn]
  {
    var columns: [CatalogColumn] = []
    for field in fields {
      columns.append(
        CatalogColumn(
          try CatalogName.foldedColumn(field.name),
          try GlueType.text(field.type, place: "\(place).\(field.name)"),
          comment: field.comment.map(commentText), parameters: meaning(of: field.type)))
    }
    return columns
  }

  /// What a type means beyond its text in the catalog, where that does not say it.
  private static func meaning(of type: DataType) -> [String: String] {
    switch type {
    case .json, .uuid, .time: [CatalogColumn.typeParameter: type.description]
    default: [:]
    }
  }

  /// Glue takes 255 characters without line breaks.
  private static func commentText(_ comment: String) -> String {
    let plain = comment.map { $0.isNewline ? " " : $0 }
    var text = String(plain.prefix(255))
    while text.utf8.count > 255 { text.removeLast() }
    return text
  }

  /// The columns and partition keys as types of Tidemark.
  /// - Throws: `.invalidInput` for a type text that is none.
  public func schema() throws(CatalogError) -> Schema {
    var fields: [Field] = []
    for column in allColumns {
      let type = try GlueType.parse(column.type, place: "\(tableName).\(column.name)")
      fields.append(Field(column.name, type, comment: column.comment))
    }
    return Schema(fields)
  }
}

extension StorageDescriptor {
  /// Parquet through Hive's classes.
  public static func parquet(columns: [CatalogColumn], location: String) -> StorageDescriptor {
    StorageDescriptor(
      columns: columns, location: location,
      inputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
      outputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
      serDe: SerDe(
        library: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        parameters: ["serialization.format": "1"]),
      parameters: ["classification": "parquet"])
  }
}

extension PartitionInput {
  /// A partition of such a table.
  /// - Parameter values: nil for null.
  public static func parquet(
    values: [String?], location: String, statistics: DataStatistics? = nil
  ) -> PartitionInput {
    PartitionInput(
      values: values.map { $0 ?? nullValue }, location: location,
      parameters: (statistics?.parameters ?? [:]).merging(["classification": "parquet"]) { $1 })
  }
}
