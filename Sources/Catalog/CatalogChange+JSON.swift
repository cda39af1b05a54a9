public import Base

extension CatalogChange {
  /// `{"at": microseconds, "operations": [{"op": "putTable", …}, …]}`; entities as Glue has them.
  public var json: JSONValue {
    .object(["at": .integer(time.microseconds), "operations": .array(operations.map(\.json))])
  }

  /// - Throws: `.invalidInput` that names the operation and member.
  public init(json: JSONValue) throws(CatalogError) {
    var members = try MemberReader(json, "change")
    let time = try members.required("at", members.integer("at"))
    let operations = try members.list("operations") { (json, place) throws(CatalogError) in
      try CatalogOperation(json: json, place: place)
    }
    self.init(
      time: Instant(microseconds: Int64(time)),
      operations: try members.required("operations", operations))
  }
}

extension CatalogOperation {
  var json: JSONValue {
    var members = MemberWriter()
    switch self {
    case .createDatabase(let database, let ifAbsent):
      members.add("op", "createDatabase")
      members.add("ifAbsent", ifAbsent)
      members.add("database", database.json)
    case .updateDatabase(let database):
      members.add("op", "updateDatabase")
      members.add("database", database.json)
    case .deleteDatabase(let name):
      members.add("op", "deleteDatabase")
      members.add("name", name)
    case .createTable(let table):
      members.add("op", "createTable")
      members.add("table", table.json)
    case .putTable(let table):
      members.add("op", "putTable")
      members.add("table", table.json)
    case .updateTable(let table, let version, let keepsOldVersion):
      members.add("op", "updateTable")
      members.add("expectedVersion", version)
      members.add("keepsOldVersion", keepsOldVersion)
      members.add("table", table.json)
    case .deleteTable(let name, let ifPresent):
      members.add("op", "deleteTable")
      members.add(name)
      members.add("ifPresent", ifPresent)
    case .deleteTableVersions(let name, let versions):
      members.add("op", "deleteTableVersions")
      members.add(name)
      members.add("versions", versions.map { .string($0) })
    case .putPartitions(let name, let partitions):
      members.add("op", "putPartitions")
      members.add(name)
      members.add("partitions", partitions.map(\.json))
    case .deletePartitions(let name, let values):
      members.add("op", "deletePartitions")
      members.add(name)
      members.add("values", values.map { .array($0.map { .string($0) }) })
    case .deleteAllPartitions(let name):
      members.add("op", "deleteAllPartitions")
      members.add(name)
    }
    return members.finish([])
  }

  init(json: JSONValue, place: String) throws(CatalogError) {
    var members = try MemberReader(json, place)
    let name = try members.required("op", members.string("op"))
    switch name {
    case "createDatabase":
      self = .createDatabase(
        try members.database(), ifAbsent: try members.boolean("ifAbsent") ?? false)
    case "updateDatabase": self = .updateDatabase(try members.database())
    case "deleteDatabase":
      self = .deleteDatabase(try members.required("name", members.string("name")))
    case "createTable": self = .createTable(try members.table())
    case "putTable": self = .putTable(try members.table())
    case "updateTable":
      self = .updateTable(
        try members.table(), expectedVersion: try members.string("expectedVersion"),
        keepsOldVersion: try members.boolean("keepsOldVersion") ?? true)
    case "deleteTable":
      self = .deleteTable(
        try members.tableName(), ifPresent: try members.boolean("ifPresent") ?? false)
    case "deleteTableVersions":
      self = .deleteTableVersions(
        try members.tableName(), try members.required("versions", members.strings("versions")))
    case "putPartitions":
      let partitions = try members.list("partitions") { (json, place) throws(CatalogError) in
        try PartitionInput(json: json, place: place)
      }
      self = .putPartitions(
        try members.tableName(), try members.required("partitions", partitions))
    case "deletePartitions":
      let values = try members.list("values") { (json, place) throws(CatalogError) in
        guard let items = json.array, items.allSatisfy({ $0.string != nil }) else {
          throw CatalogError(
            .invalidInput, "this is not a list of strings", remedy: "correct it", place: place)
        }
        return items.compactMap(\.string)
      }
      self = .deletePartitions(try members.tableName(), try members.required("values", values))
    case "deleteAllPartitions": self = .deleteAllPartitions(try members.tableName())
    default:
      throw CatalogError(
        .invalidInput, "unknown operation '\(name)'",
        remedy: "the log may be from a newer Tidemark; use that one", place: place)
    }
  }
}

extension MemberWriter {
  fileprivate mutating func add(_ name: TableName) {
    add("database", name.database)
    add("name", name.table)
  }
}

extension MemberReader {
  fileprivate mutating func tableName() throws(CatalogError) -> TableName {
    TableName(
      try required("database", string("database")), try required("name", string("name")))
  }

  fileprivate mutating func database() throws(CatalogError) -> CatalogDatabase {
    let database = try value("database") { (json, _) throws(CatalogError) in
      try CatalogDatabase(json: json)
    }
    return try required("database", database)
  }

  fileprivate mutating func table() throws(CatalogError) -> CatalogTable {
    let table = try value("table") { (json, _) throws(CatalogError) in
      try CatalogTable(json: json)
    }
    return try required("table", table)
  }
}
