internal import Base
internal import Synchronization

/// Keeps requests back while a server fails, so that it is not hammered. Shared by all who talk to
/// it.
///
///             failures in a row                pause over
///     closed ───────────────────▶ open ───────────────────────▶ one probe
///        ▲                         ▲  a failure: twice the pause │
///        │                         └─────────────────────────────┤
///        └───────────────────────────────────────── any answer ──┘
///
/// While it is open requests wait; once `probesMax` probes have failed they are refused instead,
/// until one of them is due as the next probe.
public final class CircuitBreaker: Sendable {
  private let failuresMax: Int
  private let pauseSeconds: Double
  private let state = Mutex(State())

  /// Probes that fail before requests no longer wait.
  static let probesMax = 2
  /// A probe that has not ended after this is no longer waited for.
  private static let probeSecondsMax = 120.0
  private static let longestPauseSeconds = 300.0

  private struct State {
    var failuresInRow = 0
    /// Nil while it is closed.
    var openUntil: Instant?
    var probeSince: Instant?
    var failedProbes = 0
  }

  /// - Parameters:
  ///   - failuresMax: failures in a row, of all requests together, that open it.
  ///   - pauseSeconds: until the first probe.
  public init(failuresMax: Int = 10, pauseSeconds: Double = 10) {
    self.failuresMax = max(1, failuresMax)
    self.pauseSeconds = pauseSeconds
  }

  enum Admission: Equatable {
    case go
    case wait(seconds: Double)
    case refuse(seconds: Double, failures: Int)
  }

  /// Asks for leave to send. Whoever may go reports by `note`.
  func admit(now: Instant) -> Admission {
    state.withLock { state in
      guard let openUntil = state.openUntil else { return .go }
      var left = openUntil.seconds(since: now)
      if left <= 0 {
        guard let since = state.probeSince, now.seconds(since: since) < Self.probeSecondsMax else {
          state.probeSince = now
          return .go
        }
        left = 0.5
      }
      return state.failedProbes >= Self.probesMax
        ? .refuse(seconds: left, failures: state.failuresInRow) : .wait(seconds: left)
    }
  }

  /// Whoever got leave did not send after all.
  func withdraw() { state.withLock { $0.probeSince = nil } }

  /// Takes in what became of an attempt.
  func note(_ outcome: Result<HTTPHead, HTTPError>, now: Instant) {
    state.withLock { state in
      switch Self.sign(outcome) {
      case .life: state = State()
      case .nothing: state.probeSince = nil
      case .failure:
        state.failuresInRow += 1
        if state.openUntil == nil {
          if state.failuresInRow >= failuresMax {
            state.openUntil = now.advanced(seconds: pauseSeconds)
          }
        } else if state.probeSince != nil {
          // Failures of what was on its way when it opened say nothing new.
          state.probeSince = nil
          state.failedProbes += 1
          let pause = pauseSeconds * Double(1 << min(state.failedProbes, 10))
          state.openUntil = now.advanced(
            seconds: min(pause, max(Self.longestPauseSeconds, pauseSeconds)))
        }
      }
    }
  }

  private enum Sign { case life, failure, nothing }

  private static func sign(_ outcome: Result<HTTPHead, HTTPError>) -> Sign {
    switch outcome {
    case .success(let head): [500, 502, 503, 504].contains(head.status) ? .failure : .life
    case .failure(let error):
      switch error.kind {
      case .unresolved, .unreachable, .timeout, .disconnected, .truncated: .failure
      case .malformed, .tooLarge, .redirect: .life
      default: .nothing
      }
    }
  }
}
