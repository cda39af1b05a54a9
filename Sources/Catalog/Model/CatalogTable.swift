public import Base

/// A table or view of the catalog, Glue's `Table`.
public struct CatalogTable: Hashable, Sendable {
  public var database: String
  public var name: String
  public var description: String?
  public var owner: String?
  /// Set by the catalog.
  public var createTime: Instant?
  /// Set by the catalog.
  public var updateTime: Instant?
  /// Days, to Glue; nobody acts on it.
  public var retention: Int
  public var storage: StorageDescriptor?
  public var partitionKeys: [CatalogColumn]
  /// `EXTERNAL_TABLE`, `VIRTUAL_VIEW`, …
  public var tableType: String?
  public var parameters: [String: String]
  public var viewOriginalText: String?
  public var viewExpandedText: String?
  /// Set by the catalog; a new one with every change.
  public var versionID: String?
  /// What clients gave beyond this (`TargetTable`, `ViewDefinition`, …), kept as it came.
  public var otherMembers: [JSONValue.Member]

  public init(
    _ name: TableName, description: String? = nil, owner: String? = nil, retention: Int = 0,
    storage: StorageDescriptor? = nil, partitionKeys: [CatalogColumn] = [],
    tableType: String? = "EXTERNAL_TABLE", parameters: [String: String] = [:],
    viewOriginalText: String? = nil, viewExpandedText: String? = nil,
    otherMembers: [JSONValue.Member] = []
  ) {
    database = name.database
    self.name = name.table
    self.description = description
    self.owner = owner
    self.retention = retention
    self.storage = storage
    self.partitionKeys = partitionKeys
    self.tableType = tableType
    self.parameters = parameters
    self.viewOriginalText = viewOriginalText
    self.viewExpandedText = viewExpandedText
    self.otherMembers = otherMembers
  }

  public var tableName: TableName { TableName(database, name) }

  public var isView: Bool { tableType == "VIRTUAL_VIEW" }

  /// The columns in the files, then the partition keys: what `SELECT *` shows.
  public var allColumns: [CatalogColumn] { (storage?.columns ?? []) + partitionKeys }
}

extension CatalogTable {
  /// As Glue writes it.
  public var json: JSONValue {
    var members = MemberWriter()
    members.add("Name", name)
    members.add("DatabaseName", database)
    members.add("Description", description)
    members.add("Owner", owner)
    members.add("CreateTime", createTime)
    members.add("UpdateTime", updateTime)
    members.add("Retention", retention)
    members.add("StorageDescriptor", storage?.json)
    members.add("PartitionKeys", partitionKeys.map(\.json))
    members.add("ViewOriginalText", viewOriginalText)
    members.add("ViewExpandedText", viewExpandedText)
    members.add("TableType", tableType)
    members.add("Parameters", parameters)
    members.add("VersionId", versionID)
    return members.finish(otherMembers)
  }

  /// Reads Glue's `Table`, or its `TableInput` where the database is known from elsewhere.
  /// - Parameter database: takes the place of a missing `DatabaseName`.
  /// - Throws: `.invalidInput` that names the member.
  public init(json: JSONValue, database: String? = nil) throws(CatalogError) {
    var members = try MemberReader(json, "Table")
    let databaseName = try members.string("DatabaseName") ?? database
    self.init(
      TableName(
        try members.required("DatabaseName", databaseName),
        try members.required("Name", members.string("Name"))))
    description = try members.string("Description")
    owner = try members.string("Owner")
    createTime = try members.time("CreateTime")
    updateTime = try members.time("UpdateTime")
    retention = try members.integer("Retention") ?? 0
    storage = try members.value("StorageDescriptor") { (json, place) throws(CatalogError) in
      try StorageDescriptor(json: json, place: place)
    }
    partitionKeys =
      try members.list("PartitionKeys") { (json, place) throws(CatalogError) in
        try CatalogColumn(json: json, place: place)
      } ?? []
    viewOriginalText = try members.string("ViewOriginalText")
    viewExpandedText = try members.string("ViewExpandedText")
    tableType = try members.string("TableType")
    parameters = try members.texts("Parameters") ?? [:]
    versionID = try members.string("VersionId")
    otherMembers = members.rest()
  }
}
