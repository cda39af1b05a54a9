internal import Foundation
internal import Synchronization

/// How many connections a run may hold to a source at once: `connections: N`.
///
/// Who needs a connection takes a permit before it connects and gives it back when the connection
/// is closed. A stream waits for its one (`take`) and holds none while it waits, so nothing
/// deadlocks; what would merely go faster with a further connection asks for one that is free
/// (`tryTake`) and does without it otherwise. Who waits is served in order, before those.
final class ConnectionLimit: Sendable {
  static let countDefault = 4

  /// One connection's place. Given back by `release`, or with the last reference to it.
  final class Permit: Sendable {
    private let limit: Mutex<ConnectionLimit?>

    fileprivate init(_ limit: ConnectionLimit) { self.limit = Mutex(limit) }

    deinit { release() }

    /// May be called twice.
    func release() {
      let limit = limit.withLock { $0.take() }
      limit?.giveBack()
    }
  }

  private struct State {
    var freeCount: Int
    /// Those that wait, the first first. Who is woken has been given a place.
    var waiters: [DispatchSemaphore] = []
  }

  let count: Int
  private let state: Mutex<State>

  init(_ count: Int = ConnectionLimit.countDefault) {
    self.count = max(1, count)
    state = Mutex(State(freeCount: max(1, count)))
  }

  /// Waits until a connection may be made.
  func take() -> Permit {
    let turn = state.withLock { state -> DispatchSemaphore? in
      if state.freeCount > 0 {
        state.freeCount -= 1
        return nil
      }
      let turn = DispatchSemaphore(value: 0)
      state.waiters.append(turn)
      return turn
    }
    turn?.wait()
    return Permit(self)
  }

  /// A permit where one is free at once.
  func tryTake() -> Permit? {
    let isFree = state.withLock { state in
      if state.freeCount == 0 { return false }
      state.freeCount -= 1
      return true
    }
    return isFree ? Permit(self) : nil
  }

  private func giveBack() {
    state.withLock { state in
      if state.waiters.isEmpty {
        state.freeCount += 1
      } else {
        state.waiters.removeFirst().signal()
      }
    }
  }
}
