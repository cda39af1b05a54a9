internal import Base
internal import Synchronization

/// So many rows a second: a token bucket that holds no tokens, so that rows come evenly.
///
/// Who has read rows is given the time at which the next may be read; several readers queue up
/// behind each other. What a late reader lost, it catches up within a second.
final class RowRate: Sendable {
  /// Slower, the server could wait for room to send for longer than it has patience.
  static let perSecondMin = 10
  private static let catchUpSecondsMax = 1.0
  /// No queue of readers is longer: a clock that was set back must not stop them.
  private static let waitSecondsMax = 60.0

  let perSecond: Int
  private let next = Mutex<Instant?>(nil)

  init(perSecond: Int) { self.perSecond = max(Self.perSecondMin, perSecond) }

  /// Rows to read at a time, so that the pauses between them stay short.
  var rowsAtOnceMax: Int { max(1, perSecond / 4) }

  /// Counts rows that were read.
  /// - Returns: when to go on.
  func take(_ rows: Int, at now: Instant) -> Instant {
    next.withLock { next in
      var start = next ?? now
      let behind = now.seconds(since: start)
      if behind > Self.catchUpSecondsMax {
        start = now.advanced(seconds: -Self.catchUpSecondsMax)
      } else if -behind > Self.waitSecondsMax {
        start = now
      }
      let end = start.advanced(seconds: Double(rows) / Double(perSecond))
      next = end
      return end
    }
  }
}
