internal import Base
internal import Connector

/// How a run's streams come to a source: where it is, over how many connections, at which pace.
final class SourceAccess: Sendable {
  let endpoint: Endpoint
  let limit: ConnectionLimit
  private let rate: RowRate?
  private let load: ServerLoad?
  private let clock: WallClock

  init(_ endpoint: Endpoint, _ context: SourceContext) {
    self.endpoint = endpoint
    limit = ConnectionLimit(endpoint.limits.connections)
    rate = endpoint.limits.rowsPerSecond.map { RowRate(perSecond: $0) }
    load = endpoint.limits.threadsRunning.map { ServerLoad(endpoint, threadsMax: $0, context) }
    clock = context.clock
  }

  /// Waits until the run may open a further connection, and opens it.
  ///
  /// A server counts a connection for a moment longer than it lasts: the place of one that was
  /// closed just now may not be free there yet.
  func connect() throws(ConnectorError) -> Connection {
    var seconds = 0.02
    while true {
      do throws(ConnectorError) {
        return try Connection(endpoint, limit.take())
      } catch {
        guard Self.isFull(error), seconds < 1 else { throw error }
        clock.sleep(seconds: seconds)
        seconds *= 2
      }
    }
  }

  private static func isFull(_ error: ConnectorError) -> Bool {
    full.contains(error.cause ?? "")
  }

  private static let full = ["error 1040", "error 1203", "error 1226"]

  /// The pace of one reader.
  /// - Parameter streamRate: shared by the readers of its stream.
  func pace(_ streamRate: RowRate?, _ cancellation: Cancellation) -> ReadPace {
    ReadPace(
      rates: [rate, streamRate].compactMap(\.self), load: load, clock: clock,
      cancellation: cancellation)
  }
}
