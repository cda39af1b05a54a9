import Base
import Connector
import Foundation
import MariaDBServer
import MySQLSource
import Records
import Testing

extension MySQLServerTests {
  /// Large first reads, cut into parts by key.
  struct BackfillTests {
    private static let options =
      [
        "bookmark": cursor("at", ["settle": .plain("0s")]),
        "backfill": .map(["part_rows": .plain("2000")]),
      ] as KeyValuePairs

    private func filled(_ key: String, _ value: String, rows: Int = 10_000) throws -> TestDatabase {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (\(key), v INT NOT NULL, at TIMESTAMP(6) NOT NULL DEFAULT NOW(6) "
          + "ON UPDATE NOW(6))",
        "INSERT INTO t SELECT \(value), 0, NOW(6) - INTERVAL 1 DAY FROM seq_1_to_\(rows)",
        "ANALYZE TABLE t")
      return database
    }

    /// Reads one split of a plan.
    private func rows(_ session: any StreamSession, _ split: Split) throws -> ([[String]], Advance)
    {
      let reader = try session.read(split, ReadOptions())
      defer { reader.close() }
      var rows: [[String]] = []
      while let next = try reader.next() {
        for row in 0..<next.batch.rowCount {
          rows.append(next.batch.columns.map { $0.isNull(row) ? "NULL" : $0[row].text })
        }
      }
      return (rows, try reader.finish())
    }

    private func plan(
      _ database: TestDatabase, _ options: KeyValuePairs<String, ConfigValue> = options,
      _ bookmark: Bookmark? = nil
    ) throws -> (any StreamSession, Plan) {
      let session = try database.source().open(database.stream("t", options))
      let plan = try session.plan(
        PlanRequest(bookmark: bookmark, ledger: MemoryLedger(), knownSchema: nil))
      return (session, plan)
    }

    @Test(arguments: [
      ("id INT PRIMARY KEY", "seq"),
      // Two crowds with nothing between them, and far out.
      (
        "id BIGINT UNSIGNED PRIMARY KEY",
        "IF(seq <= 7000, seq, 18446744073709551615 - CAST((10000 - seq) * 1000 AS UNSIGNED))"
      ),
      ("id BIGINT PRIMARY KEY", "CAST(POW(seq, 4) AS SIGNED) - 900000000"),
      ("id VARCHAR(40) COLLATE utf8mb4_general_ci PRIMARY KEY", "CONCAT('Käse ''', seq, '\\\\')"),
      ("id BINARY(16) PRIMARY KEY", "UNHEX(MD5(seq))"),
      ("id DECIMAL(20, 4) PRIMARY KEY", "seq / 4"),
      ("id DECIMAL(38, 6) PRIMARY KEY", "98765432109876543210987654321098.0 + seq / 1000000"),
      ("id DATETIME(6) PRIMARY KEY", "'2020-01-01' + INTERVAL seq SECOND"),
      ("id INT NOT NULL, UNIQUE KEY k (id)", "seq * 3"),
      // One number has nearly all rows: the second column splits them.
      ("tenant INT, id INT, PRIMARY KEY (tenant, id)", "IF(seq < 9500, 1, seq), seq"),
      ("day DATE, id INT, PRIMARY KEY (day, id)", "'2020-01-01' + INTERVAL seq % 3 DAY, seq"),
    ])
    func `parts have about equal rows, and each row lies in one`(
      _ key: String, _ value: String
    ) throws {
      let database = try filled(key, value)
      let (session, plan) = try plan(database)
      defer { session.close() }
      #expect(plan.readsAhead == 1)
      #expect((4...8).contains(plan.splits.count), "\(plan.splits.map(\.label).prefix(10))")
      var all: [[String]] = []
      var last: Bookmark?
      for split in plan.splits {
        let (rows, advance) = try rows(session, split)
        let least = split.index < plan.splits.count - 1 ? 500 : 1
        #expect((least...5000).contains(rows.count), "\(split.label)")
        all += rows
        last = advance.bookmark
      }
      #expect(all.count == 10_000)
      #expect(Set(all.map { $0.joined(separator: "|") }).count == 10_000)
      #expect(last?.state["mark"] != nil)
      #expect(try self.plan(database, Self.options, last).1.splits.count <= 1)
    }

    @Test(arguments: [
      "id INT, KEY k (id)", "id INT NULL, UNIQUE KEY k (id)", "id DOUBLE PRIMARY KEY",
      "id VARCHAR(300) NOT NULL, UNIQUE KEY k (id(10))",
    ])
    func `without a usable key a table is read as one`(_ key: String) throws {
      let database = try filled(key, "LPAD(seq, 10, '0')")
      let (session, plan) = try plan(database)
      defer { session.close() }
      #expect(plan.splits.count == 1)
      #expect(try rows(session, plan.splits[0]).0.count == 10_000)
    }

    @Test func `a first read goes on with its ceiling while rows change`() throws {
      let database = try filled("id INT PRIMARY KEY", "seq")
      let (first, before) = try plan(database)
      var read: [[String]] = []
      var bookmark: Bookmark?
      for split in before.splits.prefix(2) {
        let (rows, advance) = try rows(first, split)
        read += rows
        bookmark = advance.bookmark
      }
      // It is killed here; rows on both sides of where it was change.
      first.close()
      try database.run(
        "UPDATE t SET v = 1 WHERE id IN (10, 20, 9000, 9001)", "DELETE FROM t WHERE id = 9500",
        "INSERT INTO t (id, v) VALUES (20000, 0), (-5, 0)",
        "UPDATE t SET id = 30000 WHERE id = 9600")
      bookmark = try bookmark.map {
        try #require(Bookmark(json: JSONValue(parsing: $0.json.text())))
      }
      #expect(bookmark?.mark.contains("through id") == true)
      let (second, after) = try plan(database, Self.options, bookmark)
      #expect(after.window.to == before.window.to)
      #expect(after.splits.count < before.splits.count)
      for split in after.splits {
        let (rows, advance) = try rows(second, split)
        read += rows
        bookmark = advance.bookmark
      }
      second.close()
      #expect(read.count == 10_000 - 4)
      let (third, rest) = try plan(database, Self.options, bookmark)
      for split in rest.splits { read += try rows(third, split).0 }
      third.close()
      let versions = Set(read.map { $0.prefix(2).joined(separator: "|") })
      #expect(read.count == versions.count)
      // Two had been read before they changed; one was deleted unseen.
      #expect(versions.count == 10_000 + 2 + 2 - 1)
      for row in try database.client.rows("SELECT id, v FROM t") {
        #expect(versions.contains(row.compactMap(\.self).joined(separator: "|")))
      }
    }

    @Test func `a key that is no more stops a first read`() throws {
      let database = try filled("id INT PRIMARY KEY", "seq")
      let (first, before) = try plan(database)
      let bookmark = try rows(first, before.splits[0]).1.bookmark
      first.close()
      try database.run("ALTER TABLE t DROP PRIMARY KEY")
      let error = connectorError { _ = try plan(database, Self.options, bookmark) }
      #expect(error?.kind == .refused)
      #expect(error?.message.contains("key (id)") == true)
    }

    @Test func `rows to remember and rows without a cursor follow as a rest`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, at TIMESTAMP(6) NULL)",
        "INSERT INTO t SELECT seq, IF(seq % 100 = 0, NULL, NOW(6) - INTERVAL seq SECOND) "
          + "FROM seq_1_to_10000",
        "ANALYZE TABLE t")
      let puller = Puller(
        database, "t",
        [
          "bookmark": cursor(
            "at",
            [
              "settle": .plain("0s"), "lookback": .plain("10m"),
              "nulls": .string("include"),
            ]),
          "backfill": .map(["part_rows": .plain("2000")]),
        ])
      let parts = try puller.pull()
      #expect(parts.plan.leavesRest)
      #expect(parts.plan.splits.count > 2)
      #expect(!parts.rows.isEmpty && parts.rows.allSatisfy { $0[1] != nil })
      let rest = try puller.pull()
      #expect(!rest.plan.leavesRest)
      #expect(rest.rows.count { $0[1] == nil } == 100)
      let ids = (parts.rows + rest.rows).compactMap { $0[0] }
      #expect(ids.count == 10_000 && Set(ids).count == 10_000)
      #expect(try puller.pull().rows.isEmpty)
    }

    @Test func `numbers are read in parts when nobody can add to them`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v INT)",
        "INSERT INTO t SELECT seq * 7, 0 FROM seq_1_to_10000", "ANALYZE TABLE t")
      let options =
        ["bookmark": cursor("id"), "backfill": .map(["part_rows": .plain("2000")])]
        as KeyValuePairs
      let puller = Puller(database, "t", options)
      let pull = try puller.pull()
      #expect(pull.plan.splits.count > 3)
      #expect(Set(pull.first).count == 10_000 && pull.rows.count == 10_000)
      #expect(puller.bookmark?.mark == "70000")
      #expect(try puller.pull().plan.splits.isEmpty)
    }

    @Test func `numbers that may still come are followed part by part`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v INT)",
        "INSERT INTO t (v) SELECT 0 FROM seq_1_to_5000")
      let slow = try database.connect()
      try slow.run("BEGIN", "INSERT INTO t (v) VALUES (1)")
      try database.run("INSERT INTO t (v) SELECT 0 FROM seq_1_to_5000", "ANALYZE TABLE t")
      let puller = Puller(
        database, "t",
        ["bookmark": cursor("id"), "backfill": .map(["part_rows": .plain("2000")])])
      var ids: [String] = []
      var pulls = 0
      repeat {
        let pull = try puller.pull()
        ids += pull.first.compactMap(\.self)
        pulls += 1
        #expect(pull.rows.count < 5000)
        if !pull.plan.leavesRest { break }
      } while pulls < 20
      #expect(pulls > 3)
      #expect(ids.count == 10_000)
      try slow.run("COMMIT")
      ids += try puller.pull().first.compactMap(\.self)
      #expect(ids.count == 10_001 && Set(ids).count == 10_001)
      #expect(puller.bookmark?.state["gaps"] == nil)
    }
  }
}
