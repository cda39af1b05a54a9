public import Records

/// Writes batches as one Parquet file.
///
///     let writer = try ParquetWriter(schema: schema, options: WriteOptions(), sink: sink)
///     while let batch = try next() { try writer.write(batch) }
///     let file = try writer.finish()
///
/// Values are encoded and compressed as they come; a row group goes to the sink when it is full,
/// so memory is bounded by a row group's compressed size. Where that is too much, watch
/// `bufferedBytes` and call `flushRowGroup`. After an error the file is void, and every further
/// call fails.
///
/// Not for use by two threads at once.
public final class ParquetWriter {
  /// What rows come as.
  public let schema: Schema
  /// What they are stored as.
  public let fileSchema: ParquetSchema
  public let options: WriteOptions

  private let sink: any ByteSink
  private let columns: [ColumnWriter]
  private let scratches: ScratchPool
  private let ownsScratches: Bool
  private var footer: FooterBuilder
  private var state = State.open
  /// Bytes handed to the sink.
  private var position = 0
  private var rowsInGroup = 0
  /// Of each column in the row group before, uncompressed: what foretells the work it makes while
  /// nothing is known of the group under way.
  private var byteCounts: [Int]

  private enum State {
    case open, finished, failed
  }

  private static let magic = Array("PAR1".utf8)
  /// Rows between two looks at the memory held.
  private static let stepRows = 65_536

  /// Writes the start of the file.
  /// - Parameter scratches: shared with other writers of the same options; its memory is then not
  ///   counted in `bufferedBytes`. Its own where nil.
  /// - Throws: `.schemaMismatch` where Parquet has no place for the schema, or the options name
  ///   columns or encodings that do not fit it; `.unsupported` for a codec or level that can not
  ///   be written, `.transferFailed` from the sink.
  public init(
    schema: Schema, options: WriteOptions = WriteOptions(), sink: any ByteSink,
    scratches: ScratchPool? = nil
  ) throws(ParquetError) {
    let options = options.clamped
    self.schema = schema
    self.options = options
    self.sink = sink
    fileSchema = try ParquetSchema(storing: options.profile.storedSchema(of: schema))
      .annotated(options.storedAnnotations).numbered(options.fieldIDs)
    let settings = try ColumnSettings.of(fileSchema.leaves, options)
    var columns: [ColumnWriter] = []
    for leaf in fileSchema.leaves {
      columns.append(try ColumnWriter(leaf, settings[leaf.index], options))
    }
    self.columns = columns
    // Before anything is known: texts make the most work.
    byteCounts = columns.map { $0.layout == .bytes ? 1 : 0 }
    ownsScratches = scratches == nil
    if let scratches {
      self.scratches = scratches
    } else {
      self.scratches = try ScratchPool(options)
    }
    footer = FooterBuilder(columnCount: columns.count)
    try send(Self.magic)
  }

  /// Rows taken so far.
  public var rowCount: Int { footer.rowCount + rowsInGroup }

  /// Memory held for the row group under way, and for the footer.
  public var bufferedBytes: Int {
    let scratchBytes = ownsScratches ? scratches.byteCount : 0
    return columns.reduce(scratchBytes + footer.byteCount) { $0 + $1.bufferedByteCount }
  }

  /// About how large the file would be if it ended here, without the footer.
  public var bytesWritten: Int { columns.reduce(position) { $0 + $1.encodedByteCount } }

  // MARK: Rows

  /// Appends the rows of a batch.
  /// - Throws: `.schemaMismatch` where the batch has other columns than the schema, or a null in
  ///   a required one; `.transferFailed` from the sink.
  public func write(_ batch: Batch) throws(ParquetError) {
    try checkOpen()
    try check(batch)
    var row = 0
    while row < batch.rowCount {
      let count = min(
        batch.rowCount - row, Self.stepRows, options.rowGroupRowsMax - rowsInGroup)
      try append(batch, rows: row..<row + count)
      row += count
      rowsInGroup += count
      if rowsInGroup >= options.rowGroupRowsMax || bufferedBytes >= options.rowGroupBytesMax {
        try flushRowGroup()
      }
    }
  }

  /// Ends the row group under way and hands it to the sink; nothing happens without rows.
  public func flushRowGroup() throws(ParquetError) {
    try checkOpen()
    guard rowsInGroup > 0 else { return }
    do {
      try scratches.forEach(columns.indices, weight: { self.columns[$0].encodedByteCount }) {
        index, scratch throws(ParquetError) in
        try self.columns[index].finishChunk(scratch)
      }
    } catch {
      state = .failed
      throw error.at(rowGroup: footer.rowGroups.count)
    }
    var group = RowGroup(columns: [], totalByteSize: 0, rowCount: Int64(rowsInGroup))
    group.fileOffset = Int64(position)
    group.ordinal = Int16(exactly: footer.rowGroups.count)
    if !options.sortingColumns.isEmpty { group.sortingColumns = options.sortingColumns }
    for column in columns { try store(column, in: &group) }
    group.totalCompressedSize = Int64(position) - (group.fileOffset ?? 0)
    for (index, column) in columns.enumerated() {
      // Behind the row group, so that they need not wait for the end of the file in memory.
      guard let filter = column.chunk.bloomFilter else { continue }
      group.columns[index].metaData?.bloomFilterOffset = Int64(position)
      group.columns[index].metaData?.bloomFilterLength = Int32(clamping: filter.count)
      try send(filter)
    }
    footer.add(group)
    rowsInGroup = 0
    byteCounts = columns.map(\.chunk.uncompressedByteCount)
    for column in columns { column.startChunk() }
  }

  /// Ends the file: the last row group, the indexes and the footer.
  public func finish() throws(ParquetError) -> WrittenFile {
    try flushRowGroup()
    for bytes in footer.placeIndexes(at: position) { try send(bytes) }
    let keyValues = options.keyValues + encodingReport
    let metaData = FileMetaData(
      schema: fileSchema.elements, rowCount: Int64(footer.rowCount), rowGroups: footer.rowGroups,
      keyValues: keyValues.isEmpty ? nil : keyValues,
      createdBy: options.createdBy,
      columnOrders: columns.map { _ in .typeDefined })
    let bytes = metaData.footer
    guard let length = Int32(exactly: bytes.count) else {
      state = .failed
      throw ParquetError(.limitExceeded, "a footer of \(bytes.count) bytes")
    }
    let lengthBytes = (0..<4).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) }
    try send(bytes + lengthBytes + Self.magic)
    state = .finished
    return WrittenFile(
      rowCount: footer.rowCount, byteCount: position, metaData: metaData,
      columns: footer.ranges(fileSchema.leaves))
  }

  // MARK: Steps

  private var encodingReport: [KeyValue] {
    guard options.explainsEncodings, columns.count <= EncodingReport.columnsMax else { return [] }
    let report = EncodingReport(entries: columns.compactMap(\.encodingEntry))
    return report.entries.isEmpty ? [] : [KeyValue(key: EncodingReport.key, value: report.text)]
  }

  private func checkOpen() throws(ParquetError) {
    switch state {
    case .open: break
    case .finished: throw ParquetError(.closed, "the file is finished")
    case .failed: throw ParquetError(.closed, "an earlier error has made the file void")
    }
  }

  private func check(_ batch: Batch) throws(ParquetError) {
    guard batch.columns.count == schema.fields.count else {
      throw ParquetError(
        .schemaMismatch,
        "a batch of \(batch.columns.count) columns for a schema of \(schema.fields.count)")
    }
    for (field, column) in zip(schema.fields, batch.columns) where field.type != column.type {
      throw ParquetError(
        .schemaMismatch, "a column of \(column.type), the schema says \(field.type)",
        at: .init(column: field.name))
    }
  }

  private func append(_ batch: Batch, rows: Range<Int>) throws(ParquetError) {
    do {
      let nodes = fileSchema.nodes
      try scratches.forEach(nodes.indices, weight: { self.weight(of: nodes[$0]) }) {
        index, scratch throws(ParquetError) in
        try self.append(batch.columns[index], nodes[index], rows, scratch)
      }
    } catch {
      state = .failed
      throw error.at(rowGroup: footer.rowGroups.count)
    }
  }

  /// What the row group so far, or the one before, says of the work that a field makes.
  private func weight(of node: SchemaNode) -> Int {
    node.leaves.reduce(0) { $0 + max(columns[$1].chunk.uncompressedByteCount, byteCounts[$1]) }
  }

  private func append(
    _ column: Column, _ node: SchemaNode, _ rows: Range<Int>, _ scratch: PageScratch
  ) throws(ParquetError) {
    guard case .leaf(let index) = node.content else {
      let leaves = try Shredder.shred(column, node, rows: rows)
      for (index, entries) in zip(node.leaves, leaves) {
        let writer = columns[index]
        try writer.append(entries, try StoredValues.of(entries.values, writer.leaf), scratch)
      }
      return
    }
    let writer = columns[index]
    if StoredValues.areSame(column.type, writer.leaf) {
      return try writer.append(column.values, validity: column.validity, rows: rows, scratch)
    }
    let slice = column.slice(rows)
    try writer.append(
      try StoredValues.of(slice, writer.leaf), validity: slice.validity, rows: 0..<rows.count,
      scratch)
  }

  private func store(_ column: ColumnWriter, in group: inout RowGroup) throws(ParquetError) {
    let chunk = column.chunk
    let metaData = chunk.metaData(column.leaf, column.layout, options, at: position)
    footer.addIndexes(of: column, at: position)
    if let page = chunk.dictionaryPage { try send(page) }
    for page in chunk.dataPages { try send(page) }
    group.changeColumns { $0.append(ColumnChunk(metaData: metaData)) }
    group.totalByteSize += metaData.totalUncompressedSize
  }

  private func send(_ bytes: [UInt8]) throws(ParquetError) {
    do {
      try sink.write(bytes)
    } catch {
      state = .failed
      throw ParquetError(
        .transferFailed, "the sink refused \(bytes.count) bytes", at: .init(offset: position),
        cause: error)
    }
    position += bytes.count
  }
}
