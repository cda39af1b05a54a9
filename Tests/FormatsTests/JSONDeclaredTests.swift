import Formats
import Records
import Testing

@Suite struct JSONDeclaredTests {
  @Test(arguments: [
    (DataType.int32, "5", "5"), (.int32, "\"-7\"", "-7"), (.int32, "5.0", "5"),
    (.float64, "1", "1.0"), (.float64, "\"2.5\"", "2.5"), (.boolean, "\"true\"", "true"),
    (.string, "12", "12"), (.string, "[1, 2]", "[1,2]"), (.json, "\"x\"", "\"x\""),
    (.json, "{\"a\": 1}", "{\"a\":1}"), (.date, "\"2026-11-21\"", "2026-11-21"),
    (
      .timestamp(.microseconds, isUTC: true), "\"2026-11-21T07:34:00.5+01:00\"",
      "2026-11-21T06:34:00.5Z"
    ),
    (.timestamp(.microseconds, isUTC: true), "\"2026-11-21 07:34\"", "2026-11-21T07:34:00Z"),
    (
      .timestamp(.microseconds, isUTC: true), "\"2026-11-21T07:34:00.123456789Z\"",
      "2026-11-21T07:34:00.123456Z"
    ),
    (.decimal(precision: 10, scale: 2), "12.5", "12.50"),
    (.decimal(precision: 10, scale: 2), "\"-0.07\"", "-0.07"),
    (.decimal(precision: 10, scale: 2), "0.30000000000000004", "0.30"),
    (.decimal(precision: 10, scale: 2), "1e3", "1000.00"),
    (.decimal(precision: 18, scale: 0), "999999999999999999", "999999999999999999"),
  ])
  func takesWhatFits(_ type: DataType, _ value: String, _ text: String) throws {
    let parsed = try parse(
      "json", ["{\"c\":\(value)}\n{\"c\":null}\n{}"],
      options: LineOptions(declared: [Field("c", type)]))
    #expect(parsed.outcome.rejects.isEmpty)
    #expect(parsed.schema["c"]?.type == type)
    #expect(parsed.texts("c") == [text, "null", "null"])
  }

  @Test(arguments: [
    (DataType.int32, "2147483648"), (.int32, "1.5"), (.int32, "true"), (.int32, "\"x\""),
    (.int64, "18446744073709551615"), (.boolean, "1"), (.boolean, "\"maybe\""),
    (.float64, "\"x\""), (.float64, "true"), (.date, "\"2026-02-30\""), (.date, "\"2026-1-1\""),
    (.date, "20260101"), (.timestamp(.microseconds, isUTC: true), "1700000000"),
    (.timestamp(.microseconds, isUTC: true), "\"2026-11-21T25:00:00Z\""),
    (.timestamp(.microseconds, isUTC: true), "\"2026-11-21T07:34:00+1\""),
    (.timestamp(.microseconds, isUTC: true), "\"2026-11-21T\""),
    (.timestamp(.microseconds, isUTC: true), "{}"),
    (.decimal(precision: 4, scale: 2), "100"), (.decimal(precision: 4, scale: 2), "\"1.005\""),
    (.decimal(precision: 18, scale: 0), "1e300"), (.decimal(precision: 4, scale: 2), "\"\""),
    (.decimal(precision: 4, scale: 2), "\"1e99999999999999999999\""),
  ])
  func rejectsWhatDoesNotFit(_ type: DataType, _ value: String) throws {
    let parsed = try parse(
      "json", ["{\"k\":1}\n{\"k\":2,\"c\":\(value),\"o\":{\"p\":1}}\n{\"k\":3}"],
      options: LineOptions(declared: [Field("c", type)]))
    #expect(parsed.texts("k") == ["1", "3"])
    #expect(parsed.outcome.rowLines == [1, 3])
    #expect(parsed.outcome.rejects.map(\.line) == [2])
    #expect(parsed.outcome.rejects.first?.reason.contains("'c'") == true)
    #expect(parsed.schema["c"]?.type == type)
  }

  @Test func refusesTypesThatJSONCannotBecome() {
    #expect {
      try parse("json", [""], options: LineOptions(declared: [Field("c", .uuid)]))
    } throws: {
      ($0 as? FormatError)?.kind == .invalidOption
    }
  }

  @Test func rejectsFromCursors() throws {
    let builder = try JSONRowsBuilder(options: JSONRowOptions(declared: [Field("t", .date)]))
    let document = try JSONDocument(
      parsing: #"[{"t":"2026-01-01","a":1},{"t":"x","a":2,"b":3},{"a":4}]"#)
    let problems = try document.root.elements.map { try builder.append($0) }
    #expect(problems.map { $0 != nil } == [false, true, false])
    let batch = builder.finish()
    #expect((0..<2).map { batch["a"]?[$0].text } == ["1", "4"])
    #expect((0..<2).map { batch["t"]?[$0].text } == ["2026-01-01", "null"])
  }
}

@Suite struct JSONDeclaredTimeTests {
  @Test(arguments: [
    ("timestamp(%d/%b/%Y:%H:%M:%S %z)", "\"10/Oct/2000:13:55:36 -0700\"", "2000-10-10T20:55:36Z"),
    ("timestamp(epoch_ms)", "1700000000123", "2023-11-14T22:13:20.123Z"),
    ("timestamp(epoch_ms)", "\"1700000000123\"", "2023-11-14T22:13:20.123Z"),
    ("timestamp(epoch)", "1700000000.25", "2023-11-14T22:13:20.25Z"),
    ("timestamp(%Y%m%d)", "20261121", "2026-11-21T00:00:00Z"),
    ("timestamp", "\"2026-11-21 10:00:00\"", "2026-11-21T09:00:00Z"),
    ("timestamp", "\"2026-11-21 10:00:00Z\"", "2026-11-21T10:00:00Z"),
    ("date(%d.%m.%Y)", "\"21.11.2026\"", "2026-11-21"), ("Date", "\"2026-11-21\"", "2026-11-21"),
  ])
  func readsTimes(_ type: String, _ value: String, _ expected: String) throws {
    let declared = try #require(ColumnTypeText.parse(type))
    let options = LineOptions(
      zone: "Europe/Berlin", declared: [Field("c", declared.type)],
      timePatterns: declared.timePattern.map { ["c": $0] } ?? [:])
    let parsed = try parse(
      "json", ["{\"c\":\(value)}\n{\"c\":\"x\"}\n{\"c\":true}"], options: options)
    #expect(parsed.texts("c") == [expected])
    #expect(parsed.outcome.rejects.map(\.line) == [2, 3])
  }

  @Test func typesWithPatterns() {
    #expect(ColumnTypeText.parse("TIMESTAMP(%b %e)")?.timePattern == "%b %e")
    for text in ["timestamp()", "timestamp(%F", "bigint(%F)", "time(%F)"] {
      #expect(ColumnTypeText.parse(text) == nil)
    }
  }

  @Test func refusesPatternsAndZonesThatAreNone() {
    let field = Field("c", .timestamp(.microseconds, isUTC: true))
    for options in [
      LineOptions(declared: [field], timePatterns: ["c": "%Q"]),
      LineOptions(zone: "Mars/Olympus", declared: [field]),
    ] {
      #expect {
        try parse("json", [""], options: options)
      } throws: {
        ($0 as? FormatError)?.kind == .invalidOption
      }
    }
  }
}
