internal import AWS
internal import Base
internal import Bookmarks
internal import Lake
public import Query
internal import Records
internal import Storage

extension Workspace {
  /// The tables of the lake as a query sees them: exactly the files of published commits.
  public func queryTables() throws(IngestError) -> [QueryTable] {
    try IngestError.wrapping {
      try log.streams().flatMap { state in try queryTables(of: state) }
    }
  }

  private func queryTables(of state: StreamState) throws -> [QueryTable] {
    // `raw.shop_orders`, as the stream was bound; a stream that never read has no tables.
    guard let bound = state.binding?["table"]?.string else { return [] }
    let zone = String(bound.prefix { $0 != "." })
    let files = try log.files(of: state.name, asOf: nil)
    return state.schemas.sorted { $0.key < $1.key }.map { table, schema in
      let own = files.filter { $0.table == table }
      let grouped = Dictionary(grouping: own, by: \.partition)
      let keys = own.first?.partition.map(\.name) ?? []
      return QueryTable(
        database: zone, name: table, columns: schema, partitionKeys: keys,
        partitions: grouped.map { partition, files in
          QueryPartition(
            values: partition.map(\.text), files: files.map { "\(store.location)/\($0.key)" })
        }.sorted { ($0.files.first ?? "") < ($1.files.first ?? "") })
    }
  }

  /// How the query engine reaches the tables' files; nil where they are in a folder.
  public func queryAccess() throws(IngestError) -> S3Access? {
    guard let store = store as? S3Store else { return nil }
    let access = try IngestError.wrapping { try store.access() }
    return S3Access(
      region: access.region, keyID: access.credentials.accessKeyID,
      secretKey: access.credentials.secretKey, sessionToken: access.credentials.sessionToken,
      endpoint: access.endpoint, usesTLS: access.usesTLS, isPathStyle: access.isPathStyle)
  }

  /// The zones' databases in the order in which a query looks unqualified names up.
  public var searchPath: [String] {
    Configuration.zoneNames.compactMap { configuration.zones[$0] }
  }
}

extension IngestError {
  init(_ error: QueryError) {
    let kind: Kind =
      switch error.kind {
      case .syntax, .refused, .unknownTable, .unknownColumn, .invalid: .configuration
      case .engineNotFound, .engineUnusable, .unreadable: .unreachable
      case .engineCrashed, .outOfMemory: .failed
      case .cancelled: .cancelled
      }
    self.init(
      kind, error.description, remedy: error.remedy, isRetryable: error.isRetryable)
  }
}
