internal import Base
internal import Connector

/// `by > mark AND by <= max` over AUTO_INCREMENT numbers, which commit out of order, and the gaps
/// that earlier runs left.
struct SerialWindow {
  let cursor: CursorColumn
  let settleSeconds: Double?
  let place: String

  /// What was found on the server, in the order in which it must be looked up.
  struct Findings {
    /// The highest number before the look for writers.
    var highestBefore: Int128?
    var writers: Writers
    /// The highest number in the snapshot, which was opened after the look.
    var highest: Int128?
    /// The next number that the server will give out, where it was asked.
    var next: Int128?
  }

  func state(_ bookmark: Bookmark?) throws(ConnectorError) -> SerialState? {
    guard let bookmark else { return nil }
    guard let state = SerialState(bookmark) else {
      throw ConnectorError(
        .refused,
        "the bookmark is of kind \(bookmark.kind.rawValue), and the cursor is AUTO_INCREMENT",
        remedy: "Set the bookmark anew, or reset the stream.", place: place)
    }
    return state
  }

  /// - Throws: `.refused` where the numbers have begun anew.
  func prepare(
    _ request: PlanRequest, _ findings: Findings
  ) throws(ConnectorError) -> PreparedWindow {
    let state = try self.state(request.bookmark)
    if let state { try check(state, findings) }
    let mark = state?.mark
    let upper = findings.highest ?? mark ?? 0
    let hasNew = findings.highest.map { highest in mark.map { highest > $0 } ?? true } ?? false
    let (safe, checkpoints) = settled(state, findings)
    guard hasNew || state.map({ !$0.gaps.isEmpty }) ?? false else {
      return nothing(request, mark)
    }
    let condition = self.condition(state, upper: upper, hasNew: hasNew)
    var window = Window(
      from: mark.map { String($0) }, to: String(max(upper, mark ?? upper)), predicate: condition,
      reason: "up to the highest number in the snapshot")
    if let gaps = state?.gaps, !gaps.isEmpty {
      window.reason += "; gaps below the mark are looked into again: \(gaps.count)"
    }
    // Numbers that are followed come in order, so that following can stop at any row.
    let isFollowed = safe < upper
    return PreparedWindow(
      window: window,
      condition: isFollowed ? condition + " ORDER BY \(cursor.sql)" : condition,
      label: "\(cursor.name) \(mark.map { "\($0 + 1)" } ?? "")…\(upper)", isEmpty: false,
      splittable: hasNew && state?.gaps.isEmpty ?? true
        ? .numbers(after: mark, upTo: upper, areSettled: !isFollowed) : nil,
      makeProgress: { [place] () throws(ConnectorError) -> any WindowProgress in
        try SerialProgress(
          state: state, upper: upper, safe: safe, checkpoints: checkpoints,
          ledger: request.ledger, place: place)
      })
  }

  /// There is nothing to read.
  func nothing(_ request: PlanRequest, _ mark: Int128?) -> PreparedWindow {
    PreparedWindow(
      window: Window(
        from: mark.map { String($0) }, to: mark.map { String($0) }, predicate: "nothing",
        reason: mark == nil ? "the table is empty" : "no number above the mark"),
      condition: "FALSE", label: "nothing", isEmpty: true,
      makeProgress: { [place, cursor] in
        PlainProgress(
          Advance(bookmark: request.bookmark ?? Bookmark(kind: .integer, mark: "")),
          refusesNulls: false, cursorName: cursor.name, place: place)
      })
  }

  /// Rows may be deleted from the end. But where the next number is one that was read already, new
  /// rows would never be seen.
  private func check(_ state: SerialState, _ findings: Findings) throws(ConnectorError) {
    if let highest = findings.highest, highest >= state.mark { return }
    if let next = findings.next, next > state.mark { return }
    throw ConnectorError(
      .refused,
      "the bookmark is at \(cursor.name) \(state.mark), but the table ends at "
        + "\(findings.highest.map { String($0) } ?? "nothing")"
        + (findings.next.map { " and goes on with \($0)" } ?? "") + ": the cursor went backwards",
      remedy: "Where the table was emptied or restored, reset the stream or set its bookmark to "
        + "the table's highest \(cursor.name).",
      place: place)
  }

  /// The highest number up to which no gap can be filled any more, and the checkpoints that are
  /// still open, this run's included.
  private func settled(
    _ state: SerialState?, _ findings: Findings
  ) -> (safe: Int128, open: [SerialState.Checkpoint]) {
    let writers = findings.writers
    var checkpoints = state?.checkpoints ?? []
    // Numbers up to the mark were given out by the time of this look, whether or not they still
    // stand in the table.
    let givenOut = max(findings.highestBefore ?? 0, state?.mark ?? 0)
    checkpoints.append(
      SerialState.Checkpoint(
        highest: givenOut, at: writers.now,
        connectionIDs: writers.active.map(\.connectionID), isBlind: writers.hidden != nil))
    let closed = checkpoints.filter { isClosed($0, writers) }
    let safe = closed.map(\.highest).max() ?? 0
    var open = checkpoints.filter { $0.highest > safe }
    while open.count > SerialState.checkpointCountMax { open.remove(at: open.count / 2) }
    return (safe, open)
  }

  private func isClosed(_ checkpoint: SerialState.Checkpoint, _ writers: Writers) -> Bool {
    if checkpoint.isBlind || writers.hidden != nil {
      let settle =
        (settleSeconds ?? Writers.hiddenSettleSeconds) + (writers.hidden?.lagSeconds ?? 0)
      return writers.now >= checkpoint.at.advanced(seconds: settle)
    }
    if let settleSeconds, writers.now < checkpoint.at.advanced(seconds: settleSeconds) {
      return false
    }
    return !writers.stillBusy(Set(checkpoint.connectionIDs), since: checkpoint.at)
  }

  private func condition(_ state: SerialState?, upper: Int128, hasNew: Bool) -> String {
    guard let state else { return "\(cursor.sql) <= \(upper)" }
    var parts: [String] = []
    if hasNew {
      parts.append("(\(cursor.sql) > \(state.mark) AND \(cursor.sql) <= \(upper))")
    }
    for gap in state.gaps {
      parts.append("\(cursor.sql) BETWEEN \(gap.lowerBound) AND \(gap.upperBound)")
    }
    return parts.joined(separator: " OR ")
  }
}
