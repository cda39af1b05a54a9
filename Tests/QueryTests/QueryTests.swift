import Base
import Foundation
import Query
import Records
import Testing

@Suite struct QueryTests {
  private let lake: Lake

  init() throws { lake = try Lake.shared.get() }

  @Test func readsFilesOfDifferentSchemas() throws {
    let text = try answer("SELECT * FROM orders ORDER BY id", [lake.orders])
    #expect(text == "id,name,extra\n1,a,\n2,,\n3,c,1.5\n4,d,2.5\n")
    let type = try answer("SELECT DISTINCT typeof(id) AS t FROM raw.orders", [lake.orders])
    #expect(type == "t\nBIGINT\n")
  }

  @Test func showsATableWithoutFiles() throws {
    let empty = lake.table("empty", [Field("id", .int64), Field("day", .date)], keys: ["day"], [])
    #expect(try answer("SELECT * FROM empty", [empty]) == "id,day\n")
    #expect(try answer("SELECT * FROM empty", [empty], .json) == "[]\n")
    let described = try answer("DESCRIBE empty", [empty])
    #expect(described.contains("id,BIGINT"))
    #expect(described.contains("day,DATE"))
    #expect(try answer("SELECT count(*) AS n, max(day) AS d FROM empty", [empty]) == "n,d\n0,\n")
  }

  @Test(arguments: [1, 2, 5, 64, 65, 200]) func readsPartitions(_ count: Int) throws {
    let table = lake.partitioned(count)
    let sums = try answer("SELECT count(*) AS n, sum(v) AS v FROM parts", [table])
    #expect(sums == "n,v\n\(count),\(count * (count - 1) * 5)\n")
    let one = try answer("SELECT * FROM parts WHERE day = '1001'", [table])
    #expect(one == (count > 1 ? "id,day,v\n1,1001,10\n" : "id,day,v\n"))
    let ends = try answer("SELECT min(day) AS a, max(day) AS b FROM parts", [table])
    #expect(ends == "a,b\n1000,\(999 + count)\n")
    let nulls = try answer("SELECT id FROM parts WHERE day IS NULL", [table])
    #expect(nulls == (count > 3 ? "id\n3\n" : "id\n"))
  }

  @Test func convertsPartitionValues() throws {
    let table = lake.partitioned(10, type: .int32)
    #expect(try answer("SELECT sum(day) AS s FROM parts", [table]) == "s\n9042\n")
    let types = try answer("SELECT DISTINCT typeof(day) AS t FROM parts", [table])
    #expect(types == "t\nINTEGER\n")
  }

  @Test func opensOnlyThePartitionsAskedFor() throws {
    var table = lake.partitioned(150)
    for index in table.partitions.indices where index != 77 {
      table.partitions[index].files = [lake.path("broken/\(index).parquet")]
    }
    #expect(try answer("SELECT v FROM parts WHERE day = '1077'", [table]) == "v\n770\n")
  }

  @Test func readsPathsThatLookLikePatterns() throws {
    let path = lake.path("glob/day=[x]*?'/x.parquet")
    let table = lake.table(
      "t", [Field("id", .int64), Field("day", .string)], keys: ["day"],
      [
        QueryPartition(values: ["[x]*?'"], files: [path]),
        QueryPartition(values: ["1"], files: [lake.path("p/1/x.parquet")]),
      ])
    #expect(
      try answer("SELECT id, day FROM t ORDER BY day DESC", [table])
        == "id,day\n1,\"[x]*?'\"\n1,1\n")
  }

  @Test func readsAColumnThatIsNamedFilename() throws {
    let partitions = ["a", "b"].map { (name: String) in
      QueryPartition(values: [name], files: [lake.path("filename/\(name).parquet")])
    }
    let table = lake.table(
      "t", [Field("Filename", .string), Field("p", .string)], keys: ["p"], partitions)
    let text = try answer("SELECT * FROM t WHERE filename = 'in b'", [table])
    #expect(text == "Filename,p\nin b,b\n")
  }

  @Test func readsEveryType() throws {
    let fields = [
      Field("b", .boolean), Field("f", .float64), Field("g", .float64),
      Field("d", .decimal(precision: 12, scale: 2)), Field("day", .date),
      Field("at", .timestamp(.microseconds, isUTC: true)),
      Field("local", .timestamp(.milliseconds, isUTC: false)), Field("t", .time(.microseconds)),
      Field("j", .json), Field("s", .string), Field("l", .list(Field("element", .int64))),
      Field("r", .structure([Field("x", .int64), Field("y", .string)])),
      Field("m", .map(key: Field("key", .string), value: Field("value", .int64))),
      Field("u", .decimal(precision: 20, scale: 0)), Field("raw", .binary),
      Field("weird \"name's", .int64), Field("none", .uuid),
    ]
    let table = lake.table("types", fields, [QueryPartition(files: [lake.path("types.parquet")])])
    let text = try answer("SELECT * FROM types", [table], .json)
    let row = try #require(try JSONValue(parsing: text).array?.first)
    #expect(row["b"] == true)
    #expect(row["f"] == "NaN")
    #expect(row["g"] == "-Infinity")
    #expect(row["d"]?.string == "12.50" || row["d"]?.number == 12.5)
    #expect(row["day"] == "2026-11-21")
    #expect(row["at"] == "2026-11-21 07:34:00+00")
    #expect(row["local"] == "2026-11-21 07:34:00")
    #expect(row["t"] == 3600)
    #expect(row["j"] == .object(["a": [1]]))
    #expect(row["s"] == "NaN, \"quoted\"")
    #expect(row["l"] == [1, 2])
    #expect(row["r"] == .object(["x": 1, "y": nil]))
    #expect(row["m"] == .object(["k": 1]))
    #expect(row["u"] == "9223372036854775808")
    #expect(row["weird \"name's"] == 7)
    #expect(row["none"] == .null)
  }

  @Test func resolvesNamesAlongTheSearchPath() throws {
    let raw = lake.partitioned(2)
    var refined = lake.partitioned(5)
    refined.database = "refined"
    var only = lake.partitioned(7)
    only.database = "fore cast\""
    only.name = "only \"one"
    let tables = [refined, raw, only]
    let path = ["raw", "refined", "fore cast\""]
    func count(_ name: String) throws -> String {
      try answer("SELECT count(*) AS n FROM \(name)", tables, searchPath: path)
    }
    #expect(try count("parts") == "n\n2\n")
    #expect(try count("PARTS") == "n\n2\n")
    #expect(try count("refined.parts") == "n\n5\n")
    #expect(try count("\"only \"\"one\"") == "n\n7\n")
    #expect(try count("\"fore cast\"\"\".\"only \"\"one\"") == "n\n7\n")
    let both = "SELECT count(*) AS n FROM raw.parts a JOIN refined.parts b USING (id)"
    #expect(try answer(both, tables) == "n\n2\n")
  }

  @Test func showsBoxesForPeople() throws {
    let text = try answer(
      "SELECT id FROM parts", [lake.partitioned(60)], .table(rowsMax: 4, width: 80))
    #expect(text.contains("│"))
    #expect(text.contains("60 rows"))
    #expect(text.contains("4 shown"))
    #expect(text.split(separator: "\n").count < 15)
  }

  @Test func writesCSVAsTheStandardHasIt() throws {
    let text = try answer("SELECT 'a,\"b' AS \"x,y\", NULL AS n, E'l\\nm' AS l", [])
    #expect(text == "\"x,y\",n,l\n\"a,\"\"b\",,\"l\nm\"\n")
  }

  @Test func listsTables() throws {
    let tables = [lake.orders, lake.partitioned(2)]
    #expect(try answer("SHOW TABLES", tables) == "name\norders\nparts\n")
    let listed = try answer(
      "SELECT table_name FROM information_schema.tables ORDER BY 1", tables)
    #expect(listed == "table_name\norders\nparts\n")
    let found = try answer(
      "SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1", tables)
    #expect(found == "view_name\norders\nparts\n")
  }

  @Test(arguments: [
    "WITH x AS (SELECT * FROM orders) SELECT count(*) AS n FROM x",
    "FROM orders SELECT count(*) AS n",
    "(SELECT count(*) AS n FROM orders);", "/* c /* d */ */ SELECT count(*) AS n FROM orders -- e",
    "SELECT count(*) AS n FROM query('FROM orders')", "VALUES (4)",
    "SELECT count(*) AS n FROM query_table('orders')",
    "SELECT n FROM (UNPIVOT (SELECT count(*) AS n FROM orders) ON n INTO NAME k VALUE n)",
  ])
  func takesAnyReadingStatement(_ sql: String) throws {
    let text = try answer(sql, [lake.orders])
    #expect(text.split(separator: "\n").last == "4")
  }

  @Test(arguments: [
    "EXPLAIN SELECT * FROM orders", "-- why\nexplain analyze SELECT * FROM orders",
    "EXPLAIN (FORMAT json) SELECT * FROM orders", "SUMMARIZE orders", "SHOW orders", "TABLE orders",
    "PIVOT orders ON name IN ('a', 'c') USING sum(id)",
  ])
  func takesStatementsAboutStatements(_ sql: String) throws {
    #expect(try !answer(sql, [lake.orders]).isEmpty)
  }

  @Test func createsViewsOnlyForTheTablesAsked() throws {
    var tables = [lake.orders]
    for index in 0..<3000 {
      var table = lake.partitioned(1)
      table.name = "t\(index)"
      tables.append(table)
    }
    let start = Date()
    #expect(try answer("SELECT count(*) AS n FROM orders", tables) == "n\n4\n")
    #expect(Date().timeIntervalSince(start) < 5)
  }
}
