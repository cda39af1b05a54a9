import Base
import Connector
import Foundation
import MariaDBServer
import MySQLSource
import Records
import Testing

extension MySQLServerTests {
  struct SerialWindowTests {
    private static let byID = ["bookmark": cursor("id")] as KeyValuePairs

    private func database(_ rows: Int) throws -> TestDatabase {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, x VARCHAR(20))")
      if rows > 0 { try database.run("INSERT INTO t (x) SELECT 'a' FROM seq_1_to_\(rows)") }
      return database
    }

    @Test func `each row comes once`() throws {
      let database = try database(3)
      let puller = Puller(database, "t", Self.byID)
      #expect(try puller.pull().first == ["1", "2", "3"])
      let idle = try puller.pull()
      #expect(idle.plan.splits.isEmpty)
      try database.run("DELETE FROM t", "INSERT INTO t (x) VALUES ('b'), ('c')")
      let second = try puller.pull()
      #expect(second.rows.count == 2)
      #expect(try puller.pull().rows.isEmpty)
      #expect(puller.bookmark?.kind == .integer)
      #expect(puller.bookmark?.mark == second.rows.last?[0])
    }

    @Test func `a number that is committed late is not lost`() throws {
      let database = try database(2)
      let slow = try database.connect()
      try slow.run("BEGIN", "INSERT INTO t (x) VALUES ('slow'), ('slow2')")
      try database.run("INSERT INTO t (x) VALUES ('fast')")
      let puller = Puller(database, "t", Self.byID)
      let first = try puller.pull()
      #expect(first.rows.map { $0[1] } == ["a", "a", "fast"])
      #expect(puller.bookmark?.state["gaps"]?.array?.isEmpty == false)
      #expect(try puller.pull().rows.isEmpty)
      try slow.run("COMMIT")
      let second = try puller.pull()
      #expect(second.rows.map { $0[1] } == ["slow", "slow2"])
      #expect(second.advance?.counts["late"] == 2)
      #expect(puller.bookmark?.state["gaps"] == nil)
      #expect(try puller.pull().plan.splits.isEmpty)
    }

    @Test func `gaps of rollbacks are dropped once nobody can fill them`() throws {
      let database = try database(2)
      let slow = try database.connect()
      try slow.run("BEGIN", "INSERT INTO t (x) VALUES ('gone')")
      try database.run("INSERT INTO t (x) VALUES ('stays')")
      let puller = Puller(database, "t", Self.byID)
      _ = try puller.pull()
      #expect(puller.bookmark?.state["gaps"]?.array?.count == 1)
      try slow.run("ROLLBACK")
      try database.run("INSERT INTO t (x) VALUES ('next')")
      #expect(try puller.pull().rows.map { $0[1] } == ["next"])
      #expect(puller.bookmark?.state["gaps"] == nil)
    }

    @Test func `the same connection's next transaction does not pass for the one before`() throws {
      let database = try database(1)
      let slow = try database.connect()
      try slow.run("BEGIN", "INSERT INTO t (x) VALUES ('one')")
      try database.run("INSERT INTO t (x) VALUES ('two')")
      let puller = Puller(database, "t", Self.byID)
      _ = try puller.pull()
      try slow.run("COMMIT")
      Thread.sleep(forTimeInterval: 3.2)
      try slow.run("BEGIN", "INSERT INTO t (x) VALUES ('three')")
      try database.run("INSERT INTO t (x) VALUES ('four')")
      #expect(try puller.pull().rows.map { $0[1] } == ["one", "four"])
      try slow.run("COMMIT")
      #expect(try puller.pull().rows.map { $0[1] } == ["three"])
    }

    @Test func `steps of ten, with a long transaction and rollbacks all the while`() throws {
      let database = try database(0)
      try database.run(
        "SET auto_increment_increment = 10, auto_increment_offset = 3",
        "INSERT INTO t (x) SELECT 'a' FROM seq_1_to_50")
      let slow = try database.connect()
      try slow.run(
        "SET auto_increment_increment = 10, auto_increment_offset = 3", "BEGIN",
        "INSERT INTO t (x) VALUES ('slow')")
      let puller = Puller(database, "t", Self.byID)
      var seen = try puller.pull().rows
      for _ in 0..<3 {
        // 700 rows a run, each behind a gap of nine: more gaps than a bookmark holds.
        try database.run(
          "INSERT INTO t (x) SELECT 'b' FROM seq_1_to_700", "BEGIN",
          "INSERT INTO t (x) VALUES ('undone')", "ROLLBACK")
        seen += try puller.pull().rows
      }
      #expect(puller.bookmark?.state["folded"]?.boolean == true)
      #expect(try puller.ledger.entries().isEmpty == false)
      #expect(try puller.pull().rows.isEmpty)
      try slow.run("COMMIT")
      let late = try puller.pull()
      #expect(late.rows.map { $0[1] } == ["slow"])
      seen += late.rows
      let all = try database.client.rows("SELECT id FROM t ORDER BY id")
      #expect(
        seen.compactMap { $0[0].flatMap { Int($0) } }.sorted()
          == all.compactMap { $0[0].flatMap { Int($0) } })
      #expect(puller.bookmark?.state["gaps"] == nil)
      #expect(try puller.ledger.entries().isEmpty)
    }

    @Test func `many writers at once, some slow, some that give up`() async throws {
      let database = try database(0)
      let puller = Puller(database, "t", Self.byID)
      let threads = 4
      let done = DispatchGroup()
      for thread in 0..<threads {
        let client = try database.connect()
        done.enter()
        WorkerThread("writer") {
          var random = SystemRandomNumberGenerator()
          for _ in 0..<60 {
            _ = try? client.rows("BEGIN")
            for _ in 0..<Int.random(in: 1...3, using: &random) {
              _ = try? client.rows("INSERT INTO t (x) VALUES ('w\(thread)')")
            }
            Thread.sleep(forTimeInterval: Double.random(in: 0...0.03, using: &random))
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

    /// Tables of numbers, with a source whose streams share looks.
    private struct Shared {
      let database: TestDatabase
      let source: any Source

      init(_ tables: [String]) throws {
        database = try TestDatabase()
        for name in tables {
          try database.run(
            "CREATE TABLE \(name) (id BIGINT AUTO_INCREMENT PRIMARY KEY, v INT)",
            "INSERT INTO \(name) (v) VALUES (0)")
        }
        source = try database.source()
      }

      /// Plans only.
      func plan(_ name: String) throws {
        let session = try source.open(database.stream(name, SerialWindowTests.byID))
        _ = try session.plan(
          PlanRequest(bookmark: nil, ledger: MemoryLedger(), knownSchema: nil))
        session.close()
      }

      /// Plans and reads: how many rows, and the bookmark then.
      func read(_ name: String, from bookmark: Bookmark?) throws -> (Int, Bookmark?) {
        let session = try source.open(database.stream(name, SerialWindowTests.byID))
        defer { session.close() }
        let plan = try session.plan(
          PlanRequest(bookmark: bookmark, ledger: MemoryLedger(), knownSchema: nil))
        guard let split = plan.splits.first else { return (0, bookmark) }
        let reader = try session.read(split, ReadOptions())
        var rows = 0
        while let next = try reader.next() { rows += next.batch.rowCount }
        return (rows, try reader.finish().bookmark)
      }
    }

    @Test func `streams share a look, and lose nothing by it`() throws {
      let names = (0..<20).map { "t\($0)" }
      let shared = try Shared(["a", "b", "c"] + names)
      let database = shared.database
      let before = try database.connect()
      try before.run("BEGIN", "INSERT INTO c (v) VALUES (1)")
      try database.run("INSERT INTO c (v) VALUES (2)")
      // The second of the streams makes the look that is shared.
      for name in ["a", "b"] { try shared.plan(name) }
      let after = try database.connect()
      try after.run("BEGIN", "INSERT INTO c (v) VALUES (3)")
      try database.run("INSERT INTO c (v) VALUES (4)")
      let puller = Puller(database, "c", Self.byID)
      let (rows, bookmark) = try shared.read("c", from: nil)
      puller.bookmark = bookmark
      #expect(rows == 3)
      try before.run("COMMIT")
      try after.run("COMMIT")
      #expect(try puller.pull().first == ["2", "4"])
      #expect(try puller.pull().first == [])
      // Alone, each would wait until the server's list is fresh again.
      let start = ContinuousClock.now
      for name in names { try shared.plan(name) }
      #expect(start.duration(to: .now) < .seconds(1.8))
    }

    @Test func `a look from before the mark is not shared`() throws {
      let shared = try Shared(["a", "b", "c"])
      let database = shared.database
      for name in ["a", "b"] { try shared.plan(name) }
      let slow = try database.connect()
      try slow.run("BEGIN", "INSERT INTO c (v) VALUES (1)")
      try database.run("INSERT INTO c (v) VALUES (2)")
      // Another process moves the mark beyond what had been given out at the look.
      let puller = Puller(database, "c", Self.byID)
      #expect(try puller.pull().first == ["1", "3"])
      let (rows, bookmark) = try shared.read("c", from: puller.bookmark)
      puller.bookmark = bookmark
      #expect(rows == 0)
      try slow.run("COMMIT")
      #expect(try puller.pull().first == ["2"])
    }

    @Test func `numbers that begin anew are refused`() throws {
      let database = try database(10)
      let puller = Puller(database, "t", Self.byID)
      _ = try puller.pull()
      // Deleting from the end is no reason: the numbers go on.
      try database.run("DELETE FROM t WHERE id > 5")
      #expect(try puller.pull().rows.isEmpty)
      try database.run("TRUNCATE TABLE t", "INSERT INTO t (x) VALUES ('new')")
      let error = connectorError { _ = try puller.pull() }
      #expect(error?.kind == .refused)
      #expect(error?.message.contains("went backwards") == true)
      #expect(error?.remedy.isEmpty == false)
    }

    @Test func `a table made anew is refused, an altered one is not`() throws {
      let database = try database(0)
      try database.run("INSERT INTO t (x) SELECT CONCAT('x', seq) FROM seq_1_to_20")
      let puller = Puller(database, "t", Self.byID)
      _ = try puller.pull()
      // CREATE_TIME is in whole seconds.
      Thread.sleep(forTimeInterval: 1.1)
      try database.run(
        "ALTER TABLE t ADD COLUMN y INT NOT NULL DEFAULT 5, MODIFY x TEXT, ENGINE=InnoDB",
        "INSERT INTO t (x) VALUES ('x21')")
      #expect(try puller.pull().rows.map { Array($0.dropFirst()) } == [["x21", "5"]])
      Thread.sleep(forTimeInterval: 1.1)
      try database.run(
        "DROP TABLE t", "CREATE TABLE t (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, x TEXT)",
        "INSERT INTO t SELECT seq, CONCAT('y', seq) FROM seq_1_to_90")
      let error = connectorError { _ = try puller.pull() }
      #expect(error?.kind == .refused)
      #expect(error?.message.contains("created anew") == true)
      let session = try database.source().open(puller.stream)
      puller.bookmark = try session.bookmark(from: "88")
      session.close()
      #expect(try puller.pull().first == ["89", "90"])
    }

    @Test func `numbers beyond 63 bits`() throws {
      let database = try database(0)
      try database.run(
        "INSERT INTO t VALUES (18446744073709551000, 'a'), (9223372036854775808, 'b')")
      let puller = Puller(database, "t", Self.byID)
      #expect(try puller.pull().rows.count == 2)
      #expect(puller.bookmark?.mark == "18446744073709551000")
      try database.run("INSERT INTO t VALUES (18446744073709551001, 'c')")
      #expect(try puller.pull().rows.map { $0[1] } == ["c"])
    }

    @Test func `other numbers need a settle, and then come late as well`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id BIGINT PRIMARY KEY, x CHAR(4))",
        "INSERT INTO t VALUES (10, 'a'), (20, 'b')")
      let refused = connectorError { _ = try database.readAll("t", Self.byID) }
      #expect(refused?.kind == .refused)
      #expect(refused?.remedy.contains("settle") == true)
      let puller = Puller(database, "t", ["bookmark": cursor("id", ["settle": .string("3s")])])
      #expect(try puller.pull().rows.count == 2)
      try database.run("INSERT INTO t VALUES (15, 'late'), (30, 'c')")
      #expect(try puller.pull().first.sorted { $0! < $1! } == ["15", "30"])
      #expect(try puller.pull().rows.isEmpty)
      Thread.sleep(forTimeInterval: 3.2)
      try database.run("INSERT INTO t VALUES (5, 'lost'), (40, 'd')")
      let settled = try puller.pull()
      #expect(settled.first == ["40"])
      #expect(settled.plan.window.predicate == "`id` > 30")
    }

    @Test func `tuples of numbers, with a settle`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, PRIMARY KEY (a, b))",
        "INSERT INTO t VALUES (1, 1), (1, 2), (2, 1)")
      let by = ConfigValue.map([
        "by": .list([.string("a"), .string("b")]), "settle": .string("1s"),
      ])
      let puller = Puller(database, "t", ["bookmark": by])
      #expect(try puller.pull().rows.count == 3)
      #expect(puller.bookmark?.mark == "2, 1")
      Thread.sleep(forTimeInterval: 1.2)
      try database.run("INSERT INTO t VALUES (2, 2), (3, 0), (1, 3)")
      let second = try puller.pull()
      #expect(second.plan.window.predicate == "`a` > 2 OR (`a` = 2 AND (`b` > 1))")
      #expect(second.rows == [["2", "2"], ["3", "0"]])
    }

    @Test func `a bookmark of another kind is refused`() throws {
      let database = try database(3)
      let puller = Puller(database, "t", Self.byID)
      puller.bookmark = Bookmark(kind: .time, mark: "2026", state: ["mark": "2026-01-01 00:00:00"])
      #expect(connectorError { _ = try puller.pull() }?.kind == .refused)
    }

    @Test func `a mark set by hand`() throws {
      let database = try database(5)
      let puller = Puller(database, "t", Self.byID)
      let session = try database.source().open(puller.stream)
      defer { session.close() }
      puller.bookmark = try session.bookmark(from: " 3 ")
      #expect(try puller.pull().first == ["4", "5"])
      #expect(connectorError { _ = try session.bookmark(from: "x") }?.kind == .misconfigured)
    }
  }
}
