internal import Base
internal import Bookmarks
internal import Connector
internal import Foundation
internal import Lake
internal import Parquet
internal import Records
internal import Storage

/// Brings a log and the files that lie in a lake together.
struct AdoptionOfFiles {
  private let workspace: Workspace
  private let context: SourceContext

  init(_ workspace: Workspace, _ context: SourceContext) {
    self.workspace = workspace
    self.context = context
  }

  private var store: any ObjectStore { workspace.store }

  /// The data files that engines see, by `zone/table`.
  private func visibleFiles() throws -> [String: [ObjectInfo]] {
    var found: [String: [ObjectInfo]] = [:]
    for zone in Set(workspace.configuration.zones.values) {
      try store.list(zone + "/") { (info) throws(StorageError) in
        let names = info.key.split(separator: "/")
        guard names.count >= 3, info.key.hasSuffix(".parquet"),
          !names.contains(where: { $0.hasPrefix("_") || $0.hasPrefix(".") })
        else { return }
        found["\(names[0])/\(names[1])", default: []].append(info)
      }
    }
    return found
  }

  // MARK: - An older copy of the log

  /// Lets files that the log does not know leave their tables, so that what the next runs read
  /// again is there once.
  func setBack(_ marker: LakeMarker, _ isDryRun: Bool) throws -> Adoption {
    let log = workspace.log
    _ = try Publisher(workspace: workspace).rollForward()
    var known = Set<String>()
    var current: [String] = []
    var missing: [String] = []
    for state in try log.streams() {
      // Files that a rewrite left in place are known as well; readers may still be at them.
      known.formUnion(try log.formerFiles(of: state.name).map(\.file.key))
      for key in try log.keys(of: state.name) {
        known.insert(key)
        current.append(key)
        if try store.info(key) == nil, try store.info(LakeLayout.retiredKey(key)) == nil {
          missing.append(key)
        }
      }
    }
    guard missing.isEmpty else {
      throw IngestError(
        .refused,
        "\(missing.count) files that this copy of the log counts on are gone, such as \(missing[0])",
        remedy:
          "Bring back a newer copy. If there is none, move this one away and adopt again: the tables' files are then taken as they are found."
      )
    }
    var adoption = Adoption(
      kind: .older,
      says: [
        "The log goes on from the \(try log.summary().commitCount) commits that it holds"
          + (marker.kind == .sqlite ? "; the lake has seen \(marker.commitCount)." : "."),
        "Files that this copy does not know go to _retired in their tables' folders; the next run reads their rows again, where the source still has them.",
      ])
    for (folder, files) in try visibleFiles().sorted(by: { $0.key < $1.key }) {
      let unknown = files.filter { !known.contains($0.key) }
      if unknown.isEmpty { continue }
      adoption.tables.append(
        .init(
          stream: nil, table: folder, files: unknown.count,
          rows: try unknown.reduce(0) { $0 + (try rowCount($1)) }))
      if isDryRun { continue }
      for info in unknown { try store.move(info.key, to: LakeLayout.retiredKey(info.key)) }
    }
    if isDryRun { return adoption }
    for key in current where try store.info(key) == nil {
      try store.move(LakeLayout.retiredKey(key), to: key)
    }
    guard marker.kind == .sqlite else { return adoption }
    var marker = marker
    marker.commitCount = try log.summary().commitCount
    try marker.put(in: store, if: .always)
    return adoption
  }

  // MARK: - No log

  /// Takes the files of every configured stream's tables as they are found. How far they were read
  /// is lost, so each stream is held until a person has said.
  func takeFound(_ isDryRun: Bool) throws -> Adoption {
    let found = try visibleFiles()
    var adoption = Adoption(
      kind: .found,
      says: [
        "A new log takes the tables' files as they are found; no file is changed.",
        "Lost with the old one: bookmarks, the history, and what undoing needs. Each stream is held until you say how far it was read:",
        "  'tidemark bookmark set STREAM MARK' where the table ends (its greatest cursor value), or 'tidemark bookmark reset STREAM' to take the rows out and read everything again; then 'tidemark bookmark release STREAM'.",
        "Of a partition that was rewritten (compact), the location that was written to last is taken; 'gc' removes the others.",
      ])
    var rest = found
    for entry in try StreamSelection(workspace.configuration, context).select([]) {
      guard case .resolved(let stream) = entry else {
        adoption.says.append(
          "\(entry.name): its source cannot be asked for its tables; they are left as they are.")
        continue
      }
      let folder = LakeLayout.tableFolder(zone: stream.zone, table: stream.table)
      let own = found.filter { $0.key == folder || $0.key.hasPrefix(folder + "__") }
      for key in own.keys { rest[key] = nil }
      let files = try own.flatMap { folder, infos in
        try Self.latestLocations(infos).map {
          try read($0, table: String(folder.split(separator: "/")[1]))
        }
      }
      if files.isEmpty { continue }
      adoption.tables.append(
        .init(
          stream: stream.name, table: folder.replacing("/", with: "."), files: files.count,
          rows: files.reduce(0) { $0 + $1.file.rowCount }))
      if !isDryRun { try take(files, for: stream) }
    }
    for (folder, files) in rest.sorted(by: { $0.key < $1.key }) {
      adoption.tables.append(
        .init(
          stream: nil, table: folder.replacing("/", with: "."), files: files.count,
          rows: try files.reduce(0) { $0 + (try rowCount($1)) }))
    }
    return adoption
  }

  /// Of each partition the files of one location: the one that was written to last.
  private static func latestLocations(_ files: [ObjectInfo]) -> [ObjectInfo] {
    let partitions = Dictionary(grouping: files) { info in
      info.key.split(separator: "/").dropLast().filter { $0.contains("=") }.joined(separator: "/")
    }
    return partitions.values.flatMap { files -> [ObjectInfo] in
      let latest = files.max { ($0.modified, $0.key) < ($1.modified, $1.key) }
      return files.filter { folder($0.key) == latest.map { folder($0.key) } }
    }
  }

  private static func folder(_ key: String) -> Substring {
    key[..<(key.lastIndex(of: "/") ?? key.startIndex)]
  }

  private typealias FoundFile = (file: DataFile, schema: Schema)

  private func read(_ info: ObjectInfo, table: String) throws -> FoundFile {
    let file = try ParquetFile(StoredFile(info.key, in: store))
    let partition = info.key.split(separator: "/").dropFirst(2).dropLast().compactMap {
      name -> PartitionValue? in
      guard let sign = name.firstIndex(of: "=") else { return nil }
      let text = String(name[name.index(after: sign)...]).removingPercentEncoding ?? ""
      return PartitionValue(
        name: String(name[..<sign]), text: text == PartitionValue.nullText ? nil : text)
    }
    return (
      DataFile(
        table: table, key: info.key, partition: partition, rowCount: file.rowCount,
        byteCount: info.byteCount), file.schema
    )
  }

  private func rowCount(_ info: ObjectInfo) throws -> Int {
    try ParquetFile(StoredFile(info.key, in: store)).rowCount
  }

  private func take(_ files: [FoundFile], for stream: ResolvedStream) throws {
    let log = workspace.log
    let lease = try log.acquireLease(on: stream.name)
    let builder = CommitBuilder(workspace)
    var commit = builder.next(.adopt, of: stream.name, after: nil, run: nil)
    commit.note = "the log before this one was lost"
    commit.added = files.map(\.file).sorted { $0.key < $1.key }
    for (file, schema) in files {
      let known = commit.schemas[file.table]
      commit.schemas[file.table] = known.map { $0.widened(with: schema) ?? $0 } ?? schema
    }
    for file in commit.added {
      for value in file.partition where commit.schemas[file.table]?[value.name] == nil {
        commit.schemas[file.table]?.fields.append(Field(value.name, .string))
      }
    }
    commit.catalogChange = try TableRegistration(
      workspace: workspace, zone: stream.zone,
      locations: PartitionLocations(keys: commit.added.map(\.key)), binding: nil
    ).change(schemas: commit.schemas, files: commit.added, partitionsBefore: [])
    try log.append(commit, under: lease)
    try log.markPublished(commit)
    var hold = builder.next(.hold, of: stream.name, after: try log.stream(stream.name), run: nil)
    hold.note = "its bookmark is lost: 'bookmark set' or 'bookmark reset', then 'bookmark release'"
    try log.append(hold, under: lease)
    try log.markPublished(hold)
    try log.release(lease)
  }
}
