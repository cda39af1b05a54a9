import Base
import Bookmarks
import Foundation
import Ingest
import Synchronization

/// Shows a run as it goes, on standard error: one live line on a terminal, plain lines elsewhere.
final class RunDisplay: Sendable {
  private struct StreamProgress {
    var rows = 0
    var bytes = 0
    var expectedRows: Int?
  }

  private struct State {
    var streams: [String: StreamProgress] = [:]
    var drawnAt = Instant(microseconds: 0)
    var isLineDrawn = false
  }

  private let state = Mutex(State())
  private let start = WallClock.system.now
  private let isLive: Bool
  private let isQuiet: Bool

  init(isQuiet: Bool) {
    self.isQuiet = isQuiet
    isLive = !isQuiet && Terminal.isTerminal(.standardError)
  }

  func observe(_ event: RunEvent) {
    state.withLock { state in
      switch event {
      case .started(let stream): state.streams[stream] = StreamProgress()
      case .progress(let stream, let rows, let bytes, let expected):
        state.streams[stream] = StreamProgress(rows: rows, bytes: bytes, expectedRows: expected)
        draw(&state)
      case .committed: break
      case .retrying(let stream, let attempt, let seconds, let reason):
        line(
          "\(stream): \(reason); attempt \(attempt) in \(Units.describe(seconds: seconds))", &state)
      case .notice(let stream, let text):
        line((stream.map { "\($0): " } ?? "") + text, &state)
      case .finished(let outcome):
        state.streams[outcome.stream] = nil
        if !isQuiet && !isLive { plain(outcome, &state) }
        draw(&state)
      }
    }
  }

  /// Takes the live line away.
  func end() { state.withLock { clear(&$0) } }

  private func line(_ text: String, _ state: inout State) {
    clear(&state)
    Terminal.notice(text)
  }

  private func plain(_ outcome: StreamOutcome, _ state: inout State) {
    let what =
      outcome.status == .failed
      ? outcome.error ?? ""
      : "\(Units.describe(count: outcome.rows)) rows, \(Units.describe(bytes: outcome.bytes))"
    Terminal.write(
      "\(outcome.stream): \(outcome.status.rawValue), \(what), \(Units.describe(seconds: outcome.seconds))\n",
      to: .standardError)
  }

  private func draw(_ state: inout State) {
    guard isLive else { return }
    let now = WallClock.system.now
    guard now.seconds(since: state.drawnAt) > 0.1 else { return }
    state.drawnAt = now
    clear(&state)
    if state.streams.isEmpty { return }
    let rows = state.streams.values.reduce(0) { $0 + $1.rows }
    let bytes = state.streams.values.reduce(0) { $0 + $1.bytes }
    let elapsed = max(0.001, now.seconds(since: start))
    var text = "\(Units.describe(count: rows)) rows  \(Units.describe(bytes: bytes))"
    text += "  \(Units.describe(bytes: Int(Double(bytes) / elapsed)))/s"
    let expected = state.streams.values.compactMap(\.expectedRows).reduce(0, +)
    if expected > rows, rows > 0 {
      let left = elapsed * Double(expected - rows) / Double(rows)
      text += "  about \(Units.describe(seconds: left)) left"
    }
    text += "  " + state.streams.keys.sorted().joined(separator: " ")
    Terminal.write(String(text.prefix(100)), to: .standardError)
    state.isLineDrawn = true
  }

  private func clear(_ state: inout State) {
    if state.isLineDrawn { Terminal.write("\r\u{1B}[2K", to: .standardError) }
    state.isLineDrawn = false
  }
}
