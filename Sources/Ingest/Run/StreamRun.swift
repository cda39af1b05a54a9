internal import Base
internal import Bookmarks
internal import Connector
internal import Foundation
internal import Lake
internal import Records
internal import Storage

/// Carries out one stream's run: asks the machine what is next, does it, tells it what happened.
/// One thread uses it.
final class StreamRun {
  private let workspace: Workspace
  private let stream: ResolvedStream
  private let options: RunOptions
  private let budget: MemoryBudget
  private let run: String
  private let cancellation: Cancellation
  private let watch: RunWatch
  private let observer: RunObserver

  private var machine: StreamMachine
  private var lease: Lease?
  private var session: (any StreamSession)?
  private var plan: Plan?
  /// Whether the keys are compared once the plan's splits are committed: as one more split.
  private var comparesKeys = false
  /// Whether that split is the one that is transferred.
  private var isComparing = false
  private var transferred: SplitTransfer.Result?
  private var commit: Commit?
  /// Begun to be decided, and the answer may be lost.
  private var attempted: Commit?
  private let progress = TransferProgress()
  /// Splits that are read ahead of the one that is committed.
  private var ahead: SplitsAhead?
  /// Whether none is, of this plan.
  private var takesTurns = false
  /// Whether rows left the tables.
  private var hasTakenBack = false
  private(set) var failure: IngestError?
  private(set) var outcome: StreamOutcome

  init(
    workspace: Workspace, stream: ResolvedStream, options: RunOptions, budget: MemoryBudget,
    run: String, cancellation: Cancellation, watch: RunWatch, observer: @escaping RunObserver
  ) {
    self.workspace = workspace
    self.stream = stream
    self.options = options
    self.budget = budget
    self.run = run
    self.cancellation = cancellation
    self.watch = watch
    self.observer = observer
    machine = StreamMachine(
      retries: stream.settings.retries, compacts: stream.settings.compactsAutomatically)
    outcome = StreamOutcome(stream: stream.name, status: .unchanged)
  }

  func execute() {
    let start = workspace.clock.now
    observer(.started(stream: stream.name))
    var action = machine.first
    while true {
      if case .report(let ending) = action {
        closeSession()
        outcome.seconds = workspace.clock.now.seconds(since: start)
        conclude(ending)
        return
      }
      let event: StreamMachine.Event
      do {
        event = try perform(action)
      } catch {
        let error = IngestError(wrapping: error)
        if action == .compact {
          observer(
            .notice(stream: stream.name, text: "small files were not merged: \(error)"))
        } else if action != .release {
          failure = error
        }
        event = .failed(isRetryable: error.isRetryable && !cancellation.isCancelled)
      }
      let previous = action
      action = machine.next(after: event)
      if case .wait(let seconds) = action, case .failed = event, let failure {
        observer(
          .retrying(
            stream: stream.name, attempt: machine.attempt, seconds: seconds,
            because: failure.description))
      }
      // A lost transfer's commit never came to be; the next plan starts from the log.
      if case .failed = event, case .transfer = previous { transferred = nil }
    }
  }

  private func perform(_ action: StreamMachine.Action) throws -> StreamMachine.Event {
    switch action {
    case .lease:
      try takeLease()
      return .leased
    case .recover: return .recovered(isHeld: try recover())
    case .plan:
      let plan = try makePlan()
      return .planned(
        splitCount: plan.splits.count + (comparesKeys ? 1 : 0), leavesRest: plan.leavesRest)
    case .transfer(let index): return .transferred(hasChanges: try transfer(index))
    case .decide:
      try decide()
      return .decided
    case .publish:
      try publish()
      return .published
    case .compact:
      try compact()
      return .compacted
    case .wait(let seconds):
      try wait(seconds)
      return .waited
    case .release:
      try release()
      return .released
    case .report: return .released
    }
  }

  private func conclude(_ ending: StreamMachine.Ending) {
    switch ending {
    case .held: outcome.status = .held
    case .failed:
      outcome.status = .failed
      outcome.error = failure?.description ?? "failed"
      outcome.remedy = failure?.remedy
    case .committed, .unchanged:
      failure = nil
      outcome.status =
        outcome.files > 0 || outcome.rows > 0 || hasTakenBack ? .committed : .unchanged
    }
  }

  // MARK: - Steps

  private func takeLease() throws {
    let deadline = workspace.clock.now.advanced(seconds: options.leaseWaitSeconds)
    var result = acquire()
    var pause = 0.1
    while case .failure(let error) = result, error.kind == .leaseHeld,
      workspace.clock.now < deadline, !cancellation.isCancelled
    {
      workspace.clock.sleep(seconds: pause)
      pause = min(1, pause * 1.5)
      result = acquire()
    }
    let lease = try result.get()
    self.lease = lease
    watch.keep(lease, cancellation)
  }

  private func acquire() -> Result<Lease, BookmarksError> {
    Result { () throws(BookmarksError) in
      try workspace.perform(.takeLease) { () throws(BookmarksError) in
        try workspace.log.acquireLease(on: stream.name)
      }
    }
  }

  private func recover() throws -> Bool {
    guard let lease else { return false }
    for text in try Publisher(workspace: workspace).recover(
      lease, zone: stream.zone, table: stream.table)
    {
      observer(.notice(stream: stream.name, text: text))
    }
    let state = try workspace.log.stream(stream.name)
    try countAttempted()
    if machine.attempt == 1 { outcome.from = state?.bookmark?.mark }
    outcome.to = state?.bookmark?.mark
    guard let reason = state?.holdReason else { return false }
    if options.isNamed {
      throw IngestError(
        .refused, "the stream is held: \(reason)",
        remedy: "Release it with 'tidemark bookmark release \(stream.name)'.", place: stream.name)
    }
    return true
  }

  private func makePlan() throws -> Plan {
    closeSession()
    let session = try stream.source.open(stream.configuration)
    self.session = session
    try clearTrial()
    try StreamBinding(stream, session.binding).check(try workspace.log.stream(stream.name))
    // A trial reads what the real stream would read next, and moves itself.
    let name = stream.configuration.name
    let state = try workspace.log.stream(name)
    var request = PlanRequest(stream, state, workspace.log.ledger(of: name))
    request.readerBytes = budget.readerBytes
    let plan = try session.plan(request)
    if stream.trialZone != nil { outcome.from = plan.window.from }
    for text in plan.warnings { observer(.notice(stream: stream.name, text: text)) }
    self.plan = plan
    takesTurns = false
    if !plan.splits.isEmpty { try workspace.claimLake() }
    progress.expect(rows: plan.estimatedRows)
    comparesKeys =
      try !plan.leavesRest
      && ComparisonSchedule.isDue(session, stream, state, workspace, observer)
    return plan
  }

  /// Takes back what an earlier trial left in its tables.
  private func clearTrial() throws {
    guard stream.trialZone != nil, let lease, let state = try workspace.log.stream(stream.name),
      try state.bookmark != nil
        || !workspace.log.files(of: stream.name, asOf: state.version).isEmpty
    else { return }
    var reset = try CommitBuilder(workspace).goingBack(
      to: 0, of: stream.name, kind: .reset, run: run)
    reset.schemas = [:]
    try workspace.perform(.decide) { () throws(BookmarksError) in
      try workspace.log.append(reset, under: lease)
    }
    try Publisher(workspace: workspace).publish(reset)
  }

  private func transfer(_ index: Int) throws -> Bool {
    guard let plan, let session else { return false }
    isComparing = index == plan.splits.count && comparesKeys
    guard isComparing || plan.splits.indices.contains(index) else { return false }
    let state = try workspace.log.stream(stream.name)
    let result: SplitTransfer.Result
    let schemas = state?.schemas ?? [:]
    if let ahead = readAhead(plan, session, schemas) {
      do {
        result = try ahead.take(index)
      } catch is OutOfTurn {
        // Files of the table have to be written anew: from here on, each split in its turn.
        abandonAhead()
        takesTurns = true
        result = try transferrer(plan, session, budget, schemas: schemas)(index, cancellation)
      }
    } else {
      result = try transferrer(plan, session, budget, schemas: schemas)(index, cancellation)
    }
    if let widening = result.widening {
      observer(.notice(stream: stream.name, text: widening))
    }
    for (name, count) in result.advance.counts { outcome.counts[name, default: 0] += count }
    transferred = result
    return try StreamCommit(workspace, stream, options).hasChanges(result, after: state)
  }

  /// The splits that are read ahead; nil where each is read in its turn.
  private func readAhead(
    _ plan: Plan, _ session: any StreamSession, _ schemas: [String: Schema]
  ) -> SplitsAhead? {
    guard let wanted = plan.readsAhead, plan.splits.count > 1, !isComparing, !plan.retracts,
      !takesTurns
    else { return nil }
    if let ahead { return ahead }
    let readers = min(wanted, budget.readerCountMax)
    let begun = SplitsAhead(
      plan.splits.count, readers: readers, cancellation: cancellation,
      transfer: transferrer(
        plan, session, budget.shared(among: readers), schemas: schemas, isAhead: true))
    ahead = begun
    return begun
  }

  /// Reads and stages the split of a number; behind the last one, what the comparison of keys finds.
  private func transferrer(
    _ plan: Plan, _ session: any StreamSession, _ budget: MemoryBudget, schemas: [String: Schema],
    isAhead: Bool = false
  ) -> SplitsAhead.Transfer {
    { [workspace, stream, options, observer, progress] index, cancellation in
      var reading = ReadOptions(
        batchBytes: budget.batchBytes, memoryBytes: budget.readerBytes,
        threads: options.threads, cancellation: cancellation,
        memoryNeeded: budget.totalBytes(forReaderBytes:))
      let split = index < plan.splits.count ? plan.splits[index] : nil
      let task = SplitTransfer.Task(
        replacesTable: plan.replacesTable, isAhead: isAhead, retracts: split?.retracts ?? [],
        infersType: session.infersType
      ) { known in
        reading.knownSchemas = known
        if let split { return try session.read(split, reading) }
        return KeyComparison(
          workspace: workspace, stream: stream, session: session, options: reading,
          budget: budget, isForced: options.isForced)
      }
      return try SplitTransfer(
        workspace: workspace, stream: stream, budget: budget, cancellation: cancellation,
        observer: observer
      ).run(task, schemas: schemas, progress: progress)
    }
  }

  private func closeSession() {
    abandonAhead()
    session?.close()
  }

  private func abandonAhead() {
    for result in ahead?.abandon() ?? [] {
      // Where that fails, the next run finds them: they belong to no commit.
      for staged in result.staged { try? workspace.store.discard(staged.object) }
    }
    ahead = nil
  }

  private func decide() throws {
    guard let transferred, let plan, let lease, let session else { return }
    let commit = try StreamCommit(workspace, stream, options).make(
      transferred,
      window: isComparing ? ComparisonSchedule.window(at: outcome.to) : plan.window,
      binding: StreamBinding(stream, session.binding).json,
      key: session.key, deletions: session.deletions, run: run)
    attempted = commit
    try workspace.perform(.decide) { () throws(BookmarksError) in
      try workspace.log.append(commit, under: lease)
    }
    attempted = nil
    self.commit = commit
  }

  /// Counts a commit that was decided although the log did not answer; recovery has published it.
  private func countAttempted() throws {
    guard let attempted else { return }
    self.attempted = nil
    let state = try workspace.log.stream(stream.name)
    guard let state, state.version >= attempted.version,
      try workspace.log.commit(attempted.version, of: stream.name).id == attempted.id
    else { return }
    count(attempted)
  }

  private func count(_ commit: Commit) {
    outcome.commits += 1
    let brought = commit.brought
    outcome.rows += brought.reduce(0) { $0 + ($1.table == stream.table ? $1.rowCount : 0) }
    outcome.bytes += commit.byteCount
    outcome.files += commit.added.count
    hasTakenBack = hasTakenBack || !commit.removed.isEmpty
    outcome.to = commit.bookmarkAfter?.mark
  }

  private func publish() throws {
    guard let commit else { return }
    try Publisher(workspace: workspace).publish(commit)
    count(commit)
    observer(
      .committed(
        stream: stream.name, version: commit.version,
        rows: commit.brought.reduce(0) { $0 + $1.rowCount },
        bytes: commit.byteCount))
    self.commit = nil
    transferred = nil
  }

  private func compact() throws {
    guard let lease else { return }
    let compaction = Compaction(
      workspace, settings: stream.settings, budget: budget, cancellation: cancellation)
    let groups = try compaction.groups(of: stream.name, isAutomatic: true)
    let merges = try compaction.perform(groups, of: stream.name, under: lease, run: run)
    if merges.isEmpty { return }
    let before = merges.reduce(0) { $0 + $1.filesBefore }
    let after = merges.reduce(0) { $0 + $1.filesAfter }
    let text =
      "merged \(Units.describe(before, "file")) of \(Units.describe(merges.count, "partition")) into \(after)"
    observer(.notice(stream: stream.name, text: text))
  }

  private func wait(_ seconds: Double) throws {
    let jitter = 0.5 + workspace.randomness.unit()
    let deadline = workspace.clock.now.advanced(seconds: seconds * jitter)
    while workspace.clock.now < deadline && !cancellation.isCancelled {
      workspace.clock.sleep(seconds: min(0.1, deadline.seconds(since: workspace.clock.now)))
    }
    if let reason = cancellation.reason {
      throw IngestError(
        .cancelled, "stopped: \(reason)", remedy: "Run again to go on.", place: stream.name)
    }
  }

  private func release() throws {
    guard let lease else { return }
    watch.forget(lease)
    self.lease = nil
    try workspace.perform(.releaseLease) { () throws(BookmarksError) in
      try workspace.log.release(lease)
    }
  }
}

extension Plan {
  /// Whether rows of the table go: then each split needs the commit of the one before.
  fileprivate var retracts: Bool { splits.contains { !$0.retracts.isEmpty } }
}
