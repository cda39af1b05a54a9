public import Parquet
internal import Records
public import Storage

/// Finds the rows of stored files that came with some commits and hold one of some texts in a
/// column.
public struct RowSearch {
  private let store: any ObjectStore
  private let column: String
  /// By version.
  private let texts: [Int: Set<[UInt8]>]
  private let reading: ReadOptions

  public init(
    store: any ObjectStore, column: String, texts: [Int: Set<String>], reading: ReadOptions
  ) {
    self.store = store
    self.column = column
    self.texts = texts.mapValues { Set($0.map { Array($0.utf8) }) }
    self.reading = reading
  }

  /// Ranges of the file's rows, ascending, neighbours joined.
  /// - Parameter checkpoint: called before each batch; what it throws ends the work.
  public func rows(of file: DataFile, checkpoint: () throws -> Void) throws -> [Range<Int>] {
    var found: [Range<Int>] = []
    var start = 0
    for origin in file.origins {
      let run = start..<start + origin.rowCount
      start = run.upperBound
      guard let wanted = texts[origin.version] else { continue }
      if let value = file.partition.first(where: { $0.name == column }) {
        // The table is split by the column: the file has it in its folder's name.
        if wanted.contains(Array((value.text ?? "").utf8)) { Self.add(run, to: &found) }
      } else {
        try search(run, of: file, wanted, &found, checkpoint)
      }
    }
    return found
  }

  private func search(
    _ run: Range<Int>, of file: DataFile, _ wanted: Set<[UInt8]>, _ found: inout [Range<Int>],
    _ checkpoint: () throws -> Void
  ) throws {
    let reader: ParquetReader
    do {
      let source = try ParquetFile(StoredFile(file.key, in: store), options: reading)
      guard source.rowCount == file.rowCount else {
        throw LakeError(
          .encoding, "the file has \(source.rowCount) rows, the log says \(file.rowCount)",
          remedy: "Nothing was changed. Look whether something else wrote to the lake.",
          place: file.key)
      }
      // A table of the stream that has no such column has none of the rows.
      guard source.schema[column] != nil else { return }
      reader = try source.reader(columns: [column], rows: run)
    } catch let error as ParquetError {
      throw LakeError(.encoding, "\(error)", remedy: error.remedy, place: file.key)
    }
    var row = run.lowerBound
    while true {
      try checkpoint()
      let batch: Batch?
      do { batch = try reader.next() } catch {
        throw LakeError(.encoding, "\(error)", remedy: error.remedy, place: file.key)
      }
      guard let batch, let values = batch[column] else { return }
      for index in 0..<values.count {
        if Self.matches(values, index, wanted) { Self.add(row..<row + 1, to: &found) }
        row += 1
      }
    }
  }

  private static func matches(_ column: Column, _ index: Int, _ wanted: Set<[UInt8]>) -> Bool {
    if column.isNull(index) { return false }
    guard case .bytes(let bytes) = column.values else { return false }
    let value = bytes[index]
    return wanted.contains { $0.count == value.count && $0.elementsEqual(value) }
  }

  private static func add(_ range: Range<Int>, to found: inout [Range<Int>]) {
    if let last = found.last, last.upperBound == range.lowerBound {
      found[found.count - 1] = last.lowerBound..<range.upperBound
    } else {
      found.append(range)
    }
  }
}
