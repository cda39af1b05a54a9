internal import Base
internal import Connector
internal import Synchronization

/// Watches how many threads the server runs, so that reading pauses while it is busy.
///
/// It looks about once a second, over a connection of its own, and only when somebody reads. The
/// run's own statements are among the threads.
final class ServerLoad: Sendable {
  private static let lookSeconds = 1.0
  /// A pause ends by then for one block, so that the server does not give up on its statement.
  static let pauseSecondsMax = Double(SessionSettings.writeSeconds) / 6

  private struct State {
    var connection: Connection?
    var lookedAt: Instant?
    var isHigh = false
    var pausedAt: Instant?
    var hasFailed = false
  }

  private let endpoint: Endpoint
  private let threadsMax: Int
  private let context: SourceContext
  private let state = Mutex(State())

  init(_ endpoint: Endpoint, threadsMax: Int, _ context: SourceContext) {
    self.endpoint = endpoint
    self.threadsMax = threadsMax
    self.context = context
  }

  /// Whether the server ran too many threads when last looked at, a second ago at the most.
  func isHigh() -> Bool {
    state.withLock { state in
      let now = context.clock.now
      let age = state.lookedAt.map { now.seconds(since: $0) } ?? .infinity
      if age < Self.lookSeconds, age >= 0 { return state.isHigh }
      state.lookedAt = now
      look(&state, now)
      return state.isHigh
    }
  }

  private func look(_ state: inout State, _ now: Instant) {
    let count: Int
    do throws(ConnectorError) {
      count = try threadsRunning(&state)
    } catch {
      state.connection = nil
      state.isHigh = false
      if !state.hasFailed { tell("its load is not known and not heeded: \(error.description)") }
      state.hasFailed = true
      return
    }
    state.hasFailed = false
    state.isHigh = count > threadsMax
    if state.isHigh, state.pausedAt == nil {
      state.pausedAt = now
      tell(
        "reading pauses: the server runs \(count) threads, and max_threads_running is"
          + " \(threadsMax)")
    } else if !state.isHigh, let pausedAt = state.pausedAt {
      state.pausedAt = nil
      tell(
        "reading goes on after \(Units.describe(seconds: max(1, now.seconds(since: pausedAt))))")
    }
  }

  private func threadsRunning(_ state: inout State) throws(ConnectorError) -> Int {
    let connection: Connection
    if let open = state.connection {
      connection = open
    } else {
      connection = try Connection(endpoint)
      state.connection = connection
    }
    let rows: Connection.Rows
    do throws(ServerError) {
      rows = try connection.rows("SHOW GLOBAL STATUS LIKE 'Threads_running'")
    } catch {
      throw error.connectorError(place: endpoint.place)
    }
    guard let row = rows.first, row.count > 1, let count = row[1].flatMap({ Int($0) }) else {
      throw ConnectorError(
        .malformed, "the server does not tell Threads_running",
        remedy: "Take `max_threads_running` out of the source.", place: endpoint.place)
    }
    return count
  }

  private func tell(_ text: String) { context.notify("\(endpoint.sourceName): \(text)") }
}
