import Foundation
import Ingest

/// Kills the process before or after a durable step, for the tests of recovery:
/// `TIDEMARK_CRASH_AT=decide:after`, `publish-file:before:2` for the second time it comes by.
enum CrashPoint {
  static let variable = "TIDEMARK_CRASH_AT"

  /// With `list` as the value, prints the steps and does nothing else.
  static func printsSteps() -> Bool {
    guard ProcessInfo.processInfo.environment[variable] == "list" else { return false }
    for step in DurableStep.allCases { print(step.rawValue) }
    return true
  }

  static func observer() -> StepObserver {
    guard let text = ProcessInfo.processInfo.environment[variable] else { return { _, _ in } }
    let parts = text.split(separator: ":").map(String.init)
    guard let step = parts.first.flatMap(DurableStep.init(rawValue:)) else { return { _, _ in } }
    let phase = parts.count > 1 ? StepPhase(rawValue: parts[1]) ?? .after : .after
    let countdown = Countdown(parts.count > 2 ? Int(parts[2]) ?? 1 : 1)
    return { current, currentPhase in
      guard current == step, currentPhase == phase, countdown.reachesZero() else { return }
      kill(getpid(), SIGKILL)
    }
  }

  private final class Countdown: @unchecked Sendable {
    private let lock = NSLock()
    private var left: Int

    init(_ count: Int) { left = count }

    func reachesZero() -> Bool {
      lock.withLock {
        left -= 1
        return left == 0
      }
    }
  }
}
