internal import Compression
internal import Records

/// Rows in order, spilled as a Parquet file of small row groups, so that many can be read at once.
struct SortedRun {
  let file: any SpillFile
  let source: any ByteSource
}

/// How runs are written and read again.
struct RunLayout {
  /// As rows come and are to be handed on.
  let schema: Schema
  /// Bytes of a row group before compression; one run costs about three times that to read.
  let groupByteCount: Int
  let threads: Int

  private var writeOptions: WriteOptions {
    // The reader gets back what was written, type by type; speed goes before size.
    var options = WriteOptions(codec: .lz4Raw, profile: .max)
    options.pageVersion = .v1
    options.usesDictionaries = false
    options.writesPageIndex = false
    options.explainsEncodings = false
    options.pageBytesMax = 64 << 10
    for field in schema.fields { options.encodings[field.name] = .plain }
    options.threads = threads
    return options
  }

  /// Writes rows, which come in order.
  /// - Parameter next: batches till nil.
  func write(
    to store: any SpillStore, rowByteCount: Int, _ next: () throws(ParquetError) -> Batch?
  ) throws(ParquetError) -> SortedRun {
    var options = writeOptions
    options.rowGroupRowsMax = rowCount(rowByteCount)
    let file: any SpillFile
    do { file = try store.makeFile() } catch { throw Self.failed(error) }
    let writer = try ParquetWriter(schema: schema, options: options, sink: file)
    while let batch = try next() { try writer.write(batch) }
    _ = try writer.finish()
    do { return SortedRun(file: file, source: try file.source()) } catch {
      throw Self.failed(error)
    }
  }

  /// Rows that make up a group.
  func rowCount(_ rowByteCount: Int) -> Int {
    min(max(1, groupByteCount / max(1, rowByteCount)), 1 << 20)
  }

  func reader(of run: SortedRun, rowByteCount: Int) throws(ParquetError) -> ParquetReader {
    var options = ReadOptions()
    options.batchRowCountMax = max(1, min(rowCount(rowByteCount) / 2, 8192))
    options.windowByteCount = 1 << 20
    options.validatesText = false
    return try ParquetFile(run.source, options: options).reader()
  }

  /// A batch of a run with the names and types of the rows: a file calls elements its own way.
  func relabelled(_ batch: Batch) -> Batch {
    Batch(
      schema: schema,
      columns: zip(schema.fields, batch.columns).map { $1.relabelled(as: $0.type) },
      rowCount: batch.rowCount)
  }

  private static func failed(_ error: any Error) -> ParquetError {
    ParquetError(.transferFailed, "no room for the rows that are being sorted", cause: error)
  }
}

extension Column {
  /// The same values under a type that differs in names alone.
  func relabelled(as type: DataType) -> Column {
    if type == self.type { return self }
    let values: Column.Values
    switch (type, self.values) {
    case (.list(let element), .list(let offsets, let child)):
      values = .list(offsets: offsets, child.relabelled(as: element.type))
    case (.structure(let fields), .structure(let children)):
      values = .structure(zip(fields, children).map { $1.relabelled(as: $0.type) })
    case (.map(let key, let value), .map(let offsets, let keyColumn, let valueColumn)):
      values = .map(
        offsets: offsets, keys: keyColumn.relabelled(as: key.type),
        values: valueColumn.relabelled(as: value.type))
    default: values = self.values
    }
    return Column(type: type, count: count, validity: validity, values: values)
  }
}
