internal import Base
internal import Bookmarks
internal import Connector
internal import Lake
internal import Parquet
internal import Storage

/// Finds the rows that a commit takes out of its stream's tables.
struct RowRetraction {
  let workspace: Workspace

  /// The ranges of rows that go, by the file's key.
  func find(
    _ rows: [RetractedRows], in files: [DataFile], checkpoint: () throws -> Void
  ) throws -> [String: [Range<Int>]] {
    var gone: [String: [Range<Int>]] = [:]
    for (column, rows) in Dictionary(grouping: rows, by: \.column) {
      let texts = Dictionary(grouping: rows, by: \.version).mapValues { Set($0.map(\.text)) }
      let search = RowSearch(
        store: workspace.store, column: column, texts: texts, reading: Parquet.ReadOptions())
      for file in files where file.origins.contains(where: { texts[$0.version] != nil }) {
        gone[file.key, default: []] += try search.rows(of: file, checkpoint: checkpoint)
      }
    }
    return gone.mapValues { ranges in ranges.sorted { $0.lowerBound < $1.lowerBound } }
  }
}
