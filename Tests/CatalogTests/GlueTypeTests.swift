import Catalog
import Records
import Testing

@Suite struct GlueTypeTests {
  private static let exact: [(DataType, String)] = [
    (.boolean, "boolean"), (.int8, "tinyint"), (.int16, "smallint"), (.int32, "int"),
    (.int64, "bigint"), (.float32, "float"), (.float64, "double"), (.date, "date"),
    (.string, "string"), (.binary, "binary"), (.decimal(precision: 10, scale: 2), "decimal(10,2)"),
    (.decimal(precision: 38, scale: 38), "decimal(38,38)"),
    (.timestamp(.microseconds, isUTC: false), "timestamp"),
    (.list(Field("element", .string)), "array<string>"),
    (
      .map(key: Field("key", .string, isNullable: false), value: Field("value", .int64)),
      "map<string,bigint>"
    ),
    (
      .structure([
        Field("a", .int32), Field("b c", .list(Field("element", .structure([Field("d", .date)])))),
      ]), "struct<a:int,b c:array<struct<d:date>>>"
    ),
  ]

  private static let widened: [(DataType, String)] = [
    (.uint8, "smallint"), (.uint16, "int"), (.uint32, "bigint"), (.uint64, "decimal(20,0)"),
    (.float16, "float"), (.time(.microseconds), "bigint"), (.json, "string"), (.uuid, "string"),
    (.fixedBinary(width: 4), "binary"), (.timestamp(.nanoseconds, isUTC: true), "timestamp"),
    (.timestamp(.milliseconds, isUTC: false), "timestamp"),
    (.structure([Field("UserID", .uint8)]), "struct<userid:smallint>"),
  ]

  @Test(arguments: exact) func writesAndReads(_ type: DataType, _ text: String) throws {
    #expect(try GlueType.text(type, place: "c") == text)
    #expect(try GlueType.parse(text, place: "c") == type)
  }

  @Test(arguments: widened) func writes(_ type: DataType, _ text: String) throws {
    #expect(try GlueType.text(type, place: "c") == text)
  }

  @Test(arguments: [
    ("INTEGER", DataType.int32),
    (" Array< STRUCT <A : Int> > ", .list(Field("element", .structure([Field("a", .int32)])))),
    ("varchar(10)", .string), ("char(3)", .string), ("varchar", .string),
    ("decimal", .decimal(precision: 10, scale: 0)),
    ("decimal(5)", .decimal(precision: 5, scale: 0)),
    ("Decimal( 5 , 1 )", .decimal(precision: 5, scale: 1)), ("struct<>", .structure([])),
    ("long", .int64), ("real", .float32),
  ])
  func readsOtherSpellings(_ text: String, _ type: DataType) throws {
    #expect(try GlueType.parse(text, place: "c") == type)
  }

  @Test(arguments: [
    "", " ", "strin", "array", "array<", "array<>", "array<int", "array<int>>", "map<int>",
    "map<int,int", "struct<a>", "struct<a:>", "struct<:int>", "struct<a:int,>",
    "struct<a:int,A:int>",
    "decimal(0)", "decimal(39,0)", "decimal(5,6)", "decimal(-1)", "decimal(1,2,3)", "decimal(x)",
    "decimal(99999999999999999999)", "int int", "int(5)", "uniontype<int,string>", "a\u{0}b", "é",
    "interval_day_time", "struct<a:int", "varchar(", "map<,>",
  ])
  func refusesWhatIsNoType(_ text: String) {
    let error = #expect(throws: CatalogError.self) { try GlueType.parse(text, place: "t.c") }
    #expect(error?.kind == .invalidInput)
    #expect(error?.place == "t.c")
  }

  @Test func boundsTheDepth() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "array<", count: depth) + "int" + String(repeating: ">", count: depth)
    }
    _ = try GlueType.parse(nested(GlueType.depthMax), place: "c")
    for depth in [GlueType.depthMax + 1, 100_000] {
      #expect(throws: CatalogError.self) { try GlueType.parse(nested(depth), place: "c") }
    }
  }

  @Test func reportsFieldsThatCollide() {
    let type = DataType.list(
      Field("element", .structure([Field("Name", .string), Field("name", .int32)])))
    let error = #expect(throws: CatalogError.self) { try GlueType.text(type, place: "raw.t.c") }
    #expect(error?.kind == .invalidInput)
    #expect(
      error?.message == "the columns 'Name' and 'name' are the same to readers, who ignore case")
    #expect(error?.place == "raw.t.c")
  }

  @Test(arguments: ["a:b", "a,b", "a<b", "a>b", ""]) func reportsFieldsThatCannotBe(_ name: String)
  {
    #expect(throws: CatalogError.self) {
      try GlueType.text(.structure([Field(name, .int32)]), place: "c")
    }
  }
}
