internal import Base
internal import Synchronization

/// Spreads requests so that never more than so many start in any minute, ever fewer while the
/// server says that its budget is nearly spent, and none while it has asked to wait. Shared by all
/// who talk to one server.
public final class RequestPacer: Sendable {
  private let perMinute: Int?
  private let state = Mutex(State())

  private struct State {
    /// When the last `perMinute` requests started or will; a ring.
    var starts: [Instant] = []
    var oldest = 0
    /// No request starts before.
    var holdUntil = Instant(microseconds: .min)
    /// The start given out last.
    var lastStart: Instant?
    /// Between two starts, up to `spacedUntil`.
    var spacingSeconds = 0.0
    var spacedUntil = Instant(microseconds: .min)
  }

  /// - Parameter perMinute: nil: only what the server says counts.
  public init(perMinute: Int?) { self.perMinute = perMinute.map { max(1, $0) } }

  /// Takes the next free place.
  /// - Returns: seconds to wait for it.
  func reserve(now: Instant) -> Double {
    state.withLock { state in
      var start = max(now, state.holdUntil)
      if start < state.spacedUntil, let last = state.lastStart {
        start = max(start, min(last.advanced(seconds: state.spacingSeconds), state.spacedUntil))
      }
      if let perMinute {
        if state.starts.count < perMinute {
          state.starts.append(start)
        } else {
          start = max(start, state.starts[state.oldest].advanced(seconds: 60))
          state.starts[state.oldest] = start
          state.oldest = (state.oldest + 1) % perMinute
        }
      }
      state.lastStart = state.lastStart.map { max($0, start) } ?? start
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
    let limit = RateLimit(head.headers)
    let toReset = limit?.secondsToReset(now: head.date ?? now) ?? 0
    var hold = limit?.remaining == 0 ? toReset : 0
    // What one request is told holds for the others as well.
    if head.isThrottled || head.status == 503 {
      hold = max(hold, head.secondsToWait(now: now) ?? 0)
    }
    state.withLock { state in
      if hold > 0, hold <= longestSeconds {
        state.holdUntil = max(state.holdUntil, now.advanced(seconds: hold))
      }
      guard let limit, let remaining = limit.remaining, toReset > 0, toReset <= longestSeconds
      else { return }
      state.spacingSeconds = limit.isNearlySpent ? toReset / Double(remaining + 1) : 0
      state.spacedUntil = now.advanced(seconds: toReset)
    }
  }
}
