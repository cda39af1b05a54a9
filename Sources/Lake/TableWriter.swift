internal import Base
public import Parquet
public import Records
public import Storage

/// Writes one table's rows of one commit as staged files: split by partition, cut at the target
/// size, within a budget of memory. One thread uses it.
public final class TableWriter {
  public struct Options: Sendable {
    public var zone: String
    public var table: String
    public var partition: PartitionSpec
    /// Names the files.
    public var commit: String
    /// Owns what is staged.
    public var owner: String
    public var fileBytesTarget: Int
    /// What all open files together may hold in memory.
    public var memoryBytes: Int
    /// What all open files together may hold until it makes parts of uploads.
    public var uploadBytes: Int
    public var parquet: WriteOptions
    /// Where partitions lie that are not at home.
    public var locations: PartitionLocations

    public init(
      zone: String, table: String, partition: PartitionSpec, commit: String, owner: String,
      fileBytesTarget: Int, memoryBytes: Int, uploadBytes: Int = .max, parquet: WriteOptions,
      locations: PartitionLocations = PartitionLocations()
    ) {
      self.zone = zone
      self.table = table
      self.partition = partition
      self.commit = commit
      self.owner = owner
      self.fileBytesTarget = fileBytesTarget
      self.memoryBytes = memoryBytes
      self.uploadBytes = uploadBytes
      self.parquet = parquet
      self.locations = locations
    }
  }

  /// A file that is staged, and how the log records it.
  public struct Staged: Sendable {
    public var file: DataFile
    public var object: StagedObject
  }

  /// More open files than this cost more memory than they save in small files.
  static let openFilesMax = 64

  private let store: any ObjectStore
  private let options: Options
  private let splitter: PartitionSplitter
  /// Shared by all open files.
  private var scratches: ScratchPool?
  private var open: [OpenFile] = []
  private var staged: [Staged] = []
  private var nextNumber = 0
  /// Rows taken so far.
  public private(set) var rowCount = 0
  /// Bytes staged so far, in finished files.
  public private(set) var byteCount = 0

  public init(store: any ObjectStore, options: Options) {
    self.store = store
    self.options = options
    splitter = PartitionSplitter(options.partition)
  }

  public func write(_ batch: Batch) throws(LakeError) {
    for (partition, rows) in try splitter.split(batch) where rows.rowCount > 0 {
      try file(for: partition, rows.schema).write(rows)
      if let index = open.indices.last, open[index].byteCount >= options.fileBytesTarget {
        try close(index)
      }
    }
    rowCount += batch.rowCount
    try shrink()
    try shrinkUploads()
  }

  /// Finishes all files: they are durable, and invisible until they are published.
  public func finish() throws(LakeError) -> [Staged] {
    while !open.isEmpty { try close(open.count - 1) }
    return staged.sorted { $0.file.key < $1.file.key }
  }

  /// Gives up: what was written is removed.
  public func abandon() {
    for file in open { file.abandon() }
    open = []
    // What cannot be removed now is an orphan that the next run's recovery removes.
    for file in staged { try? store.discard(file.object) }
    staged = []
  }

  /// The open file of a partition, moved to the end of `open`, which is kept in order of use.
  private func file(for partition: [PartitionValue], _ schema: Schema) throws(LakeError) -> OpenFile
  {
    if let index = open.lastIndex(where: { $0.partition == partition }) {
      if open[index].schema == schema {
        let file = open.remove(at: index)
        open.append(file)
        return file
      }
      try close(index)
    }
    if open.count >= Self.openFilesMax { try close(0) }
    let key = LakeLayout.fileKey(
      folder: options.locations.folder(zone: options.zone, table: options.table, partition),
      commit: options.commit, number: nextNumber)
    let file = try OpenFile(
      store: store, key: key, owner: options.owner, partition: partition, schema: schema,
      options: options.parquet, scratches: try sharedScratches())
    nextNumber += 1
    open.append(file)
    return file
  }

  private func sharedScratches() throws(LakeError) -> ScratchPool {
    if let scratches { return scratches }
    do {
      let made = try ScratchPool(options.parquet)
      scratches = made
      return made
    } catch {
      throw LakeError(.encoding, "\(error)", remedy: error.remedy)
    }
  }

  /// Lets the largest row groups go until the open files fit their memory.
  private func shrink() throws(LakeError) {
    var held = open.reduce(scratches?.byteCount ?? 0) { $0 + $1.bufferedBytes }
    while held > options.memoryBytes {
      guard let largest = open.max(by: { $0.bufferedBytes < $1.bufferedBytes }) else { return }
      let before = largest.bufferedBytes
      try largest.flush()
      let after = largest.bufferedBytes
      if after >= before { return }
      held -= before - after
    }
  }

  /// Finishes files early where what they hold for their uploads does not fit.
  private func shrinkUploads() throws(LakeError) {
    while open.reduce(0, { $0 + $1.uploadBytes }) > options.uploadBytes {
      guard let index = open.indices.max(by: { open[$0].uploadBytes < open[$1].uploadBytes })
      else { return }
      try close(index)
    }
  }

  private func close(_ index: Int) throws(LakeError) {
    let file = open.remove(at: index)
    let (data, object) = try file.finish(table: options.table)
    staged.append(Staged(file: data, object: object))
    byteCount += data.byteCount
  }
}
