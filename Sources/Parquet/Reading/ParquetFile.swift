public import Records

/// An opened Parquet file: its schema and metadata, checked against each other and the file.
///
///     let file = try ParquetFile(source)
///     var reader = try file.reader(columns: ["id", "price"])
///     while let batch = try reader.next() { … }
public final class ParquetFile: Sendable {
  public let source: any ByteSource
  public let options: ReadOptions
  public let metadata: FileMetaData
  public let parquetSchema: ParquetSchema
  /// One a top-level column, with the types that the options ask for.
  let nodes: [SchemaNode]
  /// Where the footer begins in the file.
  public let footerOffset: Int
  /// Nil where nothing of the file is encrypted.
  let decryption: FileDecryption?
  /// Whether the footer is plain, signed or encrypted.
  public let footerProtection: FooterProtection

  /// Reads and checks the footer.
  /// - Throws: `.notParquet`, `.truncated`, `.corrupt` where the metadata contradict themselves or
  ///   the file, `.encrypted`, `.limitExceeded`, `.transferFailed`.
  public init(_ source: any ByteSource, options: ReadOptions = ReadOptions()) throws(ParquetError) {
    self.source = source
    self.options = options
    let footer = try FooterReading(source, options: options)
    metadata = footer.metadata
    footerOffset = footer.offset
    decryption = footer.decryption
    footerProtection = footer.protection
    let schema = try ParquetSchema(elements: metadata.schema)
    parquetSchema = schema
    nodes =
      options.int96Unit == .nanoseconds
      ? schema.nodes
      : schema.nodes.map { $0.withInt96(in: options.int96Unit, leaves: schema.leaves) }
    try checkRowGroups()
  }

  /// The columns as batches have them.
  public var schema: Schema { Schema(nodes.map(\.field)) }

  /// Rows of all row groups.
  public var rowCount: Int {
    Int(clamping: metadata.rowGroups.reduce(Int64(0)) { $0 + $1.rowCount })
  }

  /// Whether the writer was parquet-mr before 1.2.9, which did not count all bytes of a chunk.
  private var isSizeTooSmall: Bool {
    guard let name = metadata.createdBy, name.hasPrefix("parquet-mr") else { return false }
    let digits = name.dropFirst("parquet-mr".count).drop { !$0.isNumber }
    let version = digits.prefix { $0.isNumber || $0 == "." }.split(separator: ".")
      .map { Int($0) ?? 0 }
    return version.lexicographicallyPrecedes([1, 2, 9])
  }

  // MARK: Checks

  private func checkRowGroups() throws(ParquetError) {
    var rows: Int64 = 0
    for (index, group) in metadata.rowGroups.enumerated() {
      guard group.rowCount >= 0 else {
        throw ParquetError(
          .corrupt, "a row group of \(group.rowCount) rows", at: .init(rowGroup: index))
      }
      guard group.columnCount == parquetSchema.leaves.count else {
        throw ParquetError(
          .corrupt,
          "\(group.columnCount) column chunks, the schema has \(parquetSchema.leaves.count)",
          at: .init(rowGroup: index))
      }
      let (sum, overflow) = rows.addingReportingOverflow(group.rowCount)
      guard !overflow else {
        throw ParquetError(.corrupt, "more rows than 2⁶³", at: .init(rowGroup: index))
      }
      rows = sum
    }
    // The footer's own count may differ: files exist where it is 0. The row groups are what is
    // read; `verify` reports the difference.
  }

  /// Where a column chunk and its indexes are, as the footer says.
  func columnChunk(rowGroup: Int, leaf: LeafColumn) throws(ParquetError) -> ColumnChunk {
    do throws(ParquetError) {
      return try metadata.rowGroups[rowGroup].column(at: leaf.index)
    } catch {
      var error = error
      error.place.offset = error.place.offset.map { $0 + footerOffset }
      throw error.at(rowGroup: rowGroup, column: leaf.name)
    }
  }

  /// The metadata of a column chunk, decrypted and checked.
  func chunk(rowGroup: Int, leaf: LeafColumn) throws(ParquetError) -> ColumnMetaData {
    do throws(ParquetError) {
      let column = try columnChunk(rowGroup: rowGroup, leaf: leaf)
      if let path = column.filePath, !path.isEmpty {
        throw ParquetError(.unsupported, "the column chunk lies in another file, \(path)")
      }
      let chunk = try metadata(of: column, rowGroup: rowGroup, leaf: leaf)
      guard chunk.type == leaf.primitiveType else {
        throw ParquetError(
          .corrupt, "the chunk has type \(chunk.type), the schema says \(leaf.primitiveType)")
      }
      guard chunk.valueCount >= 0 else {
        throw ParquetError(.corrupt, "a chunk of \(chunk.valueCount) values")
      }
      return chunk
    } catch {
      throw error.at(rowGroup: rowGroup, column: leaf.name)
    }
  }

  /// Where a column chunk's pages lie.
  func range(of chunk: ColumnMetaData) throws(ParquetError) -> Range<Int> {
    var start = chunk.dataPageOffset
    // Some writers put 0 for a dictionary that is not there, or one that the data offset covers.
    // A chunk without rows has no data page, and its offset is 0.
    if let dictionary = chunk.dictionaryPageOffset, dictionary > 0,
      start == 0 || dictionary < start
    {
      start = dictionary
    }
    if chunk.totalCompressedSize == 0, chunk.valueCount == 0, start == 0 { return 4..<4 }
    let (end, overflow) = start.addingReportingOverflow(chunk.totalCompressedSize)
    guard start >= 4, chunk.totalCompressedSize >= 0, !overflow, end <= footerOffset else {
      throw ParquetError(
        .corrupt,
        "a chunk of \(chunk.totalCompressedSize) bytes at \(start), the data end at \(footerOffset)"
      )
    }
    // Old versions of one writer left the dictionary's header out of the chunk's size.
    let slack = isSizeTooSmall ? min(100, Int64(footerOffset) - end) : 0
    return Int(start)..<Int(end + slack)
  }
}
