internal import Base
internal import Bookmarks
internal import Connector
internal import Lake
internal import Records
internal import Storage

/// What a commit changes of the files that its stream's tables have already: rows leave them, for
/// others that come in their place, and columns become wider than the files can be read as.
///
/// Files of which nothing is to stay leave the table. A partition in which a file loses but a part,
/// or holds a column in a type that engines do not read as the table's, is written anew, elsewhere,
/// as a merge does it: readers see it before or after, never between. Where the new rows of such a
/// partition go is known before they are staged: beside it.
struct TableRevision {
  /// A column that files have to be written anew for.
  struct WidenedColumn: Hashable {
    var table: String
    var column: String
    var before: DataType
    var after: DataType
  }

  private let workspace: Workspace
  private let stream: ResolvedStream
  /// Names the commit's files.
  private let commit: String
  /// Of the commit that is to be made.
  private let version: Int
  /// Nil until anything is to change: most commits leave the files alone.
  private var partitions: [RevisedPartition]?
  private(set) var widened: [WidenedColumn] = []

  init(of stream: ResolvedStream, _ workspace: Workspace, commit: String) throws {
    self.workspace = workspace
    self.stream = stream
    self.commit = commit
    version = (try workspace.log.stream(stream.name)?.version ?? 0) + 1
  }

  private func loaded() throws -> [RevisedPartition] {
    if let partitions { return partitions }
    let files = try workspace.log.files(of: stream.name, asOf: version - 1)
    let homes = Dictionary(grouping: files) {
      PartitionLocations.home(ofFolder: PartitionLocations.folder(ofKey: $0.key))
    }
    return homes.sorted { $0.key < $1.key }.map {
      RevisedPartition(home: $0.key, files: $0.value, version: version)
    }
  }

  // MARK: What changes

  /// Looks for rows that go. Changes nothing.
  mutating func retract(_ rows: [RetractedRows], checkpoint: () throws -> Void) throws {
    // A trial reads what the real stream would, into tables that have none of its rows.
    if rows.isEmpty || stream.trialZone != nil { return }
    var partitions = try loaded()
    let gone = try RowRetraction(workspace: workspace).find(
      rows, in: partitions.flatMap(\.files), checkpoint: checkpoint)
    for index in partitions.indices { partitions[index].gone = gone }
    self.partitions = partitions
  }

  /// Takes in that columns of a table become wider; looks for the files that have to be written
  /// anew for it. Before any row of the table is staged.
  mutating func widen(_ table: String, from before: Schema, to after: Schema) throws {
    let columns = before.columnsToRewrite(as: after)
    if columns.isEmpty { return }
    var partitions = try loaded()
    for index in partitions.indices where partitions[index].table == table {
      partitions[index].widen(columns.map(\.name))
    }
    self.partitions = partitions
    widened += columns.map {
      WidenedColumn(
        table: table, column: $0.name, before: $0.type, after: after[$0.name]?.type ?? $0.type)
    }
  }

  // MARK: What it comes to

  private var rewritten: [RevisedPartition] { (partitions ?? []).filter(\.isRewritten) }

  /// What leaves the tables, as whole files.
  var removed: [String] { (partitions ?? []).flatMap(\.removed) }

  /// Those of them that stay where they lie.
  var left: [String] { rewritten.flatMap { $0.files.map(\.key) } }

  /// Rows that go.
  var retractedRowCount: Int { (partitions ?? []).reduce(0) { $0 + $1.goneRowCount } }

  /// Files that are written anew because of their columns' types, with those beside them.
  var widenedFileCount: Int {
    rewritten.reduce(0) { $0 + ($1.isWidened ? $1.files.count : 0) }
  }

  /// Says where the partitions that are written anew lie after the commit.
  func move(_ locations: inout PartitionLocations) {
    locations.add(
      rewritten.map { LakeLayout.rewrittenFolder(home: $0.home, commit: commit) + "/" })
  }

  /// Stages what stays.
  /// - Parameters:
  ///   - schemas: of the tables as they are with the commit's own rows.
  ///   - firstNumber: of the files: those of the commit's own rows come before.
  func stage(
    schemas: [String: Schema], budget: MemoryBudget, cancellation: Cancellation, firstNumber: Int
  ) throws -> [TableWriter.Staged] {
    let rewrite = PartitionRewrite(
      workspace: workspace, settings: stream.settings, budget: budget, cancellation: cancellation)
    var staged: [TableWriter.Staged] = []
    do {
      for partition in rewritten {
        guard let schema = schemas[partition.table] else {
          throw IngestError(
            .refused, "the columns of the table \(partition.table) are not known any more",
            remedy: "Reset the stream and load it anew: tidemark bookmark reset \(stream.name).",
            place: partition.home)
        }
        staged += try rewrite.stage(
          partition.selections, of: stream.name, schema: schema, commit: commit,
          firstNumber: firstNumber + staged.count)
      }
      return staged
    } catch {
      for file in staged { try? workspace.store.discard(file.object) }
      throw error
    }
  }
}

/// The files of one partition, and what becomes of them.
private struct RevisedPartition {
  let home: String
  let files: [DataFile]
  /// Of the commit that is to be made.
  let version: Int
  /// Ranges of rows that go, by the file's key; of other partitions' files as well.
  var gone: [String: [Range<Int>]] = [:]
  /// Whether a file that stays holds a column in a type that is not read as the table's.
  private(set) var isWidened = false

  init(home: String, files: [DataFile], version: Int) {
    self.home = home
    self.files = files
    self.version = version
  }

  var table: String { files.first?.table ?? "" }

  private func goneCount(_ file: DataFile) -> Int {
    gone[file.key]?.reduce(0) { $0 + $1.count } ?? 0
  }

  var goneRowCount: Int { files.reduce(0) { $0 + goneCount($1) } }

  private var touched: [DataFile] { files.filter { goneCount($0) > 0 } }
  private var whole: [DataFile] { touched.filter { goneCount($0) == $0.rowCount } }
  private var staying: [DataFile] {
    files.filter { $0.rowCount == 0 || goneCount($0) < $0.rowCount }
  }

  /// Whose rows go.
  private var cutVersions: Set<Int> {
    var versions: Set<Int> = []
    for file in touched {
      var start = 0
      for origin in file.origins {
        let run = start..<start + origin.rowCount
        start = run.upperBound
        if gone[file.key]?.contains(where: { $0.overlaps(run) }) == true {
          versions.insert(origin.version)
        }
      }
    }
    return versions
  }

  mutating func widen(_ columns: [String]) {
    isWidened = isWidened || staying.contains { file in columns.contains { file.holds($0) } }
  }

  /// Whether what stays is written anew.
  var isRewritten: Bool {
    let staying = staying
    if isWidened && !staying.isEmpty { return true }
    if gone.isEmpty || touched.isEmpty { return false }
    // Rows of a commit that stay while others of it go must say so, which only new files can.
    let isSimple =
      whole.count == touched.count
      && cutVersions.isDisjoint(with: staying.flatMap(\.origins).map(\.version))
    return !isSimple
  }

  var removed: [String] { (isRewritten ? files : whole).map(\.key) }

  var selections: [RowSelection] {
    let versions = cutVersions
    return staying.sorted { ($0.origins.first?.version ?? 0) < ($1.origins.first?.version ?? 0) }
      .map { RowSelection($0, without: gone[$0.key] ?? [], cutting: versions, by: version) }
  }
}

extension DataFile {
  /// Whether the file has a column, or may have: it is not known of every file what it holds.
  fileprivate func holds(_ column: String) -> Bool {
    guard let members = columns.members else { return true }
    return members.contains { $0.key == column || $0.key.hasPrefix(column + ".") }
  }
}
