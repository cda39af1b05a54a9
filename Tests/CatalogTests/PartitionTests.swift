import Base
import Catalog
import GRDB
import Records
import Testing

@testable import struct Catalog.PartitionKey

@Suite struct PartitionTests {
  private let name = TestCatalog.name

  private func input(_ values: String...) -> PartitionInput {
    PartitionInput(
      values: values, location: "s3://lake/raw/orders/\(values.joined(separator: "/"))/")
  }

  @Test func putsAndDeletesPartitions() throws {
    let catalog = try TestCatalog.withOrders(keyCount: 2)
    var counted = input("2026", "01")
    counted.parameters = ["recordCount": "5", "é": "\n"]
    try catalog.apply(.putPartitions(name, [input("2026", "02"), counted, input("2025", "12")]))
    let all = try catalog.reader.partitions(of: name)
    #expect(all.map(\.values) == [["2025", "12"], ["2026", "01"], ["2026", "02"]])
    #expect(all[1].parameters == ["recordCount": "5", "é": "\n"])
    #expect(all[1].creationTime == Instant(seconds: 100))
    #expect(all[1].storage.location == "s3://lake/raw/orders/2026/01/")
    #expect(all[1].table == name)
    #expect(try catalog.reader.partitionCount(of: name) == 3)
    #expect(try catalog.reader.partition(of: name, values: ["2026", "01"]) == all[1])
    #expect(try catalog.reader.partition(of: name, values: ["2026"]) == nil)

    try catalog.apply(
      .putPartitions(name, [PartitionInput(values: ["2026", "01"], location: "new")]), at: 200)
    let moved = try #require(try catalog.reader.partition(of: name, values: ["2026", "01"]))
    #expect(moved.storage.location == "new")
    #expect(moved.parameters == [:])
    #expect(moved.creationTime == Instant(seconds: 100))

    try catalog.apply(.deletePartitions(name, [["2026", "01"], ["none", "x"], ["2025", "12"]]))
    #expect(try catalog.reader.partitions(of: name).map(\.values) == [["2026", "02"]])
    try catalog.apply(.deleteAllPartitions(name))
    #expect(try catalog.reader.partitions(of: name) == [])
  }

  @Test func inheritsFromTheTable() throws {
    let catalog = try TestCatalog.withOrders(keyCount: 1)
    let own = StorageDescriptor(
      columns: [CatalogColumn("x", "int")], location: "csv/", inputFormat: "text")
    try catalog.apply(
      .putPartitions(
        name,
        [
          input("a"), PartitionInput(values: ["b"], storage: .own(own)),
          PartitionInput(values: ["c"], storage: .own(own)),
        ]))
    try catalog.apply(.putTable(try TestCatalog.orders([Field("id", .string)], keyCount: 1)))
    let table = try catalog.reader.table(name)
    let all = try catalog.reader.partitions(of: name)
    #expect(all[0].storage.columns == [CatalogColumn("id", "string")])
    #expect(all[0].storage.serDe == table.storage?.serDe)
    #expect(all[0].storage.location == "s3://lake/raw/orders/a/")
    #expect(all[1].storage == own)
    #expect(all[2].storage == own)
    let count = try catalog.queue.read { db in
      try Int.fetchOne(db, sql: "SELECT count(*) FROM catalog_descriptor")
    }
    #expect(count == 1, "a descriptor is kept once")
    #expect(all[1].json(withColumns: false)["StorageDescriptor"]?["Columns"] == [])
    #expect(all[1].json()["StorageDescriptor"]?["Columns"]?.array?.count == 1)
  }

  @Test func refusesPartitionsThatDoNotFit() throws {
    let catalog = try TestCatalog.withOrders(keyCount: 2)
    #expect(catalog.failure(.putPartitions(name, [input("a")])) == .invalidInput)
    #expect(catalog.failure(.putPartitions(name, [input("a", "b", "c")])) == .invalidInput)
    #expect(catalog.failure(.putPartitions(TableName("raw", "x"), [input("a")])) == .entityNotFound)
    #expect(catalog.failure(.deletePartitions(TableName("raw", "x"), [])) == .entityNotFound)
    let plain = try TestCatalog.withOrders()
    #expect(
      plain.failure(.putPartitions(name, [PartitionInput(values: [], location: "x")]))
        == .invalidInput)
  }

  @Test(arguments: [1, 2, 3, 7, 100]) func givesPages(_ limit: Int) throws {
    let catalog = try TestCatalog.withOrders(keyCount: 1)
    let values = [
      "", "a", "a\0", "a\0b", "a\u{1}", "aa", "b", "é", "日本", "__HIVE_DEFAULT_PARTITION__",
    ]
    try catalog.apply(.putPartitions(name, values.map { input($0) }))
    var seen: [String] = []
    var token: String?
    repeat {
      let page = try catalog.reader.partitions(of: name, after: token, limit: limit)
      #expect(page.partitions.count <= limit)
      #expect(page.next != "")
      seen += page.partitions.flatMap(\.values)
      token = page.next
    } while token != nil
    #expect(seen == values.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
  }

  @Test(arguments: ["", "x", "0", "61", "6100", "610002", "ff0001", "zz", "6100010", "00FF"])
  func refusesForeignTokens(_ token: String) throws {
    let catalog = try TestCatalog.withOrders(keyCount: 1)
    if token.isEmpty {
      #expect(try catalog.reader.partitions(of: name, after: "", limit: 5).partitions == [])
      return
    }
    let error = #expect(throws: CatalogError.self) {
      try catalog.reader.partitions(of: name, after: token, limit: 5)
    }
    #expect(error?.kind == .invalidInput)
  }

  @Test func keysKeepValuesAndTheirOrder() throws {
    let texts = ["", "a", "b", "a\0", "\0", "\0\u{1}", "\u{1}", "é", "aa"]
    var tuples: [[String]] = [[]]
    for first in texts {
      tuples.append([first])
      for second in texts { tuples.append([first, second]) }
    }
    func precedes(_ a: [String], _ b: [String]) -> Bool {
      a.lexicographicallyPrecedes(b) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
    for a in tuples {
      let key = PartitionKey(a)
      #expect(key.values == a)
      #expect(PartitionKey(token: key.token) == key)
      for b in tuples {
        #expect(key.bytes.lexicographicallyPrecedes(PartitionKey(b).bytes) == precedes(a, b))
      }
    }
  }
}
