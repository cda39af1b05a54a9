public import Base
internal import Bookmarks
internal import Connector

/// When a stream's keys were compared with its table's, and when they are again.
public struct ComparisonSchedule: Hashable, Sendable {
  /// nil: never yet.
  public var last: Instant?
  public var next: Instant
  public var isDue: Bool
  /// Why it cannot take place although it is due; nil where it can.
  public var waits: String?

  private static let key = "tidemark/keys"

  /// - Returns: nil where the stream does not ask for it, or has not been read yet: what was just
  ///   read need not be compared.
  init?(_ deletions: Deletions, _ state: StreamState?, _ ledger: any Ledger, now: Instant) throws {
    guard let interval = deletions.compareSeconds, let state, state.bookmark != nil else {
      return nil
    }
    last = try ledger.value(of: Self.key)?["compared_at"]?.integer.map {
      Instant(microseconds: $0)
    }
    // Daily runs are not a day apart to the second.
    next = last.map { $0.advanced(seconds: interval * 0.9) } ?? state.updatedAt
    isDue = next <= now
    waits = deletions.waits
  }

  /// Whether a run is to compare keys once its splits are committed. A trial compares none: its
  /// tables have only what it read itself.
  static func isDue(
    _ session: any StreamSession, _ stream: ResolvedStream, _ state: StreamState?,
    _ workspace: Workspace, _ observer: RunObserver
  ) throws -> Bool {
    guard stream.trialZone == nil,
      let schedule = try ComparisonSchedule(
        session.deletions, state, workspace.log.ledger(of: stream.name), now: workspace.clock.now),
      schedule.isDue
    else { return false }
    guard let reason = schedule.waits else { return true }
    observer(.notice(stream: stream.name, text: "keys were not compared: \(reason)"))
    return false
  }

  /// What the ledger keeps of a comparison.
  static func entry(at time: Instant, keys: Int) -> LedgerChange {
    LedgerChange(
      key: key, value: ["compared_at": .integer(time.microseconds), "keys": .init(keys)])
  }

  /// The window of the comparison's commit: the mark stays where it is.
  static func window(at mark: String?) -> Window {
    Window(
      from: mark, to: mark, predicate: "all keys",
      reason: "the keys of the source are compared with those of the table")
  }
}
