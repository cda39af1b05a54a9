import Base
import Catalog
import Foundation
import GRDB
import Records

/// A catalog in memory, and what tests put into it.
struct TestCatalog {
  let queue: DatabaseQueue
  let reader: EmbeddedCatalog

  init() throws {
    queue = try DatabaseQueue()
    try queue.write { db in try EmbeddedCatalog.migrate(db) }
    reader = EmbeddedCatalog(queue)
  }

  func apply(_ operations: CatalogOperation..., at seconds: Double = 100) throws {
    let change = CatalogChange(time: Instant(seconds: seconds), operations: operations)
    // What the log would keep must do the same.
    let replayed = try CatalogChange(json: JSONValue(parsing: change.json.text()))
    guard replayed == change else { throw Mismatch() }
    try queue.write { db in try EmbeddedCatalog.apply(replayed, in: db) }
  }

  struct Mismatch: Error {}

  /// With database `raw` and table `orders`, which has `keyCount` partition keys.
  static func withOrders(keyCount: Int = 0) throws -> TestCatalog {
    let catalog = try TestCatalog()
    try catalog.apply(
      .createDatabase(CatalogDatabase("raw"), ifAbsent: true),
      .putTable(try orders(keyCount: keyCount)))
    return catalog
  }

  static let name = TableName("raw", "orders")

  static func orders(
    _ fields: [Field] = [Field("id", .int64)], keyCount: Int = 0, parameters: [String: String] = [:]
  ) throws -> CatalogTable {
    try .parquet(
      name, schema: Schema(fields), partitionKeys: (0..<keyCount).map { Field("k\($0)", .string) },
      location: "s3://lake/raw/orders/", parameters: parameters)
  }

  /// The kind of error that a change ends in; nil where it ends in none.
  func failure(_ operations: CatalogOperation...) -> CatalogError.Kind? {
    let change = CatalogChange(time: Instant(seconds: 1), operations: operations)
    do {
      try queue.write { db in try EmbeddedCatalog.apply(change, in: db) }
      return nil
    } catch { return (error as? CatalogError)?.kind }
  }
}
