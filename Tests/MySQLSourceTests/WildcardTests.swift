import Base
import Connector
import Foundation
import MariaDBServer
import Synchronization
import Testing

@testable import MySQLSource

extension MySQLServerTests {
  struct WildcardTests {
    private func database() throws -> TestDatabase {
      let database = try TestDatabase()
      for table in ["audit_a", "audit_b", "audit_tmp_a", "orders", "Audit_c"] {
        try database.run("CREATE TABLE \(table) (id INT AUTO_INCREMENT PRIMARY KEY, x INT)")
      }
      try database.run("CREATE VIEW audit_v AS SELECT id, x FROM audit_a")
      return database
    }

    private func names(
      _ database: TestDatabase, _ item: String, _ options: KeyValuePairs<String, ConfigValue> = [:]
    ) throws -> [String] {
      try database.source().streams(matching: database.stream(item, options)).map(\.item)
    }

    @Test func `include and exclude, by several patterns`() throws {
      let database = try database()
      #expect(try names(database, "audit_*") == ["audit_a", "audit_b", "audit_tmp_a"])
      #expect(
        try names(database, "audit_*", ["exclude_tables": .string("audit_tmp*")])
          == ["audit_a", "audit_b"])
      #expect(
        try names(
          database, "*",
          [
            "include_tables": .list([.string("audit_*"), .string("orders")]),
            "exclude_tables": .list([.string("*_tmp_*"), .string("audit_b")]),
          ]) == ["audit_a", "orders"])
      #expect(try names(database, "*").count == 5)
      #expect(try names(database, "orders") == ["orders"])
    }

    @Test func `views come only when asked for`() throws {
      let database = try database()
      #expect(
        try names(database, "audit_*", ["views": .plain("true")])
          == ["audit_a", "audit_b", "audit_tmp_a", "audit_v"])
      #expect(
        try names(database, "audit_*", ["views": .plain("false")]).contains("audit_v") == false)
    }

    @Test func `a wildcard that stands for nothing says why`() throws {
      let database = try database()
      func problem(
        _ item: String, _ options: KeyValuePairs<String, ConfigValue> = [:]
      ) throws -> ConnectorError? {
        connectorError { _ = try names(database, item, options) }
      }
      let none = try problem("adit_*")
      #expect(none?.kind == .notFound)
      #expect(none?.message.contains("matches `adit_*`") == true)
      #expect(none?.remedy == "Did you mean `audit_a`?")
      #expect(
        try problem("audit_*", ["include_tables": .string("order")])?.message
          .contains("none of the 3 tables") == true)
      #expect(
        try problem("audit_*", ["exclude_tables": .string("*")])?.message
          .contains("leaves out all 3 tables") == true)
      #expect(
        try problem("orders", ["exclude_tables": .string("*")])?.kind == .misconfigured)
      #expect(try problem("*", ["query": .string("SELECT 1")])?.kind == .misconfigured)
    }

    @Test func `a pattern that names no table is told, and the rest is taken`() throws {
      let database = try database()
      let told = Mutex<[String]>([])
      let url = database.server.url(database: database.name)
      let source = try MySQLSourceType.open(
        SourceConfiguration(name: "shop", options: .map(["url_env": .string("TEST_URL")])),
        SourceContext(
          environment: { $0 == "TEST_URL" ? url : nil },
          notify: { text in told.withLock { $0.append(text) } }))
      let streams = try source.streams(
        matching: database.stream(
          "*", ["include_tables": .list([.string("orders"), .string("ordres_*")])]))
      #expect(streams.map(\.item) == ["orders"])
      #expect(told.withLock { $0 }.count == 1)
      #expect(told.withLock { $0 }.first?.contains("`ordres_*`") == true)
    }

    @Test func `a table that does not fit tells how to leave it out`() throws {
      let database = try database()
      try database.run("CREATE TABLE audit_odd (code CHAR(3) PRIMARY KEY)")
      let source = try database.source()
      let streams = try source.streams(
        matching: database.stream(
          "audit_*",
          ["bookmark": cursor("id"), "exclude_tables": .string("audit_b")]))
      #expect(streams.map(\.item) == ["audit_a", "audit_odd", "audit_tmp_a"])
      let odd = try #require(streams.first { $0.item == "audit_odd" })
      let error = connectorError { _ = try source.open(odd) }
      #expect(error?.kind == .notFound)
      #expect(error?.remedy.contains("`exclude_tables: [audit_b, audit_odd]`") == true)
      let findings = source.check(odd)
      #expect(findings.first?.remedy?.contains("exclude_tables") == true)
      // The others open.
      for stream in streams where stream.item != "audit_odd" { try source.open(stream).close() }
    }

    @Test func `the tables are looked up once for all wildcards`() throws {
      let database = try database()
      let source = try database.source()
      let before = try connections(database)
      for pattern in ["audit_*", "o*", "*_a", "*"] {
        _ = try source.streams(matching: database.stream(pattern))
      }
      #expect(try connections(database) - before == 1)
    }

    private func connections(_ database: TestDatabase) throws -> Int {
      let row = try database.client.rows("SHOW GLOBAL STATUS LIKE 'Connections'").first
      return try #require(row?[1].flatMap { Int($0) })
    }
  }
}
