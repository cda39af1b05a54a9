internal import Records

/// Reads the selected rows of one row group, a batch at a time.
final class RowGroupReader {
  let index: Int
  private let readers: [LeafReader]
  private let nodes: [SchemaNode]
  private let schema: Schema
  private let threads: Int
  /// Those that are still to be read.
  private var rows: RowRanges
  /// Whether all rows are read: then the chunks must end with them.
  private let isWhole: Bool
  /// Rows between two that are to be read which are rather decoded than passed over.
  private let gapRowCountMax: Int
  private let batchRowCount: Int
  /// How many batches are read at a time where several threads read: so many pages are then at
  /// work that all threads have some of them.
  private let lookahead: Int
  /// Batches that were read ahead, the next one last.
  private var ready: [Batch] = []

  init(
    index: Int, readers: [LeafReader], nodes: [SchemaNode], schema: Schema, rows: RowRanges,
    isWhole: Bool, gapRowCountMax: Int, batchRowCount: Int, batchByteCount: Double,
    options: ReadOptions
  ) {
    self.index = index
    self.readers = readers
    self.nodes = nodes
    self.schema = schema
    self.rows = rows
    self.isWhole = isWhole
    self.gapRowCountMax = gapRowCountMax
    self.batchRowCount = batchRowCount
    threads = min(options.threads, readers.count)
    let affordable = Double(options.memoryByteCountMax) / 8 / max(1, batchByteCount)
    lookahead = threads > 1 ? Int(max(1, min(8, affordable))) : 1
  }

  /// The next batch; nil when the selected rows have been read.
  func next() throws(ParquetError) -> Batch? {
    do throws(ParquetError) {
      if ready.isEmpty {
        guard !rows.isEmpty else { return nil }
        ready = try read().reversed()
      }
      return ready.popLast()
    } catch {
      throw error.at(rowGroup: index)
    }
  }

  /// Reads the next batches: one, or as many as are to be read ahead.
  private func read() throws(ParquetError) -> [Batch] {
    var parts: [RowRanges.Part] = []
    while parts.count < lookahead, !rows.isEmpty {
      parts.append(rows.takeFirst(batchRowCount, gapMax: gapRowCountMax))
    }
    let selected = parts
    let isLast = rows.isEmpty && isWhole
    let leaves: [Int: [LeafBatch]]
    if threads > 1 {
      leaves = try ParallelReading.run(readers, threads: threads) {
        (reader) throws(ParquetError) in
        try Self.read(reader, selected, isLast: isLast)
      }
    } else {
      var serial: [Int: [LeafBatch]] = [:]
      for reader in readers {
        serial[reader.leaf.index] = try Self.read(reader, selected, isLast: isLast)
      }
      leaves = serial
    }
    var batches: [Batch] = []
    for (number, part) in parts.enumerated() {
      let batch = try batch(leaves.mapValues { $0[number] }, rowCount: part.readCount)
      batches.append(part.indices.map(batch.gather) ?? batch)
    }
    return batches
  }

  /// One column's part of some batches.
  private static func read(
    _ reader: LeafReader, _ parts: [RowRanges.Part], isLast: Bool
  ) throws(ParquetError) -> [LeafBatch] {
    var batches: [LeafBatch] = []
    for part in parts {
      try reader.beginBatch(rowCount: part.readCount)
      for range in part.read {
        try reader.skip(to: range.lowerBound)
        try reader.read(rowCount: range.count)
      }
      batches.append(reader.finishBatch())
    }
    if isLast { try reader.finishChunk() }
    return batches
  }

  private func batch(
    _ leaves: [Int: LeafBatch], rowCount: Int
  ) throws(ParquetError) -> Batch {
    let assembly = ColumnAssembly(leaves: leaves)
    var columns: [Column] = []
    for node in nodes {
      let column = try assembly.column(node)
      guard column.count == rowCount else {
        throw ParquetError(
          .corrupt, "\(column.count) rows, expected \(rowCount)",
          at: .init(column: node.field.name))
      }
      columns.append(column)
    }
    return Batch(schema: schema, columns: columns, rowCount: rowCount)
  }
}
