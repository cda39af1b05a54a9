internal import Records

/// Sorts rows that may not fit in memory: sorted runs are spilled, then merged.
///
///     batches ─▶ memory, until full ─▶ sorted run ─▶ SpillStore ─┐
///                                      sorted run ─▶ SpillStore ─┼─▶ RunMerge ─▶ batches
///                 the last run, where it is the only one ────────┘
///
/// Where there are more runs than can be read within the memory, runs are merged into longer ones
/// first, neighbours together, so that equal keys keep their order.
struct ExternalSort {
  private let encoder: SortKeyEncoder
  private let layout: RunLayout
  private let store: any SpillStore
  /// Bytes of rows that are sorted in memory.
  private let runByteCountMax: Int
  private let fanInMax: Int
  /// Runs that there are at a time at most: each is an open file.
  private static let runCountMax = 256

  private var pending: [Batch] = []
  private var pendingByteCount = 0
  private var runs: [SortedRun] = []
  private var rowCount = 0
  private var byteCount = 0

  init(
    _ encoder: SortKeyEncoder, schema: Schema, store: any SpillStore, memoryByteCount: Int,
    threads: Int
  ) {
    self.encoder = encoder
    self.store = store
    // Sorting holds the rows, their keys, and one column twice over.
    runByteCountMax = memoryByteCount / 4
    let groupByteCount = max(64 << 10, memoryByteCount / 128)
    layout = RunLayout(schema: schema, groupByteCount: groupByteCount, threads: threads)
    fanInMax = max(2, memoryByteCount / 2 / (groupByteCount * 3))
  }

  private var rowByteCount: Int { byteCount / max(1, rowCount) }

  // MARK: Taking rows in

  mutating func add(_ batch: Batch) throws(ParquetError) {
    let bytes = batch.byteCount
    if pendingByteCount + bytes > runByteCountMax { try spill() }
    pending.append(batch)
    pendingByteCount += bytes
    byteCount += bytes
    rowCount += batch.rowCount
  }

  private mutating func spill() throws(ParquetError) {
    guard let sorted = try sortPending() else { return }
    var rest: Batch? = sorted
    let run = try layout.write(to: store, rowByteCount: rowByteCount) {
      defer { rest = nil }
      return rest
    }
    runs.append(run)
    if runs.count >= Self.runCountMax { try mergeNeighbours() }
  }

  /// The pending rows in order, which are then pending no more.
  private mutating func sortPending() throws(ParquetError) -> Batch? {
    guard !pending.isEmpty else { return nil }
    let order = pendingOrder()
    var parts = pending.map(\.columns)
    pending = []
    pendingByteCount = 0
    var columns: [Column] = []
    for (index, field) in layout.schema.fields.enumerated() {
      let whole = Column.concatenating(parts.map { $0[index] }, type: field.type)
      guard let whole else {
        throw ParquetError(.limitExceeded, "more list elements than 2³¹ in one run")
      }
      // What has been taken over is let go of, or the rows would be there twice.
      for part in parts.indices { parts[part][index] = .nulls(.boolean, count: 0) }
      columns.append(whole.gather(order))
    }
    return Batch(schema: layout.schema, columns: columns, rowCount: order.count)
  }

  /// The numbers of the pending rows, in the order of their keys.
  private func pendingOrder() -> [Int32] {
    var lengths: [Int] = []
    var bytes: [UInt8] = []
    for batch in pending {
      let keys = encoder.keys(of: batch)
      for row in 0..<keys.count { lengths.append(keys.starts[row + 1] - keys.starts[row]) }
      bytes += keys.bytes
    }
    var all = SortKeys(lengths: lengths)
    all.bytes = bytes
    return all.sortedRows()
  }

  // MARK: Handing rows out

  /// Calls `body` with all rows in order, then removes the runs.
  mutating func forEach(_ body: (Batch) throws(ParquetError) -> Void) throws(ParquetError) {
    if runs.isEmpty {
      guard let sorted = try sortPending() else { return }
      var row = 0
      while row < sorted.rowCount {
        let end = min(row + 65_536, sorted.rowCount)
        try body(sorted.slice(row..<end))
        row = end
      }
      return
    }
    try spill()
    while runs.count > fanInMax { try mergeNeighbours() }
    var merge = try RunMerge(runs, encoder, layout, rowByteCount: rowByteCount)
    while let batch = try merge.next() { try body(batch) }
    for run in runs { run.file.remove() }
    runs = []
  }

  private mutating func mergeNeighbours() throws(ParquetError) {
    var merged: [SortedRun] = []
    while !runs.isEmpty {
      let group = Array(runs.prefix(fanInMax))
      runs.removeFirst(group.count)
      if group.count == 1 {
        merged += group
        continue
      }
      var merge = try RunMerge(group, encoder, layout, rowByteCount: rowByteCount)
      merged.append(
        try layout.write(to: store, rowByteCount: rowByteCount) {
          () throws(ParquetError) in try merge.next()
        })
      for run in group { run.file.remove() }
    }
    runs = merged
  }
}
