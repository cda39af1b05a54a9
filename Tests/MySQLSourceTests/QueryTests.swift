import Base
import Connector
import Foundation
import MariaDBServer
import Records
import Testing

@testable import MySQLSource

struct QueryTemplateTests {
  private func template(_ text: String) throws -> QueryTemplate {
    try QueryTemplate(text, place: "shop.q")
  }

  private let filling = QueryTemplate.Filling(
    from: "1", to: "2", condition: "`a` > 'it''s `a`' AND `a` < 5", cursors: ["`a`"])

  @Test func `places are filled, and what only looks like one stays`() throws {
    #expect(try template("x >= {from} AND x < { to }").text(filling) == "x >= 1 AND x < 2")
    #expect(
      try template("WHERE {window}").text(filling) == "WHERE (`a` > 'it''s `a`' AND `a` < 5)")
    #expect(
      try template("{window: o.`a}b`}").text(filling)
        == "((o.`a}b`) > 'it''s `a`' AND (o.`a}b`) < 5)")
    for same in [
      "SELECT {d '2026-11-21'}, {ts '2026-11-21 00:00:00'}", "SELECT '{\"a\": {}}', \"{x}\", `{y}`",
      "SELECT 1 -- {fro}\n, 2 # {to_}\n /* {windw} */", "SELECT 'it\\'s {x}', 'it''s {y}'", "a--{",
    ] {
      let found = try template(same)
      #expect(found.text(filling) == same)
      #expect(!found.hasPlaceholders)
    }
  }

  @Test func `columns of a window may be expressions`() throws {
    let filling = QueryTemplate.Filling(
      from: "", to: "", condition: "`a` > 1 OR (`a` = 1 AND `b` > 2)", cursors: ["`a`", "`b`"])
    #expect(
      try template("{window: coalesce(o.a, 0), o.b}").text(filling)
        == "((coalesce(o.a, 0)) > 1 OR ((coalesce(o.a, 0)) = 1 AND (o.b) > 2))")
  }

  @Test(arguments: [
    ("x > {form}", "{form}", "Did you mean {from}?"),
    ("x > {From}", "{From}", "Did you mean {from}?"),
    ("x > {windw: a}", "{windw}", "Did you mean {window}?"),
    ("x > {high_water_mark}", "{high_water_mark}", "{from}, {to} and {window}"),
    ("x > '{from}'", "in quotes", "Take the quotes away"),
    ("x > \"{to}\"", "in quotes", "Take the quotes away"),
    ("{window: a", "does not end", "{window: COLUMN}"),
    ("{window: a,}", "lacks a column", "{window: COLUMN}"),
    ("{from: a}", "{from: …}", "{window: COLUMN}"),
  ])
  func `what is misspelled is named`(_ text: String, _ found: String, _ remedy: String) throws {
    let error = connectorError { _ = try template(text) }
    #expect(error?.kind == .misconfigured)
    #expect(error?.message.contains(found) == true, "\(error?.message ?? "")")
    #expect(error?.remedy.contains(remedy) == true, "\(error?.remedy ?? "")")
    #expect(error?.place == "shop.q")
  }
}

extension MySQLServerTests {
  struct QueryTests {
    private static let tables = [
      """
      CREATE TABLE o (id INT PRIMARY KEY, customer INT NOT NULL,
        updated_at TIMESTAMP(6) NOT NULL, KEY (updated_at))
      """,
      "CREATE TABLE l (o INT NOT NULL, n INT NOT NULL, price DECIMAL(9, 2), PRIMARY KEY (o, n))",
    ]

    private func database() throws -> TestDatabase {
      let database = try TestDatabase()
      for table in Self.tables { try database.run(table) }
      try database.run(
        """
        INSERT INTO o SELECT seq, seq % 10, NOW(6) - INTERVAL (2000 - seq) MINUTE
        FROM seq_1_to_1000
        """,
        "INSERT INTO l SELECT a.seq, b.seq, a.seq FROM seq_1_to_1000 a, seq_1_to_3 b",
        "ANALYZE TABLE o, l")
      return database
    }

    private let atOnce = cursor("updated_at", ["settle": .string("0s")])

    @Test(arguments: [
      "o.updated_at >= {from} AND o.updated_at < {to}", "{window: o.updated_at}",
    ])
    func `a join reads what the window needs, each row once`(_ condition: String) throws {
      let database = try database()
      let query = """
        SELECT o.id, o.updated_at, SUM(l.price) AS total FROM o JOIN l ON l.o = o.id
        WHERE \(condition) GROUP BY o.id, o.updated_at -- by order
        """
      let puller = Puller(database, "totals", ["query": .string(query), "bookmark": atOnce])
      #expect(try puller.pull().rows.count == 1000)
      #expect(try puller.pull().rows.isEmpty)
      try database.run(
        "INSERT INTO o VALUES (1001, 1, NOW(6))", "INSERT INTO l VALUES (1001, 1, 5)",
        "UPDATE o SET updated_at = NOW(6) WHERE id = 7", "UPDATE l SET price = 0 WHERE o = 8",
        "FLUSH STATUS")
      let before = try Int(database.handlerReads())
      let second = try puller.pull()
      #expect(Set(second.rows.map { "\($0[0] ?? "") \($0[2] ?? "")" }) == ["1001 5.00", "7 21.00"])
      // Not the 1000 orders with their 3000 lines.
      #expect(try database.handlerReads() - before < 500)
      #expect(try puller.pull().rows.isEmpty)
    }

    @Test func `the window's own condition holds whatever a query does with its places`() throws {
      let database = try database()
      // Groups that the window touches, whole; those that were touched again come later.
      let query = """
        SELECT customer, COUNT(*) AS orders, MAX(updated_at) AS updated_at FROM o
        WHERE customer IN (SELECT customer FROM o WHERE updated_at >= {from}) GROUP BY customer
        """
      let puller = Puller(
        database, "customers",
        [
          "query": .string(query),
          "bookmark": cursor("updated_at", ["settle": .string("0s"), "nulls": .string("skip")]),
        ])
      #expect(try puller.pull().rows.count == 10)
      try database.run(
        "INSERT INTO o VALUES (1001, 3, NOW(6)), (1002, 4, NOW(6) + INTERVAL 1 HOUR)")
      // The customer 4 has changed, but its latest order lies past the ceiling.
      #expect(try puller.pull().rows.map { [$0[0], $0[1]] } == [["3", "101"]])
    }

    @Test func `times of three kinds, with and without fractions, are quoted right`() throws {
      let database = try TestDatabase()
      try database.run(
        """
        CREATE TABLE t (id INT PRIMARY KEY, a TIMESTAMP(3) NULL, b DATETIME NOT NULL,
          c DATE NOT NULL)
        """,
        """
        INSERT INTO t VALUES (1, NOW(3) - INTERVAL 3 DAY, NOW() - INTERVAL 3 DAY,
          CURDATE() - INTERVAL 3 DAY)
        """,
        "INSERT INTO t VALUES (2, '0000-00-00', '0000-00-00', '0000-00-00')")
      for column in ["a", "b", "c"] {
        let puller = Puller(
          database, "q_\(column)",
          [
            "query": .string("SELECT * FROM t WHERE \(column) >= {from} AND \(column) < {to}"),
            "bookmark": cursor(column, ["settle": .string("0s"), "nulls": .string("skip")]),
          ])
        // Zero dates lie below every bound, and above none at the first run.
        #expect(try Set(puller.pull().first) == ["1", "2"], "\(column)")
        if column == "c" { continue }
        try database.run("INSERT INTO t VALUES (3, NOW(3), NOW(), CURDATE())")
        Thread.sleep(forTimeInterval: 1.1)
        #expect(try puller.pull().first == ["3"], "\(column)")
        try database.run("DELETE FROM t WHERE id = 3")
      }
    }

    @Test func `whole numbers and tuples`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (a BIGINT UNSIGNED NOT NULL, b INT NOT NULL, PRIMARY KEY (a, b))",
        "INSERT INTO t SELECT seq, seq % 3 FROM seq_1_to_300",
        "INSERT INTO t VALUES (18446744073709551610, 1)")
      let settle = ConfigValue.string("0s")
      let one = Puller(
        database, "one",
        [
          "query": .string("SELECT a, b FROM t WHERE a > {from}"),
          "bookmark": cursor("a", ["settle": settle]),
        ])
      let both = ConfigValue.map([
        "by": .list([.string("a"), .string("b")]), "settle": settle,
      ])
      let two = Puller(
        database, "two",
        ["query": .string("SELECT a, b FROM t x WHERE {window: x.a, x.b}"), "bookmark": both])
      #expect(try one.pull().rows.count == 301)
      #expect(try two.pull().rows.count == 301)
      try database.run("INSERT INTO t VALUES (18446744073709551610, 2), (18446744073709551611, 0)")
      #expect(try one.pull().rows.count == 1)
      #expect(
        try two.pull().rows
          == [["18446744073709551610", "2"], ["18446744073709551611", "0"]])
      #expect(try two.pull().rows.isEmpty)
    }

    @Test func `what would leave rows out is refused`() throws {
      let database = try TestDatabase()
      try database.run("CREATE TABLE t (id INT PRIMARY KEY, n INT NOT NULL, at TIMESTAMP(6) NULL)")
      func message(_ query: String, _ bookmark: ConfigValue?) throws -> String {
        var options: KeyValuePairs<String, ConfigValue> = ["query": .string(query)]
        if let bookmark { options = ["query": .string(query), "bookmark": bookmark] }
        let stream = database.stream("q", options)
        let source = try database.source()
        return connectorError { _ = try source.open(stream) }.map { "\($0.message) \($0.remedy)" }
          ?? ""
      }
      let settled: KeyValuePairs<String, ConfigValue> = ["settle": .string("1m")]
      #expect(try message("SELECT * FROM t WHERE at > {from}", nil).contains("no `bookmark`"))
      #expect(
        try message("SELECT * FROM t WHERE at > {from}", cursor("at")).contains("`nulls: skip`"))
      #expect(
        try message("SELECT * FROM t WHERE id < {to}", cursor("id", settled)).contains("{to}"))
      #expect(
        try message("SELECT * FROM t WHERE {window: id, n}", cursor("id", settled))
          .contains("names 2 columns"))
      let tuple = ConfigValue.map([
        "by": .list([.string("id"), .string("n")]), "settle": .string("1m"),
      ])
      #expect(try message("SELECT * FROM t WHERE id > {from}", tuple).contains("{window}"))
    }
  }
}

extension TestDatabase {
  /// Rows that the server's tables have handed out so far.
  func handlerReads() throws -> Int {
    try client.rows("SHOW GLOBAL STATUS LIKE 'Handler_read%'").reduce(0) {
      $0 + (Int($1[1] ?? "") ?? 0)
    }
  }
}
