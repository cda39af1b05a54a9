internal import Base
internal import Connector

/// One database of a server, as one run sees it.
final class Database: Source {
  let endpoint: Endpoint
  let context: SourceContext
  let name: String
  private let board: WriterBoard

  init(endpoint: Endpoint, context: SourceContext, name: String) {
    self.endpoint = endpoint
    self.context = context
    self.name = name
    board = WriterBoard(context)
  }

  func streams(
    matching stream: StreamConfiguration
  ) throws(ConnectorError) -> [StreamConfiguration] {
    guard stream.item.contains("*"), stream.options["table"] == nil,
      stream.options["query"] == nil
    else { return [stream] }
    let connection = try Connection(endpoint)
    defer { connection.close() }
    let tables: [String]
    do throws(ServerError) {
      tables = try TableDescription.names(
        connection, schema: endpoint.database, withViews: false)
    } catch {
      throw error.connectorError(place: stream.name)
    }
    return tables.filter { Wildcard.matches(stream.item, $0) }.map { table in
      StreamConfiguration(
        name: "\(name).\(table)", item: table, key: stream.key, options: stream.options)
    }
  }

  func open(_ stream: StreamConfiguration) throws(ConnectorError) -> any StreamSession {
    let settings = try StreamSettings(stream, database: endpoint.database)
    let connection = try Connection(endpoint)
    do throws(ConnectorError) {
      let relation = try Relation(settings, connection)
      return TableSession(
        settings: settings, relation: relation, connection: connection, endpoint: endpoint,
        context: context, board: board)
    } catch {
      connection.close()
      throw error
    }
  }

  func check(_ stream: StreamConfiguration) -> [Finding] {
    do throws(ConnectorError) {
      let settings = try StreamSettings(stream, database: endpoint.database)
      let connection = try Connection(endpoint)
      defer { connection.close() }
      let relation = try Relation(settings, connection)
      return try StreamCheck(
        settings: settings, relation: relation, connection: connection,
        deletes: stream.options["deletes"]
      ).findings(writers: board.writers(for: stream.name, connection))
    } catch {
      if let finding = SelectGrant.finding(error, stream, endpoint) { return [finding] }
      return [
        Finding(
          .error, error.description, remedy: error.remedy,
          isUnreachable: error.kind == .unreachable)
      ]
    }
  }
}

/// Names with `*` for any characters.
enum Wildcard {
  static func matches(_ pattern: String, _ name: String) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard parts.count > 1, let first = parts.first, let last = parts.last else {
      return pattern == name
    }
    guard name.hasPrefix(first) else { return false }
    var rest = Substring(name).dropFirst(first.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let found = rest.firstRange(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return rest.count >= last.count && rest.hasSuffix(last)
  }
}
