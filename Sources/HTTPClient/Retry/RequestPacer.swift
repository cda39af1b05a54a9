internal import Base
internal import Synchronization

/// Spreads requests so that never more than so many start in any minute, and none while the server
/// has said that its budget is spent. Shared by all who talk to one server.
public final class RequestPacer: Sendable {
  private let perMinute: Int?
  private let state = Mutex(State())

  private struct State {
    /// When the last `perMinute` requests started or will; a ring.
    var starts: [Instant] = []
    var oldest = 0
    /// No request starts before.
    var holdUntil = Instant(microseconds: .min)
  }

  /// - Parameter perMinute: nil: only what the server says counts.
  public init(perMinute: Int?) { self.perMinute = perMinute.map { max(1, $0) } }

  /// Takes the next free place.
  /// - Returns: seconds to wait for it.
  func reserve(now: Instant) -> Double {
    state.withLock { state in
      var start = max(now, state.holdUntil)
      if let perMinute {
        if state.starts.count < perMinute {
          state.starts.append(start)
        } else {
          start = max(start, state.starts[state.oldest].advanced(seconds: 60))
          state.starts[state.oldest] = start
          state.oldest = (state.oldest + 1) % perMinute
        }
      }
      return start.seconds(since: now)
    }
  }

  /// Seconds until a hold that was set meanwhile ends.
  func secondsHeld(now: Instant) -> Double {
    state.withLock { max(0, $0.holdUntil.seconds(since: now)) }
  }

  /// Takes in what a response says of the budget.
  /// - Parameter longestSeconds: a longer hold is left to the server's own refusals.
  func note(_ head: HTTPHead, now: Instant, longestSeconds: Double) {
    guard let limit = RateLimit(head.headers), limit.remaining == 0,
      let seconds = limit.secondsToReset(now: head.date ?? now), seconds > 0,
      seconds <= longestSeconds
    else { return }
    state.withLock { $0.holdUntil = max($0.holdUntil, now.advanced(seconds: seconds)) }
  }
}
