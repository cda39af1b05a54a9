internal import Base

/// When a request is sent again, and after how long.
///
/// Sent again are: 408, 429, 500, 502, 503, 504, broken and timed-out connections and truncated
/// bodies. A request that is not idempotent only where the server certainly did not act on it: the
/// connection never stood, or it said 429.
public struct RetryPolicy: Hashable, Sendable {
  /// How often after the first attempt.
  public var retriesMax: Int
  /// The wait before the first retry; it doubles with each.
  public var firstWaitSeconds: Double
  public var longestWaitSeconds: Double
  /// A server that asks to wait longer than this is not waited for.
  public var longestAskedWaitSeconds: Double

  public init(
    retriesMax: Int = 5, firstWaitSeconds: Double = 0.5, longestWaitSeconds: Double = 30,
    longestAskedWaitSeconds: Double = 600
  ) {
    self.retriesMax = retriesMax
    self.firstWaitSeconds = firstWaitSeconds
    self.longestWaitSeconds = longestWaitSeconds
    self.longestAskedWaitSeconds = longestAskedWaitSeconds
  }

  public static let never = RetryPolicy(retriesMax: 0)

  /// Statuses that may pass by themselves.
  static let passingStatuses: Set<Int> = [408, 429, 500, 502, 503, 504]

  /// Seconds to wait before the next attempt; nil: this outcome stands.
  /// - Parameter retries: how many retries there have been.
  func wait(
    after outcome: Result<HTTPHead, HTTPError>, retries: Int, isIdempotent: Bool, now: Instant,
    randomness: Randomness
  ) -> Double? {
    guard retries < retriesMax else { return nil }
    switch outcome {
    case .success(let head):
      let isThrottled = head.isThrottled
      guard isThrottled || (isIdempotent && Self.passingStatuses.contains(head.status)) else {
        return nil
      }
      guard let asked = head.secondsToWait(now: now) else {
        return backoff(retries: retries, randomness)
      }
      guard asked <= longestAskedWaitSeconds else { return nil }
      // Clients that were turned away together should not come back together.
      return asked + min(1, max(0.05, asked * 0.1)) * randomness.unit()
    case .failure(let error):
      guard error.isRetryable, isIdempotent || error.kind.isBeforeSending else { return nil }
      return backoff(retries: retries, randomness)
    }
  }

  /// Half of the doubled wait is fixed, half left to chance.
  private func backoff(retries: Int, _ randomness: Randomness) -> Double {
    var full = firstWaitSeconds
    for _ in 0..<min(retries, 32) where full < longestWaitSeconds { full *= 2 }
    full = min(full, longestWaitSeconds)
    return full * (0.5 + 0.5 * randomness.unit())
  }
}
