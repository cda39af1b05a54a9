internal import Base
internal import Foundation

/// Transfers the splits of a plan on threads of their own, ahead of their commits, which keep the
/// splits' order: while one is committed, the next is read.
///
/// What has been staged and waits for its turn is in files, not in memory; at most two splits a
/// reader are under way or wait.
final class SplitsAhead: @unchecked Sendable {
  /// Reads and stages the split of a number.
  typealias Transfer =
    @Sendable (_ index: Int, _ cancellation: Cancellation) throws -> SplitTransfer.Result

  private let splitCount: Int
  private let readers: Int
  private let transfer: Transfer
  private let cancellation = Cancellation()
  private let outer: Cancellation
  private let ticket: Int

  /// Guards what follows.
  private let condition = NSCondition()
  private var next = 0
  /// The split that is to be committed now.
  private var awaited = 0
  private var results: [Int: Result<SplitTransfer.Result, any Error>] = [:]
  private var threadCount: Int
  private var isAbandoned = false

  /// Begins with the first splits at once.
  init(
    _ splitCount: Int, readers: Int, cancellation outer: Cancellation,
    transfer: @escaping Transfer
  ) {
    self.splitCount = splitCount
    self.readers = max(1, min(readers, splitCount))
    self.transfer = transfer
    self.outer = outer
    threadCount = self.readers
    ticket = outer.onCancel { [cancellation] in
      cancellation.cancel(outer.reason ?? "the run was stopped")
    }
    for number in 1...self.readers {
      WorkerThread("tidemark-split-\(number)") { [self] in work() }
    }
  }

  /// What the split of a number came to; waits for it. Splits are taken in order.
  /// - Throws: what its transfer threw.
  func take(_ index: Int) throws -> SplitTransfer.Result {
    condition.lock()
    defer { condition.unlock() }
    awaited = index
    condition.broadcast()
    while true {
      if let result = results.removeValue(forKey: index) { return try result.get() }
      condition.wait()
    }
  }

  /// Stops what is under way and waits until it has let go.
  /// - Returns: what was staged and never taken.
  func abandon() -> [SplitTransfer.Result] {
    cancellation.cancel("the run has ended")
    condition.lock()
    isAbandoned = true
    condition.broadcast()
    while threadCount > 0 { condition.wait() }
    let left = results.values.compactMap { try? $0.get() }
    results = [:]
    condition.unlock()
    outer.forget(ticket)
    return left
  }

  private func work() {
    while let index = begin() {
      let result = Result { try transfer(index, cancellation) }
      condition.lock()
      results[index] = result
      // What comes after a failure will be planned anew.
      if case .failure = result { next = splitCount }
      condition.broadcast()
      condition.unlock()
    }
    condition.lock()
    threadCount -= 1
    condition.broadcast()
    condition.unlock()
  }

  /// The next split, as soon as not too many wait; nil when there is none.
  private func begin() -> Int? {
    condition.lock()
    defer { condition.unlock() }
    while !isAbandoned, next < splitCount {
      if next < awaited + 2 * readers {
        next += 1
        return next - 1
      }
      condition.wait()
    }
    return nil
  }
}
