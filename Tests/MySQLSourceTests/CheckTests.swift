import Base
import Connector
import MariaDBServer
import Testing

@testable import MySQLSource

extension MySQLServerTests {
  /// What `check` finds on a real server.
  @Suite(.serialized) struct CheckTests {
    static let onUpdate =
      "TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)"

    /// By their codes.
    private func check(
      _ database: TestDatabase, _ item: String,
      _ options: KeyValuePairs<String, ConfigValue> = [:], user: String = "root"
    ) throws -> [String: Finding] {
      let findings = try source(database, user).check(database.stream(item, options))
      return Dictionary(findings.map { ($0.code ?? $0.message, $0) }) { first, _ in first }
    }

    private func source(_ database: TestDatabase, _ user: String) throws -> any Source {
      try database.source(
        url: "mysql://\(user)@localhost/\(database.name)?socket=\(database.server.socket)")
    }

    @Test func `a good table has facts, and what its cursor does not see`() throws {
      let database = try TestDatabase()
      try database.run("CREATE TABLE t (id INT PRIMARY KEY, u \(Self.onUpdate), KEY (u))")
      let found = try check(database, "t", ["bookmark": cursor("u")])
      #expect(Set(found.keys) == ["stream", "deletes_not_seen"])
      #expect(found["stream"]?.message == "by u, about 0 rows, 16.4 kB")
      let compared = try check(
        database, "t", ["bookmark": cursor("u"), "deletes": .map(["compare": .plain("1d")])])
      #expect(Set(compared.keys) == ["stream"])
    }

    @Test func `what each cursor does not see is said once`() throws {
      let database = try TestDatabase()
      try database.run(
        """
        CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, created_at TIMESTAMP NOT NULL DEFAULT
          NOW(), changed TIMESTAMP NOT NULL, is_deleted INT, KEY (created_at), KEY (changed))
        """)
      for by in ["id", "created_at"] {
        let found = try check(database, "t", ["bookmark": cursor(by)])
        #expect(found["sees_new_rows_only"]?.subject == by)
        #expect(found["deletes_not_seen"] == nil)
        #expect(found["soft_deletes"]?.remedy?.contains("{column: is_deleted}") == true)
        #expect(found["cursor_written_by_applications"] == nil)
      }
      let changed = try check(database, "t", ["bookmark": cursor("changed")])
      #expect(changed["deletes_not_seen"] != nil)
      #expect(changed["cursor_written_by_applications"]?.severity == .warning)
      let looked = try check(
        database, "t",
        [
          "bookmark": cursor("changed", ["lookback": .plain("10m")]),
          "deletes": .map(["column": .plain("is_deleted")]),
        ])
      #expect(looked["cursor_written_by_applications"] == nil)
      #expect(looked["soft_deletes"] == nil)
    }

    @Test func `an index that is missing matters where there are many rows`() throws {
      let database = try TestDatabase()
      try database.run("CREATE TABLE t (id INT PRIMARY KEY, u \(Self.onUpdate))", "ANALYZE TABLE t")
      let few = try check(database, "t", ["bookmark": cursor("u")])["cursor_not_indexed"]
      #expect(few?.severity == .note)
      try database.run(
        "INSERT INTO t (id) SELECT seq FROM seq_1_to_30000", "ANALYZE TABLE t")
      let many = try check(database, "t", ["bookmark": cursor("u")])["cursor_not_indexed"]
      #expect(many?.severity == .warning)
      try database.run(try #require(many?.remedy))
      #expect(try check(database, "t", ["bookmark": cursor("u")])["cursor_not_indexed"] == nil)
    }

    @Test func `what is not granted comes with the GRANT that mends it`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, secret INT)",
        "CREATE TABLE closed (id INT)",
        "CREATE USER 'low'@'localhost'",
        "GRANT SELECT (id) ON `\(database.name)`.t TO 'low'@'localhost'",
        "GRANT INSERT ON `\(database.name)`.closed TO 'low'@'localhost'")
      defer { try? database.run("DROP USER 'low'@'localhost'") }
      let bookmark: KeyValuePairs<String, ConfigValue> = ["bookmark": cursor("id")]
      let found = try check(database, "t", bookmark, user: "low")
      #expect(found["columns_denied"]?.subject == "only id")
      #expect(found["writers_hidden"]?.severity == .warning)
      let denied = try check(database, "closed", user: "low")
      #expect(denied["table_denied"]?.severity == .error)
      let server = try source(database, "low").check()
      let replication = server.first { $0.code == "replication_hidden" }
      #expect(replication?.severity == .note)
      // Each statement mends just what it says.
      let process = try #require(found["writers_hidden"]?.remedy?.split(separator: ";").first)
      let monitor = try #require(replication?.remedy?.split(separator: ": ").last)
      try database.run(
        try #require(found["columns_denied"]?.remedy), String(process), String(monitor),
        try #require(denied["table_denied"]?.remedy))
      let mended = try check(database, "t", bookmark, user: "low")
      #expect(Set(mended.keys) == ["stream", "sees_new_rows_only"])
      #expect(Set(try check(database, "closed", user: "low").keys) == ["stream", "read_whole"])
      #expect(try source(database, "low").check().allSatisfy { $0.severity == .fact })
      // A table that is not there, and one whose name is nearly another's.
      #expect(
        try check(database, "unheard", user: "low")["table_not_seen"]?.remedy
          == "Correct the name, or: GRANT SELECT ON `\(database.name)`.`unheard` TO 'low'@'localhost'"
      )
      #expect(try check(database, "closd")["table_not_seen"]?.remedy == "Did you mean `closed`?")
    }

    @Test func `types that become something else are told by kind`() throws {
      let database = try TestDatabase()
      let values = (0..<300).map { "'v\($0)'" }.joined(separator: ", ")
      try database.run(
        """
        CREATE TABLE t (id BIGINT UNSIGNED PRIMARY KEY, n BIGINT UNSIGNED, plain INT UNSIGNED,
          m DECIMAL(60, 2), small DECIMAL(38, 2), t TIME(3), b BIT(5), p POINT, few ENUM('a', 'b'),
          many ENUM(\(values)), gone INT INVISIBLE, `x\ny` INT)
        """)
      let findings = try source(database, "root").check(database.stream("t"))
      let types = findings.filter { $0.code == "type_changes" }
      #expect(
        types.map { "\($0.subject ?? ""): \($0.message)" } == [
          "id, n: BIGINT UNSIGNED becomes decimal(20,0)",
          "m: DECIMAL of more than 38 digits becomes text",
          "t: TIME becomes a number of microseconds", "b: BIT becomes a number",
          "p: shapes become WKB bytes, without their SRID",
          "many: ENUM of more than 255 values becomes text",
        ])
      #expect(findings.first { $0.code == "invisible_columns" }?.subject == "gone")
      #expect(findings.first { $0.code == "column_name" }?.subject == #""x\ny""#)
      let without = try check(database, "t", ["exclude": .list([.string("x\ny")])])
      #expect(without["column_name"] == nil)
    }

    @Test func `zero dates are found in a sample and at the end of an index`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, good DATE, partial DATETIME, far DATE, KEY (far))",
        "SET sql_mode = ''",
        "INSERT INTO t SELECT seq, '2024-01-01', '2024-01-01', '2024-01-01' FROM seq_1_to_2000")
      #expect(try check(database, "t")["zero_dates"] == nil)
      try database.run(
        "UPDATE t SET partial = '2024-00-01' WHERE id = 3", "UPDATE t SET far = 0 WHERE id = 1999")
      let found = try check(database, "t")["zero_dates"]
      #expect(found?.severity == .warning)
      #expect(found?.subject == "partial, far")
      let strict = try check(database, "t", ["zero_dates": .plain("error")])["zero_dates"]
      #expect(strict?.severity == .error)
      #expect(try check(database, "t", ["zero_dates": .plain("text")])["zero_dates"] == nil)
    }

    @Test func `UTF-8 in latin1 columns is told from latin1`() throws {
      let database = try TestDatabase()
      try database.run(
        """
        CREATE TABLE t (id INT PRIMARY KEY, twice VARCHAR(100) CHARACTER SET latin1,
          once VARCHAR(100) CHARACTER SET latin1, ascii TEXT CHARACTER SET latin1, modern TEXT)
        """,
        // é as UTF-8 and as latin1; the last is cut by the sample within a character.
        """
        INSERT INTO t VALUES (1, X'5AC3A9', X'5AE9', 'Z', 'é'), (2, 'plain', 'plain', '', 'é'),
          (3, CONCAT(REPEAT('a', 63), X'C3A9'), X'C3A9', NULL, NULL)
        """)
      #expect(try check(database, "t")["double_encoded"]?.subject == "twice")
    }

    @Test func `a view is not sampled, and a named zone is looked for`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, u DATETIME NOT NULL, KEY (u))",
        "CREATE VIEW v AS SELECT id, u, COUNT(*) AS n FROM t GROUP BY id")
      let found = try check(
        database, "v", ["bookmark": cursor("u", ["zone": .string("Europe/Berlin")])])
      #expect(found["zone_assumed"]?.message.hasSuffix("the zone Europe/Berlin") == true)
      #expect(found["zones_not_loaded"]?.remedy?.contains("mysql_tzinfo_to_sql") == true)
      #expect(found["zero_dates"] == nil)
    }
  }
}

/// What the server says that the tests' server does not: scripted facts.
struct ServerCheckTests {
  private func facts(_ change: (inout ServerFacts) -> Void) -> [String: Finding] {
    var facts = ServerFacts(
      label: "MySQL 8.4.0", account: "'r'@'%'", variables: [:], zone: "SYSTEM", knowsZones: true,
      seesWriters: true, replication: .init(isReplica: false, lagSeconds: nil), isMariaDB: false,
      allowsZeroDates: false)
    change(&facts)
    let findings = ServerCheck(facts: facts, database: "shop").findings
    return Dictionary(findings.map { ($0.code ?? "", $0) }) { first, _ in first }
  }

  @Test func `roles and lag`() {
    #expect(facts { _ in }["role"]?.message.hasPrefix("takes writes, no replica") == true)
    #expect(facts { _ in }["role"]?.message.contains("0000") == false)
    #expect(facts { $0.allowsZeroDates = true }["role"]?.message.contains("0000") == true)
    let replica = facts { $0.replication = .init(isReplica: true, lagSeconds: 3) }
    #expect(replica["role"]?.message.hasPrefix("a replica, 3 s behind") == true)
    let stopped = facts { $0.replication = .init(isReplica: true, lagSeconds: nil) }
    #expect(stopped["replication_stopped"]?.severity == .error)
    let hidden = facts {
      $0.replication = nil
      $0.variables = ["read_only": "ON"]
    }
    #expect(hidden["replication_hidden"]?.severity == .warning)
    #expect(hidden["replication_hidden"]?.remedy == "GRANT REPLICATION CLIENT ON *.* TO 'r'@'%'")
  }

  @Test(arguments: [
    ("max_statement_time", "30.000000", "statement_limit"),
    ("max_execution_time", "500", "statement_limit"),
    ("idle_transaction_timeout", "30", "idle_limit"),
    ("innodb_kill_idle_transaction", "5", "idle_limit"),
    ("net_write_timeout", "10", "connection_limit"), ("wait_timeout", "30", "connection_limit"),
  ])
  func `limits that end long reads`(_ name: String, _ value: String, _ code: String) {
    #expect(facts { $0.variables = [name: value] }[code]?.severity == .warning)
    #expect(facts { $0.variables = [name: value] }[code]?.message.contains(name) == true)
    for harmless in ["0", "28800", ""] where !(code == "connection_limit" && harmless == "0") {
      if code == "statement_limit", harmless == "28800" { continue }
      #expect(facts { $0.variables = [name: harmless] }[code] == nil)
    }
  }

  @Test(arguments: [
    ("10.11.6-MariaDB-0+deb12u1", [:], "MariaDB 10.11.6"),
    ("5.5.5-10.4.8-MariaDB", [:], "MariaDB 10.4.8"), ("8.4.0", [:], "MySQL 8.4.0"),
    ("8.0.36-28", ["version_comment": "Percona Server (GPL)"], "Percona Server 8.0.36"),
    ("8.0.32", ["aurora_version": "3.05.2"], "Aurora MySQL 3.05.2 (MySQL 8.0.32)"),
  ])
  func `what the server is called`(
    _ version: String, _ variables: [String: String], _ label: String
  ) {
    #expect(ServerFacts.label(version, variables) == label)
  }

  @Test func `accounts are quoted as GRANT takes them`() {
    #expect(ServerFacts.quoted("reader@%") == "'reader'@'%'")
    #expect(ServerFacts.quoted("o'neill@home@10.0.0.1") == "'o''neill@home'@'10.0.0.1'")
    #expect(ServerFacts.quoted("role") == "'role'")
  }
}
