internal import Records

/// Merges sorted runs into one order. Rows of equal keys come in the order of their runs.
struct RunMerge {
  /// A run at work: a batch, its keys, and the next row.
  private struct Cursor {
    let reader: ParquetReader
    var batch: Batch
    var keys: SortKeys
    var row = 0
    var prefix: UInt128 = 0
    /// Number of the batch among the pieces of the output that is being made.
    var piece: Int?
  }

  private let encoder: SortKeyEncoder
  private let layout: RunLayout
  private let rowCountMax: Int
  private var cursors: [Cursor] = []
  /// Numbers of cursors: a heap whose least is at the front.
  private var heap: [Int] = []

  init(
    _ runs: [SortedRun], _ encoder: SortKeyEncoder, _ layout: RunLayout, rowByteCount: Int
  ) throws(ParquetError) {
    self.encoder = encoder
    self.layout = layout
    rowCountMax = min(layout.rowCount(rowByteCount), 16_384)
    for run in runs {
      let reader = try layout.reader(of: run, rowByteCount: rowByteCount)
      guard let batch = try reader.next() else { continue }
      let rows = layout.relabelled(batch)
      let keys = encoder.keys(of: rows)
      cursors.append(Cursor(reader: reader, batch: rows, keys: keys, prefix: keys.prefix(0)))
    }
    heap = Array(cursors.indices)
    for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(index) }
  }

  /// The next rows in order; nil at the end.
  mutating func next() throws(ParquetError) -> Batch? {
    // Each piece is a range of rows of one batch; rows of the output come from the pieces by turns.
    var pieces: [(batch: Batch, rows: Range<Int>)] = []
    var turns: [Int32] = []
    while turns.count < rowCountMax, let least = heap.first {
      let row = cursors[least].row
      if let piece = cursors[least].piece {
        pieces[piece].rows = pieces[piece].rows.lowerBound..<row + 1
      } else {
        cursors[least].piece = pieces.count
        pieces.append((cursors[least].batch, row..<row + 1))
      }
      turns.append(Int32(cursors[least].piece ?? 0))
      try advance(least)
    }
    for index in cursors.indices { cursors[index].piece = nil }
    guard !turns.isEmpty else { return nil }
    return try Self.output(pieces, turns, layout.schema)
  }

  private static func output(
    _ pieces: [(batch: Batch, rows: Range<Int>)], _ turns: [Int32], _ schema: Schema
  ) throws(ParquetError) -> Batch {
    guard let all = Batch.concatenating(pieces.map { $0.batch.slice($0.rows) }, schema: schema)
    else { throw ParquetError(.limitExceeded, "more list elements than 2³¹ in one batch") }
    if pieces.count == 1 { return all }
    var next: [Int32] = []
    var first: Int32 = 0
    for piece in pieces {
      next.append(first)
      first += Int32(piece.rows.count)
    }
    var order: [Int32] = []
    order.reserveCapacity(turns.count)
    for piece in turns {
      order.append(next[Int(piece)])
      next[Int(piece)] += 1
    }
    return all.gather(order)
  }

  /// Moves the cursor at the front of the heap to its next row.
  private mutating func advance(_ cursor: Int) throws(ParquetError) {
    cursors[cursor].row += 1
    if cursors[cursor].row == cursors[cursor].batch.rowCount {
      guard let batch = try cursors[cursor].reader.next() else {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        siftDown(0)
        return
      }
      let rows = layout.relabelled(batch)
      cursors[cursor].batch = rows
      cursors[cursor].keys = encoder.keys(of: rows)
      cursors[cursor].row = 0
      cursors[cursor].piece = nil
    }
    cursors[cursor].prefix = cursors[cursor].keys.prefix(cursors[cursor].row)
    siftDown(0)
  }

  private mutating func siftDown(_ start: Int) {
    var index = start
    while true {
      var least = index
      for child in [2 * index + 1, 2 * index + 2] where child < heap.count {
        if isBefore(heap[child], heap[least]) { least = child }
      }
      if least == index { return }
      heap.swapAt(index, least)
      index = least
    }
  }

  private func isBefore(_ a: Int, _ b: Int) -> Bool {
    if cursors[a].prefix != cursors[b].prefix { return cursors[a].prefix < cursors[b].prefix }
    let order = cursors[a].keys.compareRest(cursors[a].row, cursors[b].keys, cursors[b].row)
    return order != 0 ? order < 0 : a < b
  }
}
