internal import Records

/// Writes the rows of a file as another file: with other codecs, encodings, pages and row groups,
/// or in another order.
///
///     let options = RewriteOptions(WriteOptions(codec: .zstd))
///     let file = try ParquetFile(source, options: options.readOptions)
///     let rewriter = try ParquetRewriter(file, options: options)
///     let written = try rewriter.run(to: sink)
///
/// Rows stream through in batches, in bounded memory whatever the file's size. Names, order, nesting,
/// nulls and field IDs stay, and key-values as far as they are true; types too, as far as the
/// profile has them: `notes` says of which columns it has not.
/// Sorting is stable, and spills what does not fit in memory.
public final class ParquetRewriter {
  public let file: ParquetFile
  public let options: RewriteOptions
  /// What rows are stored as in the new file.
  public let fileSchema: ParquetSchema
  /// What changes beyond the layout, a column each.
  public let notes: [ConversionNote]
  private let writeOptions: WriteOptions
  private let sorting: SortKeyEncoder?

  /// - Parameter file: opened with `options.readOptions`, so that the memory holds.
  /// - Throws: `.schemaMismatch` where the new file has no place for the schema, or options name
  ///   columns that are not there or can not be what is asked; `.unsupported` for a codec or level
  ///   that can not be written.
  public init(_ file: ParquetFile, options: RewriteOptions = RewriteOptions())
    throws(ParquetError)
  {
    self.file = file
    self.options = options
    var write = options.boundedWrite
    for (path, annotation) in file.parquetSchema.foreignAnnotations
    where write.annotations[path] == nil {
      write.annotations[path] = annotation
    }
    // A writer that writes nothing checks all options.
    var stored = try ParquetWriter(schema: file.schema, options: write, sink: MemorySink())
      .fileSchema
    if file.parquetSchema.hasFieldIDs {
      write.fieldIDs = try file.parquetSchema.fieldIDs(storedAs: stored)
      stored = try stored.numbered(write.fieldIDs)
    }
    fileSchema = stored
    notes = Self.int96Notes(file) + write.notes(for: file.schema)
    write.keyValues = KeptKeyValues.keyValues(
      of: file, rewrittenAs: stored, adding: write.keyValues)
    sorting =
      options.sorting.isEmpty
      ? nil : try SortKeyEncoder(options.sorting, schema: file.schema)
    write.sortingColumns = options.sorting.compactMap { key in
      stored.leaves.first { $0.name == key.column }.map {
        SortingColumn(columnIndex: Int32($0.index), isDescending: key.isDescending)
      }
    }
    writeOptions = write
  }

  private static func int96Notes(_ file: ParquetFile) -> [ConversionNote] {
    file.parquetSchema.leaves.filter { $0.primitiveType == .int96 }.map {
      ConversionNote(
        column: $0.name,
        message: "INT96 becomes timestamp(\(file.options.int96Unit.rawValue))",
        losesValues: file.options.int96Unit != .nanoseconds)
    }
  }

  /// Reads all rows and writes them.
  /// - Parameters:
  ///   - sink: takes the new file's bytes; void where an error is thrown.
  ///   - spill: where a sort keeps what does not fit in memory; in memory nevertheless where nil.
  ///   - progress: called now and then; where it says false, the work ends with `.closed`.
  /// - Throws: what reading the file and writing the other throw.
  public func run(
    to sink: any ByteSink, spill: (any SpillStore)? = nil,
    progress: (RewriteProgress) -> Bool = { _ in true }
  ) throws(ParquetError) -> WrittenFile {
    let reader = try file.reader()
    let writer = try ParquetWriter(schema: file.schema, options: writeOptions, sink: sink)
    var state = RewriteProgress(rowsRead: 0, rowsWritten: 0, rowCount: file.rowCount)
    guard let sorting else {
      while let batch = try reader.next() {
        state.rowsRead += batch.rowCount
        try writer.write(batch)
        state.rowsWritten += batch.rowCount
        guard progress(state) else { throw Self.stopped }
      }
      return try writer.finish()
    }
    var sort = ExternalSort(
      sorting, schema: file.schema, store: spill ?? MemorySpillStore(),
      memoryByteCount: options.memoryByteCount, threads: options.write.threads)
    while let batch = try reader.next() {
      state.rowsRead += batch.rowCount
      try sort.add(batch)
      guard progress(state) else { throw Self.stopped }
    }
    try sort.forEach { (batch) throws(ParquetError) in
      try writer.write(batch)
      state.rowsWritten += batch.rowCount
      guard progress(state) else { throw Self.stopped }
    }
    return try writer.finish()
  }

  private static var stopped: ParquetError {
    ParquetError(.closed, "the caller has stopped the rewrite")
  }
}
