public import Base
internal import Bookmarks
internal import Foundation
internal import Lake
internal import Storage

/// What taking a lake over would do, and did.
public struct Adoption: Sendable {
  public enum Kind: String, Sendable {
    /// State and lake belong together: there is nothing to do.
    case nothing
    /// The marker is gone, and all that the log names is there: it is written again.
    case mark
    /// The log is an older copy: files that it does not know leave their tables.
    case older
    /// The log is lost: a new one takes the tables' files as they are found.
    case found
    /// This machine has seen more of the lake's log than the lake has: its cache is dropped.
    case forget
  }

  public struct Table: Hashable, Sendable {
    /// The stream that fills it; nil where the config has none.
    public var stream: String?
    public var table: String
    public var files: Int
    public var rows: Int
  }

  public var kind: Kind
  /// In a sentence each.
  public var says: [String] = []
  public var tables: [Table] = []

  public var json: JSONValue {
    [
      "kind": .string(kind.rawValue), "says": .array(says.map { .string($0) }),
      "tables": .array(
        tables.map {
          [
            "stream": .init($0.stream), "table": .string($0.table), "files": .init($0.files),
            "rows": .init($0.rows),
          ]
        }),
    ]
  }
}

extension StateControl {
  /// Takes over a lake whose log is lost, older than the lake, or unmarked.
  /// - Parameter isDryRun: says what would be done, and does nothing.
  /// - Throws: `.refused` where rows would be lost or doubled.
  public func adopt(isDryRun: Bool) throws(IngestError) -> Adoption {
    try IngestError.wrapping {
      let guarding = try stateGuard()
      let marker = try LakeMarker(in: guarding.store)
      switch configuration.state {
      case .lake(let cache): return try adoptLake(guarding, marker, cache, isDryRun)
      case .file(let path): return try adoptFile(guarding, marker, path, isDryRun)
      }
    }
  }

  // MARK: - A log in the lake

  private func adoptLake(
    _ guarding: StateGuard, _ marker: LakeMarker?, _ cache: String, _ isDryRun: Bool
  ) throws -> Adoption {
    do {
      _ = try guarding.openUnchecked()
      return Adoption(kind: .nothing, says: ["The lake's log is whole."])
    } catch let error as BookmarksError where error.kind == .foreign && marker?.kind != .sqlite {
      // That is what adopting is for.
    }
    guard let marker else {
      let found = try FoldedCommitLog.name(inLake: guarding.store)
      if !isDryRun {
        _ = try LakeMarker(
          log: found, kind: .lake, location: "", host: ProcessInfo.processInfo.hostName,
          createdAt: clock.now
        ).claim(guarding.store)
      }
      return Adoption(
        kind: .mark,
        says: ["The lake is marked again as that of its log \(found). Nothing is lost."])
    }
    let draft = cache + ".adopting"
    defer { try? LakeCache.remove(draft) }
    let log = try guarding.openUnchecked(file: draft)
    let workspace = Workspace(configuration, guarding.store, log, clock, randomness)
    var adoption = try AdoptionOfFiles(workspace, context).setBack(marker, isDryRun)
    adoption.kind = .forget
    adoption.says.insert(
      "What this machine has seen of the log is dropped (\(cache)) and read anew from the lake: commits that the lake no longer has are lost.",
      at: 0)
    try log.close()
    if !isDryRun { try LakeCache.remove(cache) }
    return adoption
  }

  // MARK: - A SQLite file

  private func adoptFile(
    _ guarding: StateGuard, _ marker: LakeMarker?, _ path: String, _ isDryRun: Bool
  ) throws -> Adoption {
    let problem = guarding.problem(before: marker)
    if let problem, marker?.kind == .lake { throw problem }
    if problem == nil {
      let log = try guarding.openUnchecked()
      guard try guarding.problem(of: log, marker) != nil else {
        return Adoption(kind: .nothing, says: ["State and lake belong together."])
      }
      let workspace = Workspace(configuration, guarding.store, log, clock, randomness)
      if !(try log.streams().isEmpty) {
        guard let marker else { return try mark(workspace, guarding, isDryRun) }
        guard marker.log == log.id else {
          throw IngestError(
            .refused,
            "the state \(path) holds commits of another lake, not of \(guarding.store.location)",
            remedy:
              "Set lake.state to the lake's own file, or to one that is not there yet, and adopt then."
          )
        }
        return try AdoptionOfFiles(workspace, context).setBack(marker, isDryRun)
      }
    }
    return try adoptFound(guarding, marker, path, isDryRun)
  }

  private func mark(_ workspace: Workspace, _ guarding: StateGuard, _ isDryRun: Bool) throws
    -> Adoption
  {
    var missing: [String] = []
    for state in try workspace.log.streams() {
      for file in try workspace.log.files(of: state.name, asOf: nil)
      where try workspace.store.info(file.key) == nil {
        missing.append(file.key)
      }
    }
    guard missing.isEmpty else {
      throw IngestError(
        .refused,
        "\(missing.count) files of the log \(workspace.log.id) are not in the lake \(workspace.store.location), such as \(missing[0])",
        remedy: "Bring the lake's files back, or check lake.root: it may be another lake.")
    }
    if !isDryRun {
      try guarding.claim(workspace.log)
      workspace.noteCommits()
    }
    return Adoption(
      kind: .mark,
      says: ["All files of the log are there. The lake is marked as this log's again."])
  }

  /// Makes a new log of what is found, in a file that takes its place when it is whole.
  private func adoptFound(
    _ guarding: StateGuard, _ marker: LakeMarker?, _ path: String, _ isDryRun: Bool
  ) throws -> Adoption {
    let draft = path + ".adopting"
    try LakeCache.remove(draft)
    defer { try? LakeCache.remove(draft) }
    let log = try guarding.openUnchecked(file: draft)
    let workspace = Workspace(configuration, guarding.store, log, clock, randomness)
    let adoption = try AdoptionOfFiles(workspace, context).takeFound(isDryRun)
    if isDryRun { return adoption }
    let count = try log.summary().commitCount
    try log.close()
    // The marker first: a state that is there under a marker that is not its own is refused, and
    // adopting begins anew.
    try LakeMarker(
      log: log.id, kind: .sqlite, location: path, host: ProcessInfo.processInfo.hostName,
      createdAt: clock.now, commitCount: count
    ).put(in: guarding.store, if: .always)
    try LakeCache.remove(path)
    try FileManager.default.moveItem(atPath: draft, toPath: path)
    return adoption
  }
}
