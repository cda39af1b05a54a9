internal import Base
internal import Bookmarks
internal import Connector
internal import Lake
internal import Records
internal import Storage

/// Finds the files that make a stream's tables what they were at an earlier version.
///
/// The files of that version come back where they still exist. Where clean-up has removed them,
/// their rows are found by their origin in files that exist, most often merged ones, and written
/// anew. Rows of a partition with the same source come and go together, so which sources' rows a
/// partition holds says exactly what it is.
///
/// Columns have the types that they had then, where all of a table's files of then exist. Where
/// rows have to be taken from files that were written since, which may hold wider types, the table
/// keeps types that hold both, and no file comes back that is not read as them: its rows are
/// written anew as well.
struct GoingBack {
  /// What changes, and what the tables consist of before and after.
  struct Data {
    /// The columns of the tables after.
    var schemas: [String: Schema]
    var before: [DataFile] = []
    var after: [DataFile] = []
    var removed: [String] = []
    var left: [String] = []
    var restored: [String] = []
    var cleared: [String] = []
    /// Written anew; without staged objects where nothing is staged.
    var staged: [(file: DataFile, object: StagedObject?)] = []
  }

  private let workspace: Workspace
  private let stream: String
  private let commit: String
  private let schemasNow: [String: Schema]
  private let schemasThen: [String: Schema]
  private var log: any CommitLog { workspace.log }

  /// - Parameters:
  ///   - commit: with the tables' columns as they are.
  ///   - schemasThen: as they were.
  init(_ workspace: Workspace, for commit: Commit, then schemasThen: [String: Schema]) {
    self.workspace = workspace
    stream = commit.stream
    self.commit = commit.id
    schemasNow = commit.schemas
    self.schemasThen = schemasThen
  }

  /// - Parameters:
  ///   - current: the stream's last version.
  ///   - version: the one to go back to.
  ///   - stages: writes what has to be written; otherwise says only what it would be.
  func data(from current: Int, to version: Int, stages: Bool) throws -> Data {
    var staged: [StagedObject] = []
    do {
      return try data(from: current, to: version, stages: stages, &staged)
    } catch {
      // What cannot be removed now is an orphan that the next recovery removes.
      for object in staged { try? workspace.store.discard(object) }
      throw error
    }
  }

  private func data(
    from current: Int, to version: Int, stages: Bool, _ staged: inout [StagedObject]
  ) throws -> Data {
    let now = try log.files(of: stream, asOf: current)
    let then = version == 0 ? [] : try log.files(of: stream, asOf: version)
    let keysNow = Set(now.map(\.key))
    let missing = then.contains { !keysNow.contains($0.key) }
    let former = missing ? try log.formerFiles(of: stream) : []
    let gone = Set(former.lazy.filter { $0.place == .gone }.map(\.file.key))

    let incomplete = Set(then.lazy.filter { gone.contains($0.key) }.map(\.table))
    let schemas = schemas(incomplete)
    var data = Data(schemas: schemas, before: now)
    let nowByHome = Dictionary(grouping: now, by: Self.home)
    let thenByHome = Dictionary(grouping: then, by: Self.home)
    for home in Set(nowByHome.keys).union(thenByHome.keys).sorted() {
      let nowHere = nowByHome[home] ?? []
      let thenHere = thenByHome[home] ?? []
      let keysNowHere = Set(nowHere.map(\.key))
      let keysThenHere = Set(thenHere.map(\.key))
      let table = (nowHere.first ?? thenHere.first)?.table ?? ""
      let fitsThen =
        keysThenHere.isSubset(of: keysNowHere) || Self.fits(schemasThen[table], schemas[table])
      if keysThenHere.isDisjoint(with: gone) && fitsThen {
        data.removed += nowHere.map(\.key).filter { !keysThenHere.contains($0) }
        data.restored += thenHere.map(\.key).filter { !keysNowHere.contains($0) }
        data.after += thenHere
      } else if Self.rows(of: nowHere) == Self.rows(of: thenHere),
        Self.fits(schemasNow[table], schemas[table])
      {
        data.after += nowHere
      } else {
        let selections = try selections(for: thenHere, nowHere, former, version)
        let new = try write(selections, schemas[table], stages: stages)
        data.removed += nowHere.map(\.key)
        // Readers with an older answer of the catalog go on with them, as after a compaction.
        data.left += nowHere.map(\.key)
        data.staged += new
        staged += new.compactMap(\.object)
        data.after += new.map(\.file)
      }
    }
    data.cleared = try LeftFiles(log, stream).inTheWay(
      from: now.map(\.key), to: data.after.map(\.key))
    return data
  }

  /// The columns of the tables after going back. A column once seen is no harm, and the same rows
  /// bring it back: it stays.
  /// - Parameter incomplete: tables of which files of then are gone.
  private func schemas(_ incomplete: Set<String>) -> [String: Schema] {
    var schemas = schemasNow
    for (table, then) in schemasThen {
      guard let now = schemasNow[table] else {
        schemas[table] = then
        continue
      }
      var both = now.widened(with: then, .inferred) ?? then
      if !incomplete.contains(table) {
        for index in both.fields.indices {
          if let field = then[both.fields[index].name] { both.fields[index].type = field.type }
        }
      }
      schemas[table] = both
    }
    return schemas
  }

  /// Whether files written under one schema are read as another.
  private static func fits(_ written: Schema?, _ schema: Schema?) -> Bool {
    guard let written, let schema else { return true }
    return written.isReadable(as: schema)
  }

  private static func home(_ file: DataFile) -> String {
    PartitionLocations.home(ofFolder: PartitionLocations.folder(ofKey: file.key))
  }

  /// Rows by what brought them.
  static func rows(of files: some Sequence<DataFile>) -> [RowOrigin.Source: Int] {
    var rows: [RowOrigin.Source: Int] = [:]
    for origin in files.lazy.flatMap(\.origins) {
      rows[origin.source, default: 0] += origin.rowCount
    }
    return rows.filter { $0.value > 0 }
  }

  /// Where the rows of a partition's files of old can be read now.
  /// - Throws: `.refused` where some are in no file any more.
  private func selections(
    for then: [DataFile], _ now: [DataFile], _ former: [FormerFile], _ version: Int
  ) throws -> [RowSelection] {
    let gone = Set(former.lazy.filter { $0.place == .gone }.map(\.file.key))
    let retired = Set(former.lazy.filter { $0.place == .retired }.map(\.file.key))
    var wanted = Self.rows(of: then)
    var chosen: [(file: DataFile, sources: Set<RowOrigin.Source>)] = []
    /// Takes from files that stood together in the table what they have whole.
    func take(from files: [DataFile]) {
      let present = files.filter { !gone.contains($0.key) }
      let rows = Self.rows(of: present)
      let found = Set(wanted.filter { rows[$0.key] == $0.value }.map(\.key))
      if found.isEmpty { return }
      for source in found { wanted[source] = nil }
      for file in present {
        let own = found.intersection(file.origins.map(\.source))
        if !own.isEmpty { chosen.append((file, own)) }
      }
    }
    take(from: now)
    take(from: then)
    guard let home = then.first.map(Self.home) else { return [] }
    let times = Set(former.lazy.filter { Self.home($0.file) == home }.map(\.removedVersion))
    for time in times.sorted(by: >) where !wanted.isEmpty {
      take(from: try log.files(of: stream, asOf: time - 1).filter { Self.home($0) == home })
    }
    guard wanted.isEmpty else {
      let lost = wanted.values.reduce(0, +)
      throw IngestError(
        .refused,
        "version \(version) had \(Units.describe(lost, "row")) that clean-up has removed since",
        remedy:
          "Go back to a later version ('tidemark bookmark history \(stream)'), or reset the stream and load it anew.",
        place: home)
    }
    func oldest(_ sources: Set<RowOrigin.Source>) -> Int { sources.map(\.version).min() ?? 0 }
    return chosen.sorted { oldest($0.sources) < oldest($1.sources) }
      .map { chosen in
        let key = chosen.file.key
        return RowSelection(
          chosen.file, at: retired.contains(key) ? LakeLayout.retiredKey(key) : nil,
          sources: chosen.sources)
      }
  }

  private func write(_ selections: [RowSelection], _ schema: Schema?, stages: Bool) throws -> [(
    file: DataFile, object: StagedObject?
  )] {
    guard let first = selections.first?.file else { return [] }
    guard let schema else {
      throw IngestError(
        .refused, "the columns of the table \(first.table) are not known any more",
        remedy: "Reset the stream and load it anew: tidemark bookmark reset \(stream).",
        place: stream)
    }
    guard stages else {
      return selections.map { selection in
        var file = selection.file
        file.key = "\(Self.home(file))/\(commit)"
        file.rowCount = selection.rowCount
        file.origins = selection.origins
        return (file, nil)
      }
    }
    let rewrite = PartitionRewrite(
      workspace: workspace, settings: workspace.configuration.settings(ofStream: stream),
      budget: MemoryBudget(totalBytes: MemoryBudget.totalBytesDefault, laneCount: 1),
      cancellation: Cancellation())
    return try rewrite.stage(selections, of: stream, schema: schema, commit: commit)
      .map { ($0.file, $0.object) }
  }
}
