import Base
import Connector
import Foundation
import MariaDBServer
import MySQLSource
import Records
import Testing

extension MySQLServerTests {
  struct TimeWindowTests {
    private static let table = """
      CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, x VARCHAR(20),
        updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
          ON UPDATE CURRENT_TIMESTAMP(6), KEY (updated_at))
      """
    private static let atOnce = cursor("updated_at", ["settle": .string("0s")])

    @Test func `each row comes once, changed rows come again`() throws {
      let database = try TestDatabase()
      try database.run(Self.table, "INSERT INTO t (x) VALUES ('a'), ('b')")
      let puller = Puller(database, "t", ["bookmark": Self.atOnce])
      #expect(try puller.pull().first == ["1", "2"])
      #expect(try puller.pull().rows.isEmpty)
      try database.run("INSERT INTO t (x) VALUES ('c')", "UPDATE t SET x = 'A' WHERE id = 1")
      let second = try puller.pull()
      #expect(
        Set(second.rows.map { [$0[0], $0[1]] }) == [["1", "A"], ["3", "c"]])
      #expect(second.plan.window.from != nil)
      #expect(second.plan.window.predicate.contains("`updated_at` >= '"))
      #expect(second.plan.window.predicate.contains("`updated_at` < '"))
      #expect(try puller.pull().rows.isEmpty)
      #expect(puller.bookmark?.kind == .time)
    }

    @Test func `the last two seconds wait unless told otherwise`() throws {
      let database = try TestDatabase()
      try database.run(
        Self.table, "INSERT INTO t (x, updated_at) VALUES ('old', NOW(6) - INTERVAL 5 SECOND)",
        "INSERT INTO t (x) VALUES ('new')")
      let puller = Puller(database, "t", ["bookmark": cursor("updated_at")])
      #expect(try puller.pull().rows.map { $0[1] } == ["old"])
      Thread.sleep(forTimeInterval: 2.1)
      #expect(try puller.pull().rows.map { $0[1] } == ["new"])
    }

    @Test func `equal times at the boundary are all in or all out`() throws {
      let database = try TestDatabase()
      try database.run(
        """
        CREATE TABLE t (id INT PRIMARY KEY, at DATETIME NOT NULL, KEY (at))
        """)
      let puller = Puller(database, "t", ["bookmark": cursor("at", ["settle": .string("0s")])])
      var seen: [String] = []
      let deadline = Date().addingTimeInterval(2.5)
      var id = 0
      while Date() < deadline {
        // Many rows of one second, with runs in between.
        try database.run(
          "INSERT INTO t VALUES (\(id), NOW()), (\(id + 1), NOW()), (\(id + 2), NOW())")
        id += 3
        seen += try puller.pull().first.compactMap { $0 }
      }
      Thread.sleep(forTimeInterval: 1.1)
      seen += try puller.pull().first.compactMap { $0 }
      #expect(seen.compactMap { Int($0) }.sorted() == Array(0..<id))
    }

    @Test func `an open transaction holds the mark, and its rows come when it has committed`()
      throws
    {
      let database = try TestDatabase()
      try database.run(Self.table, "INSERT INTO t (x) VALUES ('first')")
      let slow = try database.connect()
      try slow.run("BEGIN", "INSERT INTO t (x) VALUES ('slow')")
      Thread.sleep(forTimeInterval: 1.2)
      try database.run("INSERT INTO t (x) VALUES ('fast')")
      let puller = Puller(database, "t", ["bookmark": Self.atOnce])
      let pull = try puller.pull()
      #expect(pull.rows.map { $0[1] }.contains("fast") == false)
      #expect(pull.plan.window.reason.contains("transaction of connection \(slow.id)"))
      try slow.run("COMMIT")
      let rest = pull.rows + (try puller.pull().rows)
      #expect(rest.map { $0[1] }.sorted { $0! < $1! } == ["fast", "first", "slow"])
    }

    @Test func `an update that waits for a lock holds the mark with the time of its start`() throws
    {
      let database = try TestDatabase()
      try database.run(
        Self.table, "INSERT INTO t (x, updated_at) VALUES ('a', '2020-01-01'), ('b', '2020-01-01')")
      let puller = Puller(database, "t", ["bookmark": Self.atOnce])
      #expect(try puller.pull().rows.count == 2)
      let holder = try database.connect()
      let waiter = try database.connect()
      try holder.run("BEGIN", "SELECT * FROM t WHERE id = 1 FOR UPDATE")
      try waiter.send("UPDATE t SET x = 'late' WHERE id = 1")
      Thread.sleep(forTimeInterval: 1.3)
      #expect(try puller.pull().rows.isEmpty)
      try holder.run("ROLLBACK")
      try waiter.wait()
      #expect(try puller.pull().rows.map { $0[1] } == ["late"])
    }

    @Test func `a statement that waits for a metadata lock is in no transaction yet`() throws {
      let database = try TestDatabase()
      try database.run(Self.table, "INSERT INTO t (x, updated_at) VALUES ('a', '2020-01-01')")
      let puller = Puller(database, "t", ["bookmark": Self.atOnce])
      #expect(try puller.pull().rows.count == 1)
      let holder = try database.connect()
      let waiter = try database.connect()
      try holder.run("LOCK TABLES t READ")
      try waiter.send("INSERT INTO t (x) VALUES ('late')")
      Thread.sleep(forTimeInterval: 0.5)
      let held = try puller.pull()
      #expect(held.rows.isEmpty)
      #expect(held.plan.window.reason.contains("connection \(waiter.id)"))
      try holder.run("UNLOCK TABLES")
      try waiter.wait()
      #expect(try puller.pull().rows.map { $0[1] } == ["late"])
    }

    @Test func `a row that waited before its transaction began holds the mark`() throws {
      let database = try TestDatabase()
      try database.run(Self.table, "INSERT INTO t (x, updated_at) VALUES ('a', '2020-01-01')")
      let puller = Puller(database, "t", ["bookmark": Self.atOnce])
      #expect(try puller.pull().rows.count == 1)
      let holder = try database.connect()
      let waiter = try database.connect()
      try holder.run("LOCK TABLES t READ")
      try waiter.run("BEGIN")
      try waiter.send("INSERT INTO t (x) VALUES ('late'), ('late2')")
      Thread.sleep(forTimeInterval: 0.1)
      let soon = try database.client.value("SELECT NOW(6)") ?? ""
      Thread.sleep(forTimeInterval: 2.5)
      try holder.run("UNLOCK TABLES")
      try waiter.wait()
      // Now its transaction looks two seconds younger than its rows. Another one has just changed
      // a row of the window, which must hold nothing.
      try database.run(
        "INSERT INTO t (id, x) VALUES (100, 'other')",
        "INSERT INTO t (id, x, updated_at) VALUES (101, 'between', '\(soon)')")
      let other = try database.connect()
      Thread.sleep(forTimeInterval: 2.2)
      try other.run("BEGIN", "UPDATE t SET x = 'changed' WHERE id = 100")
      let held = try puller.pull()
      #expect(held.rows.isEmpty)
      #expect(held.plan.window.reason.contains("not committed"))
      try waiter.run("COMMIT")
      try other.run("ROLLBACK")
      #expect(
        try puller.pull().rows.map { $0[1] }.sorted { $0! < $1! }
          == ["between", "late", "late2", "other"])
    }

    @Test func `a read-only server is taken for a replica`() throws {
      let database = try TestDatabase()
      try database.run(Self.table, "INSERT INTO t (x) VALUES ('new')", "SET GLOBAL read_only = ON")
      defer { try? database.run("SET GLOBAL read_only = OFF") }
      let puller = Puller(database, "t", ["bookmark": cursor("updated_at")])
      let pull = try puller.pull()
      #expect(pull.rows.isEmpty)
      #expect(pull.plan.window.reason.contains("read-only"))
      #expect(pull.plan.warnings.contains { $0.contains("writers cannot be seen") })
    }

    @Test func `idle readers hold nothing back`() throws {
      let database = try TestDatabase()
      try database.run(Self.table, "INSERT INTO t (x) VALUES ('a')")
      let reader = try database.connect()
      try reader.run(
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "BEGIN", "SELECT * FROM t")
      Thread.sleep(forTimeInterval: 1.2)
      try database.run("INSERT INTO t (x) VALUES ('b')")
      let puller = Puller(database, "t", ["bookmark": Self.atOnce])
      #expect(try puller.pull().rows.count == 2)
    }

    @Test func `a prepared XA transaction holds the mark`() throws {
      let database = try TestDatabase()
      try database.run(Self.table)
      var client: MariaDBClient? = try database.connect()
      let xid = "'\(database.name)'"
      try client?.run(
        "XA START \(xid)", "INSERT INTO t (x) VALUES ('xa')", "XA END \(xid)",
        "XA PREPARE \(xid)")
      client = nil
      Thread.sleep(forTimeInterval: 1.2)
      try database.run("INSERT INTO t (x) VALUES ('other')")
      let puller = Puller(database, "t", ["bookmark": Self.atOnce])
      let held = try puller.pull()
      #expect(held.rows.isEmpty)
      #expect(held.plan.window.reason.contains("prepared XA"))
      try database.run("XA COMMIT \(xid)")
      #expect(try puller.pull().rows.count == 2)
    }

    @Test func `without the privilege to see writers, settling stands in`() throws {
      let database = try TestDatabase()
      try database.run(
        Self.table,
        """
        INSERT INTO t (x, updated_at) VALUES ('old', NOW(6) - INTERVAL 400 SECOND),
          ('new', NOW(6) - INTERVAL 200 SECOND)
        """, "CREATE USER 'plain'@'localhost'",
        "GRANT SELECT ON `\(database.name)`.* TO 'plain'@'localhost'")
      defer { try? database.run("DROP USER 'plain'@'localhost'") }
      let puller = Puller(database, "t", ["bookmark": cursor("updated_at")])
      puller.url = database.server.url(database: database.name)
        .replacingOccurrences(of: "root@", with: "plain@")
      let pull = try puller.pull()
      #expect(pull.rows.map { $0[1] } == ["old"])
      #expect(pull.plan.warnings.contains { $0.contains("PROCESS") })
      let findings = try database.source(url: puller.url).check(puller.stream)
      #expect(findings.contains { $0.remedy?.contains("GRANT PROCESS") == true })
      let short = Puller(
        database, "t", ["bookmark": cursor("updated_at", ["settle": .string("1m")])])
      short.url = puller.url
      #expect(try short.pull().rows.count == 2)
    }

    @Test func `a mark in the server's future is refused`() throws {
      let database = try TestDatabase()
      try database.run(Self.table, "INSERT INTO t (x) VALUES ('a')")
      let puller = Puller(database, "t", ["bookmark": Self.atOnce])
      let session = try database.source().open(puller.stream)
      puller.bookmark = try session.bookmark(from: "2035-01-01T00:00:00Z")
      session.close()
      let error = connectorError { _ = try puller.pull() }
      #expect(error?.kind == .refused)
      #expect(error?.message.contains("backwards") == true)
    }

    @Test func `a mark set by hand is where the next run begins`() throws {
      let database = try TestDatabase()
      try database.run(
        Self.table,
        "INSERT INTO t (x, updated_at) VALUES ('a', '2026-01-01 10:00:00'), ('b', '2026-01-01 11:00:00')"
      )
      let puller = Puller(database, "t", ["bookmark": Self.atOnce])
      let session = try database.source().open(puller.stream)
      defer { session.close() }
      puller.bookmark = try session.bookmark(from: "2026-01-01T12:00:00+01:00")
      #expect(puller.bookmark?.mark == "2026-01-01T11:00:00Z")
      #expect(try puller.pull().rows.map { $0[1] } == ["b"])
      let error = connectorError { _ = try session.bookmark(from: "yesterday") }
      #expect(error?.kind == .misconfigured)
    }

    @Test func `tuples go by their time, and a tuple set by hand is compared as one`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (at DATETIME NOT NULL, n INT NOT NULL, x CHAR, PRIMARY KEY (at, n))",
        """
        INSERT INTO t VALUES ('2026-01-01', 1, 'a'), ('2026-01-01', 2, 'b'), ('2026-01-01', 3, 'c'),
          ('2026-01-02', 1, 'd')
        """)
      let by = ConfigValue.map([
        "by": .list([.string("at"), .string("n")]), "zone": .string("+00:00"),
      ])
      let puller = Puller(database, "t", ["bookmark": by])
      let session = try database.source().open(puller.stream)
      defer { session.close() }
      puller.bookmark = try session.bookmark(from: "2026-01-01, 2")
      #expect(puller.bookmark?.kind == .tuple)
      let pull = try puller.pull()
      #expect(pull.rows.map { $0[2] } == ["c", "d"])
      #expect(
        pull.plan.window.predicate.contains(
          "`at` > '2026-01-01 00:00:00' OR (`at` = "
            + "'2026-01-01 00:00:00' AND (`n` > 2))")
          || pull.plan.window.predicate.contains("`n` > 2"))
      #expect(try puller.pull().rows.isEmpty)
      #expect(try Puller(database, "t", ["bookmark": by]).pull().rows.count == 4)
    }

    @Test func `NULL cursors need a policy`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, at DATETIME(6) NULL, KEY (at))",
        "INSERT INTO t VALUES (1, '2026-01-01'), (2, NULL), (3, NULL)")
      let error = connectorError { _ = try database.readAll("t", ["bookmark": cursor("at")]) }
      #expect(error?.kind == .misconfigured)
      #expect(error?.remedy.contains("nulls: skip") == true)
      let skip = Puller(database, "t", ["bookmark": cursor("at", ["nulls": .string("skip")])])
      #expect(try skip.pull().first == ["1"])
      let include = Puller(
        database, "t",
        ["bookmark": cursor("at", ["nulls": .string("include"), "settle": .string("0s")])])
      #expect(try include.pull().rows.count == 3)
      #expect(try include.pull().rows.isEmpty)
      try database.run("INSERT INTO t VALUES (4, NULL)", "UPDATE t SET at = NOW(6) WHERE id = 2")
      let pull = try include.pull()
      #expect(pull.first.compactMap { $0 }.sorted() == ["2", "4"])
      #expect(pull.advance?.counts["duplicates"] == 1)
      #expect(try include.pull().rows.isEmpty)
    }

    @Test func `an expression can be the cursor`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, c TIMESTAMP NOT NULL, u TIMESTAMP NULL)",
        "INSERT INTO t VALUES (1, '2026-01-01', NULL), (2, '2026-01-01', '2026-02-01')")
      let by = cursor("coalesce(u, c)", ["zone": .string("+00:00"), "nulls": .string("skip")])
      let puller = Puller(database, "t", ["bookmark": by])
      let first = try puller.pull()
      #expect(first.rows.count == 2)
      #expect(first.schema?.names == ["id", "c", "u"])
      #expect(try puller.pull().rows.isEmpty)
    }

    @Test func `lookback takes what clocks of applications wrote late, each row once`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT, at DATETIME NOT NULL, x VARCHAR(10), KEY (at))",
        "INSERT INTO t VALUES (1, NOW() - INTERVAL 300 SECOND, 'a'), (2, NOW() - INTERVAL 60 SECOND, 'b')",
        "INSERT INTO t VALUES (2, NOW() - INTERVAL 60 SECOND, 'b')")
      let by = cursor("at", ["lookback": .string("2m"), "settle": .string("0s")])
      let puller = Puller(database, "t", ["bookmark": by], key: ["id"])
      #expect(try puller.pull().first == ["1", "2", "2"])
      Thread.sleep(forTimeInterval: 1.1)
      // Late by its clock; changed without its clock; an equal row more; one too old to be seen.
      try database.run(
        "INSERT INTO t VALUES (3, NOW() - INTERVAL 90 SECOND, 'late')",
        "INSERT INTO t SELECT * FROM t WHERE id = 2 LIMIT 1",
        "INSERT INTO t VALUES (4, NOW() - INTERVAL 200 SECOND, 'lost')",
        "INSERT INTO t VALUES (5, NOW(), 'new')")
      Thread.sleep(forTimeInterval: 1.1)
      let second = try puller.pull()
      #expect(second.rows.map { $0[2] }.sorted { $0! < $1! } == ["b", "late", "new"])
      #expect(second.advance?.counts["duplicates"] == 2)
      // An added column doubles nothing.
      try database.run(
        "ALTER TABLE t ADD COLUMN more INT NULL, MODIFY id BIGINT",
        "UPDATE t SET x = 'B' WHERE x = 'late'")
      Thread.sleep(forTimeInterval: 1.1)
      try database.run("INSERT INTO t VALUES (6, NOW(), 'newer', 1)")
      Thread.sleep(forTimeInterval: 1.1)
      let third = try puller.pull()
      #expect(third.rows.map { $0[0] }.sorted { $0! < $1! } == ["3", "6"])
    }

    @Test func `many writers at once, some slow, some that give up`() throws {
      let database = try TestDatabase()
      try database.run(Self.table)
      let puller = Puller(database, "t", ["bookmark": Self.atOnce])
      let done = DispatchGroup()
      for _ in 0..<4 {
        let client = try database.connect()
        done.enter()
        WorkerThread("writer") {
          var random = SystemRandomNumberGenerator()
          for _ in 0..<50 {
            _ = try? client.rows("BEGIN")
            for _ in 0..<Int.random(in: 1...3, using: &random) {
              _ = try? client.rows("INSERT INTO t (x) VALUES ('w')")
            }
            Thread.sleep(forTimeInterval: Double.random(in: 0...0.08, using: &random))
            _ = try? client.rows(Int.random(in: 0..<4, using: &random) == 0 ? "ROLLBACK" : "COMMIT")
          }
          done.leave()
        }
      }
      var seen: [Int] = []
      while done.wait(timeout: .now() + 0.02) == .timedOut {
        seen += try puller.pull().first.compactMap { $0.flatMap { Int($0) } }
      }
      seen += try puller.pull().first.compactMap { $0.flatMap { Int($0) } }
      let all = try database.client.rows("SELECT id FROM t ORDER BY id").compactMap {
        $0[0].flatMap { Int($0) }
      }
      #expect(all.count > 100)
      #expect(seen.sorted() == all)
    }

    @Test func `nothing new costs milliseconds`() throws {
      let database = try TestDatabase()
      try database.run(Self.table, "INSERT INTO t (x) SELECT 'a' FROM seq_1_to_20000")
      let puller = Puller(database, "t", ["bookmark": Self.atOnce])
      _ = try puller.pull()
      Thread.sleep(forTimeInterval: 0.3)
      let start = Date()
      #expect(try puller.pull().rows.isEmpty)
      // A few, but the machine may be busy.
      #expect(Date().timeIntervalSince(start) < 0.1)
    }
  }
}
