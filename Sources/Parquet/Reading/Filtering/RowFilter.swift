internal import Records

/// Finds the rows of a row group that meet conditions, a column at a time: each column is decoded
/// only where all before it are met.
struct RowFilter {
  let conditions: [LeafCondition]
  /// Rows that are read at a time.
  private static let stepRowCount = 1 << 16
  /// Rows that are decoded for nothing rather than passed over.
  static let gapRowCountMax = 100

  var isEmpty: Bool { conditions.isEmpty }

  /// - Returns: those of `rows` that meet all conditions.
  func rows(of rows: RowRanges, in opening: RowGroupOpening) throws(ParquetError) -> RowRanges {
    if conditions.isEmpty { return rows }
    if rows.isEmpty || conditions.contains(where: { $0.content == .nothing }) {
      return RowRanges()
    }
    let shapes = conditions.map {
      LeafShape(leaf: $0.leaf, slotLevel: 0, needsLevels: false)
    }
    let chunks = try opening.chunks(shapes, isWhole: rows.count == opening.rowCount)
    let plan = opening.plan(chunks, rows: rows)
    var rows = rows
    do throws(ParquetError) {
      for (condition, chunk) in zip(conditions, chunks) where !rows.isEmpty {
        let reader = try opening.reader(of: condition, chunk, plan)
        rows = try Self.rows(of: rows, meeting: condition, reader)
      }
    } catch {
      throw error.at(rowGroup: opening.index)
    }
    return rows
  }

  private static func rows(
    of rows: RowRanges, meeting condition: LeafCondition, _ reader: LeafReader
  ) throws(ParquetError) -> RowRanges {
    var left = rows
    var met = RowRanges()
    while !left.isEmpty {
      let part = left.takeFirst(stepRowCount, gapMax: gapRowCountMax)
      var start = 0
      try reader.beginBatch(rowCount: part.readCount)
      for range in part.read {
        try reader.skip(to: range.lowerBound)
        try reader.read(rowCount: range.count)
      }
      let answers = Answers(reader.finishBatch(), condition.content)
      var selected = RowRanges()
      for range in part.read {
        answers.append(range, from: start, to: &selected)
        start += range.count
      }
      for range in selected.intersection(RowRanges(ordered: part.selected)).ranges {
        met.append(range)
      }
    }
    return met
  }
}

/// Which slots of a batch meet a condition.
private struct Answers {
  private enum Content {
    case bytes([UInt8])
    case bits(Bitmap, sought: Bool)
    case all(Bool)
  }

  private let content: Content

  init(_ batch: LeafBatch, _ condition: LeafCondition.Content) {
    switch condition {
    case .isNull: content = batch.validity.map { .bits($0, sought: false) } ?? .all(false)
    case .isNotNull: content = batch.validity.map { .bits($0, sought: true) } ?? .all(true)
    case .tests, .nothing:
      if case .fixedBytes(_, let bytes) = batch.values {
        content = .bytes(bytes)
      } else {
        content = .all(false)
      }
    }
  }

  /// Appends the rows of a range that meet the condition; their slots begin at `start`.
  func append(_ rows: Range<Int>, from start: Int, to output: inout RowRanges) {
    switch content {
    case .all(let isMet): if isMet { output.append(rows) }
    case .bits(let bits, let sought):
      append(rows, to: &output) { bits[start + $0] == sought }
    case .bytes(let bytes):
      append(rows, to: &output) { bytes[start + $0] != 0 }
    }
  }

  private func append(
    _ rows: Range<Int>, to output: inout RowRanges, _ isMet: (Int) -> Bool
  ) {
    var first = 0
    while first < rows.count {
      guard isMet(first) else {
        first += 1
        continue
      }
      var end = first + 1
      while end < rows.count, isMet(end) { end += 1 }
      output.append(rows.lowerBound + first..<rows.lowerBound + end)
      first = end + 1
    }
  }
}
