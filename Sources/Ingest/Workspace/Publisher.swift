internal import Base
internal import Bookmarks
internal import Connector
internal import Lake
internal import Storage

/// Makes decided commits visible, and rolls forward those that a killed run left behind.
/// Every step can be repeated.
struct Publisher: Sendable {
  let workspace: Workspace

  /// Files that are deleted in one step.
  private static let deletionsMax = 250

  private var store: any ObjectStore { workspace.store }
  private var log: any CommitLog { workspace.log }

  /// Brings a decided commit's files to where readers expect them.
  /// - Throws: a `StorageError` of kind `.notFound` where staged data has vanished.
  func publish(_ commit: Commit) throws {
    for object in commit.staged {
      try workspace.perform(.publishFile) { try store.publish(object) }
    }
    let left = Set(commit.left)
    for key in commit.removed where !left.contains(key) {
      try workspace.perform(.retireFile) {
        try store.move(key, to: LakeLayout.retiredKey(key))
      }
    }
    for key in commit.cleared {
      try workspace.perform(.retireFile) { try retireIfPresent(key) }
    }
    for key in commit.restored {
      // One that was left in place is there already: moving it again is no error.
      try workspace.perform(.restoreFile) {
        try store.move(LakeLayout.retiredKey(key), to: key)
      }
    }
    for start in stride(from: 0, to: commit.gone.count, by: Self.deletionsMax) {
      let keys = commit.gone[start..<min(start + Self.deletionsMax, commit.gone.count)]
      try workspace.perform(.removeFile) {
        try store.delete(keys.flatMap { [$0, LakeLayout.retiredKey($0)] })
      }
    }
    try workspace.perform(.markPublished) { try log.markPublished(commit) }
  }

  /// Rolls forward what is decided and not published; for readers, who hold no lease.
  ///
  /// Publishing twice at once does no harm, so a run that is at work is not disturbed. What has
  /// vanished is left to the next run of its stream, which may take it back.
  func rollForward() throws -> [Commit] {
    var done: [Commit] = []
    for commit in try log.unpublished() {
      do {
        try publish(commit)
        done.append(commit)
      } catch let error as StorageError where error.kind == .notFound {
        continue
      }
    }
    return done
  }

  /// Before a run of a stream: rolls forward, takes back what has vanished, removes orphans.
  /// - Returns: what a person should know.
  func recover(_ lease: Lease, zone: String, table: String) throws -> [String] {
    var notices: [String] = []
    for commit in try log.unpublished() where commit.stream == lease.stream {
      do {
        try publish(commit)
        notices.append("published version \(commit.version), which an earlier run had decided")
      } catch let error as StorageError where error.kind == .notFound {
        notices.append(try retract(commit, lease, because: error))
        break
      }
    }
    let orphans = try orphans(zone: zone, table: table)
    for orphan in orphans {
      try workspace.perform(.discardStaged) { try store.discard(orphan) }
    }
    if !orphans.isEmpty {
      notices.append("removed \(orphans.count) staged files that no commit names")
    }
    return notices
  }

  /// What is staged for the table and its side tables, and no commit names.
  ///
  /// Whose a staged file is says its key alone, for S3 keeps nothing else: `<table>__x` is a side
  /// table of the stream unless another stream fills a table of that very name, or one in between.
  private func orphans(zone: String, table: String) throws -> [StagedObject] {
    let folder = LakeLayout.tableFolder(zone: zone, table: table)
    let staged = try store.listStaged(folder + "/") + store.listStaged(folder + "__")
    if staged.isEmpty { return [] }
    let configured = workspace.configuration.streams.filter {
      workspace.configuration.zones[$0.settings.zone] == zone
    }.map(\.configuration.name)
    let tables = Set(try (configured + log.streamNames()).map(LakeLayout.tableName) + [table])
    let decided = Set(try log.unpublished().flatMap(\.staged).map(\.key))
    return staged.filter { object in
      guard let found = LakeLayout.table(ofKey: object.key) else { return false }
      return LakeLayout.mainTable(of: found, among: tables) == table
        && !decided.contains(object.key)
    }
  }

  /// Takes back a commit whose staged data has vanished, with all that follows it.
  private func retract(_ lost: Commit, _ lease: Lease, because error: StorageError) throws -> String
  {
    let state = try log.stream(lost.stream)
    let current = state?.version ?? lost.version
    var commit = try CommitBuilder(workspace).goingBack(
      to: lost.version - 1, of: lost.stream, kind: .retract, run: nil)
    commit.note = "staged data of version \(lost.version) had vanished: \(error.place)"
    try workspace.perform(.decide) { try log.append(commit, under: lease) }
    for key in commit.removed { try retireIfPresent(key) }
    // From the last to the first: readers step over all of them at once.
    try log.markPublished(commit)
    for version in stride(from: current, through: lost.version, by: -1) {
      try log.markPublished(try log.commit(version, of: lost.stream))
    }
    return
      "took back version \(lost.version) and what followed it: its staged data had vanished (\(error.place)); the bookmark went back with it, so the rows are read again"
  }

  private func retireIfPresent(_ key: String) throws {
    do {
      try store.move(key, to: LakeLayout.retiredKey(key))
    } catch {
      guard error.kind == .notFound else { throw error }
    }
  }
}
