public import Base
public import Bookmarks
public import Connector
internal import Foundation
internal import Synchronization

/// What a run is asked for.
public struct RunOptions: Sendable {
  /// Sources and streams by name; empty: everything.
  public var selection: [String] = []
  /// CPU threads that a source may use.
  public var threads = max(1, ProcessInfo.processInfo.activeProcessorCount)
  public var memoryBytes = MemoryBudget.totalBytesDefault
  /// How long to wait for a stream that another run holds.
  public var leaseWaitSeconds = 10.0
  /// Lets a full read replace a table by nothing or by far less.
  public var isForced = false
  /// Moves no bookmark: the window's rows go to the tables of this zone, as a trial beside the
  /// real ones.
  public var trialZone: String?
  /// The command as typed, for the history.
  public var command = ""

  public init() {}

  /// Whether the streams were named: a held one is refused then, not passed over.
  var isNamed: Bool { !selection.isEmpty }
}

/// What a run came to.
public struct RunReport: Sendable {
  public var run: String
  public var outcomes: [StreamOutcome]
  /// The zone that the rows of a trial went to.
  public var trialZone: String?
  /// The failures' kinds, for the exit code.
  var failures: [IngestError]

  /// 0 where nothing failed; 4 where some streams failed and others did not; otherwise the code
  /// of what made all of them fail.
  public var exitCode: Int32 {
    guard let first = failures.first else { return 0 }
    let codes = Set(failures.map(\.exitCode))
    if codes.contains(70) { return 70 }
    if codes.count == 1, failures.count == outcomes.count { return first.exitCode }
    if codes == [5] { return 5 }
    return 4
  }

  public var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init(key: "run", value: .string(run)),
      .init(key: "streams", value: .array(outcomes.map(\.json))),
    ]
    if let trialZone { members.append(.init(key: "trial_zone", value: .string(trialZone))) }
    return .object(members)
  }
}

/// Drives runs: the streams side by side, each by its own state machine, within one budget.
public struct Engine: Sendable {
  let workspace: Workspace
  let streams: StreamSelection
  private let context: SourceContext
  private let observer: RunObserver

  public init(_ workspace: Workspace, context: SourceContext, observer: @escaping RunObserver) {
    self.workspace = workspace
    self.context = context
    self.observer = observer
    streams = StreamSelection(workspace.configuration, context)
  }

  /// Runs the selected streams. A stream that fails does not stop the others.
  /// - Throws: only where no stream could be begun at all.
  public func run(_ options: RunOptions, cancellation: Cancellation) throws(IngestError)
    -> RunReport
  {
    var selected = try streams.select(options.selection)
    if let zone = options.trialZone { selected = try streams.trials(of: selected, inZone: zone) }
    let record = RunRecord(
      id: RunRecord.makeID(at: workspace.clock.now, workspace.randomness),
      startedAt: workspace.clock.now, command: options.command,
      host: ProcessInfo.processInfo.hostName)
    do { try workspace.log.beginRun(record) } catch { throw IngestError(error) }
    let (outcomes, failures) = runAll(selected, options, record.id, cancellation)
    do {
      try workspace.perform(.endRun) { () throws(BookmarksError) in
        try workspace.log.endRun(record.id, at: workspace.clock.now)
      }
    } catch {
      throw IngestError(error)
    }
    workspace.noteCommits()
    return RunReport(
      run: record.id, outcomes: outcomes, trialZone: options.trialZone, failures: failures)
  }

  private struct Results: Sendable {
    var next = 0
    var outcomes: [StreamOutcome?]
    var failures: [IngestError] = []
  }

  private func runAll(
    _ selected: [StreamSelection.Entry], _ options: RunOptions, _ run: String,
    _ cancellation: Cancellation
  ) -> ([StreamOutcome], [IngestError]) {
    let laneCount = min(selected.count, max(2, options.threads))
    let budget = MemoryBudget(
      totalBytes: options.memoryBytes, laneCount: laneCount,
      uploads: workspace.configuration.isLakeRemote)
    let watch = RunWatch(workspace)
    defer { watch.stop() }
    let results = Mutex(Results(outcomes: Array(repeating: nil, count: selected.count)))
    DispatchQueue.concurrentPerform(iterations: laneCount) { _ in
      while true {
        let index = results.withLock { results in
          defer { results.next += 1 }
          return results.next
        }
        guard index < selected.count else { return }
        let (outcome, failure) = runOne(
          selected[index], options, budget, run, cancellation, watch)
        results.withLock { results in
          results.outcomes[index] = outcome
          if let failure { results.failures.append(failure) }
        }
      }
    }
    return results.withLock { ($0.outcomes.compactMap(\.self), $0.failures) }
  }

  private func runOne(
    _ entry: StreamSelection.Entry, _ options: RunOptions, _ budget: MemoryBudget, _ run: String,
    _ cancellation: Cancellation, _ watch: RunWatch
  ) -> (StreamOutcome, IngestError?) {
    var outcome: StreamOutcome
    var failure: IngestError?
    switch entry {
    case .failed(let name, let error):
      outcome = StreamOutcome(stream: name, status: .failed)
      outcome.error = error.description
      outcome.remedy = error.remedy
      failure = error
      if let settings = streams.settings(of: name) {
        FailureAction(settings, context).tell(outcome, run: run, observer: observer)
      }
    case .resolved(let stream):
      let own = Cancellation()
      let ticket = cancellation.onCancel {
        own.cancel(cancellation.reason ?? "the run was stopped")
      }
      if let seconds = stream.settings.timeoutSeconds { watch.limit(own, seconds: seconds) }
      let driver = StreamRun(
        workspace: workspace, stream: stream, options: options, budget: budget, run: run,
        cancellation: own, watch: watch, observer: observer)
      driver.execute()
      cancellation.forget(ticket)
      outcome = driver.outcome
      failure = driver.failure
      if outcome.status == .failed {
        FailureAction(stream.settings, context).tell(outcome, run: run, observer: observer)
      }
    }
    do {
      try workspace.log.record(outcome, of: run)
    } catch {
      observer(.notice(stream: outcome.stream, text: "the run's history lacks this: \(error)"))
    }
    observer(.finished(outcome))
    return (outcome, outcome.status == .failed ? failure : nil)
  }
}
