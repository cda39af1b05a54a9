public import Base
public import Bookmarks
public import Connector
internal import Foundation
internal import Storage

/// Where a lake's commit log is, whose it is, and what it holds: also where it cannot be used.
public struct StateReport: Sendable {
  public var lake: String
  /// `file` or `lake`.
  public var kind: String
  public var location: String
  /// This machine's cache of a log in the lake.
  public var cache: String?
  public var marker: LakeMarker?
  /// The log's name; nil where it could not be opened.
  public var log: String?
  public var summary: LogSummary?
  public var streams: [StreamState] = []
  /// Why the log is refused; nil where all is well.
  public var problem: IngestError?

  public var json: JSONValue {
    let held = summary?.leases ?? []
    return [
      "lake": .string(lake), "kind": .string(kind), "location": .string(location),
      "cache": .init(cache), "log": .init(log), "lake_names": .init(marker?.log),
      "commits": .init(summary?.commitCount), "files": .init(summary?.fileCount),
      "unpublished": .init(summary?.unpublishedCount), "bytes": .init(summary?.byteCount),
      "entries": .init(summary?.entryCount), "checkpoint": .init(summary?.checkpoint),
      "last_commit_at": .init(summary?.lastCommitAt?.description),
      "last_run": .init(summary?.lastRun?.id),
      "last_run_at": .init(summary?.lastRun?.startedAt.description),
      "last_run_host": .init(summary?.lastRun?.host),
      "leases": .array(
        held.map {
          [
            "stream": .string($0.stream), "holder": .string($0.holder),
            "last_sign": .string($0.lastSign.description),
          ]
        }),
      "streams": .array(
        streams.map {
          [
            "stream": .string($0.name), "version": .init($0.version),
            "published_version": .init($0.publishedVersion), "mark": .init($0.bookmark?.mark),
            "held": .init($0.holdReason),
          ]
        }),
      "problem": .init(problem?.description), "remedy": .init(problem?.remedy),
    ]
  }
}

/// Looks at a lake's commit log, and takes over a lake whose log is lost.
public struct StateControl: Sendable {
  let configuration: Configuration
  let context: SourceContext
  let clock: WallClock
  let randomness: Randomness

  public init(
    _ configuration: Configuration, context: SourceContext, clock: WallClock = .system,
    randomness: Randomness = .system
  ) {
    self.configuration = configuration
    self.context = context
    self.clock = clock
    self.randomness = randomness
  }

  func stateGuard() throws -> StateGuard {
    StateGuard(
      configuration, try Workspace.openStore(configuration, clock, randomness), clock, randomness)
  }

  /// Creates and changes nothing but a cache.
  public func show() throws(IngestError) -> StateReport {
    try IngestError.wrapping {
      let guarding = try stateGuard()
      let marker = try LakeMarker(in: guarding.store)
      var report: StateReport
      switch configuration.state {
      case .file(let path):
        report = StateReport(lake: guarding.store.location, kind: "file", location: path)
        report.marker = marker
        report.problem = guarding.problem(before: marker)
        if !FileManager.default.fileExists(atPath: path) { return report }
      case .lake(let cache):
        report = StateReport(
          lake: guarding.store.location, kind: "lake",
          location: guarding.store.location + "/_tidemark/log/", cache: cache)
        report.marker = marker
      }
      do {
        let log = try guarding.openUnchecked()
        report.log = log.id
        report.summary = try log.summary()
        report.streams = try log.streams()
        if report.problem == nil { report.problem = try guarding.problem(of: log, marker) }
      } catch {
        report.problem = IngestError(wrapping: error)
      }
      return report
    }
  }
}
