internal import Base
public import Parquet
public import Records
public import Storage

/// Writes rows of a partition's files anew, as files of the target size in another folder. The
/// order of rows stays, and each file records which commit brought which. One thread uses it.
///
/// Rows are read as the table's columns: those that a file lacks are null, narrower types widened.
/// Files that are large enough already are copied as they are, where engines read their columns as
/// the table's.
public final class PartitionRewriter {
  public struct Options: Sendable {
    public var table: String
    /// Where the new files go.
    public var folder: String
    public var partition: [PartitionValue]
    /// The columns of the table's files.
    public var schema: Schema
    /// Names the files.
    public var commit: String
    /// The first file's number, where the commit has others of its own.
    public var firstNumber: Int
    /// Owns what is staged.
    public var owner: String
    public var fileBytesTarget: Int
    /// What the open file may hold in memory.
    public var memoryBytes: Int
    public var parquet: WriteOptions
    public var reading: ReadOptions

    public init(
      table: String, folder: String, partition: [PartitionValue], schema: Schema, commit: String,
      firstNumber: Int = 0, owner: String, fileBytesTarget: Int, memoryBytes: Int,
      parquet: WriteOptions, reading: ReadOptions
    ) {
      self.table = table
      self.folder = folder
      self.partition = partition
      self.schema = schema
      self.commit = commit
      self.firstNumber = firstNumber
      self.owner = owner
      self.fileBytesTarget = fileBytesTarget
      self.memoryBytes = memoryBytes
      self.parquet = parquet
      self.reading = reading
    }
  }

  /// A file of this size or more is large enough; smaller ones are merged.
  public static func isSmall(_ file: DataFile, target: Int) -> Bool {
    file.byteCount < target / 2
  }

  /// Bytes of a copied file that are in memory at a time.
  static let copyBytesMax = 4 << 20

  private let store: any ObjectStore
  private let options: Options
  private var open: (file: OpenFile, origins: [RowOrigin])?
  private var scratches: ScratchPool?
  private var staged: [TableWriter.Staged] = []
  private var nextNumber: Int

  public init(store: any ObjectStore, options: Options) {
    self.store = store
    self.options = options
    nextNumber = options.firstNumber
  }

  /// Writes the selected rows.
  /// - Parameter checkpoint: called before each batch; what it throws ends the work.
  public func add(_ selection: RowSelection, checkpoint: () throws -> Void) throws {
    let source = try StoredFile(selection.key, in: store)
    let file: ParquetFile
    do { file = try ParquetFile(source, options: options.reading) } catch {
      throw failure(error, selection.file)
    }
    if selection.isWhole, !Self.isSmall(selection.file, target: options.fileBytesTarget),
      file.schema.isReadable(as: options.schema)
    {
      return try copy(selection, checkpoint)
    }
    guard file.rowCount == selection.file.rowCount else {
      throw LakeError(
        .encoding, "the file has \(file.rowCount) rows, the log says \(selection.file.rowCount)",
        remedy: "Nothing was changed. Look whether something else wrote to the lake.",
        place: selection.key)
    }
    for range in selection.ranges { try write(range, of: file, selection.file, checkpoint) }
    open?.origins += selection.origins
    if let open, open.file.byteCount >= options.fileBytesTarget { try close() }
  }

  /// The files, staged: durable, and invisible until they are published.
  public func finish() throws(LakeError) -> [TableWriter.Staged] {
    try close()
    return staged
  }

  /// Gives up: what was written is removed.
  public func abandon() {
    open?.file.abandon()
    open = nil
    // What cannot be removed now is an orphan that the next recovery removes.
    for file in staged { try? store.discard(file.object) }
    staged = []
  }

  private func write(
    _ range: Range<Int>, of file: ParquetFile, _ data: DataFile, _ checkpoint: () throws -> Void
  ) throws {
    let reader: ParquetReader
    do { reader = try file.reader(rows: range) } catch { throw failure(error, data) }
    while true {
      try checkpoint()
      let batch: Batch?
      do { batch = try reader.next() } catch { throw failure(error, data) }
      guard let batch else { return }
      guard let rows = batch.widened(to: options.schema) else {
        throw LakeError(
          .encoding, "the file's columns do not fit the table's",
          remedy: "Nothing was changed. Compare 'tidemark parquet schema' with 'catalog show'.",
          place: data.key)
      }
      let target = try openFile()
      try target.write(rows)
      if target.bufferedBytes > options.memoryBytes { try target.flush() }
    }
  }

  private func openFile() throws(LakeError) -> OpenFile {
    if let open { return open.file }
    let made: ScratchPool
    if let scratches {
      made = scratches
    } else {
      do { made = try ScratchPool(options.parquet) } catch {
        throw LakeError(.encoding, "\(error)", remedy: error.remedy)
      }
      scratches = made
    }
    let file = try OpenFile(
      store: store, key: nextKey(), owner: options.owner, partition: options.partition,
      schema: options.schema, options: options.parquet, scratches: made)
    open = (file, [])
    return file
  }

  private func close() throws(LakeError) {
    guard let (file, origins) = open else { return }
    open = nil
    var (data, object) = try file.finish(table: options.table)
    data.origins = origins.joined()
    guard data.origins.reduce(0, { $0 + $1.rowCount }) == data.rowCount else {
      throw LakeError(
        .encoding, "\(data.rowCount) rows were written, and the origins of others are known",
        remedy: "Nothing was changed. Please report it with this message.", place: data.key)
    }
    staged.append(TableWriter.Staged(file: data, object: object))
  }

  private func copy(_ selection: RowSelection, _ checkpoint: () throws -> Void) throws {
    let (file, key) = (selection.file, selection.key)
    var copied = file
    copied.key = nextKey()
    copied.origins = selection.origins.joined()
    let upload = try store.stage(copied.key, owner: options.owner)
    do {
      var start = 0
      while start < file.byteCount {
        try checkpoint()
        let end = min(start + Self.copyBytesMax, file.byteCount)
        try upload.write(store.read(key, range: start..<end))
        start = end
      }
      staged.append(TableWriter.Staged(file: copied, object: try upload.finish()))
    } catch {
      upload.abandon()
      throw error
    }
  }

  private func nextKey() -> String {
    defer { nextNumber += 1 }
    return LakeLayout.fileKey(
      folder: options.folder, commit: options.commit, number: nextNumber)
  }

  private func failure(_ error: ParquetError, _ file: DataFile) -> LakeError {
    LakeError(.encoding, "\(error)", remedy: error.remedy, place: file.key)
  }
}
