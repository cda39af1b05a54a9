import Base
import Connector
import Foundation
import MySQLSource
import Records
import Testing

/// What MySQL and Aurora do otherwise than MariaDB, against a scripted server: no MySQL is at hand.
@Suite struct FamilyTests {
  static let families: [ScriptedFamily] = [
    .mysql57, .mysql80, .mysql84, .mysqlLater, .auroraWriter, .auroraReader,
  ]

  private static let utf8mb4: UInt16 = 255

  /// A table with what only MySQL has, as it describes it.
  static let orders = ScriptedTable(
    name: "orders",
    columns: [
      .init(
        wire: .init(
          "id", .longLong, flags: ScriptedColumn.notNull | ScriptedColumn.unsigned),
        type: "bigint unsigned", extra: "auto_increment", comment: "Nummer"),
      // 8.0 tells no width but for ZEROFILL and TINYINT(1).
      .init(
        wire: .init(
          "code", .long, length: 6, flags: ScriptedColumn.unsigned | ScriptedColumn.zerofill),
        type: "int(6) unsigned zerofill"),
      .init(wire: .init("is_paid", .tiny, length: 1), type: "tinyint(1)"),
      .init(wire: .init("built", .year, length: 4, flags: ScriptedColumn.unsigned), type: "year"),
      .init(
        wire: .init("name", .varString, charset: utf8mb4, length: 160), type: "varchar(40)",
        comment: "Wer"),
      .init(wire: .init("doc", .json, length: .max, flags: 144), type: "json"),
      .init(
        wire: .init("kind", .string, charset: utf8mb4, flags: ScriptedColumn.enumeration),
        type: "enum('a','b')"),
      .init(
        wire: .init("total", .newDecimal, length: 14, decimals: 2), type: "decimal(12,2)",
        extra: "STORED GENERATED"),
      .init(wire: .init("place", .geometry, flags: 144), type: "point"),
      .init(wire: .init("embedding", .vector, flags: 144), type: "vector(2)"),
      .init(
        wire: .init(
          "updated_at", .timestamp, length: 26, decimals: 6, flags: ScriptedColumn.notNull),
        type: "timestamp(6)",
        extra: "DEFAULT_GENERATED on update CURRENT_TIMESTAMP(6)"),
      .init(
        wire: .init("secret", .varString, charset: utf8mb4), type: "varchar(10)",
        extra: "INVISIBLE"),
      .init(
        wire: .init("initial", .varString, charset: utf8mb4), type: "varchar(1)",
        extra: "VIRTUAL GENERATED INVISIBLE"),
    ],
    keys: [
      .init(index: "PRIMARY", column: "id"), .init(index: "by_lower_name", column: nil),
      .init(index: "by_time", column: "updated_at"),
    ],
    rows: [
      [
        .integer(-1), .integer(42), .integer(1), .integer(2026), .text("Zoë 😀"),
        .text(#"{"a": [1, "ü"]}"#), .text("b"), .text("-9999999999.99"),
        .bytes([0, 0, 0, 0, 1, 1, 0, 0, 0] + [UInt8](repeating: 0, count: 16)),
        .bytes([0, 0, 128, 63, 0, 0, 0, 192]), .moment([2026, 2, 28, 23, 59, 59, 999_999]),
        .text("s"), .text("Z"),
      ],
      [
        .integer(2), .null, .null, .null, .null, .null, .null, .null, .null, .null,
        .moment([2026, 3, 1]), .null, .null,
      ],
    ], oldRowCount: 900_000)

  /// The scripted server's stream, read once.
  private func pull(
    _ server: ScriptedServer, _ item: String = "orders",
    _ options: KeyValuePairs<String, ConfigValue> = [:]
  ) throws -> Pull {
    let session = try open(server, item, options)
    defer { session.close() }
    var pull = Pull(
      plan: try session.plan(
        PlanRequest(bookmark: nil, ledger: MemoryLedger(), knownSchema: nil)))
    for split in pull.plan.splits {
      let reader = try session.read(split, ReadOptions())
      defer { reader.close() }
      while let next = try reader.next() {
        pull.schema = next.batch.schema
        pull.batches.append(next.batch)
        for row in 0..<next.batch.rowCount {
          pull.rows.append(next.batch.columns.map { $0.isNull(row) ? nil : $0[row].text })
        }
      }
      pull.advance = try reader.finish()
    }
    return pull
  }

  private func source(_ server: ScriptedServer, url: String? = nil) throws -> any Source {
    let url = url ?? server.url()
    return try MySQLSourceType.open(
      SourceConfiguration(name: "shop", options: .map(["url_env": .string("TEST_URL")])),
      SourceContext(environment: { $0 == "TEST_URL" ? url : nil }))
  }

  private func stream(
    _ item: String, _ options: KeyValuePairs<String, ConfigValue>
  ) -> StreamConfiguration {
    StreamConfiguration(name: "shop.\(item)", item: item, options: .map(options))
  }

  private func open(
    _ server: ScriptedServer, _ item: String, _ options: KeyValuePairs<String, ConfigValue>
  ) throws -> any StreamSession { try source(server).open(stream(item, options)) }

  // MARK: Types

  @Test(arguments: families) func `a table of MySQL is read as it describes it`(
    _ family: ScriptedFamily
  ) throws {
    let server = try ScriptedServer(family, tables: [Self.orders])
    defer { server.stop() }
    let pull = try pull(server)
    #expect(server.unknown == [])
    #expect(
      pull.schema?.names == [
        "id", "code", "is_paid", "built", "name", "doc", "kind", "total", "place", "embedding",
        "updated_at",
      ])
    #expect(
      pull.schema?.fields.map(\.type) == [
        .uint64, .uint32, .int8, .int32, .string, .json, .string,
        .decimal(precision: 12, scale: 2), .binary, .binary,
        .timestamp(.microseconds, isUTC: true),
      ])
    #expect(pull.schema?["id"]?.comment == "Nummer" && pull.schema?["name"]?.comment == "Wer")
    #expect(pull.schema?["id"]?.isNullable == false && pull.schema?["doc"]?.isNullable == true)
    #expect(
      pull.rows == [
        [
          "18446744073709551615", "42", "1", "2026", "Zoë 😀", #"{"a": [1, "ü"]}"#, "b",
          "-9999999999.99", "0101000000" + String(repeating: "0", count: 32), "0000803f000000c0",
          "2026-02-28T23:59:59.999999Z",
        ],
        ["2"] + Array(repeating: nil, count: 9) + ["2026-03-01T00:00:00Z"],
      ])
  }

  @Test(arguments: families) func `sizes are those of now, not of yesterday`(
    _ family: ScriptedFamily
  ) throws {
    let server = try ScriptedServer(family, tables: [Self.orders])
    defer { server.stop() }
    #expect(try pull(server).plan.estimatedRows == 2)
  }

  @Test func `invisible columns are read where they are named`() throws {
    let server = try ScriptedServer(.mysql84, tables: [Self.orders])
    defer { server.stop() }
    let pull = try pull(
      server, "orders",
      ["columns": .list([.string("id"), .string("SECRET"), .string("initial")])])
    #expect(pull.schema?.names == ["id", "secret", "initial"])
    #expect(pull.rows[0] == ["18446744073709551615", "s", "Z"])
  }

  @Test func `a view's columns may be NULL whatever is said of them`() throws {
    var view = Self.orders
    view.isView = true
    view.keys = []
    view.columns = Array(view.columns.prefix(3))
    view.rows = [[.null, .null, .null], [.integer(1), .integer(2), .integer(0)]]
    let server = try ScriptedServer(.mysql80, tables: [view])
    defer { server.stop() }
    let pull = try pull(server)
    #expect(pull.schema?["id"]?.isNullable == true)
    #expect(pull.rows == [[nil, nil, nil], ["1", "2", "0"]])
  }

  @Test func `NULL in a column that is NOT NULL is an error`() throws {
    var table = Self.orders
    table.rows[1][0] = .null
    let server = try ScriptedServer(.mysql80, tables: [table])
    defer { server.stop() }
    let error = connectorError { _ = try pull(server) }
    #expect(error?.kind == .malformed)
    #expect(error?.message.contains("column `id` holds NULL") == true)
  }

  @Test func `a decimal that does not fit its column is an error`() throws {
    for text in ["1234567890123.99", "1.5", "", "x", "1e3", String(repeating: "9", count: 300)] {
      var table = Self.orders
      table.rows[0][7] = .text(text)
      let server = try ScriptedServer(.mysql80, tables: [table])
      defer { server.stop() }
      let error = connectorError { _ = try pull(server) }
      #expect(error?.message.contains("`total`") == true, "\(text)")
    }
  }

  @Test(arguments: 0..<150) func `spoilt rows are rows or an error`(_ seed: UInt64) throws {
    var table = Self.orders
    table.rows += (0..<20).map { _ in Self.orders.rows[0] }
    let server = try ScriptedServer(.mysql80, tables: [table], damageSeed: seed)
    defer { server.stop() }
    do {
      let pull = try pull(server)
      #expect(pull.rows.count <= table.rows.count)
    } catch let error as ConnectorError {
      #expect([.malformed, .interrupted, .misconfigured].contains(error.kind), "\(error)")
    }
  }

  // MARK: Connecting

  @Test(arguments: [ScriptedFamily.mysql57, .mysql80]) func `a wrong password is refused`(
    _ family: ScriptedFamily
  ) throws {
    let server = try ScriptedServer(family, tables: [Self.orders])
    defer { server.stop() }
    let source = try source(server, url: server.url(password: "wrong"))
    let error = connectorError { _ = try source.open(stream("orders", [:])) }
    #expect(error?.kind == .denied)
  }

  @Test(arguments: families) func `nothing is set that the server does not know`(
    _ family: ScriptedFamily
  ) throws {
    let server = try ScriptedServer(family, tables: [Self.orders])
    defer { server.stop() }
    _ = try pull(server, "orders", ["bookmark": cursor("updated_at")])
    #expect(server.unknown == [])
    let set = server.statements.filter { $0.hasPrefix("SET ") }.joined(separator: "\n")
    #expect(set.contains("SET NAMES utf8mb4"))
    #expect(set.contains("sql_select_limit = 18446744073709551615"))
    #expect(!set.contains("tx_isolation") && !set.contains("max_statement_time"))
  }

  // MARK: Writers

  @Test(arguments: [
    ScriptedFamily.mysql57, .mysql80, .mysql84, .mysqlLater, .auroraWriter,
  ]) func `the oldest writer holds the ceiling back`(_ family: ScriptedFamily) throws {
    let bookmark = ["bookmark": cursor("updated_at")] as KeyValuePairs
    let idle = ScriptedActivity(id: 7, command: "Sleep", seconds: 900)
    let reader = ScriptedActivity(id: 8, seconds: 800, statement: "SELECT SLEEP(900)")
    let daemon = ScriptedActivity(id: 5, command: "Daemon", seconds: 86_000)
    let statement = ScriptedActivity(
      id: 9, seconds: 60, state: "Waiting for table metadata lock",
      statement: "UPDATE orders SET code = 1")
    let transaction = ScriptedActivity(
      id: 10, command: "Sleep", seconds: 3, transactionStart: 1_772_366_280, hasLocks: true)
    let prepared = ScriptedActivity(
      id: 0, command: "Sleep", transactionStart: 1_772_366_280, hasLocks: true)
    let ceilings: [([ScriptedActivity], String)] = [
      ([idle, prepared], "2026-03-01T11:57:57Z"),
      ([idle, reader, daemon], "2026-03-01T11:59:58.123456Z"),
      // In whole seconds, so that it may be a second older: 12:00:00 less 60, 1 and the margin.
      ([idle, statement], "2026-03-01T11:58:57.123456Z"),
      ([idle, transaction], "2026-03-01T11:57:57Z"),
      ([statement, transaction], "2026-03-01T11:57:57Z"),
    ]
    for (others, ceiling) in ceilings {
      let server = try ScriptedServer(family, tables: [Self.orders], others: others)
      defer { server.stop() }
      let session = try open(server, "orders", bookmark)
      defer { session.close() }
      let plan = try session.plan(
        PlanRequest(bookmark: nil, ledger: MemoryLedger(), knownSchema: nil))
      #expect(plan.window.to == ceiling, "\(plan.window.reason)")
      #expect(server.unknown == [])
    }
  }

  @Test func `where writers are elsewhere, five minutes stand in for them`() throws {
    let cases: [(ScriptedFamily, String)] = [
      (.auroraReader, "a reader of a cluster"), (.mysql80.readOnly, "read-only"),
      (.mysql57.readOnly, "read-only"), (.mysql84.withoutProcess, "PROCESS is not granted"),
      (.mysql57.withoutProcess, "PROCESS is not granted"),
    ]
    for (family, reason) in cases {
      let server = try ScriptedServer(family, tables: [Self.orders])
      defer { server.stop() }
      let pull = try pull(server, "orders", ["bookmark": cursor("updated_at")])
      #expect(pull.plan.window.to == "2026-03-01T11:55:00.123456Z", "\(family.version)")
      #expect(pull.plan.window.reason.contains(reason), "\(pull.plan.window.reason)")
      #expect(server.unknown == [])
    }
  }

  @Test func `an index over an expression or an invisible one leads to no column`() throws {
    var table = Self.orders
    table.oldRowCount = 0
    table.keys = [
      .init(index: "PRIMARY", column: "id"), .init(index: "by_day", column: nil),
      .init(index: "tried", column: "updated_at", isVisible: false),
    ]
    let server = try ScriptedServer(.mysql84, tables: [table])
    defer { server.stop() }
    let findings = try source(server).check(
      stream("orders", ["bookmark": cursor("updated_at")]))
    #expect(findings.contains { $0.code == "cursor_not_indexed" }, "\(findings)")
    #expect(!findings.contains { $0.severity == .error }, "\(findings)")
    #expect(server.unknown == [])
  }
}
