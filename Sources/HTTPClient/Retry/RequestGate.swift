internal import Base
internal import Foundation

/// Lets so many requests be under way at a time.
final class RequestGate: @unchecked Sendable {
  private let condition = NSCondition()
  private var free: Int

  init(_ requestsMax: Int) { free = max(1, requestsMax) }

  /// Waits for a place. Whoever got one gives it back by `leave`.
  /// - Returns: false where the wait was cancelled: there is no place to give back.
  func enter(_ cancellation: Cancellation?) -> Bool {
    let ticket = cancellation?.onCancel { [self] in
      condition.lock()
      condition.broadcast()
      condition.unlock()
    }
    defer { if let ticket { cancellation?.forget(ticket) } }
    condition.lock()
    defer { condition.unlock() }
    while free == 0 {
      if cancellation?.isCancelled ?? false { return false }
      condition.wait()
    }
    free -= 1
    return true
  }

  func leave() {
    condition.lock()
    free += 1
    condition.signal()
    condition.unlock()
  }
}
