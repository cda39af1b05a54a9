internal import Base
internal import Bookmarks
internal import Catalog
internal import Connector
internal import Lake
internal import Records
internal import Storage

/// Makes the commit of a transferred split.
struct StreamCommit {
  private let workspace: Workspace
  private let stream: ResolvedStream
  private let options: RunOptions

  init(_ workspace: Workspace, _ stream: ResolvedStream, _ options: RunOptions) {
    self.workspace = workspace
    self.stream = stream
    self.options = options
  }

  /// Whether there is anything to commit. What was staged for nothing is removed.
  func hasChanges(_ result: SplitTransfer.Result, after state: StreamState?) throws -> Bool {
    if result.advance.isUnchanged { return false }
    if let hash = result.contentHash {
      if hash != state?.contentHash { return true }
      for staged in result.staged { try workspace.store.discard(staged.object) }
      return false
    }
    return !result.staged.isEmpty || !result.removed.isEmpty || !result.advance.ledger.isEmpty
      || result.advance.isSignificant
  }

  /// - Parameter key: the columns that tell the stream's rows apart, as the source says.
  func make(
    _ result: SplitTransfer.Result, window: Window, binding: JSONValue, key: [String],
    deletions: Deletions, run: String
  ) throws -> Commit {
    let state = try workspace.log.stream(stream.name)
    // A stream without a bookmark is read whole, and its rows replace the table's.
    let replaces = result.contentHash != nil
    var commit = CommitBuilder(workspace).next(
      replaces ? .replace : result.retractsRows ? .reprocess : .append, of: stream.name,
      after: state, run: run, id: result.commit)
    commit.window = window
    commit.bookmarkAfter = result.advance.bookmark
    commit.ledger = result.advance.ledger
    commit.counts = result.advance.counts
    commit.note = result.widening
    commit.binding = binding
    commit.schemas = result.schemas.merging(
      deletions.schemas(of: stream, result.schemas)
    ) { known, _ in known }
    commit.added = result.staged.map(\.file)
    commit.staged = result.staged.map(\.object)
    var before: [DataFile] = []
    var locations = PartitionLocations()
    if replaces {
      before = try workspace.log.files(of: stream.name, asOf: state?.version ?? 0)
      try checkReplacement(of: before, by: result.rowCount)
      commit.removed = before.map(\.key)
      commit.cleared = try LeftFiles(workspace.log, stream.name).inTheWay(
        from: commit.removed, to: commit.added.map(\.key))
      commit.contentHash = result.contentHash
    } else if !result.removed.isEmpty {
      let removed = Set(result.removed)
      let files = try workspace.log.files(of: stream.name, asOf: state?.version ?? 0)
      let after = files.filter { !removed.contains($0.key) } + commit.added
      commit.removed = result.removed
      commit.left = result.left
      commit.cleared = try LeftFiles(workspace.log, stream.name).inTheWay(
        from: files.map(\.key), to: after.map(\.key))
      // Partitions without any row go from the catalog.
      let full = Set(after.map { [$0.table] + $0.partition.map { $0.text ?? "\0" } })
      before = files.filter { !full.contains([$0.table] + $0.partition.map { $0.text ?? "\0" }) }
      locations.add(after.map(\.key))
    } else {
      locations.add(try workspace.log.keys(of: stream.name))
    }
    locations.add(commit.added.map(\.key))
    commit.catalogChange = try TableRegistration(
      workspace: workspace, zone: stream.zone, locations: locations, binding: binding,
      parameters: deletions.parameters(of: stream).merging([stream.table: keyParameter(key)]) {
        $0.merging($1) { own, _ in own }
      }
    ).change(schemas: commit.schemas, files: commit.added, partitionsBefore: before)
    return commit
  }

  private func keyParameter(_ key: [String]) -> [String: String] {
    let key = stream.configuration.key.isEmpty ? key : stream.configuration.key
    return key.isEmpty ? [:] : [CatalogTable.keyParameter: key.joined(separator: ",")]
  }

  /// A source that suddenly is empty is more often broken than empty.
  private func checkReplacement(of before: [DataFile], by rows: Int) throws(IngestError) {
    let had = before.reduce(0) { $0 + ($1.table == stream.table ? $1.rowCount : 0) }
    let isFarLess = had > 0 && (rows == 0 || (had >= 100 && rows < had / 2))
    guard isFarLess && !options.isForced else { return }
    throw IngestError(
      .refused, "the source gave \(rows) rows, and the table that they would replace has \(had)",
      remedy: "If that is right, run again with --force.", place: stream.name)
  }
}

/// What a stream is bound to: refused when it changes under a bookmark.
struct StreamBinding {
  let json: JSONValue
  private let stream: ResolvedStream

  init(_ stream: ResolvedStream, _ source: JSONValue) {
    self.stream = stream
    var members: [JSONValue.Member] = [
      .init(key: "source", value: source),
      .init(key: "table", value: .string("\(stream.zone).\(stream.table)")),
      .init(key: "partition", value: .array(stream.settings.partition.map { .string($0.name) })),
    ]
    // A column's name does not say into how many buckets it was split.
    let counted = stream.settings.partition.filter(\.hasParameter)
    if !counted.isEmpty {
      members.append(
        .init(key: "transforms", value: .array(counted.map { .string($0.text) })))
    }
    json = .object(members)
  }

  func check(_ state: StreamState?) throws(IngestError) {
    guard let bound = state?.binding, bound != json else { return }
    var changes: [String] = []
    Self.compare(bound, json, "", &changes)
    throw IngestError(
      .refused,
      "the stream no longer reads what its bookmark was made from: \(changes.joined(separator: "; "))",
      remedy:
        "Change the config back, or start the stream anew with 'tidemark bookmark reset \(stream.name)', which takes its rows back first.",
      place: stream.name)
  }

  private static func compare(
    _ old: JSONValue, _ new: JSONValue, _ path: String, _ changes: inout [String]
  ) {
    guard let before = old.members, let after = new.members else {
      if old != new { changes.append("\(path) was \(old.text()), is \(new.text())") }
      return
    }
    var keys = before.map(\.key)
    keys += after.map(\.key).filter { !keys.contains($0) }
    for key in keys {
      compare(old[key] ?? .null, new[key] ?? .null, path.isEmpty ? key : "\(path).\(key)", &changes)
    }
  }
}
