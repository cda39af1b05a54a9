internal import Base
public import Storage

/// Where things lie in a lake.
///
///     <root>/raw/shop_orders/created_at_day=2026-11-21/<commit>-00000.parquet
///            │   │           │                        └ one file; its commit's id in its name
///            │   │           └ one folder a partition column
///            │   └ table
///            └ zone
///
/// A partition that was rewritten lies in a folder `v-<commit>` below its own: see
/// `PartitionLocations`.
public enum LakeLayout {
  /// The table that a stream fills: `shop.orders` → `shop_orders`, in the letters that Glue
  /// allows; every other character becomes `_`.
  public static func tableName(ofStream name: String) -> String {
    String(
      name.lowercased().unicodeScalars.map { scalar in
        switch scalar {
        case "a"..."z", "0"..."9", "_": Character(scalar)
        default: "_"
        }
      })
  }

  /// A side table's name: `web_access__rejects`.
  public static func sideTableName(_ table: String, _ side: String) -> String {
    "\(table)__\(tableName(ofStream: side))"
  }

  /// Whose a table is: itself where it is among the tables, else that of which it is a side table.
  /// Of several the longest counts: beside `a` and `a__b`, `a__b__rejects` is of `a__b`.
  public static func mainTable(of table: String, among tables: some Sequence<String>) -> String? {
    tables.filter { table == $0 || table.hasPrefix($0 + "__") }
      .max { $0.utf8.count < $1.utf8.count }
  }

  /// The table that a key's file belongs to; nil where the key is not below one.
  public static func table(ofKey key: String) -> String? {
    let names = key.split(separator: "/", maxSplits: 2)
    return names.count == 3 ? String(names[1]) : nil
  }

  public static func tableFolder(zone: String, table: String) -> String { "\(zone)/\(table)" }

  public static func partitionFolder(zone: String, table: String, _ partition: [PartitionValue])
    -> String
  {
    ([tableFolder(zone: zone, table: table)]
      + partition.map { "\($0.name)=\(escape($0.text ?? PartitionValue.nullText))" })
      .joined(separator: "/")
  }

  /// Where a commit puts a partition that it rewrites.
  /// - Parameter home: the partition's own folder.
  public static func rewrittenFolder(home: String, commit: String) -> String {
    "\(home)/\(rewrittenPrefix)\(commit)"
  }

  static let rewrittenPrefix = "v-"

  static func fileKey(folder: String, commit: String, number: Int) -> String {
    "\(folder)/\(commit)-\(padded(number, 5)).parquet"
  }

  /// Whose a commit's staged files are. Not every store keeps it: see `mainTable`.
  public static func stagingOwner(table: String, commit: String) -> String { "\(table).\(commit)" }

  /// The folder of a table that holds files that are no longer part of it.
  public static let retiredFolder = "_retired"

  /// Where a file that is no longer part of its table waits for clean-up or undoing.
  public static func retiredKey(_ key: String) -> String {
    let parts = key.split(separator: "/", maxSplits: 2)
    guard parts.count == 3 else { return "\(retiredFolder)/\(key)" }
    return "\(parts[0])/\(parts[1])/\(retiredFolder)/\(parts[2])"
  }

  /// A value as a folder name, escaped as Hive does, so that every engine reads it back.
  static func escape(_ text: String) -> String {
    if text.isEmpty { return PartitionValue.nullText }
    var result = ""
    for scalar in text.unicodeScalars {
      if scalar.value < 0x20 || scalar.value == 0x7F
        || "\"#%'*/:=?\\{[]^ ".unicodeScalars.contains(scalar)
      {
        let hex = String(scalar.value, radix: 16, uppercase: true)
        result += "%" + (hex.count == 1 ? "0" + hex : hex)
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
