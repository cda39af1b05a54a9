internal import Base
internal import Connector
internal import Synchronization

/// One database of a server, as one run sees it.
final class Database: Source {
  let endpoint: Endpoint
  let context: SourceContext
  let name: String
  let access: SourceAccess
  private let board: WriterBoard
  private let looked = Mutex(Looked())

  /// What was looked up once for all wildcards of the source.
  private struct Looked {
    /// The database's tables, without and with its views.
    var tables: [Bool: [String]] = [:]
    /// The wildcards by the streams that they stand for.
    var wildcards: [String: TableWildcard] = [:]
  }

  init(endpoint: Endpoint, context: SourceContext, name: String) {
    self.endpoint = endpoint
    self.context = context
    self.name = name
    access = SourceAccess(endpoint, context)
    board = WriterBoard(context)
  }

  func streams(
    matching stream: StreamConfiguration
  ) throws(ConnectorError) -> [StreamConfiguration] {
    guard let wildcard = try TableWildcard(stream) else { return [stream] }
    let all = try tables(withViews: wildcard.takesViews, for: stream.name)
    let tables = try wildcard.tables(among: all, database: endpoint.database)
    for text in wildcard.idlePatterns(among: all) { context.notify("\(stream.name): \(text)") }
    return tables.map { table in
      let name = "\(name).\(table)"
      looked.withLock { $0.wildcards[name] = wildcard }
      return StreamConfiguration(
        name: name, item: table, key: stream.key,
        options: ConfigValue(
          .map(stream.options.entries.filter { !TableWildcard.keys.contains($0.key) }),
          line: stream.options.line, path: stream.options.path))
    }
  }

  /// The names in the database, asked for once however many wildcards there are.
  private func tables(withViews: Bool, for place: String) throws(ConnectorError) -> [String] {
    try looked.withLock { looked throws(ConnectorError) in
      if let tables = looked.tables[withViews] { return tables }
      let connection = try access.connect()
      defer { connection.close() }
      do throws(ServerError) {
        let tables = try TableDescription.names(
          connection, schema: endpoint.database, withViews: withViews)
        looked.tables[withViews] = tables
        return tables
      } catch {
        throw error.connectorError(place: place)
      }
    }
  }

  /// The error about a table that a wildcard took in, with what can be done about that.
  private func explained(
    _ error: ConnectorError, _ stream: StreamConfiguration
  ) -> ConnectorError {
    guard let wildcard = looked.withLock({ $0.wildcards[stream.name] }),
      [.notFound, .misconfigured, .denied].contains(error.kind)
    else { return error }
    var error = error
    error.remedy += " " + wildcard.leaveOut(stream.item)
    return error
  }

  func open(_ stream: StreamConfiguration) throws(ConnectorError) -> any StreamSession {
    let settings = try StreamSettings(stream, database: endpoint.database)
    let connection = try access.connect()
    do throws(ConnectorError) {
      let relation = try Relation(settings, connection)
      return try TableSession(
        settings: settings, relation: relation, connection: connection, access: access,
        context: context, board: board)
    } catch {
      connection.close()
      throw explained(error, stream)
    }
  }

  func check(_ stream: StreamConfiguration) -> [Finding] {
    do throws(ConnectorError) {
      let settings = try StreamSettings(stream, database: endpoint.database)
      let connection = try access.connect()
      defer { connection.close() }
      let relation = try Relation(settings, connection)
      _ = try DeletedRows(settings, relation)
      return try StreamCheck(
        settings: settings, relation: relation, connection: connection,
        deletes: stream.options["deletes"]
      ).findings(writers: board.writers(for: stream.name, connection))
    } catch {
      let error = explained(error, stream)
      if let finding = SelectGrant.finding(error, stream, endpoint) { return [finding] }
      return [
        Finding(
          .error, error.description, remedy: error.remedy,
          isUnreachable: error.kind == .unreachable)
      ]
    }
  }
}
