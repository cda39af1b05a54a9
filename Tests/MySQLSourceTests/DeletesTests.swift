import Base
import Connector
import Foundation
import MariaDBServer
import Records
import Testing

@testable import MySQLSource

extension MySQLServerTests {
  struct DeletesTests {
    private let atOnce = cursor("updated_at", ["settle": .string("0s")])

    private func database() throws -> TestDatabase {
      let database = try TestDatabase()
      try database.run(
        """
        CREATE TABLE t (Id INT PRIMARY KEY, region CHAR(2) NOT NULL, x INT,
          deleted_at TIMESTAMP NULL, updated_at TIMESTAMP(6) NOT NULL DEFAULT NOW(6)
          ON UPDATE CURRENT_TIMESTAMP(6), KEY (updated_at))
        """,
        "INSERT INTO t (Id, region) SELECT seq, 'DE' FROM seq_1_to_1000")
      return database
    }

    private func deletes(_ entries: KeyValuePairs<String, ConfigValue>) -> ConfigValue {
      .map(entries)
    }

    private func session(
      _ database: TestDatabase, _ options: KeyValuePairs<String, ConfigValue>, key: [String] = []
    ) throws -> any StreamSession {
      try database.source().open(database.stream("t", options, key: key))
    }

    private func keys(_ session: any StreamSession) throws -> (names: [String], rows: [[String]]) {
      let reader = try session.keys(ReadOptions())
      defer { reader.close() }
      var names: [String] = []
      var rows: [[String]] = []
      while let batch = try reader.next()?.batch {
        names = batch.schema.names
        rows += (0..<batch.rowCount).map { row in batch.columns.map { $0[row].text } }
      }
      return (names, rows)
    }

    private func plan(_ session: any StreamSession, _ bookmark: Bookmark? = nil) throws -> Plan {
      try session.plan(
        PlanRequest(bookmark: bookmark, ledger: MemoryLedger(), knownSchema: nil))
    }

    @Test func `keys come in a snapshot of their own, of all rows`() throws {
      let database = try database()
      let session = try session(
        database, ["bookmark": atOnce, "deletes": deletes(["compare": .string("1d")])])
      defer { session.close() }
      #expect(session.deletions.key == ["Id"])
      #expect(session.deletions.compareSeconds == 86_400)
      let plan = try plan(session)
      let reader = try session.read(try #require(plan.splits.first), ReadOptions())
      while try reader.next() != nil {}
      _ = try reader.finish()
      // After what was read, and past its ceiling.
      try database.run(
        "DELETE FROM t WHERE Id = 500", "INSERT INTO t (Id, region) VALUES (2000, '')")
      let open = try session.keys(ReadOptions())
      // Deleted and inserted again while keys are read: as it was when reading began.
      try database.run("DELETE FROM t WHERE Id < 100", "INSERT INTO t (Id, region) VALUES (50, '')")
      var ids: [Int] = []
      while let batch = try open.next()?.batch {
        #expect(batch.schema.names == ["Id"])
        ids += (0..<batch.rowCount).compactMap { Int(batch.columns[0][$0].text) }
      }
      open.close()
      #expect(ids.sorted() == Array(1...1000).filter { $0 != 500 } + [2000])
      #expect(session.deletions.waits == nil)
    }

    @Test func `a key of several columns, written in another case`() throws {
      let database = try database()
      let session = try session(
        database, ["bookmark": atOnce, "deletes": deletes(["compare": .string("1h")])],
        key: ["REGION", "id"])
      defer { session.close() }
      _ = try plan(session)
      let found = try keys(session)
      #expect(found.names == ["region", "Id"])
      #expect(found.rows.count == 1000)
      #expect(found.rows.first?.first == "DE")
    }

    @Test func `the keys of a query are those of all its rows`() throws {
      let database = try database()
      let options: KeyValuePairs<String, ConfigValue> = [
        "query": .string(
          "SELECT Id, updated_at FROM t WHERE updated_at >= {from} AND {window} AND Id > 10"),
        "bookmark": cursor("updated_at", ["settle": .string("0s"), "nulls": .string("skip")]),
        "deletes": deletes(["compare": .string("1d")]),
      ]
      let session = try session(database, options, key: ["Id"])
      defer { session.close() }
      _ = try plan(
        session,
        Bookmark(
          kind: .time, mark: "", state: ["mark": .string("2026-01-01 00:00:00.000000")]))
      #expect(try keys(session).rows.count == 990)
      let error = connectorError { try self.session(database, options).close() }
      #expect(error?.message.contains("a query has none") == true)
      #expect(error?.remedy.contains("`key: [COLUMN]`") == true)
    }

    @Test func `where the ceiling lies below the bookmark, the keys are not compared`() throws {
      let database = try database()
      let options: KeyValuePairs<String, ConfigValue> = [
        "bookmark": cursor("updated_at", ["settle": .string("10m")]),
        "deletes": deletes(["compare": .string("1d")]),
      ]
      let session = try session(database, options)
      defer { session.close() }
      let now = try #require(try database.client.value("SELECT NOW(6)"))
      _ = try plan(session, Bookmark(kind: .time, mark: now, state: ["mark": .string(now)]))
      #expect(session.deletions.waits?.contains("the mark waits") == true)
      #expect(connectorError { _ = try keys(session) }?.isRetryable == true)
    }

    @Test func `the column that marks deleted rows must be one that is read`() throws {
      let database = try database()
      let soft = try session(
        database, ["bookmark": atOnce, "deletes": deletes(["column": .string("DELETED_AT")])])
      #expect(soft.deletions == Deletions(column: "deleted_at"))
      soft.close()
      let typo = connectorError {
        try session(database, ["deletes": deletes(["column": .string("deletd_at")])]).close()
      }
      #expect(typo?.kind == .notFound && typo?.remedy == "Did you mean `deleted_at`?")
      let stream = database.stream("t", ["deletes": deletes(["column": .string("deletd_at")])])
      let findings = try database.source().check(stream)
      #expect(findings.first?.severity == .error)
      #expect(findings.first?.remedy == "Did you mean `deleted_at`?")
      let excluded = connectorError {
        try session(
          database,
          [
            "bookmark": atOnce, "exclude": .list([.string("Id")]),
            "deletes": deletes(["compare": .string("1d")]),
          ]
        ).close()
      }
      #expect(excluded?.message.contains("`the primary key` names a column `Id`") == true)
    }

    @Test func `what has nothing to compare says so`() throws {
      let database = try database()
      let compare = deletes(["compare": .string("1d")])
      let whole = connectorError { try session(database, ["deletes": compare]).close() }
      #expect(whole?.remedy.contains("every run replaces the table") == true)
      try database.run("ALTER TABLE t DROP PRIMARY KEY")
      let keyless = connectorError {
        try session(database, ["bookmark": atOnce, "deletes": compare]).close()
      }
      #expect(keyless?.message.contains("no primary key") == true)
    }

    @Test func `a marked row comes as a version with its mark`() throws {
      let database = try database()
      let puller = Puller(
        database, "t",
        ["bookmark": atOnce, "deletes": deletes(["column": .string("deleted_at")])])
      #expect(try puller.pull().rows.count == 1000)
      try database.run("UPDATE t SET deleted_at = NOW() WHERE Id = 7")
      let second = try puller.pull()
      #expect(second.rows.map { $0[0] } == ["7"])
      #expect(second["deleted_at"].first.map { $0 != .null } == true)
    }
  }
}
