import Formats
import Records
import Testing

/// Arrays of JSON as lists.
@Suite struct JSONListTests {
  private func column(_ values: [String], options: LineOptions = LineOptions()) throws -> Parsed {
    try parse("json", [values.map { "{\"c\":\($0)}\n" }.joined()], options: options)
  }

  /// Values of the column in one batch, the type and what the rows hold.
  @Test(arguments: [
    (["[1,2]", "[]", "null", "[3]"], "array<bigint>", ["[1,2]", "[]", "null", "[3]"]),
    (["[null,true,false]", "[null]"], "array<boolean>", ["[null,true,false]", "[null]"]),
    (["[1]", "[2.5,null]"], "array<double>", ["[1.0]", "[2.5,null]"]),
    (
      ["[1]", "[18446744073709551615]"], "array<decimal(20,0)>", ["[1]", "[18446744073709551615]"]
    ),
    (["[\"a\\n\",\"\"]", "[\"é\"]"], "array<string>", ["[\"a\\n\",\"\"]", "[\"é\"]"]),
    // Mixed elements are texts: strings as they are, all else as JSON.
    (["[1,\"x\",null,true]"], "array<string>", ["[\"1\",\"x\",null,\"true\"]"]),
    (["[1]", "[\"x\"]"], "array<string>", ["[\"1\"]", "[\"x\"]"]),
    (
      ["[1,{\"a\":[2]},[3]]"], "array<string>", ["[\"1\",\"{\\\"a\\\":[2]}\",\"[3]\"]"]
    ),
    (["[{\"a\":1},[2]]"], "array<json>", ["[\"{\\\"a\\\":1}\",\"[2]\"]"]),
    (
      ["[{\"a\":1},{\"b\":\"x\"},null]", "[{\"a\":2.5,\"c\":null}]"],
      "array<struct<a:double,b:string>>",
      ["[{\"a\":1.0},{\"b\":\"x\"},null]", "[{\"a\":2.5}]"]
    ),
    (
      ["[[1],[],null,[2,3]]", "[]"], "array<array<bigint>>", ["[[1],[],null,[2,3]]", "[]"]
    ),
    (["[[1],[\"x\"]]", "[[{}]]"], "array<array<string>>", ["[[\"1\"],[\"x\"]]", "[[\"{}\"]]"]),
    (
      ["[{\"t\":[{\"r\":[1]},{\"r\":[]}]}]", "[{\"t\":null},{}]"],
      "array<struct<t:array<struct<r:array<bigint>>>>>",
      ["[{\"t\":[{\"r\":[1]},{\"r\":[]}]}]", "[{},{}]"]
    ),
    (
      ["{\"l\":[1]}", "{\"l\":[2],\"m\":[\"x\"]}"], "struct<l:array<bigint>,m:array<string>>",
      ["{\"l\":[1]}", "{\"l\":[2],\"m\":[\"x\"]}"]
    ),
    // An array in one row and something else in another.
    (["[1, 2]", "3"], "string", ["\"[1,2]\"", "\"3\""]),
    (["\"x\"", "[1, null]"], "string", ["\"x\"", "\"[1,null]\""]),
    (["[1]", "{\"a\":1}"], "json", ["\"[1]\"", "\"{\\\"a\\\":1}\""]),
    // Of equal keys the last counts.
    (["[{\"a\":1,\"a\":2}]"], "array<struct<a:bigint>>", ["[{\"a\":2}]"]),
    (
      ["[{\"a\":{\"x\":1},\"a\":{\"y\":2}}]"], "array<struct<a:struct<y:bigint>>>",
      ["[{\"a\":{\"y\":2}}]"]
    ),
  ])
  func infers(_ values: [String], _ type: String, _ rows: [String]) throws {
    let parsed = try column(values)
    #expect(parsed.outcome.rejects.isEmpty)
    // Keys that hold nothing in the end make no field.
    #expect(parsed.schema["c"]?.type.description == type)
    #expect(parsed.jsonTexts("c") == rows)
  }

  /// Empty arrays and nulls have no type yet; they are there when one comes.
  @Test func emptyArraysWaitForATypeOfTheirElements() throws {
    for value in ["[]", "[null]", "[{}]", "[[]]", "[[],[null]]", "[{\"a\":[]}]"] {
      let empty = try column(["[]", value])
      #expect(empty.schema.fields.isEmpty && empty.batches[0].rowCount == 2)
    }
    let later = try column(["[]", "null", "[null]", "[1]"])
    #expect(later.types == ["c": "array<bigint>"])
    #expect(later.jsonTexts("c") == ["[]", "null", "[null]", "[1]"])
    let batches = try parse(
      "json", ["{\"c\":[]}\n", "{\"c\":[1]}\n", "{\"c\":[]}\n{}\n"], batchPerBlock: true)
    #expect(batches.batches.map(\.schema.names) == [[], ["c"], ["c"]])
    #expect(batches.jsonTexts("c") == ["null", "[1]", "[]", "null"])
  }

  @Test func widensOverBatchesAndKnownSchemas() throws {
    let lines = ["{\"c\":[{\"a\":1}]}\n", "{\"c\":[{\"a\":2.5},{\"b\":[true]}]}\n", "{}\n"]
    let parsed = try parse("json", lines, batchPerBlock: true)
    #expect(
      parsed.batches.map { $0.schema["c"]?.type.description } == [
        "array<struct<a:bigint>>", "array<struct<a:double,b:array<boolean>>>",
        "array<struct<a:double,b:array<boolean>>>",
      ])
    let known = try #require(parsed.batches.last).schema
    let next = try parse("json", ["{\"c\":[{\"a\":7,\"n\":\"x\"}],\"d\":[]}"], knownSchema: known)
    #expect(next.types == ["c": "array<struct<a:double,b:array<boolean>,n:string>>"])
    #expect(next.jsonTexts("c") == ["[{\"a\":7.0,\"n\":\"x\"}]"])
    // What the table holds so far widens to what came now.
    let wide = try #require(parsed.batches[0].widened(to: next.schema))
    #expect(wide.schema == next.schema)
  }

  /// A table from before lists were made: its column stays the text that it is.
  @Test(arguments: [DataType.string, .json])
  func aColumnKnownAsTextStaysText(_ type: DataType) throws {
    for value in ["[1, 2]", "[{\"a\": [null]}]", "[]"] {
      let parsed = try parse(
        "json", ["{\"c\":\(value),\"s\":{\"l\":[1]}}"],
        knownSchema: Schema([Field("c", type), Field("s", .structure([Field("l", .json)]))]))
      #expect(parsed.schema["c"]?.type == type)
      #expect(parsed.texts("c") == [value.replacing(" ", with: "")])
      #expect(parsed.types["s"] == "struct<l:json>")
    }
  }

  @Test func arraysCanStayText() throws {
    let options = LineOptions(takesLists: false)
    let parsed = try column(["[1, 2]", "[]"], options: options)
    #expect(parsed.types == ["c": "json"])
    #expect(parsed.texts("c") == ["[1,2]", "[]"])
    let known = Schema([Field("c", .list(Field("element", .int64)))])
    #expect(
      try parse("json", ["{\"c\":[1]}"], options: options, knownSchema: known).types["c"] == "json")
    let declared = LineOptions(declared: [Field("c", .json), Field("d", .string)])
    let texts = try parse("json", ["{\"c\":[1],\"d\":[2, \"x\"]}"], options: declared)
    #expect(texts.types == ["c": "json", "d": "string"])
    #expect(texts.texts("d") == ["[2,\"x\"]"])
  }

  @Test func flattensAroundListsAndNotInThem() throws {
    let parsed = try parse(
      "json", ["{\"a\":{\"l\":[{\"k\":{\"x\":1}}]}}\n{\"a\":{\"l\":[]}}\n{\"a\":[5]}"],
      options: LineOptions(flattens: true))
    #expect(parsed.types == ["a_l": "array<struct<k:struct<x:bigint>>>", "a": "array<bigint>"])
    #expect(parsed.jsonTexts("a_l") == ["[{\"k\":{\"x\":1}}]", "[]", "null"])
    #expect(parsed.jsonTexts("a") == ["null", "null", "[5]"])
  }

  @Test func keysInListsAreKeys() throws {
    let error = try #require(throws: FormatError.self) {
      try column(["[{\"userId\":1},{\"userid\":2}]"])
    }
    #expect(error.kind == .nameCollision)
    let merged = try column(
      ["[{\"userId\":1},{\"userid\":2}]"], options: LineOptions(mergesCase: true))
    #expect(merged.jsonTexts("c") == ["[{\"userId\":1},{\"userId\":2}]"])
    // A key that can name no column makes its row a reject; nothing of it stays.
    let rejected = try column(["[{\"a\":1}]", "[{\"a\":2},{\"\":1}]", "[{\"a\":3}]"])
    #expect(rejected.jsonTexts("c") == ["[{\"a\":1}]", "[{\"a\":3}]"])
    #expect(rejected.outcome.rejects.map(\.line) == [2])
    let reserved = try column(
      ["[{\"_line\":1}]"], options: LineOptions(reservedNames: ["_file", "_line"]))
    #expect(reserved.types == ["c": "array<struct<_line:bigint>>"])
  }

  /// Types are written `struct<name:type>`: objects with other keys are text.
  @Test func objectsWithKeysThatNoTypeHasAreText() throws {
    let parsed = try column(["[{\"a\":1},{\"a\":[2],\"aws:tag\":{\"x\":[1]}}]", "[{\"a\":3}]"])
    #expect(parsed.types == ["c": "array<json>"])
    #expect(
      parsed.texts("c") == ["[{\"a\":1},{\"a\":[2],\"aws:tag\":{\"x\":[1]}}]", "[{\"a\":3}]"])
    let nested = try column(["{\"o\":{\"a,b\":1}}", "{\"o\":{\"c\":2}}"])
    #expect(nested.types == ["c": "struct<o:json>"])
    let later = try parse(
      "json", ["{\"c\":[{\"a\":1}]}\n", "{\"c\":[{\"<\":1}]}\n{\"c\":[{\"<\":[{\">\":1}]}]}\n"])
    #expect(later.texts("c") == ["[{\"a\":1}]", "[{\"<\":1}]", "[{\"<\":[{\">\":1}]}]"])
  }

  @Test func fromCursorsOfManyDocuments() throws {
    let builder = try JSONRowsBuilder(options: JSONRowOptions())
    for index in 0..<300 {
      let document = try JSONDocument(
        parsing: #"[{"t":["x\#(index)"]},{"o":[{"n":\#(index)}],"k\#(index % 7)":[[\#(index)]]}]"#)
      for item in document.root.elements { #expect(try builder.append(item) == nil) }
    }
    let batch = builder.finish()
    #expect(batch.rowCount == 600)
    #expect(batch.schema["k3"]?.type.description == "array<array<bigint>>")
    #expect(batch["t"].map { jsonText($0, 598) } == "[\"x299\"]")
    #expect(batch["o"].map { jsonText($0, 599) } == "[{\"n\":299}]")
    #expect(batch["k3"].map { jsonText($0, 2 * 297 + 1) } == "[[297]]")
  }

  @Test func cloudTrailTakesLists() throws {
    let parsed = try parse(
      "cloudtrail",
      [
        #"{"Records":[{"eventTime":"2026-11-21T10:00:00Z","eventVersion":"1.08","#
          + #""tlsDetails":{"v":[1]},"resources":[{"ARN":"a"}],"tags":["x"]}]}"#
      ])
    #expect(parsed.types["tags"] == "array<string>")
    #expect(parsed.types["tlsDetails"] == "struct<v:array<bigint>>")
    #expect(parsed.types["resources"] == "json")
  }
}

extension Parsed {
  /// Values of a column over all batches as JSON, in which null members are left out.
  func jsonTexts(_ name: String) -> [String] {
    batches.flatMap { batch in
      (0..<batch.rowCount).map { row in batch[name].map { jsonText($0, row) } ?? "null" }
    }
  }
}

/// A value as JSON; members that are null are left out.
func jsonText(_ column: Column, _ row: Int) -> String {
  if column.isNull(row) { return "null" }
  switch (column.type, column.values) {
  case (_, .list(let offsets, let child)):
    let items = (offsets[row]..<offsets[row + 1]).map { jsonText(child, Int($0)) }
    return "[\(items.joined(separator: ","))]"
  case (.structure(let fields), .structure(let children)):
    let members = zip(fields, children).filter { !$1.isNull(row) }
    return "{" + members.map { "\"\($0.name)\":\(jsonText($1, row))" }.joined(separator: ",") + "}"
  case (.string, _), (.json, _):
    var text = "\""
    for scalar in column[row].text.unicodeScalars {
      switch scalar {
      case "\"", "\\": text += "\\\(scalar)"
      case "\n": text += "\\n"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  default: return column[row].text
  }
}
