internal import Connector

extension Deletions {
  /// What the catalog says of a stream's tables, for whoever merges their rows: by table.
  func parameters(of stream: ResolvedStream) -> [String: [String: String]] {
    var result: [String: [String: String]] = [:]
    if let column { result[stream.table, default: [:]]["tidemark.deleted_column"] = column }
    if compareSeconds != nil {
      let side = stream.tableName(.side(KeyComparison.side))
      let key = key.joined(separator: ",")
      result[stream.table, default: [:]].merge(
        ["tidemark.deleted_keys": side, "tidemark.key": key]) { $1 }
      result[side] = ["tidemark.key": key, "tidemark.keys_of": stream.table]
    }
    return result
  }
}
