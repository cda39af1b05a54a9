import Base
import Connector
import Foundation
import MariaDBServer
import Records
import Testing

@testable import MySQLSource

extension MySQLServerTests {
  struct ConnectionSessionTests {
    private func endpoint(_ database: TestDatabase) -> Endpoint {
      Endpoint(
        sourceName: "shop", host: "localhost", port: 0, socket: database.server.socket,
        user: "root", password: nil, database: database.name, tls: .init(mode: .off),
        connectTimeoutSeconds: 5)
    }

    @Test func `a session only reads, and waits as it was told`() throws {
      let database = try TestDatabase()
      try database.run("CREATE TABLE t (id INT)")
      var endpoint = endpoint(database)
      endpoint.patience.lockSeconds = 77
      let connection = try Connection(endpoint)
      defer { connection.close() }
      let row = try connection.rows(
        """
        SELECT @@tx_read_only, @@tx_isolation, @@lock_wait_timeout, @@net_write_timeout,
          @@max_statement_time, @@sql_mode, @@wait_timeout
        """)[0]
      #expect(row == ["1", "REPEATABLE-READ", "77", "3600", "0.000000", "", "28800"])
      do throws(ServerError) {
        try connection.run(["INSERT INTO t VALUES (1)"])
        Issue.record("it wrote")
      } catch {
        #expect(error.code == 1792)
        #expect(error.connectorError(place: "t").remedy.contains("only read"))
      }
    }

    @Test func `a query that writes is refused`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT)",
        """
        CREATE FUNCTION writes() RETURNS INT MODIFIES SQL DATA BEGIN
        INSERT INTO t VALUES (1); RETURN 1; END
        """)
      let error = connectorError {
        _ = try database.readAll("q", ["query": .string("SELECT writes() AS x")])
      }
      #expect(error?.kind == .misconfigured)
      #expect(try database.client.value("SELECT COUNT(*) FROM t") == "0")
    }

    @Test(arguments: ["off", "require"]) func `the same rows, compressed`(_ tls: String) throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, x LONGTEXT, n INT)",
        "INSERT INTO t SELECT seq, REPEAT('ab', (seq * 7919) % 40000), NULL FROM seq_1_to_300",
        "INSERT INTO t VALUES (1000, REPEAT('x', 17000000), 1)")
      let plain = try database.readAll("t", read: ReadOptions(memoryBytes: 128 << 20))
      try database.run(
        "CREATE USER 'packed'@'127.0.0.1'", "GRANT SELECT ON *.* TO 'packed'@'127.0.0.1'")
      defer { try? database.run("DROP USER 'packed'@'127.0.0.1'") }
      let puller = Puller(database, "t")
      puller.url = "mysql://packed@127.0.0.1:\(database.server.port)/\(database.name)"
      puller.sourceOptions = ["compression": .string("zlib"), "tls": .string(tls)]
      let sentBefore = try bytesSent(database)
      let compressed = try puller.pull(read: ReadOptions(memoryBytes: 128 << 20))
      #expect(compressed.rows == plain.rows)
      #expect(compressed.rows.count == 301)
      // 23 MB of rows, in a fiftieth of that.
      #expect(try bytesSent(database) - sentBefore < 2_000_000)
    }

    private func bytesSent(_ database: TestDatabase) throws -> Int {
      let rows = try database.client.rows("SHOW GLOBAL STATUS LIKE 'Bytes_sent'")
      return rows[0][1].flatMap { Int($0) } ?? 0
    }

    @Test func `settings of limits, waits and compression`() throws {
      let endpoint = try Endpoint(
        SourceConfiguration(
          name: "shop",
          options: .map([
            "host": .string("h"), "database": .string("d"), "connections": .plain("2"),
            "max_rows_per_second": .plain("5000"), "max_threads_running": .plain("25"),
            "read_timeout": .string("2h"), "lock_timeout": .string("90s"),
            "connect_timeout": .string("3s"), "compression": .string("zlib"),
          ])), SourceContext(environment: { _ in nil }))
      #expect(
        endpoint.limits
          == .init(connections: 2, readers: 2, rowsPerSecond: 5000, threadsRunning: 25))
      #expect(endpoint.patience == .init(readSeconds: 7200, lockSeconds: 90))
      #expect(endpoint.connectTimeoutSeconds == 3)
      #expect(endpoint.compression == .zlib)
    }

    @Test func `every rule of errors says what to do, once a number`() {
      var seen: Set<UInt32> = []
      for rule in ErrorRule.all {
        #expect(rule.remedy.hasSuffix("."))
        for code in rule.codes { #expect(seen.insert(code).inserted, "\(code) has two rules") }
        // What somebody has to mend is not tried again by itself.
        if [.denied, .notFound, .misconfigured, .malformed].contains(rule.kind) {
          #expect(!rule.isRetryable)
        }
      }
      for code in [1040, 1205, 1213, 1290, 1836, 1053, 2006, 2013, 1927, 1412, 3100, 1047, 9001] {
        #expect(ErrorRule.rule(for: UInt32(code)).isRetryable, "\(code)")
      }
      for code in [1045, 1049, 1054, 1142, 1146, 1064, 1130, 2059, 1820, 1153] {
        #expect(!ErrorRule.rule(for: UInt32(code)).isRetryable, "\(code)")
      }
      #expect(ErrorRule.rule(for: 4_000_000).kind == .malformed)
    }
  }
}
