internal import Base
internal import Bookmarks
internal import Lake
internal import Storage

/// Merges the small files of partitions into files of the target size.
///
/// A partition's files go to a new folder as a whole and the catalog is switched there in the same
/// commit, so that every engine that asks the catalog sees the partition before or after, never
/// between. The old files stay for readers that already have an answer, until clean-up.
struct Compaction {
  /// A partition that is worth it.
  struct Group {
    var home: String
    var files: [DataFile]
    var smallCount: Int

    var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }
  }

  /// What became of a partition.
  struct Merge {
    var home: String
    var table: String
    var filesBefore: Int
    var filesAfter: Int
    var bytesBefore: Int
    var bytesAfter: Int
    var rowCount: Int
  }

  /// A run leaves a partition alone that has fewer small files than this.
  static let smallFilesMin = 32
  /// All of a partition's bytes are written again, so many small bytes have to be there for each
  /// other one, or very many files.
  static let largeBytesPerSmallByteMax = 8
  static let smallFilesMany = 512
  /// Bytes that one commit rewrites, roughly.
  static let commitBytesMax = 1 << 30

  private let workspace: Workspace
  private let settings: StreamSettings
  private let budget: MemoryBudget
  private let cancellation: Cancellation

  init(
    _ workspace: Workspace, settings: StreamSettings, budget: MemoryBudget,
    cancellation: Cancellation
  ) {
    self.workspace = workspace
    self.settings = settings
    self.budget = budget
    self.cancellation = cancellation
  }

  /// The partitions that merging would leave with fewer files.
  /// - Parameters:
  ///   - tables: of the stream; all where nil.
  ///   - isAutomatic: only those that have many small files.
  func groups(of stream: String, tables: Set<String>? = nil, isAutomatic: Bool) throws -> [Group] {
    // Most often there are too few, which is found out without reading what is known of each.
    if isAutomatic, try workspace.log.keys(of: stream).count < Self.smallFilesMin { return [] }
    let version = try workspace.log.stream(stream)?.version ?? 0
    let files = try workspace.log.files(of: stream, asOf: version)
      .filter { tables?.contains($0.table) ?? true }
    let homes = Dictionary(grouping: files) {
      PartitionLocations.home(ofFolder: PartitionLocations.folder(ofKey: $0.key))
    }
    return homes.sorted { $0.key < $1.key }.compactMap { home, files in
      let small = files.filter {
        PartitionRewriter.isSmall($0, target: settings.fileBytesTarget)
      }
      guard small.count >= 2 else { return nil }
      if isAutomatic {
        let smallBytes = small.reduce(0) { $0 + $1.byteCount }
        let bytes = files.reduce(0) { $0 + $1.byteCount }
        guard small.count >= Self.smallFilesMin,
          bytes / Self.largeBytesPerSmallByteMax <= smallBytes
            || small.count >= Self.smallFilesMany
        else { return nil }
      }
      return Group(home: home, files: files, smallCount: small.count)
    }
  }

  /// Merges the partitions, a commit for every gigabyte.
  func perform(_ groups: [Group], of stream: String, under lease: Lease, run: String?) throws
    -> [Merge]
  {
    var merges: [Merge] = []
    var batch: [Group] = []
    for (index, group) in groups.enumerated() {
      batch.append(group)
      let bytes = batch.reduce(0) { $0 + $1.byteCount }
      guard bytes >= Self.commitBytesMax || index == groups.count - 1 else { continue }
      merges += try commit(batch, of: stream, under: lease, run: run)
      batch = []
    }
    return merges
  }

  private func commit(_ groups: [Group], of stream: String, under lease: Lease, run: String?) throws
    -> [Merge]
  {
    guard let state = try workspace.log.stream(stream) else { return [] }
    var commit = CommitBuilder(workspace).next(.compact, of: stream, after: state, run: run)
    let rewrite = PartitionRewrite(
      workspace: workspace, settings: settings, budget: budget, cancellation: cancellation)
    var merges: [Merge] = []
    for group in groups {
      guard let first = group.files.first, let schema = state.schemas[first.table] else { continue }
      // The oldest rows first, as they came.
      let ordered = group.files.sorted {
        ($0.origins.first?.version ?? 0) < ($1.origins.first?.version ?? 0)
      }
      let staged = try rewrite.stage(
        ordered.map { RowSelection($0) }, of: stream, schema: schema, commit: commit.id)
      commit.added += staged.map(\.file)
      commit.staged += staged.map(\.object)
      commit.removed += group.files.map(\.key)
      merges.append(
        Merge(
          home: group.home, table: first.table, filesBefore: group.files.count,
          filesAfter: staged.count, bytesBefore: group.byteCount,
          bytesAfter: staged.reduce(0) { $0 + $1.file.byteCount },
          rowCount: staged.reduce(0) { $0 + $1.file.rowCount }))
    }
    guard let key = commit.added.first?.key else { return [] }
    commit.left = commit.removed
    let tables = Set(commit.added.map(\.table))
    commit.catalogChange = try TableRegistration(
      workspace: workspace, zone: String(key.prefix { $0 != "/" }),
      locations: PartitionLocations(keys: commit.added.map(\.key)), binding: state.binding
    ).change(
      schemas: state.schemas.filter { tables.contains($0.key) }, files: commit.added,
      partitionsBefore: [])
    try workspace.perform(.decide) { try workspace.log.append(commit, under: lease) }
    try Publisher(workspace: workspace).publish(commit)
    return merges
  }
}
