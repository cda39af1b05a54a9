import Base
import Connector
import MariaDBServer
import Testing

@testable import MySQLSource

extension MySQLServerTests {
  /// What `init --from` proposes for tables of a real server.
  @Suite(.serialized) struct DiscoveryTests {
    /// A table, what its stream should be, and words that its remarks must have.
    struct Case: CustomTestStringConvertible, Sendable {
      var table: String
      var options: String
      var words: [String]
      var testDescription: String { words[0] }

      init(_ table: String, _ options: String, _ words: String...) {
        self.table = table
        self.options = options
        self.words = words
      }
    }

    static let onUpdate =
      "TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)"

    static let cases = [
      Case(
        "t (id INT AUTO_INCREMENT PRIMARY KEY, created_at DATETIME, updated_at \(onUpdate), KEY u (updated_at))",
        "key: [id]; bookmark: {by: updated_at}",
        "reason updated_at: TIMESTAMP(6) ON UPDATE, indexed by u", "alternative `by: id`"),
      // A second time that the server moves: the name decides.
      Case(
        "t (a \(onUpdate), last_modified \(onUpdate), id INT PRIMARY KEY)",
        "key: [id]; bookmark: {by: last_modified}", "reason last_modified", "alternative `by: a`"),
      // The first index of the column counts, not one that merely has it.
      Case(
        "t (id INT PRIMARY KEY, updated_at \(onUpdate), KEY pair (id, updated_at))",
        "key: [id]; bookmark: {by: updated_at}", "updated_at: TIMESTAMP(6) ON UPDATE, not indexed"),
      Case(
        "t (id INT PRIMARY KEY, date_upd DATETIME(3) NOT NULL, KEY (date_upd))",
        "key: [id]; bookmark: {by: date_upd, lookback: 10m}", "No ON UPDATE",
        "local times of the server's zone, SYSTEM (UTC)"),
      Case(
        "t (id INT PRIMARY KEY, updatedAt DATETIME NULL, KEY (updatedAt))",
        "key: [id]; bookmark: {by: updatedAt, lookback: 10m, nulls: include}", "may be NULL"),
      Case(
        "user_events (id BIGINT AUTO_INCREMENT PRIMARY KEY, at TIMESTAMP NOT NULL DEFAULT NOW())",
        "key: [id]; bookmark: {by: id}", "rows are only added", "alternative `by: at`"),
      // The same, with a column whose values change.
      Case(
        "user_events (id BIGINT AUTO_INCREMENT PRIMARY KEY, status INT)", "key: [id]",
        "Rows may change", "alternative `by: id`"),
      Case(
        "hits (uuid BINARY(16) PRIMARY KEY, created TIMESTAMP(3) NOT NULL DEFAULT NOW(3), KEY c (created))",
        "key: [uuid]; bookmark: {by: created}", "reason created: TIMESTAMP(3), indexed by c"),
      Case(
        "hits (uuid BINARY(16) PRIMARY KEY, occurred_at DATETIME NOT NULL, KEY (occurred_at))",
        "key: [uuid]; bookmark: {by: occurred_at, lookback: 10m}", "Applications write it"),
      // Times that say nothing about changes.
      Case(
        "people (id CHAR(36) PRIMARY KEY, born DATETIME, expires_at TIMESTAMP NULL, KEY (expires_at))",
        "key: [id]", "No column can be a cursor"),
      Case(
        "t (a INT, b INT NOT NULL, c INT NOT NULL, UNIQUE (a), UNIQUE (c, b), UNIQUE two (b, c))",
        "key: [c, b]", "No column can be a cursor"),
      Case("t (a INT, UNIQUE (a))", "", "warning no primary key"),
      Case(
        "t (id INT PRIMARY KEY, updated_at \(onUpdate), deleted_at DATETIME, KEY (updated_at))",
        "key: [id]; bookmark: {by: updated_at}", "`deletes: {column: deleted_at}`"),
      Case(
        "t (id INT PRIMARY KEY, d DATE NOT NULL DEFAULT '0000-00-00', m DECIMAL(50, 5))",
        "key: [id]", "warning d: dates 0000-00-00 become null", "warning m: more than 38 digits"),
      Case("t (id INT PRIMARY KEY) ENGINE=MyISAM", "key: [id]", "warning MyISAM has no consistent"),
      Case(
        "t (id INT PRIMARY KEY, s INT INVISIBLE)", "key: [id]", "s: invisible, left out"),
      Case(
        "t (id INT PRIMARY KEY, `a\tb` INT)", "key: [id]; exclude: [a\tb]",
        "warning a\tb: control characters"),
      // The key is invisible: the stream does not have it.
      Case("t (id INT INVISIBLE AUTO_INCREMENT PRIMARY KEY, a INT)", "", "warning no primary key"),
    ]

    @Test(arguments: cases)
    func `a stream for each kind of table`(_ test: Case) throws {
      let database = try TestDatabase()
      try database.run("CREATE TABLE \(test.table)")
      let stream = try #require(try propose(database).streams.first)
      #expect(text(stream) == test.options)
      let remarks = stream.remarks.map { "\($0.kind) \($0.text)" }.joined(separator: "\n")
      for words in test.words { #expect(remarks.contains(words), "\(words) not in:\n\(remarks)") }
      // What is proposed can be opened and planned as it is.
      let configured = StreamConfiguration(
        name: "shop.\(stream.item)", item: stream.item,
        options: ConfigValue(.map(stream.options.filter { $0.key != "key" })))
      let session = try database.source().open(configured)
      defer { session.close() }
      _ = try session.plan(
        PlanRequest(bookmark: nil, ledger: MemoryLedger(), knownSchema: nil))
    }

    @Test func `an unindexed cursor of a large table comes with its index`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, updated_at \(Self.onUpdate))",
        "INSERT INTO t (id) SELECT seq FROM seq_1_to_30000", "ANALYZE TABLE t")
      let stream = try #require(try propose(database).streams.first)
      let warning = try #require(stream.remarks.first { $0.kind == .warning })
      let statement = try #require(warning.statement)
      #expect(statement.hasPrefix("CREATE INDEX `by_updated_at`"))
      try database.run(statement)
      let mended = try #require(try propose(database).streams.first)
      #expect(!mended.remarks.contains { $0.kind == .warning })
    }

    @Test func `a table too large to be read whole goes by what there is`() throws {
      let database = try TestDatabase()
      try database.run("CREATE TABLE stock (id INT AUTO_INCREMENT PRIMARY KEY, status INT)")
      var table = try #require(try facts(database).first)
      #expect(CursorChoice(table).chosen == nil)
      table.dataBytes = CursorChoice.wholeBytesMax + 1
      let choice = CursorChoice(table)
      #expect(choice.chosen?.column.name == "id")
      let stream = StreamProposal(table: table, choice: choice, partition: nil, zone: "UTC")
        .stream(item: "stock")
      let warning = try #require(stream.remarks.first { $0.kind == .warning })
      #expect(warning.text.contains("changes of rows are not seen"))
      try database.run(try #require(warning.statement))
      #expect(CursorChoice(try #require(try facts(database).first)).chosen?.sight == .changes)
    }

    @Test func `partitions are measured at the ends of an index`() throws {
      let database = try TestDatabase()
      try database.run(
        """
        CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, created_at DATETIME NOT NULL,
          updated_at \(Self.onUpdate))
        """,
        "INSERT INTO t (created_at) SELECT '2023-01-01' + INTERVAL seq DAY FROM seq_0_to_364")
      let connection = try connection(database)
      defer { connection.close() }
      // By the order of the primary key, and by an index of its own.
      for index in ["", "ALTER TABLE t ADD KEY (created_at)"] {
        if !index.isEmpty { try database.run(index) }
        var table = try #require(try facts(database).first)
        #expect(try PartitionAdvice.look(table, connection) == nil)
        (table.rowCount, table.dataBytes) = (365_000_000, 36_500_000_000)
        let days = try #require(try PartitionAdvice.look(table, connection))
        #expect(days.text == "day(created_at)")
        #expect((990_000...1_010_000).contains(days.partitionRows))
        (table.rowCount, table.dataBytes) = (10_000_000, 1_000_000_000)
        #expect(try PartitionAdvice.look(table, connection)?.text == "month(created_at)")
      }
    }

    @Test func `what is not a table, or not granted, is left out with a word`() throws {
      let database = try TestDatabase()
      try database.run(
        "CREATE TABLE open (id INT PRIMARY KEY, secret INT)", "CREATE TABLE closed (id INT)",
        "CREATE VIEW v AS SELECT 1 AS x", "CREATE SEQUENCE numbers",
        "CREATE USER 'part'@'localhost'",
        "GRANT SELECT (id), INSERT (secret) ON `\(database.name)`.open TO 'part'@'localhost'",
        "GRANT INSERT ON `\(database.name)`.closed TO 'part'@'localhost'")
      defer { try? database.run("DROP USER 'part'@'localhost'") }
      let all = try propose(database)
      #expect(all.streams.map(\.item) == ["closed", "open"])
      #expect(all.leftOut.joined().contains("v"))
      #expect(all.leftOut.joined().contains("numbers"))
      let part = try propose(database, user: "part")
      #expect(part.streams.map(text) == ["key: [id]; exclude: [secret]"])
      #expect(part.leftOut.joined().contains("closed (no column that may be read"))
      #expect(part.remarks.first?.statement == "GRANT PROCESS ON *.* TO 'part'@'localhost'")
      #expect(all.remarks.isEmpty)
    }

    @Test func `a URL that leads nowhere says so, without its secrets`() throws {
      let database = try TestDatabase()
      func failure(_ url: String) -> ConnectorError? {
        let error = connectorError {
          _ = try MySQLSourceType.propose(url: url, SourceContext(environment: { _ in nil }))
        }
        #expect(error.map { "\($0) \($0.remedy)".contains("hunter2") } == false)
        return error
      }
      let socket = "socket=\(database.server.socket)"
      let empty = failure("mysql://root@localhost/\(database.name)?\(socket)")
      #expect(empty?.kind == .notFound)
      let unnamed = failure("mysql://root@localhost?\(socket)")
      #expect(unnamed?.remedy.contains(database.name) == true)
      #expect(failure("mysql://root@localhost/MySQL?\(socket)")?.kind == .misconfigured)
      #expect(failure("mysql://root:hunter2@localhost/x?\(socket)")?.kind == .denied)
      #expect(failure("mysql://root:hunter2@127.0.0.1:1/x")?.kind == .unreachable)
      #expect(failure("mysql://root:hunter2@host:99999/x")?.kind == .misconfigured)
      #expect(failure("mysql://root:hunter2%zz@host/x")?.kind == .misconfigured)
    }

    // MARK: Tools

    private func propose(_ database: TestDatabase, user: String = "root") throws -> Proposal {
      let url = "mysql://\(user)@localhost/\(database.name)?socket=\(database.server.socket)"
      return try MySQLSourceType.propose(url: url, SourceContext(environment: { _ in nil }))
    }

    private func connection(_ database: TestDatabase) throws -> Connection {
      let url = database.server.url(database: database.name)
      return try Connection(
        Endpoint(
          SourceConfiguration(name: "shop", options: .map(["url_env": .string("URL")])),
          SourceContext(environment: { _ in url })))
    }

    private func facts(_ database: TestDatabase) throws -> [TableFacts] {
      let connection = try connection(database)
      defer { connection.close() }
      return try TableFacts.look(connection, schema: database.name)
    }

    /// `key: [id]; bookmark: {by: updated_at}`.
    private func text(_ stream: ProposedStream) -> String {
      func text(_ value: ConfigValue) -> String {
        if let string = value.string { return string }
        if let list = value.list { return "[\(list.map(text).joined(separator: ", "))]" }
        return "{\(value.entries.map { "\($0.key): \(text($0.value))" }.joined(separator: ", "))}"
      }
      return stream.options.map { "\($0.key): \(text($0.value))" }.joined(separator: "; ")
    }
  }
}
