internal import Base
internal import Connector

/// Looks at a database and proposes the streams that a careful engineer would configure.
///
/// Reads the dictionary, and the ends of an index of large tables: no table is scanned.
struct Discovery {
  let endpoint: Endpoint

  private static let systemSchemas = [
    "information_schema", "mysql", "performance_schema", "sys", "ndbinfo", "metrics_schema",
  ]

  /// - Parameter url: with or without a database; without, the error names those that there are.
  static func propose(
    url: String, _ context: SourceContext
  ) throws(ConnectorError) -> Proposal {
    let parsed: ServerURL
    do {
      parsed = try ServerURL(url)
    } catch {
      throw ConnectorError(
        .misconfigured, "the URL cannot be read: \(error.message)",
        remedy: "Write it as mysql://user:password@host:port/database, with %40 for an @.")
    }
    // The settings take URLs from the environment alone: secrets have no other way in.
    let variable = "url"
    var context = context
    context.environment = { name in name == variable ? url : nil }
    var options = [ConfigValue.Entry(key: "url_env", value: .string(variable))]
    if parsed.database == nil {
      options.append(.init(key: "database", value: .string("information_schema")))
    }
    let configuration = SourceConfiguration(
      name: parsed.database ?? "mysql", options: ConfigValue(.map(options)))
    let endpoint: Endpoint
    do throws(ConnectorError) {
      endpoint = try Endpoint(configuration, context)
    } catch {
      throw ConnectorError(error.kind, error.message, remedy: error.remedy)
    }
    let discovery = Discovery(endpoint: endpoint)
    if let name = parsed.database, systemSchemas.contains(name.lowercased()) {
      throw ConnectorError(
        .misconfigured, "`\(name)` is the server's own database",
        remedy: "Name one of yours; without a name, the ones that there are are listed.")
    }
    return try parsed.database == nil ? discovery.noDatabase() : discovery.propose()
  }

  private func noDatabase() throws(ConnectorError) -> Proposal {
    let names = try connected { (connection) throws(ServerError) in try schemas(connection) }
    throw ConnectorError(
      .misconfigured, "the URL names no database",
      remedy: names.isEmpty
        ? "Add it at the end: …/database. The user may see none here."
        : "Add it at the end: …/\(names[0]). Databases here: \(names.joined(separator: ", ")).")
  }

  private func propose() throws(ConnectorError) -> Proposal {
    let proposal = try connected { (connection) throws(ServerError) -> Proposal? in
      try propose(connection)
    }
    if let proposal { return proposal }
    let others = try connected { (connection) throws(ServerError) in try schemas(connection) }
      .filter { $0 != endpoint.database }
    throw ConnectorError(
      .notFound, "the database `\(endpoint.database)` has no tables that the user may read",
      remedy: "Grant SELECT on it"
        + (others.isEmpty ? "." : ", or name another: \(others.joined(separator: ", "))."),
      place: endpoint.place)
  }

  private func connected<Result>(
    _ body: (Connection) throws(ServerError) -> Result
  ) throws(ConnectorError) -> Result {
    let connection = try Connection(endpoint)
    defer { connection.close() }
    do throws(ServerError) {
      return try body(connection)
    } catch {
      throw error.connectorError(place: endpoint.place)
    }
  }

  private func schemas(_ connection: Connection) throws(ServerError) -> [String] {
    try connection.rows("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA ORDER BY 1")
      .compactMap { $0[0] }.filter { !Self.systemSchemas.contains($0.lowercased()) }
  }

  // MARK: The streams

  /// nil where there is nothing to read.
  private func propose(_ connection: Connection) throws(ServerError) -> Proposal? {
    try connection.run(["SET time_zone = '+00:00'"])
    let facts = try ServerFacts(connection)
    let all = try TableFacts.look(connection, schema: endpoint.database)
    let tables = all.filter { $0.kind == .table && !$0.readableColumns.isEmpty }
    if tables.isEmpty { return nil }
    let names = StreamNames(tables.map(\.name))
    let plain = tables.filter { names.isPlain($0.name) }
    let plainNames = Set(plain.map(\.name))
    let families = TableFamily.find(
      plain,
      avoiding: all.filter { $0.kind == .table && !plainNames.contains($0.name) }.map(\.name))
    var streams: [(order: String, stream: ProposedStream)] = []
    for family in families {
      let members = tables.filter { family.members.contains($0.name) }
      // The largest says most about the others.
      guard let largest = members.max(by: { $0.dataBytes ?? 0 < $1.dataBytes ?? 0 }) else {
        continue
      }
      let proposal = try proposal(largest, facts, connection)
      streams.append((family.members[0], proposal.stream(family: family, all: members)))
    }
    let taken = Set(families.flatMap(\.members))
    for table in tables where !taken.contains(table.name) {
      let proposal = try proposal(table, facts, connection)
      streams.append((table.name, proposal.stream(item: names.item(of: table.name))))
    }
    streams.sort { ($0.order.lowercased(), $0.order) < ($1.order.lowercased(), $1.order) }
    return Proposal(
      suggestedName: endpoint.database, place: "\(facts.label), database \(endpoint.database)",
      urlKey: "url_env", urlForm: "mysql://user:password@host:port/\(endpoint.database)",
      remarks: remarks(facts), streams: streams.map(\.stream), leftOut: Self.leftOut(all))
  }

  private func proposal(
    _ table: TableFacts, _ facts: ServerFacts, _ connection: Connection
  ) throws(ServerError) -> StreamProposal {
    let choice = CursorChoice(table)
    // A table that is read whole is replaced whole.
    let partition =
      choice.chosen == nil ? nil : try PartitionAdvice.look(table, connection)
    return StreamProposal(table: table, choice: choice, partition: partition, zone: facts.zoneText)
  }

  private func remarks(_ facts: ServerFacts) -> [ProposalRemark] {
    var remarks: [ProposalRemark] = []
    if !facts.seesWriters {
      remarks.append(
        .init(
          .warning,
          "writers cannot be seen, so rows wait until they are 5 minutes old. This mends it:",
          statement: facts.processGrant))
    } else if facts.replication?.isReplica == true || facts.isReadOnly {
      remarks.append(
        .init(
          .warning,
          "a replica does not show its writers, so rows wait until they are 5 minutes old; "
            + "`settle:` in a bookmark says otherwise."))
    }
    return remarks
  }

  private static func leftOut(_ all: [TableFacts]) -> [String] {
    func list(_ what: String, _ why: String, _ isMeant: (TableFacts) -> Bool) -> [String] {
      let names = all.filter(isMeant).map(\.name)
      if names.isEmpty { return [] }
      let more = names.count > 8 ? " and \(names.count - 8) more" : ""
      return ["\(what) \(names.prefix(8).joined(separator: ", "))\(more) (\(why))"]
    }
    return list("views:", "a stream with a view's name reads it") { $0.kind == .view }
      + list("sequences:", "without rows") { $0.kind == .sequence }
      + list("tables:", "no column that may be read") {
        $0.kind == .table && $0.readableColumns.isEmpty
      }
  }
}
