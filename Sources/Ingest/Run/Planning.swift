internal import Base
internal import Bookmarks
public import Connector
internal import Records

/// What the next run of one stream would read.
public struct StreamPlan: Sendable {
  public var stream: String
  public var plan: Plan?
  public var error: IngestError?
  public var holdReason: String?
  /// Of the keys, where the stream asks for it.
  public var comparison: ComparisonSchedule?
}

extension Engine {
  /// The windows that the next run would read. Moves nothing.
  public func plan(_ selection: [String]) throws(IngestError) -> [StreamPlan] {
    try streams.select(selection).map { entry in
      switch entry {
      case .failed(let name, let error): return StreamPlan(stream: name, error: error)
      case .resolved(let stream):
        do {
          return try plan(stream)
        } catch {
          return StreamPlan(stream: stream.name, error: IngestError(wrapping: error))
        }
      }
    }
  }

  private func plan(_ stream: ResolvedStream) throws -> StreamPlan {
    let state = try workspace.log.stream(stream.name)
    let session = try stream.source.open(stream.configuration)
    defer { session.close() }
    try StreamBinding(stream, session.binding).check(state)
    let plan = try session.plan(PlanRequest(stream, state, workspace.log.ledger(of: stream.name)))
    let comparison = try ComparisonSchedule(
      session.deletions, state, workspace.log.ledger(of: stream.name), now: workspace.clock.now)
    return StreamPlan(
      stream: stream.name, plan: plan, holdReason: state?.holdReason, comparison: comparison)
  }
}

extension PlanRequest {
  /// Where a stream stands, as its source needs to know it.
  init(_ stream: ResolvedStream, _ state: StreamState?, _ ledger: any Ledger) {
    // A trial's tables do not hold what an unchanged source would leave as it is.
    let isWhole = stream.trialZone != nil && state?.bookmark?.kind == .full
    let known = stream.schemasByRole(state?.schemas ?? [:])
    var sides: [String: Schema] = [:]
    for case (.side(let name), let schema) in known { sides[name] = schema }
    self.init(
      bookmark: isWhole ? nil : state?.bookmark, ledger: ledger, knownSchema: known[.main],
      knownSideSchemas: sides)
  }
}
