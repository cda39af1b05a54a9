internal import Base
internal import Bookmarks
internal import Foundation
internal import Synchronization

/// Watches over a run from a thread of its own: keeps its leases alive and its timeouts.
final class RunWatch: Sendable {
  private struct State {
    var leases: [String: (lease: Lease, cancellation: Cancellation)] = [:]
    var deadlines: [(at: Instant, reason: String, cancellation: Cancellation)] = []
  }

  static let renewSeconds = 3.0
  private let state = Mutex(State())
  private let workspace: Workspace
  private let woken = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  init(_ workspace: Workspace) {
    self.workspace = workspace
    WorkerThread("tidemark-watch") { [self] in
      watch()
      ended.signal()
    }
  }

  /// Renews the lease until it is forgotten; cancels when it is lost.
  func keep(_ lease: Lease, _ cancellation: Cancellation) {
    state.withLock { $0.leases[lease.stream] = (lease, cancellation) }
  }

  func forget(_ lease: Lease) { _ = state.withLock { $0.leases.removeValue(forKey: lease.stream) } }

  func limit(_ cancellation: Cancellation, seconds: Double) {
    let deadline = workspace.clock.now.advanced(seconds: seconds)
    let reason = "it took longer than its timeout of \(Units.describe(seconds: seconds))"
    state.withLock { $0.deadlines.append((deadline, reason, cancellation)) }
  }

  /// Ends the watch, and waits until it has: what it watched over is then its owner's alone.
  func stop() {
    woken.signal()
    ended.wait()
  }

  private func watch() {
    var renewedAt = workspace.clock.now
    while woken.wait(timeout: .now() + 0.1) == .timedOut {
      let now = workspace.clock.now
      let due = state.withLock { state in
        let due = state.deadlines.filter { $0.at <= now }
        state.deadlines.removeAll { $0.at <= now }
        return due
      }
      for item in due { item.cancellation.cancel(item.reason) }
      if now.seconds(since: renewedAt) >= Self.renewSeconds {
        renewedAt = now
        renew()
      }
    }
  }

  private func renew() {
    for (lease, cancellation) in state.withLock({ Array($0.leases.values) }) {
      do {
        try workspace.log.renew(lease)
      } catch  where error.kind == .leaseLost {
        cancellation.cancel("another run has taken the stream over")
      } catch {
        // The state could not be written just now; the next renewal or the append will tell.
        continue
      }
    }
  }
}
