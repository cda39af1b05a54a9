import Base
import Catalog
import Foundation
import GRDB
import Records
import Testing

@Suite struct EmbeddedCatalogTests {
  private let name = TestCatalog.name

  @Test func keepsDatabases() throws {
    let catalog = try TestCatalog()
    #expect(try catalog.reader.databases() == [])
    try catalog.apply(
      .createDatabase(CatalogDatabase("RAW", description: "first"), ifAbsent: true),
      .createDatabase(CatalogDatabase("default"), ifAbsent: false))
    try catalog.apply(
      .createDatabase(CatalogDatabase("raw", description: "second"), ifAbsent: true))
    #expect(try catalog.reader.databases().map(\.name) == ["default", "raw"])
    let raw = try catalog.reader.database("Raw")
    #expect(raw.description == "first")
    #expect(raw.createTime == Instant(seconds: 100))
    #expect(
      catalog.failure(.createDatabase(CatalogDatabase("raw"), ifAbsent: false)) == .alreadyExists)
    try catalog.apply(
      .updateDatabase(CatalogDatabase("raw", description: "third", parameters: ["a": "b"])), at: 200
    )
    let updated = try catalog.reader.database("raw")
    #expect(updated.description == "third")
    #expect(updated.createTime == Instant(seconds: 100))
    #expect(catalog.failure(.updateDatabase(CatalogDatabase("none"))) == .entityNotFound)
    #expect(catalog.failure(.deleteDatabase("none")) == .entityNotFound)
    #expect(
      catalog.failure(.createDatabase(CatalogDatabase("a-b"), ifAbsent: true)) == .invalidInput)
  }

  @Test func deletesADatabaseWithEverythingInIt() throws {
    let catalog = try TestCatalog.withOrders(keyCount: 1)
    try catalog.apply(
      .putPartitions(
        name,
        [
          PartitionInput(values: ["a"], location: "x"),
          PartitionInput(values: ["b"], storage: .own(StorageDescriptor(location: "y"))),
        ]),
      .putTable(try TestCatalog.orders([Field("id", .string)], keyCount: 1)))
    try catalog.apply(.deleteDatabase("raw"))
    let rows = try catalog.queue.read { db in
      try [
        "catalog_database", "catalog_table", "catalog_table_version", "catalog_partition",
        "catalog_descriptor",
      ].map { try Int.fetchOne(db, sql: "SELECT count(*) FROM \($0)") }
    }
    #expect(rows == [0, 0, 0, 0, 0])
  }

  @Test func putsTables() throws {
    let catalog = try TestCatalog.withOrders()
    let first = try catalog.reader.table(TableName("Raw", "ORDERS"))
    #expect(first.versionID == "0")
    #expect(first.createTime == Instant(seconds: 100))
    #expect(try catalog.reader.tables(in: "RAW") == [first])

    try catalog.apply(.putTable(try TestCatalog.orders()), at: 200)
    #expect(try catalog.reader.table(name) == first, "nothing changed")

    try catalog.apply(.putTable(try TestCatalog.orders(parameters: ["recordCount": "5"])), at: 300)
    let counted = try catalog.reader.table(name)
    #expect(counted.versionID == "1")
    #expect(counted.updateTime == Instant(seconds: 300))
    #expect(counted.createTime == Instant(seconds: 100))
    #expect(try catalog.reader.versions(of: name) == [counted], "only parameters changed")

    try catalog.apply(
      .putTable(try TestCatalog.orders([Field("id", .int64), Field("b", .date)])), at: 400)
    let widened = try catalog.reader.table(name)
    #expect(widened.versionID == "2")
    #expect(widened.parameters["recordCount"] == "5")
    #expect(try catalog.reader.versions(of: name) == [widened, counted])
  }

  @Test func keepsWhatPeopleAdded() throws {
    let catalog = try TestCatalog.withOrders(keyCount: 1)
    var edited = try catalog.reader.table(name)
    edited.description = "all orders"
    edited.owner = "sales"
    edited.parameters["team"] = "a"
    edited.storage?.columns[0].comment = "the key"
    edited.storage?.columns[0].parameters = ["pii": "no"]
    edited.partitionKeys[0].comment = "a day"
    edited.otherMembers = [.init(key: "TargetTable", value: .object(["Name": "x"]))]
    try catalog.apply(.updateTable(edited, expectedVersion: "0", keepsOldVersion: true))
    try catalog.apply(
      .putTable(
        try TestCatalog.orders(
          [Field("id", .decimal(precision: 20, scale: 0)), Field("b", .date)], keyCount: 1)))
    let table = try catalog.reader.table(name)
    #expect(table.description == "all orders")
    #expect(table.owner == "sales")
    #expect(table.parameters["team"] == "a")
    #expect(
      table.storage?.columns == [
        CatalogColumn("id", "decimal(20,0)", comment: "the key", parameters: ["pii": "no"]),
        CatalogColumn("b", "date"),
      ])
    #expect(table.partitionKeys[0].comment == "a day")
    #expect(table.otherMembers.map(\.key) == ["TargetTable"])
  }

  @Test func checksTheVersionOfUpdates() throws {
    let catalog = try TestCatalog.withOrders()
    var table = try catalog.reader.table(name)
    table.parameters = ["metadata_location": "1"]
    try catalog.apply(.updateTable(table, expectedVersion: "0", keepsOldVersion: false))
    #expect(try catalog.reader.table(name).versionID == "1")
    #expect(try catalog.reader.table(name).parameters == ["metadata_location": "1"])
    #expect(try catalog.reader.versions(of: name).count == 1)
    for stale in ["0", "2", "x", ""] {
      let change = CatalogOperation.updateTable(
        table, expectedVersion: stale, keepsOldVersion: true)
      #expect(catalog.failure(change) == .concurrentModification)
    }
    try catalog.apply(.updateTable(table, expectedVersion: nil, keepsOldVersion: true))
    #expect(try catalog.reader.versions(of: name).compactMap(\.versionID) == ["2", "1"])
    try catalog.apply(.deleteTableVersions(name, ["1", "2", "7", "x"]))
    #expect(try catalog.reader.versions(of: name).compactMap(\.versionID) == ["2"])
  }

  @Test func refusesTablesThatCannotBe() throws {
    let catalog = try TestCatalog.withOrders(keyCount: 1)
    #expect(catalog.failure(.createTable(try TestCatalog.orders())) == .alreadyExists)
    #expect(catalog.failure(.putTable(CatalogTable(TableName("none", "t")))) == .entityNotFound)
    #expect(catalog.failure(.putTable(CatalogTable(TableName("raw", "a-b")))) == .invalidInput)
    let missing = CatalogTable(TableName("raw", "none"))
    #expect(
      catalog.failure(.updateTable(missing, expectedVersion: nil, keepsOldVersion: true))
        == .entityNotFound)
    #expect(catalog.failure(.deleteTable(missing.tableName, ifPresent: false)) == .entityNotFound)
    #expect(catalog.failure(.deleteTable(missing.tableName, ifPresent: true)) == nil)
    let twice = CatalogTable(
      TableName("raw", "t"),
      storage: StorageDescriptor(columns: [CatalogColumn("a", "int"), CatalogColumn("A", "int")]))
    #expect(catalog.failure(.createTable(twice)) == .invalidInput)
    try catalog.apply(.putPartitions(name, [PartitionInput(values: ["a"], location: "x")]))
    #expect(catalog.failure(.putTable(try TestCatalog.orders(keyCount: 2))) == .invalidInput)
    try catalog.apply(.deleteAllPartitions(name))
    #expect(catalog.failure(.putTable(try TestCatalog.orders(keyCount: 2))) == nil)
  }

  @Test func namesWhatWasProbablyMeant() throws {
    let catalog = try TestCatalog.withOrders()
    let table = #expect(throws: CatalogError.self) {
      try catalog.reader.table(TableName("raw", "ordres"))
    }
    #expect(table?.kind == .entityNotFound)
    #expect(table?.remedy == "did you mean 'raw.orders'?")
    let database = #expect(throws: CatalogError.self) { try catalog.reader.tables(in: "rwa") }
    #expect(database?.remedy == "did you mean 'raw'?")
  }

  /// The catalog's part is done in the transaction of the caller, all or none.
  @Test func changesNothingWhenTheCallerRollsBack() throws {
    let catalog = try TestCatalog.withOrders()
    struct Stop: Error {}
    let change = CatalogChange(
      time: Instant(seconds: 1), operations: [.deleteTable(name, ifPresent: false)])
    var countWithin: Int?
    do {
      try catalog.queue.write { db in
        try EmbeddedCatalog.apply(change, in: db)
        countWithin = try EmbeddedCatalog.tables(of: "raw", in: db).count
        throw Stop()
      }
    } catch is Stop {}
    #expect(countWithin == 0)
    #expect(try catalog.reader.table(name).versionID == "0")
    #expect(
      catalog.failure(.deleteTable(name, ifPresent: false), .deleteDatabase("none"))
        == .entityNotFound)
    #expect(try catalog.reader.table(name).versionID == "0")
  }

  @Test func opensAgainAndRefusesNewerFormats() throws {
    let catalog = try TestCatalog.withOrders()
    try catalog.queue.write { db in try EmbeddedCatalog.migrate(db) }
    #expect(try catalog.reader.tables(in: "raw").count == 1)
    try catalog.queue.write { db in try db.execute(sql: "UPDATE catalog_format SET version = 2") }
    let error = #expect(throws: CatalogError.self) {
      try catalog.queue.write { db in try EmbeddedCatalog.migrate(db) }
    }
    #expect(error?.kind == .incompatible)
  }

  @Test func reportsADamagedEntry() throws {
    let catalog = try TestCatalog.withOrders()
    try catalog.queue.write { db in try db.execute(sql: "UPDATE catalog_table SET body = '{'") }
    let error = #expect(throws: CatalogError.self) { try catalog.reader.table(name) }
    #expect(error?.kind == .internalService)
    try catalog.queue.write { db in try db.execute(sql: "DROP TABLE catalog_table") }
    let broken = #expect(throws: CatalogError.self) { try catalog.reader.table(name) }
    #expect(broken?.kind == .internalService)
  }

  @Test func saysThatAnotherProcessIsWriting() throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("tidemark-catalog-\(UUID().uuidString).db").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let one = try DatabaseQueue(path: path)
    try one.write { db in try EmbeddedCatalog.migrate(db) }
    let two = try DatabaseQueue(path: path)
    try one.inDatabase { db in
      try db.execute(sql: "BEGIN EXCLUSIVE")
      let error = #expect(throws: CatalogError.self) { try EmbeddedCatalog(two).databases() }
      #expect(error?.kind == .operationTimeout, "\(error?.cause ?? "")")
      #expect(error?.isRetryable == true)
      try db.execute(sql: "ROLLBACK")
    }
  }

  @Test(arguments: [
    "[]", "{}", #"{"at":1}"#, #"{"at":"x","operations":[]}"#, #"{"at":1,"operations":[{}]}"#,
    #"{"at":1,"operations":[{"op":"explode"}]}"#, #"{"at":1,"operations":[{"op":"putTable"}]}"#,
    #"{"at":1,"operations":[{"op":"deleteTable","database":"raw"}]}"#,
    #"{"at":1,"operations":[{"op":"putPartitions","database":"raw","name":"t","partitions":[{"Values":["a"]}]}]}"#,
    #"{"at":1,"operations":[{"op":"deletePartitions","database":"raw","name":"t","values":["a"]}]}"#,
    #"{"at":1,"operations":[{"op":"deletePartitions","database":"raw","name":"t","values":[[1]]}]}"#,
  ])
  func refusesChangesThatCannotBeRead(_ text: String) throws {
    let json = try JSONValue(parsing: text)
    let error = #expect(throws: CatalogError.self) { try CatalogChange(json: json) }
    #expect(error?.kind == .invalidInput)
  }
}
