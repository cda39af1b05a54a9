internal import Records

/// Writes the rows of a file as another file: with other codecs, encodings, pages and row groups.
///
///     let options = RewriteOptions(WriteOptions(codec: .zstd))
///     let file = try ParquetFile(source, options: options.readOptions)
///     let rewriter = try ParquetRewriter(file, options: options)
///     let written = try rewriter.run(to: sink)
///
/// Rows stream through in batches, in bounded memory whatever the file's size. Names, nesting and
/// nulls stay; types too, as far as the profile has them: `notes` says of which columns it has not.
public final class ParquetRewriter {
  public let file: ParquetFile
  public let options: RewriteOptions
  /// What rows are stored as in the new file.
  public let fileSchema: ParquetSchema
  /// What the profile changes, a column each.
  public let notes: [RewriteNote]
  private let writeOptions: WriteOptions

  /// - Parameter file: opened with `options.readOptions`, so that the memory holds.
  /// - Throws: `.schemaMismatch` where the new file has no place for the schema.
  public init(_ file: ParquetFile, options: RewriteOptions = RewriteOptions())
    throws(ParquetError)
  {
    self.file = file
    self.options = options
    var write = options.boundedWrite
    fileSchema = try ParquetSchema(storing: write.profile.storedSchema(of: file.schema))
    notes = RewriteNotes.notes(from: file, to: fileSchema)
    write.keyValues = KeptKeyValues.keyValues(
      of: file, rewrittenAs: fileSchema, adding: write.keyValues)
    writeOptions = write
  }

  /// Reads all rows and writes them.
  /// - Parameters:
  ///   - sink: takes the new file's bytes; void where an error is thrown.
  ///   - progress: called now and then; where it says false, the work ends with `.closed`.
  /// - Throws: what reading the file and writing the other throw.
  public func run(
    to sink: any ByteSink, progress: (RewriteProgress) -> Bool = { _ in true }
  ) throws(ParquetError) -> WrittenFile {
    let reader = try file.reader()
    let writer = try ParquetWriter(schema: file.schema, options: writeOptions, sink: sink)
    var state = RewriteProgress(rowsRead: 0, rowsWritten: 0, rowCount: file.rowCount)
    while let batch = try reader.next() {
      state.rowsRead += batch.rowCount
      try writer.write(batch)
      state.rowsWritten += batch.rowCount
      guard progress(state) else { throw Self.stopped }
    }
    return try writer.finish()
  }

  static var stopped: ParquetError { ParquetError(.closed, "the caller has stopped the rewrite") }
}
