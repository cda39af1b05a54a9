internal import Base
internal import Bookmarks
internal import Catalog
internal import Connector
internal import Lake
internal import Records
internal import Storage

/// Puts commits together from what happened: the one place where files, bookmark and catalog meet.
struct CommitBuilder {
  let workspace: Workspace

  init(_ workspace: Workspace) { self.workspace = workspace }

  private var log: any CommitLog { workspace.log }

  /// A commit that continues the stream's last one and changes nothing yet.
  func next(
    _ kind: Commit.Kind, of stream: String, after state: StreamState?, run: String?,
    id: String? = nil
  ) -> Commit {
    var commit = Commit(
      stream: stream, version: (state?.version ?? 0) + 1,
      id: id ?? Workspace.makeID(workspace.randomness), kind: kind, run: run,
      decidedAt: workspace.clock.now)
    commit.bookmarkBefore = state?.bookmark
    commit.bookmarkAfter = state?.bookmark
    commit.binding = state?.binding
    commit.schemas = state?.schemas ?? [:]
    commit.contentHash = state?.contentHash
    return commit
  }

  /// A commit that brings a stream back to what it was right after an earlier version; version 0
  /// is the beginning. Going back is itself a version, so it can be undone the same way.
  /// - Parameter stages: writes the files that have to be written for it; otherwise the commit
  ///   only tells what it would do.
  func goingBack(
    to version: Int, of stream: String, kind: Commit.Kind, run: String?, keepsData: Bool = false,
    stages: Bool = true
  ) throws -> Commit {
    let state = try log.stream(stream)
    var commit = next(kind, of: stream, after: state, run: run)
    commit.ledger = try log.ledgerChanges(of: stream, backTo: version)
    let target = version == 0 ? nil : try log.commit(version, of: stream)
    commit.bookmarkAfter = target?.bookmarkAfter
    if keepsData { return commit }
    let data = try GoingBack(workspace, for: commit, then: target?.schemas ?? [:]).data(
      from: state?.version ?? 0, to: version, stages: stages)
    commit.schemas = data.schemas
    commit.removed = data.removed
    commit.left = data.left
    commit.restored = data.restored
    commit.cleared = data.cleared
    commit.added = data.staged.map(\.file)
    if stages { commit.staged = data.staged.compactMap(\.object) }
    commit.contentHash = target?.contentHash
    commit.binding = target?.binding
    if let key = (data.before + data.after).first?.key {
      commit.catalogChange = try TableRegistration(
        workspace: workspace, zone: String(key.prefix { $0 != "/" }),
        locations: PartitionLocations(keys: data.after.map(\.key)),
        binding: commit.binding ?? state?.binding
      ).change(schemas: commit.schemas, files: data.after, partitionsBefore: data.before)
    }
    return commit
  }
}
