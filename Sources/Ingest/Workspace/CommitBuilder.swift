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
  func goingBack(
    to version: Int, of stream: String, kind: Commit.Kind, run: String?, keepsData: Bool = false
  ) throws -> Commit {
    let state = try log.stream(stream)
    var commit = next(kind, of: stream, after: state, run: run)
    commit.ledger = try log.ledgerChanges(of: stream, backTo: version)
    let target = version == 0 ? nil : try log.commit(version, of: stream)
    commit.bookmarkAfter = target?.bookmarkAfter
    if keepsData { return commit }
    let now = try log.files(of: stream, asOf: state?.version ?? 0)
    let then = version == 0 ? [] : try log.files(of: stream, asOf: version)
    let keysNow = Set(now.map(\.key))
    let keysThen = Set(then.map(\.key))
    commit.removed = now.map(\.key).filter { !keysThen.contains($0) }
    commit.restored = then.map(\.key).filter { !keysNow.contains($0) }
    commit.contentHash = target?.contentHash
    commit.binding = target?.binding
    // The table's columns stay: a column once seen is no harm, and the same rows bring it back.
    let zone = try Self.zone(ofFiles: now + then)
    if let zone {
      commit.catalogChange = try TableRegistration(workspace: workspace, zone: zone).change(
        schemas: commit.schemas, files: then, partitionsBefore: now)
    }
    return commit
  }

  /// The zone folder of a stream's files, from their keys; nil where it has none.
  private static func zone(ofFiles files: [DataFile]) throws -> String? {
    files.first.map { String($0.key.prefix { $0 != "/" }) }
  }
}
