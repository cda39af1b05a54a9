public import Base
internal import Bookmarks
internal import Lake
internal import Storage

/// `tidemark compact`: merges small files of tables, whoever fills them.
public struct LakeCompaction: Sendable {
  /// A partition that was merged, or would be.
  public struct Item: Sendable {
    public var stream: String
    public var table: String
    /// Its folder in the lake.
    public var folder: String
    public var filesBefore: Int
    /// nil where nothing was done yet.
    public var filesAfter: Int?
    public var bytesBefore: Int
    public var bytesAfter: Int?
  }

  public struct Report: Sendable {
    public var isDryRun: Bool
    public var items: [Item] = []
    /// Streams that somebody else holds, and what is known of that.
    public var skipped: [(stream: String, why: String)] = []

    /// 5 where streams were held.
    public var exitCode: Int32 { skipped.isEmpty ? 0 : 5 }

    public var json: JSONValue {
      [
        "dry_run": .boolean(isDryRun),
        "partitions": .array(items.map(\.json)),
        "skipped": .array(
          skipped.map { ["stream": .string($0.stream), "why": .string($0.why)] }),
      ]
    }
  }

  private let workspace: Workspace
  private let cancellation: Cancellation

  public init(_ workspace: Workspace, cancellation: Cancellation) {
    self.workspace = workspace
    self.cancellation = cancellation
  }

  /// - Parameters:
  ///   - names: of tables (`orders` or `raw.orders`) or streams; all where empty.
  ///   - memoryBytes: what to stay within.
  /// - Throws: `.configuration` where a name stands for nothing.
  public func run(_ names: [String], isDryRun: Bool, memoryBytes: Int) throws(IngestError)
    -> Report
  {
    try IngestError.wrapping {
      var report = Report(isDryRun: isDryRun)
      let budget = MemoryBudget(totalBytes: memoryBytes, laneCount: 1)
      for (stream, tables) in try selected(names) {
        let compaction = Compaction(
          workspace, settings: workspace.configuration.settings(ofStream: stream), budget: budget,
          cancellation: cancellation)
        if isDryRun {
          report.items += try compaction.groups(of: stream, tables: tables, isAutomatic: false)
            .map { Item(stream, $0) }
          continue
        }
        do {
          let holding = StreamLease(workspace, stream, cancellation)
          report.items += try holding.hold(waitSeconds: 0) { lease in
            let groups = try compaction.groups(of: stream, tables: tables, isAutomatic: false)
            return try compaction.perform(groups, of: stream, under: lease, run: nil)
              .map { Item(stream, $0) }
          }
        } catch let error as BookmarksError where error.kind == .leaseHeld {
          report.skipped.append((stream, error.message))
        }
      }
      return report
    }
  }

  /// Streams with those of their tables that are meant.
  private func selected(_ names: [String]) throws -> [(stream: String, tables: Set<String>?)] {
    let states = try workspace.log.streams()
    if names.isEmpty { return states.map { ($0.name, nil) } }
    var wanted: [String: Set<String>?] = [:]
    var known: [String] = []
    for state in states {
      let zone = (state.binding?["table"]?.string).map { String($0.prefix { $0 != "." }) }
      known += [state.name] + state.schemas.keys.sorted()
      if names.contains(state.name) { wanted[state.name] = .some(nil) }
      for table in state.schemas.keys {
        guard names.contains(table) || names.contains("\(zone ?? "").\(table)") else { continue }
        if case .some(.none) = wanted[state.name] { continue }
        wanted[state.name] = .some((wanted[state.name]?.flatMap { $0 } ?? []).union([table]))
      }
    }
    for name in names {
      let short = name.split(separator: ".").last.map(String.init) ?? name
      guard known.contains(name) || known.contains(short) else {
        throw IngestError(
          .configuration, "there is no table '\(name)'",
          remedy: nearestName(to: name, among: known).map { "Did you mean '\($0)'?" }
            ?? "'tidemark catalog tables' lists what there is.")
      }
    }
    return wanted.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

extension LakeCompaction.Item {
  init(_ stream: String, _ group: Compaction.Group) {
    self.init(
      stream: stream, table: group.files.first?.table ?? "", folder: group.home,
      filesBefore: group.files.count, filesAfter: nil, bytesBefore: group.byteCount,
      bytesAfter: nil)
  }

  init(_ stream: String, _ merge: Compaction.Merge) {
    self.init(
      stream: stream, table: merge.table, folder: merge.home, filesBefore: merge.filesBefore,
      filesAfter: merge.filesAfter, bytesBefore: merge.bytesBefore, bytesAfter: merge.bytesAfter)
  }

  var json: JSONValue {
    [
      "stream": .string(stream), "table": .string(table), "folder": .string(folder),
      "files_before": .init(filesBefore), "files_after": .init(filesAfter),
      "bytes_before": .init(bytesBefore), "bytes_after": .init(bytesAfter),
    ]
  }
}
