public import Records

/// Streams the rows of a file, or of some of its columns and row groups, as batches.
///
/// Batches never span row groups. What is held at a time is a page and a dictionary a column and
/// the batch at work; the budget of the file's options bounds it. After an error the reader is
/// closed.
public final class ParquetReader {
  public let file: ParquetFile
  /// The columns of the batches.
  public let schema: Schema
  let nodes: [SchemaNode]
  private let shapes: [Int: LeafShape]
  private let leaves: [Int]
  private let rowGroups: [Int]
  private let pruning: Pruning
  private let filter: RowFilter
  private let rows: Range<Int>?
  private let budget: MemoryBudget
  private let decompressors = DecompressorPool()
  private var nextRowGroup = 0
  private var group: RowGroupReader?
  private var isClosed = false

  /// - Parameters:
  ///   - columns: names of columns, in the order that batches are to have; all where nil. A dotted
  ///     path gives a part of a nested column: `a.b`, or `a.list.element.c`, which may be written
  ///     `a.c`. Nothing else of it is read. Paths of one column are put together; the keys alone or
  ///     the values alone of a map are a list.
  ///   - rowGroups: numbers of row groups, in the order they are to be read; all where nil.
  ///   - predicates: what is known not to meet all of them is left out.
  ///   - filter: rows that do not meet all of them are left out.
  ///   - rows: the rows of the file to read, counted from its first; all where nil.
  init(
    _ file: ParquetFile, columns: [String]?, rowGroups: [Int]?, predicates: [Predicate],
    filter: [Predicate], rows: Range<Int>?
  ) throws(ParquetError) {
    self.file = file
    self.rows = rows
    self.filter = RowFilter(conditions: try LeafCondition.all(filter, in: file))
    pruning = try Pruning(file, predicates + filter)
    var nodes = file.nodes
    if let columns {
      let projection = Projection(elements: file.parquetSchema.elements, nodes: nodes)
      nodes = try projection.columns(columns)
    }
    self.nodes = nodes
    schema = Schema(nodes.map(\.field))
    shapes = LeafShape.shapes(of: nodes, in: file.parquetSchema)
    leaves = nodes.flatMap(\.leafIndices).sorted()
    let all = file.metadata.rowGroups.indices
    for index in rowGroups ?? [] where !all.contains(index) {
      throw ParquetError(.schemaMismatch, "no row group \(index); there are \(all.count)")
    }
    self.rowGroups = rowGroups ?? Array(all)
    budget = MemoryBudget(byteCountMax: file.options.memoryByteCountMax)
  }

  /// The next batch; nil at the end.
  public func next() throws(ParquetError) -> Batch? {
    guard !isClosed else { throw ParquetError(.closed, "the reader has failed before") }
    do throws(ParquetError) {
      return try readNext()
    } catch {
      isClosed = true
      group = nil
      throw error
    }
  }

  private func readNext() throws(ParquetError) -> Batch? {
    while true {
      if let batch = try group?.next() { return batch }
      guard nextRowGroup < rowGroups.count else { return nil }
      group = try open(rowGroups[nextRowGroup])
      nextRowGroup += 1
    }
  }

  /// Nil where none of its rows are to be read.
  private func open(_ index: Int) throws(ParquetError) -> RowGroupReader? {
    let metadata = file.metadata.rowGroups[index]
    guard let rowCount = Int(exactly: metadata.rowCount) else {
      throw ParquetError(.corrupt, "\(metadata.rowCount) rows", at: .init(rowGroup: index))
    }
    var selected = try pruning.rows(inRowGroup: index, rowCount: rowCount)
    if let rows {
      let first = firstRows[index]
      let start = min(max(rows.lowerBound - first, 0), rowCount)
      let end = min(max(rows.upperBound - first, start), rowCount)
      selected = selected.intersection(RowRanges(start..<end))
    }
    let opening = RowGroupOpening(
      file: file, index: index, rowCount: rowCount, budget: budget, decompressors: decompressors)
    selected = try filter.rows(of: selected, in: opening)
    guard !selected.isEmpty else { return nil }
    let isWhole = selected.count == rowCount
    var chunks = try opening.chunks(leaves.compactMap { shapes[$0] }, isWhole: isWhole)
    let byteCount = chunks.reduce(0.0) { $0 + Double($1.metadata.totalUncompressedSize) }
    let plan = opening.plan(chunks, rows: selected)
    // The largest first, so that threads finish together.
    chunks.sort { $0.metadata.totalUncompressedSize > $1.metadata.totalUncompressedSize }
    var readers: [LeafReader] = []
    for chunk in chunks { readers.append(try opening.reader(chunk, plan)) }
    let rowByteCount = max(1, byteCount / Double(rowCount))
    let batchByteCountMax = min(
      file.options.batchByteCountMax, file.options.memoryByteCountMax / 8)
    let byBytes = Double(batchByteCountMax) / rowByteCount
    let batchRowCount = max(
      1, min(file.options.batchRowCountMax, Int(max(1, min(byBytes, 1e9)))))
    return RowGroupReader(
      index: index, readers: readers, nodes: nodes, schema: schema, rows: selected,
      isWhole: isWhole, gapRowCountMax: filter.isEmpty ? 0 : RowFilter.gapRowCountMax,
      batchRowCount: batchRowCount, batchByteCount: Double(batchRowCount) * rowByteCount,
      options: file.options)
  }

  /// The number of each row group's first row in the file.
  private lazy var firstRows: [Int] = {
    var row = 0
    return file.metadata.rowGroups.map { group in
      defer { row += Int(clamping: group.rowCount) }
      return row
    }
  }()
}

extension ParquetFile {
  /// A reader of some or all rows.
  /// - Parameters:
  ///   - columns: names of columns, in the order that batches are to have; all where nil. A dotted
  ///     path gives a part of a nested column: `a.b`, or `a.list.element.c`, which may be written
  ///     `a.c`. Nothing else of it is read. Paths of one column are put together; the keys alone or
  ///     the values alone of a map are a list.
  ///   - rowGroups: numbers of row groups, in the order they are to be read; all where nil.
  ///   - predicates: row groups and pages whose statistics say that no row meets all of these are
  ///     left out. Rows that are read may still fail them.
  ///   - filter: rows that do not meet all of these are left out, exactly. Their columns are read
  ///     first, the others where rows are left. They need not be among `columns`.
  ///   - rows: the rows of the file to read, counted from its first; all where nil.
  /// - Throws: `.schemaMismatch` for a column or row group that is not there, and for a value in
  ///   `filter` that does not compare with its column.
  public func reader(
    columns: [String]? = nil, rowGroups: [Int]? = nil, predicates: [Predicate] = [],
    filter: [Predicate] = [], rows: Range<Int>? = nil
  ) throws(ParquetError) -> ParquetReader {
    try ParquetReader(
      self, columns: columns, rowGroups: rowGroups, predicates: predicates, filter: filter,
      rows: rows)
  }
}
