internal import Base
internal import Bookmarks
internal import Connector
internal import Lake
internal import Parquet
internal import Records
internal import Storage

/// Takes rows of earlier commits out of a stream's tables, for a commit that brings others in their
/// place.
///
/// Files of which nothing is to stay leave the table. A partition in which a file loses but a part
/// is written anew, elsewhere, as a merge does it: readers see it before or after, never between.
/// Where the new rows of such a partition go is known before they are staged: beside it.
struct RowRetraction {
  private let workspace: Workspace
  private let stream: String
  /// Names the commit's files.
  private let commit: String
  /// Of the commit that is to be made.
  private let version: Int
  private let schemas: [String: Schema]
  /// What stays of the files of partitions that are written anew, by partition.
  private var kept: [(home: String, table: String, selections: [RowSelection])] = []
  /// What leaves the table, as whole files.
  private(set) var removed: [String] = []
  /// Those of them that stay where they lie.
  private(set) var left: [String] = []
  /// Rows that go.
  private(set) var rowCount = 0

  /// Looks for the rows. Changes nothing.
  init(
    _ rows: [RetractedRows], of stream: ResolvedStream, _ workspace: Workspace, commit: String,
    schemas: [String: Schema], checkpoint: () throws -> Void
  ) throws {
    self.workspace = workspace
    self.stream = stream.name
    self.commit = commit
    self.schemas = schemas
    version = (try workspace.log.stream(stream.name)?.version ?? 0) + 1
    // A trial reads what the real stream would, into tables that have none of its rows.
    if rows.isEmpty || stream.trialZone != nil { return }

    let files = try workspace.log.files(of: stream.name, asOf: version - 1)
    let gone = try find(rows, in: files, checkpoint)
    let homes = Dictionary(grouping: files) {
      PartitionLocations.home(ofFolder: PartitionLocations.folder(ofKey: $0.key))
    }
    for (home, files) in homes.sorted(by: { $0.key < $1.key }) {
      take(gone, outOf: files, home)
    }
  }

  /// The ranges of rows that go, by the file's key.
  private func find(
    _ rows: [RetractedRows], in files: [DataFile], _ checkpoint: () throws -> Void
  ) throws -> [String: [Range<Int>]] {
    var gone: [String: [Range<Int>]] = [:]
    for (column, rows) in Dictionary(grouping: rows, by: \.column) {
      let texts = Dictionary(grouping: rows, by: \.version).mapValues { Set($0.map(\.text)) }
      let search = RowSearch(
        store: workspace.store, column: column, texts: texts, reading: Parquet.ReadOptions())
      for file in files where file.origins.contains(where: { texts[$0.version] != nil }) {
        gone[file.key, default: []] += try search.rows(of: file, checkpoint: checkpoint)
      }
    }
    return gone.mapValues { ranges in ranges.sorted { $0.lowerBound < $1.lowerBound } }
  }

  private mutating func take(
    _ gone: [String: [Range<Int>]], outOf files: [DataFile], _ home: String
  ) {
    func count(_ file: DataFile) -> Int { gone[file.key]?.reduce(0) { $0 + $1.count } ?? 0 }
    let touched = files.filter { count($0) > 0 }
    guard let table = touched.first?.table else { return }
    rowCount += touched.reduce(0) { $0 + count($1) }
    let whole = touched.filter { count($0) == $0.rowCount }
    let stay = files.filter { file in !whole.contains { $0.key == file.key } }
    var versions: Set<Int> = []
    for file in touched {
      versions.formUnion(Self.versions(of: file, in: gone[file.key] ?? []))
    }
    // Rows of a commit that stay while others of it go must say so, which only new files can.
    let isSimple =
      whole.count == touched.count
      && versions.isDisjoint(with: stay.flatMap(\.origins).map(\.version))
    removed += (isSimple ? whole : files).map(\.key)
    if isSimple { return }
    left += files.map(\.key)
    let selections =
      stay.sorted { ($0.origins.first?.version ?? 0) < ($1.origins.first?.version ?? 0) }
      .map {
        RowSelection($0, without: gone[$0.key] ?? [], cutting: versions, by: version)
      }
    kept.append((home, table, selections))
  }

  private static func versions(of file: DataFile, in ranges: [Range<Int>]) -> [Int] {
    var start = 0
    return file.origins.filter { origin in
      let run = start..<start + origin.rowCount
      start = run.upperBound
      return ranges.contains { $0.overlaps(run) }
    }.map(\.version)
  }

  /// Says where the partitions that are written anew lie after the commit.
  func move(_ locations: inout PartitionLocations) {
    locations.add(
      kept.map { home, _, _ in LakeLayout.rewrittenFolder(home: home, commit: commit) + "/" })
  }

  /// Stages what stays.
  /// - Parameters:
  ///   - schemas: of the tables as they are with the commit's own rows.
  ///   - firstNumber: of the files: those of the commit's own rows come before.
  func stage(
    schemas: [String: Schema], settings: StreamSettings, budget: MemoryBudget,
    cancellation: Cancellation, firstNumber: Int
  ) throws -> [TableWriter.Staged] {
    let rewrite = PartitionRewrite(
      workspace: workspace, settings: settings, budget: budget, cancellation: cancellation)
    var staged: [TableWriter.Staged] = []
    do {
      for (home, table, selections) in kept {
        guard let schema = schemas[table] ?? self.schemas[table] else {
          throw IngestError(
            .refused, "the columns of the table \(table) are not known any more",
            remedy: "Reset the stream and load it anew: tidemark bookmark reset \(stream).",
            place: home)
        }
        staged += try rewrite.stage(
          selections, of: stream, schema: schema, commit: commit,
          firstNumber: firstNumber + staged.count)
      }
      return staged
    } catch {
      for file in staged { try? workspace.store.discard(file.object) }
      throw error
    }
  }
}
