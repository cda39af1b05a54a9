import Base
import Connector
import Foundation
import MariaDBServer
import MySQLSource
import Records
import Testing

/// Everything that talks to the shared server: one at a time, because every run looks at all
/// transactions of the server.
@Suite(.serialized) enum MySQLServerTests {}

/// A database of its own on a server, gone with it.
final class TestDatabase {
  let server: MariaDBServer
  let name: String
  let client: MariaDBClient

  init(_ server: MariaDBServer? = nil) throws {
    let server = try server ?? MariaDBServer.shared.get()
    self.server = server
    name = "t_" + String(UInt32.random(in: 0 ... .max), radix: 36)
    client = try server.connect()
    try client.run("CREATE DATABASE `\(name)` CHARACTER SET utf8mb4", "USE `\(name)`")
  }

  deinit { try? client.run("DROP DATABASE `\(name)`") }

  func run(_ statements: String...) throws {
    for statement in statements { try client.run(statement) }
  }

  func connect() throws -> MariaDBClient { try server.connect(database: name) }

  /// The source, as a new run would open it.
  func source(
    _ options: KeyValuePairs<String, ConfigValue> = [:], url: String? = nil
  ) throws -> any Source {
    let url = url ?? server.url(database: name)
    var entries = [ConfigValue.Entry(key: "url_env", value: .string("TEST_URL"))]
    entries += options.map { ConfigValue.Entry(key: $0.key, value: $0.value) }
    return try MySQLSourceType.open(
      SourceConfiguration(name: "shop", options: ConfigValue(.map(entries))),
      SourceContext(environment: { $0 == "TEST_URL" ? url : nil }))
  }

  func stream(
    _ item: String, _ options: KeyValuePairs<String, ConfigValue> = [:], key: [String] = []
  ) -> StreamConfiguration {
    StreamConfiguration(name: "shop.\(item)", item: item, key: key, options: .map(options))
  }

  /// Reads a table whole.
  func readAll(
    _ item: String, _ options: KeyValuePairs<String, ConfigValue> = [:],
    read: ReadOptions = ReadOptions()
  ) throws -> Pull {
    try Puller(self, item, options).pull(read: read)
  }
}

/// What one run of a stream gave.
struct Pull {
  var plan: Plan
  var schema: Schema?
  /// Texts of the values, nil for null.
  var rows: [[String?]] = []
  var batches: [Batch] = []
  var advance: Advance?

  /// The first column of all rows.
  var first: [String?] { rows.map { $0[0] } }

  subscript(column: String) -> [Value] {
    batches.flatMap { batch in
      batch[column].map { column in (0..<column.count).map { column[$0] } } ?? []
    }
  }
}

/// Runs a stream again and again and keeps its bookmark, as the engine does.
final class Puller {
  let database: TestDatabase
  let stream: StreamConfiguration
  var bookmark: Bookmark?
  var ledger = MemoryLedger()
  var sourceOptions: KeyValuePairs<String, ConfigValue> = [:]
  var url: String?

  init(
    _ database: TestDatabase, _ item: String, _ options: KeyValuePairs<String, ConfigValue> = [:],
    key: [String] = []
  ) {
    self.database = database
    stream = database.stream(item, options, key: key)
  }

  /// One run: the bookmark moves when rows came or the source says that it must.
  func pull(read: ReadOptions = ReadOptions(), between: () throws -> Void = {}) throws -> Pull {
    let source = try database.source(sourceOptions, url: url)
    let session = try source.open(stream)
    defer { session.close() }
    let plan = try session.plan(
      PlanRequest(bookmark: bookmark, ledger: ledger, knownSchema: nil))
    var pull = Pull(plan: plan)
    try between()
    for split in plan.splits {
      let reader = try session.read(split, read)
      defer { reader.close() }
      while let next = try reader.next() {
        pull.schema = next.batch.schema
        pull.batches.append(next.batch)
        for row in 0..<next.batch.rowCount {
          pull.rows.append(next.batch.columns.map { $0.isNull(row) ? nil : $0[row].text })
        }
      }
      let advance = try reader.finish()
      pull.advance = advance
      if !pull.rows.isEmpty || advance.isSignificant {
        bookmark = Bookmark(json: try JSONValue(parsing: advance.bookmark.json.text()))
        #expect(bookmark == advance.bookmark)
        ledger = ledger.applying(advance.ledger)
      }
    }
    return pull
  }
}

/// The error that the body throws, which must be the connector's.
func connectorError(
  _ body: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
) -> ConnectorError? {
  do {
    try body()
    Issue.record("no error was thrown", sourceLocation: sourceLocation)
  } catch let error as ConnectorError {
    return error
  } catch {
    Issue.record("another error: \(error)", sourceLocation: sourceLocation)
  }
  return nil
}

func cursor(_ by: String, _ more: KeyValuePairs<String, ConfigValue> = [:]) -> ConfigValue {
  var entries = [ConfigValue.Entry(key: "by", value: .string(by))]
  entries += more.map { ConfigValue.Entry(key: $0.key, value: $0.value) }
  return ConfigValue(.map(entries))
}
