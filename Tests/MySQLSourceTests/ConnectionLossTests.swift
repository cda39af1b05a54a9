import Base
import Connector
import Foundation
import MariaDBServer
import Records
import Testing

@testable import MySQLSource

extension MySQLServerTests {
  /// What others do to a table, a statement or a connection while a stream is read.
  struct ConnectionLossTests {
    private let request = PlanRequest(bookmark: nil, ledger: MemoryLedger(), knownSchema: nil)

    private func readAll(_ session: any StreamSession) throws -> Int {
      let plan = try session.plan(request)
      let reader = try session.read(plan.splits[0], ReadOptions())
      defer { reader.close() }
      var rows = 0
      while let next = try reader.next() { rows += next.batch.rowCount }
      _ = try reader.finish()
      return rows
    }

    @Test(arguments: [
      "ALTER TABLE t ADD COLUMN y INT, ALGORITHM = COPY", "DROP TABLE t", "TRUNCATE TABLE t",
    ])
    func `a table changed between the snapshot and the first row`(_ change: String) throws {
      let database = try TestDatabase()
      try database.run("CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1), (2)")
      let session = try database.source().open(database.stream("t"))
      defer { session.close() }
      let plan = try session.plan(request)
      try database.run(change)
      let error = connectorError {
        let reader = try session.read(plan.splits[0], ReadOptions())
        defer { reader.close() }
        while try reader.next() != nil {}
      }
      #expect(error?.isRetryable == (change != "DROP TABLE t"), "\(error as Any)")
      if change == "DROP TABLE t" {
        #expect(error?.kind == .notFound)
      } else {
        #expect(error?.kind == .interrupted)
        #expect(error?.remedy.contains("changed") == true)
        // The next attempt opens the stream anew, and sees it as it is now.
        let again = try database.source().open(database.stream("t"))
        defer { again.close() }
        #expect(try readAll(again) == (change.hasPrefix("ALTER") ? 2 : 0))
      }
    }

    @Test func `a table that somebody has locked is not waited for for ever`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY)",
        "INSERT INTO t VALUES (1)")
      let other = try database.connect()
      let source = try database.source(["lock_timeout": .string("1s")])
      try other.run("LOCK TABLES t WRITE")
      let start = Date()
      let cursor = database.stream("t", ["bookmark": cursor("id")])
      let error = connectorError {
        let session = try source.open(cursor)
        defer { session.close() }
        _ = try session.plan(request)
      }
      #expect(Date().timeIntervalSince(start) < 10)
      #expect(error?.kind == .interrupted)
      #expect(error?.isRetryable == true)
      #expect(error?.remedy.contains("lock_timeout") == true, "\(error as Any)")
      try other.run("UNLOCK TABLES")
      let session = try source.open(database.stream("t"))
      defer { session.close() }
      let plan = try session.plan(request)
      try other.run("LOCK TABLES t WRITE")
      let later = connectorError {
        let reader = try session.read(plan.splits[0], ReadOptions())
        defer { reader.close() }
        while try reader.next() != nil {}
      }
      #expect(later?.remedy.contains("lock_timeout") == true, "\(later as Any)")
      try other.run("UNLOCK TABLES")
      #expect(try readAll(session) == 1)
    }

    @Test func `what the user may not read`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, secret INT)", "INSERT INTO t VALUES (1, 2)",
        "CREATE TABLE hidden (id INT)", "CREATE USER 'part'@'localhost'",
        "GRANT SELECT (id) ON `\(database.name)`.t TO 'part'@'localhost'",
        "CREATE SQL SECURITY INVOKER VIEW v AS SELECT * FROM t",
        "GRANT SELECT ON `\(database.name)`.v TO 'part'@'localhost'")
      defer { try? database.run("DROP USER 'part'@'localhost'") }
      let url = "mysql://part@localhost/\(database.name)?socket=\(database.server.socket)"
      let source = try database.source(url: url)
      // Columns that it may not read do not exist for it: the table is what it may see.
      let session = try source.open(database.stream("t"))
      #expect(try readAll(session) == 1)
      session.close()
      let named = connectorError {
        _ = try source.open(database.stream("t", ["columns": .list([.string("secret")])]))
      }
      #expect(named?.kind == .notFound)
      let view = connectorError {
        let session = try source.open(database.stream("v"))
        defer { session.close() }
        _ = try readAll(session)
      }
      #expect([.denied, .notFound].contains(view?.kind), "\(view as Any)")
      let query = connectorError {
        _ = try source.open(database.stream("q", ["query": .string("SELECT secret FROM t")]))
      }
      #expect(query?.kind == .denied)
      #expect(query?.remedy.contains("GRANT SELECT") == true, "\(query as Any)")
      let hidden = connectorError { _ = try source.open(database.stream("hidden")) }
      #expect(hidden?.kind == .notFound)
      #expect(hidden?.message.contains("may see") == true)
    }

    @Test(arguments: ["KILL", "KILL QUERY"]) func `somebody ends what the stream does`(
      _ how: String
    ) throws {
      let database = try TestDatabase()
      try database.run("CREATE TABLE t (id INT)", "INSERT INTO t VALUES (1), (2)")
      let session = try database.source().open(
        database.stream("slow", ["query": .string("SELECT id, SLEEP(10) AS s FROM t")]))
      defer { session.close() }
      let plan = try session.plan(request)
      let reader = try session.read(plan.splits[0], ReadOptions())
      var victim: String?
      for _ in 0..<100 where victim == nil {
        Thread.sleep(forTimeInterval: 0.05)
        victim = try database.client.value(
          """
          SELECT ID FROM information_schema.PROCESSLIST
          WHERE INFO LIKE '/* tidemark%SLEEP(10)%' AND STATE = 'User sleep'
          """)
      }
      try database.run("\(how) \(victim ?? "0")")
      let error = connectorError { while try reader.next() != nil {} }
      reader.close()
      #expect(error?.kind == .interrupted, "\(error as Any)")
      #expect(error?.isRetryable == true)
      #expect(error?.remedy.contains("KILL") == true, "\(error as Any)")
    }

    @Test func `a server without room for a temporary table`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT, x VARCHAR(500))",
        "INSERT INTO t SELECT seq, REPEAT(CHAR(97 + seq % 26), 400) FROM seq_1_to_20000",
        "SET GLOBAL tmp_disk_table_size = 1000000", "SET GLOBAL tmp_memory_table_size = 100000")
      defer {
        try? database.run(
          "SET GLOBAL tmp_disk_table_size = DEFAULT", "SET GLOBAL tmp_memory_table_size = DEFAULT")
      }
      let error = connectorError {
        _ = try database.readAll(
          "q", ["query": .string("SELECT DISTINCT CONCAT(x, id) AS y FROM t")])
      }
      #expect(error?.kind == .interrupted, "\(error as Any)")
      #expect(error?.remedy.contains("tmpdir") == true)
    }

    @Test func `rows beyond the server's max_allowed_packet`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT, x LONGTEXT)", "INSERT INTO t VALUES (1, REPEAT('x', 5000000))")
      let before = try database.client.value("SELECT @@global.max_allowed_packet") ?? ""
      try database.run("SET GLOBAL max_allowed_packet = 1048576")
      defer { try? database.run("SET GLOBAL max_allowed_packet = \(before)") }
      do {
        let pull = try database.readAll("t", read: ReadOptions(memoryBytes: 64 << 20))
        #expect(pull.rows.count == 1)
        #expect(pull.rows[0][1]?.utf8.count == 5_000_000)
      } catch let error as ConnectorError {
        #expect(error.remedy.contains("max_allowed_packet"), "\(error)")
      }
    }
  }
}
