public import Storage

/// Where the current files of each partition lie: in its own folder, its home, or, once they were
/// rewritten, in a folder below it. A table that is not split is one partition.
///
///     raw/shop_orders/day=2026-11-21/x.parquet               as it was written: its home
///     raw/shop_orders/day=2026-11-21/v-5e1c/y.parquet        rewritten by the commit 5e1c
///
/// All current files of a partition lie in one folder, which is its location in the catalog.
public struct PartitionLocations: Hashable, Sendable {
  /// By home; only those that lie elsewhere.
  private var moved: [String: String] = [:]

  /// - Parameter keys: of the current files; others are at home.
  public init(keys: some Sequence<String> = []) { add(keys) }

  /// Takes in more files; where they lie is where their partitions are now.
  public mutating func add(_ keys: some Sequence<String>) {
    for key in keys {
      let folder = Self.folder(ofKey: key)
      let home = Self.home(ofFolder: folder)
      moved[home] = folder == home ? nil : folder
    }
  }

  public func folder(zone: String, table: String, _ partition: [PartitionValue]) -> String {
    let home = LakeLayout.partitionFolder(zone: zone, table: table, partition)
    return moved[home] ?? home
  }

  public func folder(ofHome home: String) -> String { moved[home] ?? home }

  public static func folder(ofKey key: String) -> String {
    key.lastIndex(of: "/").map { String(key[..<$0]) } ?? ""
  }

  /// The home of the partition that lies in a folder.
  public static func home(ofFolder folder: String) -> String {
    guard let slash = folder.lastIndex(of: "/") else { return folder }
    let name = folder[folder.index(after: slash)...]
    // A partition's folder has a `=` in it, and a table's name no `-`.
    return name.hasPrefix(LakeLayout.rewrittenPrefix) && !name.contains("=")
      ? String(folder[..<slash]) : folder
  }
}
