import Base
import Foundation
import Query
import Records
import Testing

@Suite struct QueryErrorTests {
  private let lake: Lake

  init() throws { lake = try Lake.shared.get() }

  @Test(arguments: [
    "INSERT INTO orders VALUES (1)", "DELETE FROM orders", "UPDATE orders SET id = 1",
    "CREATE TABLE x (a INT)", "DROP VIEW raw.orders", "ALTER VIEW orders RENAME TO x",
    "COPY (SELECT 1) TO '/tmp/x.csv'", "EXPORT DATABASE '/tmp/x'", "ATTACH 'x.db'",
    "SET threads = 1", "PRAGMA version", "CALL pragma_version()", "INSTALL httpfs", "LOAD httpfs",
    "USE refined", "BEGIN", "PREPARE q AS SELECT 1", "EXECUTE q", "CHECKPOINT", "VACUUM",
    "EXPLAIN DELETE FROM orders", "EXPLAIN ANALYZE INSERT INTO orders VALUES (1)",
    "EXPLAIN EXPLAIN SELECT 1", "SELECT 1; SELECT 2", "SELECT 1; DROP VIEW raw.orders",
    "DROP VIEW raw.orders; SELECT 1", "PIVOT orders ON name USING sum(id)",
    "EXPLAIN (FORMAT json) DROP VIEW raw.orders", "-- \rDROP VIEW raw.orders; --\nEXPLAIN SELECT 1",
    "/* /* */ DROP VIEW raw.orders; */ EXPLAIN SELECT 1\n; DROP VIEW raw.orders",
    "EXPLAIN SELECT 1; DROP VIEW raw.orders",
  ])
  func refusesWhatDoesMoreThanRead(_ sql: String) throws {
    #expect(try failure(sql, [lake.orders])?.kind == .refused)
  }

  /// The program's own commands begin with a dot at the start of a line.
  @Test(arguments: [
    ".shell touch MARK", "-- c\n.shell touch MARK\nSELECT 1", "SELECT $$;\n.shell touch MARK\n$$",
    "SELECT 1;\n.shell touch MARK", "SELECT 1\n.shell touch MARK",
    "/*\n.shell touch MARK\n*/ SELECT 1",
    "SELECT ';\n.shell touch MARK\n'", "EXPLAIN\n.shell touch MARK",
    "SELECT \";\n.shell touch MARK\n\"",
    "SELECT $a$;\n.shell touch MARK\n$a$", "SELECT $é$;\n.shell touch MARK\n$é$",
    "EXPLAIN (FORMAT json;\n.shell touch MARK\n) SELECT 1", "SELECT 1 -- \r;\n.shell touch MARK",
    "SELECT U&'\\0041;\n.shell touch MARK\n'", "SELECT x';\n.shell touch MARK\n'",
    "SELECT E'\\';\n.shell touch MARK\n'",
    "SELECT 1 --\\\n.shell touch MARK", ".once MARK\nSELECT 1", ".output MARK",
    "SELECT 1;\u{00A0}\n.shell touch MARK",
  ])
  func runsNoCommandOfTheProgram(_ sql: String) throws {
    let mark = lake.path("mark-\(UUID().uuidString)")
    _ = try failure(sql.replacingOccurrences(of: "MARK", with: mark), [])
    #expect(!FileManager.default.fileExists(atPath: mark))
  }

  @Test func readsNothingButTheTables() throws {
    let secret = lake.path("secret.parquet")
    for sql in [
      "SELECT * FROM '\(secret)'", "SELECT * FROM read_parquet('\(secret)')",
      "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM read_csv('/etc/passwd')",
      "SELECT * FROM glob('/etc/*')", "SELECT * FROM read_blob('/proc/self/environ')",
      "SELECT * FROM '\(lake.path("p"))/*/x.parquet'",
    ] {
      let error = try #require(try failure(sql, [lake.orders]), "\(sql)")
      #expect([.refused, .unknownTable].contains(error.kind), "\(sql): \(error.kind)")
    }
    let environment = try failure("SELECT getenv('HOME')", [])
    #expect(environment?.kind == .refused || environment?.kind == .invalid)
  }

  @Test(arguments: [
    ("SELEC 1", "byte 0"), ("SELECT * FROM", "byte 13"), ("SELECT 'a", "byte 7"),
  ])
  func saysWhereTheSyntaxIsWrong(_ sql: String, _ place: String) throws {
    let error = try #require(try failure(sql, []))
    #expect(error.kind == .syntax)
    #expect(error.place == place)
  }

  @Test(arguments: ["", "  ", "-- nothing", ";", "EXPLAIN", "SELECT 1\0"])
  func refusesEmptyStatements(_ sql: String) throws {
    #expect(try failure(sql, [])?.kind == .syntax)
  }

  @Test(arguments: [
    ("SELECT * FROM ordesr", "did you mean 'raw.orders'?"),
    ("SELECT * FROM raw.ordrs", "did you mean 'raw.orders'?"),
    ("SELECT * FROM rww.orders", "did you mean 'raw.orders'?"),
    ("SELECT * FROM nothing_alike", "see what there is with `tidemark catalog tables`"),
  ])
  func namesTheNearestTable(_ sql: String, _ remedy: String) throws {
    let error = try #require(try failure(sql, [lake.orders, lake.partitioned(1)]))
    #expect(error.kind == .unknownTable)
    #expect(error.remedy == remedy)
  }

  @Test(arguments: ["SELECT nmae FROM orders", "SELECT o.nmae FROM orders o"])
  func namesTheNearestColumn(_ sql: String) throws {
    let error = try #require(try failure(sql, [lake.orders]))
    #expect(error.kind == .unknownColumn)
    #expect(error.remedy.contains("name"))
  }

  @Test func saysOfOtherErrorsWhatTheEngineSays() throws {
    let cast = try #require(try failure("SELECT CAST('x' AS INTEGER)", []))
    #expect(cast.kind == .invalid)
    #expect(cast.message.contains("Could not convert string 'x'"))
    let function = try #require(try failure("SELECT date_dif(1)", []))
    #expect(function.kind == .invalid)
    #expect(function.remedy.contains("Did you mean"))
  }

  @Test func reportsFilesThatCannotBeRead() throws {
    for name in ["broken.parquet", "missing.parquet"] {
      let table = lake.table(
        "t", [Field("id", .int64)], [QueryPartition(files: [lake.path(name)])])
      let error = try #require(try failure("SELECT * FROM t", [table]))
      #expect(error.kind == .unreadable, "\(name): \(error)")
      #expect(error.message.contains(name))
    }
  }

  @Test func runsOutOfMemoryWithAnError() throws {
    let sql = "SELECT list(range) AS l FROM range(50000000)"
    #expect(throws: QueryError.self) {
      try answer(sql, [], limits: QueryLimits(memoryBytes: 40 << 20, threads: 1))
    }
    do { _ = try answer(sql, [], limits: QueryLimits(memoryBytes: 40 << 20, threads: 1)) } catch let
      error as QueryError
    {
      #expect(error.kind == .outOfMemory)
    }
  }

  @Test func stopsWhenTheReaderHasEnough() throws {
    let start = Date()
    var pieces = 0
    let request = QueryRequest(
      sql: "SELECT range, repeat('x', 100) FROM range(100000000)", tables: [], format: .csv)
    try engine().run(request, cancellation: Cancellation()) { _ in
      pieces += 1
      return pieces < 3
    }
    #expect(pieces == 3)
    #expect(Date().timeIntervalSince(start) < 60)
  }

  @Test func stopsOnCancellation() throws {
    let cancellation = Cancellation()
    let start = Date()
    WorkerThread("canceller") {
      Thread.sleep(forTimeInterval: 0.3)
      cancellation.cancel("interrupted")
    }
    let request = QueryRequest(
      sql: "SELECT count(*) FROM range(10000000000) a, range(1000) b", tables: [], format: .csv)
    let error = #expect(throws: QueryError.self) {
      try engine().run(request, cancellation: cancellation) { _ in true }
    }
    #expect(error?.kind == .cancelled)
    #expect(error?.message.contains("interrupted") == true)
    #expect(Date().timeIntervalSince(start) < 10)
  }

  @Test func leavesNoTemporaryFilesBehind() throws {
    let folder = lake.path("temporary-\(UUID().uuidString)")
    let limits = QueryLimits(memoryBytes: 64 << 20, threads: 1, temporaryFolder: folder)
    _ = try answer("SELECT 1", [], limits: limits)
    _ = try? answer("SELECT nope", [], limits: limits)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
  }
}
