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
  /// Which commits brought the rows, in row order. The log knows it of every file; one that was
  /// just staged and comes whole from its own commit needs none.
  public var origins: [RowOrigin]

  public init(
    table: String, key: String, partition: [PartitionValue] = [], rowCount: Int, byteCount: Int,
    columns: JSONValue = .null, origins: [RowOrigin] = []
  ) {
    self.table = table
    self.key = key
    self.partition = partition
    self.rowCount = rowCount
    self.byteCount = byteCount
    self.columns = columns
    self.origins = origins
  }

  public var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init(key: "table", value: .string(table)), .init(key: "key", value: .string(key)),
      .init(key: "partition", value: .array(partition.map(\.json))),
      .init(key: "rows", value: .init(rowCount)), .init(key: "bytes", value: .init(byteCount)),
      .init(key: "columns", value: columns),
    ]
    if !origins.isEmpty {
      members.append(.init(key: "origins", value: .array(origins.map(\.json))))
    }
    return .object(members)
  }

  public init?(json: JSONValue) {
    guard let table = json["table"]?.string, let key = json["key"]?.string,
      let rows = json["rows"]?.integer, let bytes = json["bytes"]?.integer,
      let rowCount = Int(exactly: rows), let byteCount = Int(exactly: bytes)
    else { return nil }
    let values = json["partition"]?.array ?? []
    let partition = values.compactMap(PartitionValue.init(json:))
    let runs = json["origins"]?.array ?? []
    let origins = runs.compactMap(RowOrigin.init(json:))
    guard partition.count == values.count, origins.count == runs.count else { return nil }
    self.init(
      table: table, key: key, partition: partition, rowCount: rowCount, byteCount: byteCount,
      columns: json["columns"] ?? .null, origins: origins)
  }
}

/// A run of rows of a file that one commit of the stream brought.
public struct RowOrigin: Hashable, Sendable {
  /// The stream's version that the commit made.
  public var version: Int
  public var rowCount: Int
  /// The last version that took some of that commit's rows out of the partition; nil where none
  /// did.
  public var cut: Int?

  public init(version: Int, rowCount: Int, cut: Int? = nil) {
    self.version = version
    self.rowCount = rowCount
    self.cut = cut
  }

  /// What rows of a partition have in common: they come and go together. Two states of a
  /// partition with the same sources have the same rows.
  public struct Source: Hashable, Sendable {
    public var version: Int
    public var cut: Int?

    public init(version: Int, cut: Int? = nil) {
      self.version = version
      self.cut = cut
    }
  }

  public var source: Source { Source(version: version, cut: cut) }

  var json: JSONValue {
    .array([.init(version), .init(rowCount)] + (cut.map { [.init($0)] } ?? []))
  }

  init?(json: JSONValue) {
    guard let parts = json.array, (2...3).contains(parts.count) else { return nil }
    let numbers = parts.compactMap { $0.integer.flatMap { Int(exactly: $0) } }
    guard numbers.count == parts.count, numbers[1] >= 0 else { return nil }
    self.init(
      version: numbers[0], rowCount: numbers[1], cut: numbers.count == 3 ? numbers[2] : nil)
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
