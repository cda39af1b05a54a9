public import Base

/// One Parquet file of a table, as the commit log records it.
public struct DataFile: Hashable, Sendable {
  /// The table's name in its zone's database.
  public var table: String
  /// Its key in the lake: `raw/shop_orders/created_at_day=2026-11-21/….parquet`.
  public var key: String
  /// The partition it belongs to, in the order of the partition columns; empty where the table
  /// has none.
  public var partition: [PartitionValue]
  public var rowCount: Int
  public var byteCount: Int
  /// Per column: least and greatest value and how many are null, where known.
  public var columns: JSONValue

  public init(
    table: String, key: String, partition: [PartitionValue] = [], rowCount: Int, byteCount: Int,
    columns: JSONValue = .null
  ) {
    self.table = table
    self.key = key
    self.partition = partition
    self.rowCount = rowCount
    self.byteCount = byteCount
    self.columns = columns
  }

  public var json: JSONValue {
    [
      "table": .string(table), "key": .string(key), "partition": .array(partition.map(\.json)),
      "rows": .init(rowCount), "bytes": .init(byteCount), "columns": columns,
    ]
  }

  public init?(json: JSONValue) {
    guard let table = json["table"]?.string, let key = json["key"]?.string,
      let rows = json["rows"]?.integer, let bytes = json["bytes"]?.integer,
      let rowCount = Int(exactly: rows), let byteCount = Int(exactly: bytes)
    else { return nil }
    let values = json["partition"]?.array ?? []
    let partition = values.compactMap(PartitionValue.init(json:))
    guard partition.count == values.count else { return nil }
    self.init(
      table: table, key: key, partition: partition, rowCount: rowCount, byteCount: byteCount,
      columns: json["columns"] ?? .null)
  }
}

/// One partition column's value, as text; nil is null.
public struct PartitionValue: Hashable, Sendable {
  public var name: String
  public var text: String?

  public init(name: String, text: String?) {
    self.name = name
    self.text = text
  }

  /// What Hive and every engine after it write for null.
  public static let nullText = "__HIVE_DEFAULT_PARTITION__"

  var json: JSONValue { ["name": .string(name), "value": .init(text)] }

  init?(json: JSONValue) {
    guard let name = json["name"]?.string else { return nil }
    self.init(name: name, text: json["value"]?.string)
  }
}
