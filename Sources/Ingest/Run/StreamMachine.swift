/// How a stream's run goes, step by step: pure, so that every order of events can be tested.
///
///     lease → recover → plan → ( transfer → decide → publish )… → compact → release → report
///       ↑                           │
///       └─────────── wait ──────────┘   after a failure that may pass, with attempts left
///
/// A plan may leave a rest, which is planned when its splits are committed.
///
/// A later attempt takes the lease again: a decision whose answer was lost then has either
/// happened, and is found and published, or can happen no more.
struct StreamMachine: Hashable, Sendable {
  enum Action: Hashable, Sendable {
    case lease
    case recover
    case plan
    /// Read a split and stage its files.
    case transfer(split: Int)
    case decide
    case publish
    /// Merge the small files that runs have left, where that is worth it.
    case compact
    case wait(seconds: Double)
    case release
    case report(Ending)
  }

  enum Event: Hashable, Sendable {
    case leased
    case recovered(isHeld: Bool)
    case planned(splitCount: Int, leavesRest: Bool = false)
    case transferred(hasChanges: Bool)
    case decided
    case published
    case compacted
    case waited
    case released
    /// The last action did not succeed.
    case failed(isRetryable: Bool)
  }

  enum Ending: Hashable, Sendable { case committed, unchanged, held, failed }

  private enum Phase: Hashable, Sendable {
    case leasing, recovering, planning, transferring, deciding, publishing, compacting, waiting
    case releasing, ended
  }

  private var phase = Phase.leasing
  private var splitCount = 0
  private var leavesRest = false
  private var split = 0
  private var ending = Ending.unchanged
  private var holdsLease = false
  private(set) var retriesLeft: Int
  private(set) var attempt = 1

  private let compacts: Bool

  /// - Parameter compacts: whether a run that committed something looks for small files.
  init(retries: Int, compacts: Bool = false) {
    retriesLeft = retries
    self.compacts = compacts
  }

  /// The first thing to do.
  var first: Action { .lease }

  /// What to do after an event. Events that do not answer the last action end the run as failed.
  mutating func next(after event: Event) -> Action {
    switch (phase, event) {
    case (.leasing, .leased):
      holdsLease = true
      phase = .recovering
      return .recover
    case (.recovering, .recovered(let isHeld)):
      return isHeld ? end(.held) : plan()
    case (.planning, .planned(let count, let leavesRest)):
      splitCount = count
      // Without a split nothing would have moved, and the same would be planned again.
      self.leavesRest = leavesRest && count > 0
      split = 0
      return transferOrEnd()
    case (.transferring, .transferred(hasChanges: false)):
      split += 1
      return transferOrEnd()
    case (.transferring, .transferred(hasChanges: true)):
      phase = .deciding
      return .decide
    case (.deciding, .decided):
      ending = .committed
      phase = .publishing
      return .publish
    case (.publishing, .published):
      split += 1
      return transferOrEnd()
    // What went wrong with it is said; the rows are committed all the same.
    case (.compacting, .compacted), (.compacting, .failed): return end(ending)
    case (.waiting, .waited):
      phase = .leasing
      return .lease
    case (.releasing, .released), (.releasing, .failed):
      phase = .ended
      return .report(ending)
    case (.planning, .failed(isRetryable: true)), (.transferring, .failed(isRetryable: true)),
      (.deciding, .failed(isRetryable: true)), (.waiting, .failed(isRetryable: true)):
      return retryOrEnd()
    default: return end(.failed)
    }
  }

  private mutating func plan() -> Action {
    phase = .planning
    return .plan
  }

  private mutating func transferOrEnd() -> Action {
    if split >= splitCount {
      if leavesRest { return plan() }
      guard compacts && ending == .committed else { return end(ending) }
      phase = .compacting
      return .compact
    }
    phase = .transferring
    return .transfer(split: split)
  }

  private mutating func retryOrEnd() -> Action {
    guard retriesLeft > 0 else { return end(.failed) }
    retriesLeft -= 1
    attempt += 1
    phase = .waiting
    return .wait(seconds: min(60, 0.5 * Double(1 << min(attempt - 1, 8))))
  }

  private mutating func end(_ ending: Ending) -> Action {
    self.ending = ending
    if holdsLease && phase != .releasing {
      phase = .releasing
      return .release
    }
    phase = .ended
    return .report(ending)
  }
}
