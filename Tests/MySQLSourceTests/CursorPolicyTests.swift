import Base
import Connector
import Foundation
import MariaDBServer
import Testing

@testable import MySQLSource

extension MySQLServerTests {
  /// Cursors of several columns, expressions, and rows that lack a part of them.
  struct CursorPolicyTests {
    private func by(
      _ columns: [String], _ more: KeyValuePairs<String, ConfigValue> = [:]
    ) -> ConfigValue {
      var entries = [
        ConfigValue.Entry(key: "by", value: .list(columns.map { .string($0) })),
        ConfigValue.Entry(key: "settle", value: .string("0s")),
      ]
      entries += more.map { ConfigValue.Entry(key: $0.key, value: $0.value) }
      return ConfigValue(.map(entries))
    }

    /// How the server would read a condition.
    private func access(
      _ database: TestDatabase, _ condition: String, _ table: String = "t"
    ) throws -> (type: String?, key: String?, rows: Int) {
      let row = try #require(
        try database.client.rows("EXPLAIN SELECT * FROM \(table) WHERE \(condition)").first)
      return (row[3], row[5], row[8].flatMap { Int($0) } ?? .max)
    }

    private func numbers() throws -> TestDatabase {
      let database = try TestDatabase()
      try database.run(
        """
        CREATE TABLE t (day DATE NOT NULL, a INT NOT NULL, b INT NOT NULL, x VARCHAR(100),
          at TIMESTAMP(6) NOT NULL DEFAULT NOW(6), PRIMARY KEY (a, b), KEY (at, a), KEY (day, b))
        """,
        """
        INSERT INTO t SELECT CURDATE() - INTERVAL (20000 - seq) DIV 10 DAY, seq DIV 10, seq % 10,
          REPEAT('x', 90), NOW(6) - INTERVAL (30000 - seq) MINUTE FROM seq_1_to_20000
        """, "ANALYZE TABLE t")
      return database
    }

    @Test func `tuples of numbers are compared through their index`() throws {
      let database = try numbers()
      let puller = Puller(database, "t", ["bookmark": by(["a", "b"])])
      #expect(try puller.pull().rows.count == 20000)
      #expect(puller.bookmark?.kind == .tuple)
      #expect(puller.bookmark?.mark == "2000, 0")
      _ = try puller.pull()
      try database.run(
        "INSERT INTO t (day, a, b) VALUES (CURDATE(), 2000, 5), (CURDATE(), 2001, 0)")
      let third = try puller.pull()
      #expect(third.rows.map { [$0[1], $0[2]] } == [["2000", "5"], ["2001", "0"]])
      let read = try access(database, third.plan.window.predicate)
      #expect(read.type == "range")
      #expect(read.key == "PRIMARY")
      #expect(read.rows < 50)
      #expect(try puller.pull().rows.isEmpty)
    }

    @Test func `tuples that begin with a time are compared through their index`() throws {
      let database = try numbers()
      let puller = Puller(database, "t", ["bookmark": by(["at", "a"])])
      #expect(try puller.pull().rows.count == 20000)
      try database.run("INSERT INTO t (day, a, b) VALUES (CURDATE(), 3000, 1)")
      Thread.sleep(forTimeInterval: 0.01)
      let second = try puller.pull()
      #expect(second.rows.map { $0[1] } == ["3000"])
      let read = try access(database, second.plan.window.predicate)
      #expect(read.type == "range")
      #expect(read.key == "at")
      #expect(read.rows < 50)
    }

    @Test func `a mark that a person sets for a tuple is passed exactly`() throws {
      let database = try numbers()
      let puller = Puller(database, "t", ["bookmark": by(["day", "b"])])
      let source = try database.source()
      let session = try source.open(puller.stream)
      defer { session.close() }
      let day = try #require(try database.client.value("SELECT CURDATE() - INTERVAL 2 DAY"))
      puller.bookmark = try session.bookmark(from: "\(day), 4")
      let pull = try puller.pull()
      let expected = try database.client.value(
        """
        SELECT COUNT(*) FROM t WHERE day < CURDATE() AND
          (day > '\(day)' OR (day = '\(day)' AND b > 4))
        """)
      #expect("\(pull.rows.count)" == expected)
      let read = try access(database, pull.plan.window.predicate)
      #expect(read.type == "range")
      #expect(read.key == "day")
      #expect(read.rows < 100)
    }

    @Test func `an expression that takes the later of two columns`() throws {
      let database = try TestDatabase()
      try database.run(
        """
        CREATE TABLE t (id INT PRIMARY KEY, created_at TIMESTAMP(6) NOT NULL DEFAULT NOW(6),
          updated_at TIMESTAMP(6) NULL)
        """, "INSERT INTO t (id) VALUES (1), (2)")
      let puller = Puller(
        database, "t",
        [
          "bookmark": cursor(
            "coalesce(updated_at, created_at)",
            ["settle": .string("0s"), "zone": .string("+00:00")])
        ])
      #expect(try puller.pull().first == ["1", "2"])
      try database.run("UPDATE t SET updated_at = NOW(6) WHERE id = 1")
      #expect(try puller.pull().first == ["1"])
      #expect(try puller.pull().rows.isEmpty)
    }

    @Test func `rows without a number: an error, left out, or taken once`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, n INT NULL, m INT NULL, KEY (n, m))",
        "INSERT INTO t VALUES (1, 1, 1), (2, NULL, 1), (3, 1, NULL)")
      func puller(_ columns: [String], _ nulls: String?) -> Puller {
        Puller(
          database, "t",
          ["bookmark": by(columns, nulls.map { ["nulls": .string($0)] } ?? [:])])
      }
      for columns in [["n"], ["n", "m"]] {
        #expect(
          connectorError { _ = try puller(columns, nil).pull() }?.message.contains("is NULL")
            == true)
      }
      let skip = puller(["n", "m"], "skip")
      let include = puller(["n", "m"], "include")
      #expect(try skip.pull().first == ["1"])
      #expect(try Set(include.pull().first) == ["1", "2", "3"])
      _ = try (skip.pull(), include.pull())
      try database.run("INSERT INTO t VALUES (4, NULL, NULL), (5, 2, 2)")
      #expect(try skip.pull().first == ["5"])
      #expect(try Set(include.pull().first) == ["4", "5"])
      // A row that gets its cursor later has changed, and comes as it is then.
      try database.run("UPDATE t SET n = 3, m = 3 WHERE id = 4")
      #expect(try skip.pull().first == ["4"])
      #expect(try include.pull().first == ["4"])
      #expect(try include.pull().rows.isEmpty)
      // One that loses it is an error where that is the policy, at any run.
      try database.run("DELETE FROM t WHERE n IS NULL OR m IS NULL")
      let strict = puller(["n", "m"], "error")
      #expect(try strict.pull().rows.count == 3)
      _ = try strict.pull()
      try database.run("INSERT INTO t VALUES (6, 0, NULL)")
      #expect(connectorError { _ = try strict.pull() }?.kind == .misconfigured)
    }

    @Test func `a table that has only rows without a cursor is read, and goes on`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, n INT NULL)", "INSERT INTO t VALUES (1, NULL)")
      let puller = Puller(database, "t", ["bookmark": by(["n"], ["nulls": .string("include")])])
      #expect(try puller.pull().first == ["1"])
      #expect(try puller.pull().rows.isEmpty)
      try database.run("INSERT INTO t VALUES (2, 5), (3, NULL)")
      #expect(try Set(puller.pull().first) == ["2", "3"])
      #expect(try puller.pull().rows.isEmpty)
    }

    @Test func `a column behind the time may be NULL, and its rows are told apart`() throws {
      let database = try TestDatabase()
      try database.run(
        """
        CREATE TABLE t (id INT PRIMARY KEY, region INT NULL,
          at TIMESTAMP(6) NOT NULL DEFAULT NOW(6))
        """, "INSERT INTO t (id, region) VALUES (1, 1), (2, NULL)")
      let puller = Puller(
        database, "t", ["bookmark": by(["at", "region"], ["lookback": .string("1h")])])
      #expect(try puller.pull().rows.count == 2)
      #expect(try puller.pull().rows.isEmpty)
      try database.run("INSERT INTO t (id) VALUES (3)")
      #expect(try puller.pull().first == ["3"])
      #expect(try puller.pull().rows.isEmpty)
    }

    @Test func `times that may be NULL are still read through their index`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, x CHAR(90), at TIMESTAMP(6) NULL, KEY (at))",
        """
        INSERT INTO t SELECT seq, '', NOW(6) - INTERVAL (30000 - seq) MINUTE
        FROM seq_1_to_20000
        """, "ANALYZE TABLE t")
      for policy in ["error", "skip", "include"] {
        let puller = Puller(database, "t", ["bookmark": by(["at"], ["nulls": .string(policy)])])
        #expect(try puller.pull().rows.count == 20000)
        let predicate = try puller.pull().plan.window.predicate
        let read = try access(database, predicate)
        #expect(read.type == "range" || read.type == "ref_or_null", "\(policy): \(predicate)")
        #expect(read.rows < 50, "\(policy)")
      }
    }
  }
}
