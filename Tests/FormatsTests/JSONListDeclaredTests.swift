import Formats
import Records
import Testing

/// Lists whose types the config gives.
@Suite struct JSONListDeclaredTests {
  private func options(_ type: String, zone: String = "UTC") throws -> LineOptions {
    LineOptions(zone: zone, declared: [Field("c", try #require(ColumnTypeText.type(type)))])
  }

  @Test(arguments: [
    ("array<string>", "[1, \"x\", null, {\"a\":[2]}]", #"["1","x",null,"{\"a\":[2]}"]"#),
    ("array<int>", "[1, \"-7\", 5.0, null]", "[1,-7,5,null]"),
    ("array<int>", "[]", "[]"), ("array<int>", "null", "null"),
    ("array<decimal(10,2)>", "[1.5, \"2\", 1e3]", "[1.50,2.00,1000.00]"),
    ("array<float>", "[1.5, 2]", "[1.5,2.0]"),
    ("array<boolean>", "[true, \"false\"]", "[true,false]"),
    ("array<date>", "[\"2026-11-21\"]", "[2026-11-21]"),
    ("array<array<tinyint>>", "[[1], null, [\"2\"]]", "[[1],null,[2]]"),
    ("array<json>", "[{\"a\": 1}, \"x\"]", #"["{\"a\":1}","\"x\""]"#),
    (
      "array<struct<sku:string,qty:bigint>>",
      #"[{"sku":"a","qty":"2","more":[{"x":1}]},{"qty":3},null,{}]"#,
      #"[{"sku":"a","qty":2},{"qty":3},null,{}]"#
    ),
    ("array<struct<Qty:int>>", #"[{"qty":1}]"#, #"[{"Qty":1}]"#),
    ("array<struct<q:int>>", #"[{"q":"x","q":1}]"#, #"[{"q":1}]"#),
    (
      "array<struct<l:array<struct<d:decimal(4,1)>>>>", #"[{"l":[{"d":1},{"d":"2.5"}]}]"#,
      #"[{"l":[{"d":1.0},{"d":2.5}]}]"#
    ),
    ("struct<a:int,l:array<int>>", #"{"a":"1","l":["2"],"z":9}"#, #"{"a":1,"l":[2]}"#),
  ])
  func takesWhatFits(_ type: String, _ value: String, _ expected: String) throws {
    let parsed = try parse("json", ["{\"c\":\(value)}\n{}\n"], options: options(type))
    #expect(parsed.outcome.rejects.isEmpty)
    #expect(parsed.schema["c"]?.type == ColumnTypeText.type(type))
    #expect(parsed.jsonTexts("c") == [expected, "null"])
  }

  @Test(arguments: [
    ("array<int>", "1"), ("array<int>", "\"x\""), ("array<int>", "{}"), ("array<int>", "[1,\"x\"]"),
    ("array<int>", "[[1]]"), ("array<int>", "[2147483648]"), ("array<array<int>>", "[[1],2]"),
    ("array<struct<q:int>>", "[{\"q\":1},{\"q\":\"x\"}]"), ("array<struct<q:int>>", "[1]"),
    ("array<struct<q:array<int>>>", "[{\"q\":[1]},{\"q\":[true]}]"),
    ("array<date>", "[\"2026-02-30\"]"), ("struct<l:array<int>>", "{\"l\":[true]}"),
    ("struct<l:array<int>>", "[]"),
  ])
  func rejectsWhatDoesNotFit(_ type: String, _ value: String) throws {
    let parsed = try parse(
      "json", ["{\"k\":[1]}\n{\"k\":[2],\"c\":\(value)}\n{\"k\":[3]}\n"], options: options(type))
    #expect(parsed.jsonTexts("k") == ["[1]", "[3]"])
    #expect(parsed.outcome.rowLines == [1, 3])
    #expect(parsed.outcome.rejects.map(\.line) == [2])
    #expect(parsed.schema["c"]?.type == ColumnTypeText.type(type))
  }

  @Test func aDeclaredStructIsNotFlattened() throws {
    var options = try options("struct<a:struct<b:int>>")
    options.flattens = true
    let parsed = try parse("json", [#"{"c":{"a":{"b":"1"}},"d":{"e":{"f":1}}}"#], options: options)
    #expect(parsed.types == ["c": "struct<a:struct<b:int>>", "d_e_f": "bigint"])
    #expect(parsed.jsonTexts("c") == ["{\"a\":{\"b\":1}}"])
  }

  @Test func timesInListsAreInTheZone() throws {
    let parsed = try parse(
      "json", [#"{"c":[{"t":"2026-11-21 10:00:00"},{"t":"2026-11-21T10:00:00Z"}]}"#],
      options: options("array<struct<t:timestamp>>", zone: "Europe/Berlin"))
    #expect(
      parsed.jsonTexts("c") == ["[{\"t\":2026-11-21T09:00:00Z},{\"t\":2026-11-21T10:00:00Z}]"])
  }

  @Test func typesAsPeopleWriteThem() {
    #expect(
      ColumnTypeText.type("Array< Struct<userId: BIGINT, p: decimal(12, 2)> >")?.description
        == "array<struct<userId:bigint,p:decimal(12,2)>>")
    #expect(ColumnTypeText.parse("array<timestamp>")?.type.description.contains("array") == true)
    let deep = String(repeating: "array<", count: 15) + "int" + String(repeating: ">", count: 15)
    #expect(ColumnTypeText.type(deep) != nil)
    #expect(ColumnTypeText.type("array<\(deep)>") == nil)
    let hostile = [
      "array", "array<>", "array<int", "array<int>>", "array<int,int>", "struct<>", "struct<a>",
      "struct<a:int", "struct<a:int,>", "struct<:int>", "struct<a:int,A:int>", "map<string,int>",
      "array<wood>", "<int>", ">", "array<int>x", "struct<a:int>,b", "array<decimal(12>",
      String(repeating: "array<", count: 100_000), String(repeating: "struct<a:", count: 100_000),
    ]
    for text in hostile { #expect(ColumnTypeText.type(text) == nil, "\(text.prefix(40))") }
  }

  /// Other formats have no lists to give.
  @Test(arguments: ["csv", "logfmt"])
  func textsAreNoLists(_ format: String) throws {
    let error = try #require(throws: FormatError.self) {
      try parse(format, ["a=1\n"], options: options("array<int>"))
    }
    #expect(error.kind == .invalidOption && error.message.contains("array<int>"))
  }
}
