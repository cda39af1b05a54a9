internal import Records

/// Gathers what stands behind the row groups: their metadata, the indexes, the ranges.
struct FooterBuilder {
  private(set) var rowGroups: [RowGroup] = []
  private(set) var rowCount = 0
  /// Bytes of indexes that wait for the end of the file.
  private(set) var byteCount = 0

  private struct Indexes {
    var column: [UInt8]?
    var offset: [UInt8]?
  }

  private let columnCount: Int
  /// Row group by row group, one a column.
  private var indexes: [Indexes] = []
  private var bounds: [ValueBounds]
  private var nullCounts: [Int]
  private var entryCounts: [Int]

  init(columnCount: Int) {
    self.columnCount = columnCount
    bounds = Array(repeating: .none, count: columnCount)
    nullCounts = Array(repeating: 0, count: columnCount)
    entryCounts = Array(repeating: 0, count: columnCount)
  }

  mutating func add(_ group: RowGroup) {
    rowGroups.append(group)
    rowCount += Int(group.rowCount)
  }

  /// Keeps what is to be said of a chunk that begins at a file offset.
  mutating func addIndexes(of column: ColumnWriter, at offset: Int) {
    let index = column.leaf.index
    bounds[index].merge(column.chunk.bounds)
    nullCounts[index] += column.chunk.nullCount
    entryCounts[index] += column.chunk.entryCount
    guard column.options.writesPageIndex else { return }
    let indexes = Indexes(
      column: column.chunk.columnIndex(column.leaf, column.layout, column.options)?.serialized(),
      offset: column.chunk.offsetIndex(column.layout, at: offset).serialized())
    byteCount += (indexes.column?.count ?? 0) + (indexes.offset?.count ?? 0)
    self.indexes.append(indexes)
  }

  /// Notes in the row groups where the indexes will be, and gives their bytes: all column
  /// indexes, then all offset indexes.
  /// - Parameter position: the file offset of the first.
  mutating func placeIndexes(at position: Int) -> [[UInt8]] {
    var position = position
    var pieces: [[UInt8]] = []
    for (number, entry) in indexes.enumerated() {
      guard let bytes = entry.column else { continue }
      let (group, column) = number.quotientAndRemainder(dividingBy: columnCount)
      let offset = Int64(position)
      rowGroups[group].changeColumns { columns in
        columns[column].columnIndexOffset = offset
        columns[column].columnIndexLength = Int32(clamping: bytes.count)
      }
      position += bytes.count
      pieces.append(bytes)
    }
    for (number, entry) in indexes.enumerated() {
      guard let bytes = entry.offset else { continue }
      let (group, column) = number.quotientAndRemainder(dividingBy: columnCount)
      let offset = Int64(position)
      rowGroups[group].changeColumns { columns in
        columns[column].offsetIndexOffset = offset
        columns[column].offsetIndexLength = Int32(clamping: bytes.count)
      }
      position += bytes.count
      pieces.append(bytes)
    }
    return pieces
  }

  func ranges(_ leaves: [LeafColumn]) -> [ColumnRange] {
    leaves.map { leaf in
      let values = bounds[leaf.index].values(leaf.dataType)
      return ColumnRange(
        path: leaf.path, type: leaf.dataType, min: values?.least, max: values?.most,
        nullCount: nullCounts[leaf.index], entryCount: entryCounts[leaf.index])
    }
  }
}
