import Base
import Connector
import Foundation
import MariaDBServer
import MySQLSource
import Records
import Testing

extension MySQLServerTests {
  struct FailureTests {
    @Test func `a wrong password is denied, and no secret is told`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE USER 'reader'@'localhost' IDENTIFIED BY 'right-secret'",
        "GRANT SELECT ON `\(database.name)`.* TO 'reader'@'localhost'",
        "CREATE TABLE t (id INT)")
      defer { try? database.run("DROP USER 'reader'@'localhost'") }
      let puller = Puller(database, "t")
      puller.url =
        "mysql://reader:wrong-s3cret@localhost/\(database.name)?socket=\(database.server.socket)"
      let error = connectorError { _ = try puller.pull() }
      #expect(error?.kind == .denied)
      #expect(error?.isRetryable == false)
      #expect("\(String(describing: error))".contains("wrong-s3cret") == false)
      puller.url =
        "mysql://reader:right-secret@localhost/\(database.name)?socket=\(database.server.socket)"
      #expect(try puller.pull().rows.isEmpty)
      let session = try database.source(url: puller.url).open(puller.stream)
      #expect(session.binding.text().contains("secret") == false)
      session.close()
    }

    @Test func `a server that is not there is unreachable`() throws {
      let database = try TestDatabase()
      let puller = Puller(database, "t")
      puller.url = "mysql://root@127.0.0.1:1/\(database.name)"
      let error = connectorError { _ = try puller.pull() }
      #expect(error?.kind == .unreachable)
      #expect(error?.isRetryable == true)
      let findings = try database.source(url: puller.url).check(puller.stream)
      #expect(findings.first?.isUnreachable == true)
    }

    @Test func `a missing database, table, column or cursor is said by name`() throws {
      let database = try TestDatabase()
      try database.run("CREATE TABLE orders (id INT, updated_at TIMESTAMP)")
      let missing = connectorError { _ = try database.readAll("ordres") }
      #expect(missing?.kind == .notFound)
      #expect(missing?.remedy == "Did you mean `orders`?")
      let column = connectorError {
        _ = try database.readAll("orders", ["columns": .list([.string("idd")])])
      }
      #expect(column?.kind == .notFound)
      #expect(column?.remedy == "Did you mean `id`?")
      let unknown = connectorError {
        _ = try database.readAll("orders", ["bookmark": cursor("updatd_at")])
      }
      #expect(unknown?.kind == .notFound)
      #expect(unknown?.remedy.contains("updated_at (timestamp)") == true)
      let puller = Puller(database, "orders")
      puller.url = database.server.url(database: "no_such_database")
      let database404 = connectorError { _ = try puller.pull() }
      #expect(database404?.kind == .notFound)
    }

    @Test(arguments: ["f", "tx", "d"]) func `a cursor of an unusable type names candidates`(
      _ column: String
    ) throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, f FLOAT, tx VARCHAR(20), d DECIMAL(10,2), at DATETIME(6))"
      )
      let error = connectorError {
        _ = try database.readAll("t", ["bookmark": cursor(column)])
      }
      #expect(error?.kind == .misconfigured)
      #expect(error?.remedy.contains("at (datetime(6))") == true)
      #expect(error?.remedy.contains("id (AUTO_INCREMENT") == true)
    }

    @Test func `a connection killed while rows are read is interrupted, and can be planned anew`()
      throws
    {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, x VARCHAR(1000))",
        "INSERT INTO t (x) SELECT REPEAT('x', 1000) FROM seq_1_to_60000")
      let source = try database.source()
      let session = try source.open(database.stream("t"))
      defer { session.close() }
      let request = PlanRequest(bookmark: nil, ledger: MemoryLedger(), knownSchema: nil)
      let plan = try session.plan(request)
      let reader = try session.read(plan.splits[0], ReadOptions(memoryBytes: 4 << 20))
      _ = try reader.next()
      let victim = try database.client.value(
        "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '%SELECT `id`%' AND ID <> CONNECTION_ID()"
      )
      try database.run("KILL \(victim ?? "0")")
      let error = connectorError { while try reader.next() != nil {} }
      #expect(error?.kind == .interrupted)
      #expect(error?.isRetryable == true)
      reader.close()
      let again = try session.plan(request)
      let second = try session.read(again.splits[0], ReadOptions())
      var rows = 0
      while let batch = try second.next() { rows += batch.batch.rowCount }
      #expect(rows == 60_000)
      _ = try second.finish()
    }

    @Test func `cancelling stops a read at once, even one that waits for the server`() throws {
      let database = try TestDatabase()
      try database.run("CREATE TABLE t (id INT)", "INSERT INTO t VALUES (1), (2)")
      let cancellation = Cancellation()
      let source = try database.source()
      let session = try source.open(
        database.stream("slow", ["query": .string("SELECT id, SLEEP(20) AS s FROM t")]))
      let plan = try session.plan(
        PlanRequest(bookmark: nil, ledger: MemoryLedger(), knownSchema: nil))
      let reader = try session.read(plan.splits[0], ReadOptions(cancellation: cancellation))
      let start = Date()
      WorkerThread("canceller") {
        Thread.sleep(forTimeInterval: 0.2)
        cancellation.cancel("the test said so")
      }
      let error = connectorError { while try reader.next() != nil {} }
      #expect(error?.kind == .cancelled)
      #expect(error?.message == "the test said so")
      #expect(Date().timeIntervalSince(start) < 10)
      session.close()
      session.close()
    }

    @Test func `an error in the middle of a result is told`() throws {
      let database = try TestDatabase()
      try database.run(
        "SET sql_mode = 'STRICT_ALL_TABLES'", "CREATE TABLE t (id INT)",
        "INSERT INTO t SELECT seq FROM seq_1_to_3000")
      let error = connectorError {
        _ = try database.readAll(
          "t",
          [
            "query": .string(
              "SELECT id, IF(id = 2900, (SELECT id FROM t WHERE id < 3), 0) AS x FROM t")
          ])
      }
      #expect(error?.message.contains("more than 1 row") == true)
    }

    @Test func `names with quotes, backticks and other alphabets`() throws {
      let database = try TestDatabase()
      let table = "o'r`d\"e\\rs — 注文"
      let quoted = "`" + table.replacingOccurrences(of: "`", with: "``") + "`"
      try database.run(
        """
        CREATE TABLE \(quoted) (`i``d` INT AUTO_INCREMENT PRIMARY KEY, `na'me "x" ü` VARCHAR(10),
          `select` INT COMMENT 'it''s')
        """, "INSERT INTO \(quoted) VALUES (1, 'a', 2)")
      let puller = Puller(database, table, ["bookmark": cursor("i`d")])
      let pull = try puller.pull()
      #expect(pull.rows == [["1", "a", "2"]])
      #expect(pull.schema?.names == ["i`d", "na'me \"x\" ü", "select"])
      #expect(pull.schema?["select"]?.comment == "it's")
      #expect(try puller.pull().rows.isEmpty)
    }

    @Test func `wildcards stand for the tables there are`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE audit_a (id INT)", "CREATE TABLE audit_b (id INT)",
        "CREATE TABLE other (id INT)",
        "CREATE VIEW audit_v AS SELECT 1 AS x")
      let streams = try database.source().streams(matching: database.stream("audit_*", key: ["id"]))
      #expect(streams.map(\.name) == ["shop.audit_a", "shop.audit_b"])
      #expect(streams.map(\.item) == ["audit_a", "audit_b"])
      #expect(streams[0].key == ["id"])
      let one = try database.source().streams(matching: database.stream("no_table"))
      #expect(one.map(\.item) == ["no_table"])
    }

    @Test func `a table of another schema, a view and a query`() throws {
      let database = try TestDatabase()
      let other = try TestDatabase()
      try other.run("CREATE TABLE `x.y` (id INT)", "INSERT INTO `x.y` VALUES (5)")
      let pull = try database.readAll("t", ["table": .string("\(other.name).`x.y`")])
      #expect(pull.first == ["5"])
      try database.run(
        "CREATE VIEW v AS SELECT id * 2 AS twice FROM `\(other.name)`.`x.y`")
      #expect(try database.readAll("v").first == ["10"])
      let query = try database.readAll(
        "q", ["query": .string("SELECT twice + 1 AS x, 'a' AS a FROM v;  \n")])
      #expect(query.rows == [["11", "a"]])
    }

    @Test func `check tells what it sees`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id BIGINT PRIMARY KEY, updated_at DATETIME(6) NULL) ENGINE=Aria")
      let source = try database.source()
      let findings = source.check(database.stream("t", ["bookmark": cursor("updated_at")]))
      let text = findings.map { "\($0.severity): \($0.message) \($0.remedy ?? "")" }
        .joined(separator: "\n")
      #expect(text.contains("Aria"))
      #expect(text.contains("CREATE INDEX `by_updated_at`"))
      #expect(text.contains("may be NULL"))
      #expect(text.contains("zone SYSTEM"))
      let serial = source.check(database.stream("t", ["bookmark": cursor("id")]))
      #expect(serial.contains { $0.severity == .error && $0.remedy?.contains("settle") == true })
      #expect(source.check(database.stream("nope")).first?.severity == .error)
    }
  }
}
