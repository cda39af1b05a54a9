import Formats
import Records
import Testing

@Suite struct JSONRowsTests {
  private func types(_ lines: String..., flattens: Bool = false) throws -> [String: String] {
    try parse("json", [lines.joined(separator: "\n")], options: LineOptions(flattens: flattens))
      .types
  }

  @Test func infersScalars() throws {
    let parsed = try parse(
      "json", [#"{"b":true,"i":1,"d":1.5,"s":"x","u":18446744073709551615,"n":null}"#])
    #expect(parsed.schema.names == ["b", "i", "d", "s", "u"])
    #expect(
      parsed.types == [
        "b": "boolean", "i": "bigint", "d": "double", "s": "string", "u": "decimal(20,0)",
      ])
    #expect(parsed.texts("u") == ["18446744073709551615"])
    #expect(parsed.texts("d") == ["1.5"])
  }

  /// Each pair of kinds and what they widen to, within a chunk and over batches.
  @Test(arguments: [
    ("1", "2.5", "double", ["1.0", "2.5"]),
    ("1", "18446744073709551615", "decimal(20,0)", ["1", "18446744073709551615"]),
    ("18446744073709551615", "0.5", "double", ["1.8446744073709552e+19", "0.5"]),
    ("true", "1", "string", ["true", "1"]),
    ("1", "\"x\"", "string", ["1", "x"]),
    ("1.5", "\"x\"", "string", ["1.5", "x"]),
    ("18446744073709551615", "\"x\"", "string", ["18446744073709551615", "x"]),
    ("[1, 2]", "[\"a\"]", "array<string>", ["[1,2]", "[a]"]),
    ("[1, 2]", "[2.5, null]", "array<double>", ["[1.0,2.0]", "[2.5,null]"]),
    ("[1]", "{\"a\":1}", "json", ["[1]", "{\"a\":1}"]),
    ("{\"a\":1}", "[1]", "json", ["{\"a\":1}", "[1]"]),
    ("{\"a\":{\"b\":\"\\\"\"}}", "\"x\"", "string", ["{\"a\":{\"b\":\"\\\"\"}}", "x"]),
    ("[1]", "\"x\"", "string", ["[1]", "x"]),
    ("null", "1", "bigint", ["null", "1"]),
    ("null", "true", "boolean", ["null", "true"]),
    ("null", "\"x\"", "string", ["null", "x"]),
  ])
  func widens(_ first: String, _ second: String, _ type: String, _ texts: [String]) throws {
    let lines = ["{\"c\":\(first)}\n", "{\"c\":\(second)}\n"]
    let together = try parse("json", [lines.joined()])
    #expect(together.types == ["c": type])
    #expect(together.texts("c") == texts)
    let blocks = try parse("json", lines)
    #expect(blocks.types == ["c": type])
    #expect(blocks.texts("c") == texts)
    let batches = try parse("json", lines, batchPerBlock: true)
    #expect(batches.types == ["c": type])
    let reversed = try parse("json", Array(lines.reversed()))
    #expect(reversed.types == ["c": type])
    #expect(reversed.texts("c").sorted() == texts.sorted())
  }

  @Test func neverNarrows() throws {
    let parsed = try parse(
      "json", ["{\"a\":1.5,\"b\":1}\n", "{\"a\":2}\n", "{\"c\":true}\n"], batchPerBlock: true)
    #expect(parsed.batches.map(\.schema.names) == [["a", "b"], ["a", "b"], ["a", "b", "c"]])
    #expect(parsed.batches[1].schema["a"]?.type == .float64)
    #expect(parsed.texts("b") == ["1", "null", "null"])
  }

  @Test func goesOnFromAKnownSchema() throws {
    let known = Schema([
      Field("a", .float64), Field("gone", .string), Field("s", .structure([Field("x", .int64)])),
      Field("small", .int32), Field("_file", .string),
    ])
    let parsed = try parse(
      "json", [#"{"new":1,"a":2,"s":{"y":"z"},"small":5}"#],
      options: LineOptions(reservedNames: ["_file"]), knownSchema: known)
    #expect(parsed.schema.names == ["a", "gone", "s", "small", "new"])
    #expect(parsed.types["a"] == "double")
    #expect(parsed.types["s"] == "struct<x:bigint,y:string>")
    #expect(parsed.types["small"] == "bigint")
    #expect(parsed.texts("gone") == ["null"])
    #expect(parsed.texts("s") == ["[null,z]"])
  }

  @Test func unitesStructs() throws {
    let parsed = try parse(
      "json",
      [
        """
        {"a":{"x":1}}
        {"a":{"y":{"z":true}}}
        {"a":null}
        {}
        {"a":{"x":2.5,"y":{}}}
        """
      ])
    #expect(parsed.types == ["a": "struct<x:double,y:struct<z:boolean>>"])
    #expect(
      parsed.texts("a") == ["[1.0,null]", "[null,[true]]", "null", "null", "[2.5,[null]]"])
  }

  @Test func flattensObjects() throws {
    let parsed = try parse(
      "json",
      [
        """
        {"a":{"x":1,"b":{"y":"q"}},"l":[{"k":1}]}
        {"a":{"x":2},"c":true}
        {"a":7}
        """
      ], options: LineOptions(flattens: true))
    #expect(
      parsed.types == [
        "a": "bigint", "a_x": "bigint", "a_b_y": "string", "l": "array<struct<k:bigint>>",
        "c": "boolean",
      ])
    #expect(parsed.texts("a") == ["null", "null", "7"])
    #expect(parsed.texts("a_x") == ["1", "2", "null"])
    #expect(parsed.texts("a_b_y") == ["q", "null", "null"])
    #expect(parsed.texts("l") == ["[[1]]", "null", "null"])
  }

  @Test func flattenedNamesMustDiffer() {
    #expect {
      try parse("json", [#"{"a_b":1,"a":{"b":2}}"#], options: LineOptions(flattens: true))
    } throws: {
      ($0 as? FormatError)?.kind == .nameCollision
    }
  }

  @Test func namesThatDifferInCaseAreAnError() throws {
    let error = try #require(throws: FormatError.self) {
      try parse("json", ["{\"userId\":1}\n{\"userid\":2}"])
    }
    #expect(error.kind == .nameCollision)
    #expect(error.remedy.contains("merge_case"))
    #expect(throws: FormatError.self) { try parse("json", [#"{"s":{"A":1,"a":2}}"#]) }
  }

  @Test func namesThatDifferInCaseCanBeMerged() throws {
    let parsed = try parse(
      "json", ["{\"userId\":1}\n{\"userid\":2}\n{\"USERID\":3,\"userId\":4}"],
      options: LineOptions(mergesCase: true))
    #expect(parsed.schema.names == ["userId"])
    #expect(parsed.texts("userId") == ["1", "2", "4"])
  }

  @Test func aKnownColumnTakesAKeyOfAnotherCase() throws {
    let parsed = try parse(
      "json", [#"{"userId":1}"#], knownSchema: Schema([Field("userid", .int64)]))
    #expect(parsed.schema.names == ["userid"])
    #expect(parsed.texts("userid") == ["1"])
  }

  @Test func rejectsUnusableKeys() throws {
    let long = String(repeating: "k", count: 256)
    let parsed = try parse(
      "json",
      ["{\"a\":1}\n{\"a\":2,\"\":3}\n{\"a\":4,\"\(long)\":1}\n{\"a\":5,\"b\\n\":1}\n{\"a\":6}"])
    #expect(parsed.texts("a") == ["1", "6"])
    #expect(parsed.schema.names == ["a"])
    #expect(parsed.outcome.rejects.map(\.line) == [2, 3, 4])
    #expect(parsed.outcome.rejects[0].reason.contains("empty"))
    #expect(parsed.outcome.rowLines == [1, 5])
  }

  @Test func reservedNamesGetAnUnderscore() throws {
    let options = LineOptions(reservedNames: ["_file", "_line"])
    let parsed = try parse("json", [#"{"_file":"x","a":{"_line":1}}"#], options: options)
    #expect(parsed.schema.names == ["_file_", "a"])
    #expect(parsed.types["a"] == "struct<_line:bigint>")
    #expect {
      try parse("json", [#"{"_file":"x","_file_":1}"#], options: options)
    } throws: {
      ($0 as? FormatError)?.kind == .nameCollision
    }
  }

  @Test func equalKeysTakeTheLastValue() throws {
    let parsed = try parse(
      "json", [#"{"a":{"x":1},"a":null}"# + "\n" + #"{"a":{"x":1},"a":{"y":2}}"#])
    #expect(parsed.texts("a") == ["null", "[2]"])
  }

  @Test func deepNestingStaysText() throws {
    var text = "1"
    for _ in 0..<40 { text = "{\"a\":\(text)}" }
    let parsed = try parse("json", [text])
    #expect(parsed.outcome.rejects.isEmpty)
    #expect(parsed.types["a"]?.contains("json") == true)
  }

  @Test func tooManyKeysAreAnError() {
    let line = "{" + (0..<3000).map { "\"k\($0)\":1" }.joined(separator: ",") + "}"
    #expect { try parse("json", [line]) } throws: { ($0 as? FormatError)?.kind == .tooManyColumns }
  }

  @Test func manyColumnsAndRows() throws {
    var lines = ""
    for row in 0..<3000 {
      lines +=
        "{\"id\":\(row),\"k\(row % 50)\":\"v\(row)\",\"x\":\(row % 3 == 0 ? "null" : "1.5")}\n"
    }
    let parsed = try parse("json", [lines])
    #expect(parsed.batches[0].rowCount == 3000)
    #expect(parsed.texts("id") == (0..<3000).map(String.init))
    #expect(parsed.texts("k7")[57] == "v57")
    #expect(parsed.texts("k7")[58] == "null")
    #expect(parsed.batches[0]["x"]?.nullCount == 1000)
    #expect(parsed.outcome.rowLines == Array(1...3000))
  }

  @Test func buildsFromCursors() throws {
    let builder = try JSONRowsBuilder(options: JSONRowOptions())
    for page in [#"{"data":[{"id":1},{"id":2,"t":["x"]},5]}"#, #"{"data":[{"id":3,"o":{"p":1}}]}"#]
    {
      let document = try JSONDocument(parsing: page)
      for item in try #require(document.root["data"]).elements {
        let problem = try builder.append(item)
        #expect((problem != nil) == (item.kind != .object))
      }
    }
    let batch = builder.finish()
    #expect(batch.rowCount == 3)
    #expect(batch.schema.names == ["id", "t", "o"])
    #expect((0..<3).map { batch["t"]?[$0].text } == ["null", "[x]", "null"])
    #expect((0..<3).map { batch["o"]?[$0].text } == ["null", "null", "[1]"])
    #expect(builder.finish().rowCount == 0)
  }

  @Test func aTextInOneDocumentAndNumbersInMany() throws {
    let builder = try JSONRowsBuilder(options: JSONRowOptions())
    for index in 0..<2500 {
      let document = try JSONDocument(parsing: #"[{"v":\#(index),"n":{"m":[\#(index)]}}]"#)
      for item in document.root.elements { #expect(try builder.append(item) == nil) }
    }
    let last = try JSONDocument(parsing: #"[{"v":"end","n":"text"}]"#)
    for item in last.root.elements { #expect(try builder.append(item) == nil) }
    let batch = builder.finish()
    #expect(batch["v"]?[1234].text == "1234")
    #expect(batch["n"]?[1234].text == "{\"m\":[1234]}")
    #expect(batch["n"]?[2500].text == "text")
  }
}
