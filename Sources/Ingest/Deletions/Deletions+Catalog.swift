internal import Connector
internal import Records

extension Deletions {
  /// The columns of the side table, from a stream's first commit on: so that queries that leave
  /// deleted rows out work before any was deleted.
  func schemas(of stream: ResolvedStream, _ schemas: [String: Schema]) -> [String: Schema] {
    guard compareSeconds != nil, let table = schemas[stream.table] else { return [:] }
    let fields = key.compactMap { table[$0] }
    guard fields.count == key.count else { return [:] }
    return [
      stream.tableName(.side(KeyComparison.side)): Schema(
        fields + [KeyComparison.timeField, KeyComparison.backField])
    ]
  }

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
