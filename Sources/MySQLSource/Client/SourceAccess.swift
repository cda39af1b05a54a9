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
  func connect() throws(ConnectorError) -> Connection { try Connection(endpoint, limit.take()) }

  /// A further connection where the run may open one at once; nil where not.
  func connectIfFree() throws(ConnectorError) -> Connection? {
    guard let permit = limit.tryTake() else { return nil }
    return try Connection(endpoint, permit)
  }

  /// The pace of one reader.
  /// - Parameter streamRate: shared by the readers of its stream.
  func pace(_ streamRate: RowRate?, _ cancellation: Cancellation) -> ReadPace {
    ReadPace(
      rates: [rate, streamRate].compactMap(\.self), load: load, clock: clock,
      cancellation: cancellation)
  }
}
