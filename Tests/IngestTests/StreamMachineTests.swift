import Testing

@testable import Ingest

@Suite struct StreamMachineTests {
  typealias Event = StreamMachine.Event
  typealias Action = StreamMachine.Action

  private func run(_ retries: Int = 0, _ events: [Event]) -> [Action] {
    var machine = StreamMachine(retries: retries)
    return [machine.first] + events.map { machine.next(after: $0) }
  }

  @Test func movesASplitAndReports() {
    let actions = run(
      0,
      [
        .leased, .recovered(isHeld: false), .planned(splitCount: 1), .transferred(hasChanges: true),
        .decided, .published, .released,
      ])
    #expect(
      actions == [
        .lease, .recover, .plan, .transfer(split: 0), .decide, .publish, .release,
        .report(.committed),
      ])
  }

  @Test func commitsEachSplitByItself() {
    let actions = run(
      0,
      [
        .leased, .recovered(isHeld: false), .planned(splitCount: 3), .transferred(hasChanges: true),
        .decided, .published, .transferred(hasChanges: false), .transferred(hasChanges: true),
        .decided,
        .published, .released,
      ])
    #expect(actions.filter { $0 == .decide }.count == 2)
    #expect(actions.contains(.transfer(split: 2)))
    #expect(actions.last == .report(.committed))
  }

  @Test func nothingNewIsUnchanged() {
    let none = run(0, [.leased, .recovered(isHeld: false), .planned(splitCount: 0), .released])
    #expect(none.last == .report(.unchanged))
    let empty = run(
      0,
      [
        .leased, .recovered(isHeld: false), .planned(splitCount: 1),
        .transferred(hasChanges: false),
        .released,
      ])
    #expect(empty.last == .report(.unchanged))
  }

  @Test func aHeldStreamIsPassedOver() {
    let actions = run(3, [.leased, .recovered(isHeld: true), .released])
    #expect(actions == [.lease, .recover, .release, .report(.held)])
  }

  @Test func whatMayPassIsTriedAgainFromANewPlan() {
    let actions = run(
      1,
      [
        .leased, .recovered(isHeld: false), .planned(splitCount: 1), .failed(isRetryable: true),
        .waited, .leased, .recovered(isHeld: false), .planned(splitCount: 1),
        .transferred(hasChanges: true), .decided, .published, .released,
      ])
    guard case .wait = actions[4] else {
      Issue.record("expected a wait, found \(actions[4])"); return
    }
    // The lease is taken again, which fences off what the first attempt may still decide.
    #expect(actions[5...7] == [.lease, .recover, .plan] && actions.last == .report(.committed))
  }

  @Test func retriesEnd() {
    let actions = run(
      1,
      [
        .leased, .recovered(isHeld: false), .failed(isRetryable: true), .waited, .leased,
        .recovered(isHeld: false), .failed(isRetryable: true), .released,
      ])
    #expect(actions.last == .report(.failed))
  }

  @Test func withoutALeaseNothingIsReleased() {
    #expect(run(3, [.failed(isRetryable: true)]) == [.lease, .report(.failed)])
  }

  /// Whatever happens in whatever order: the lease is given back once if it was taken, nothing is
  /// published that was not decided, and every run ends.
  @Test func holdsItsPromisesInEveryOrderOfEvents() {
    func explore(_ machine: StreamMachine, _ trace: [Action], depth: Int) {
      guard let last = trace.last else { return }
      if case .report = last {
        let releases = trace.filter { $0 == .release }.count
        #expect(releases == (trace.count > 2 ? 1 : 0), "\(trace)")
        for (index, action) in trace.enumerated() where action == .publish {
          #expect(trace[index - 1] == .decide, "\(trace)")
        }
        return
      }
      guard depth < 14 else { return }
      for event in answers(to: last) {
        var next = machine
        let action = next.next(after: event)
        explore(next, trace + [action], depth: depth + 1)
      }
    }
    explore(StreamMachine(retries: 1), [.lease], depth: 0)
    explore(StreamMachine(retries: 0, compacts: true), [.lease], depth: 0)
  }

  private func answers(to action: Action) -> [Event] {
    let failures: [Event] = [.failed(isRetryable: true), .failed(isRetryable: false)]
    return switch action {
    case .lease: [.leased] + failures
    case .recover: [.recovered(isHeld: false), .recovered(isHeld: true)] + failures
    case .plan: [.planned(splitCount: 0), .planned(splitCount: 2)] + failures
    case .transfer: [.transferred(hasChanges: true), .transferred(hasChanges: false)] + failures
    case .decide: [.decided] + failures
    case .publish: [.published] + failures
    case .compact: [.compacted] + failures
    case .wait: [.waited] + failures
    case .release: [.released] + failures
    case .report: []
    }
  }
}
