import Base
import Formats
import Records
import Testing

@Suite struct MultilineTests {
  private static let trace = """
    2026-11-21 10:00:00 ERROR it broke
    java.lang.IllegalStateException: no
    \tat a.B.c(B.java:1)
    \t... 3 more
    Caused by: x
    2026-11-21 10:00:01 INFO fine

    """

  private static let head = "^(?<day>\\S+) (?<time>\\S+) (?<level>\\w+) (?<message>.*)$"

  @Test func linesThatMatchBeginARecord() throws {
    let parsed = try parse(
      "regex", [Self.trace], options: regex(Self.head, multiline: try Multiline(.start, "^\\d{4}-"))
    )
    #expect(parsed.outcome.rowLines == [1, 6])
    #expect(parsed.outcome.continuedCount == 4)
    #expect(
      parsed.texts("message") == [
        "it broke\njava.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)\n\t... 3 more\nCaused by: x",
        "fine",
      ])
  }

  @Test func linesThatMatchGoOn() throws {
    let text = "a\n  b\n\tc\nd\n\n... 5 more\nCaused by: e\nf\n"
    let parsed = try parse(
      "regex", [text],
      options: regex("^(?<t>.*)$", multiline: try Multiline(.continues, Multiline.indented)))
    #expect(parsed.texts("t") == ["a\n  b\n\tc", "d\n\n... 5 more\nCaused by: e", "f"])
    #expect(parsed.outcome.rowLines == [1, 4, 8])
  }

  @Test func linesThatMatchEndARecord() throws {
    let parsed = try parse(
      "grok", ["a\nb;\nc;\nd\n"],
      options: grok("^%{GREEDYDATA:t}$", multiline: try Multiline(.ends, ";$")))
    #expect(parsed.texts("t") == ["a\nb;", "c;", "d"])
  }

  @Test func newlinesMayStandInThePattern() throws {
    let parsed = try parse(
      "regex", ["h: x\n s1\n s2\nh: y\n"],
      options: regex(
        "^h: (?<head>[^\\n]*)(?:\\n(?<stack>.*))?$", multiline: try Multiline(.start, "^h:")))
    #expect(parsed.texts("head") == ["x", "y"])
    #expect(parsed.texts("stack") == [" s1\n s2", "null"])
  }

  @Test func recordsHaveAMostLines() throws {
    let parsed = try parse(
      "regex", ["h\n 1\n 2\n 3\n 4\nh\n"],
      options: regex("^(?<t>.*)$", multiline: try Multiline(.start, "^h", linesMax: 2)))
    #expect(parsed.texts("t") == ["h\n 1", " 2\n 3", " 4", "h"])
    #expect(parsed.outcome.rowLines == [1, 3, 5, 6])
    let short = try parse(
      "regex", ["h\n 1\n 2\n 3\nh\n"],
      options: regex("^(?<t>.*)$", multiline: try Multiline(.start, "^h", bytesMax: 6)))
    #expect(short.texts("t") == ["h\n 1", " 2\n 3", "h"])
  }

  @Test func rejectsHaveTheWholeRecord() throws {
    let parsed = try parse(
      "regex", ["x\ny\n2026 ok\n z\n"],
      options: regex("^(?<year>\\d{4}) (?<t>.*)$", multiline: try Multiline(.start, "^\\d{4}")))
    #expect(parsed.outcome.rejects.map(\.text) == ["x\ny"])
    #expect(parsed.outcome.rejects.map(\.line) == [1])
    #expect(parsed.outcome.rowLines == [3])
    #expect(parsed.outcome.continuedCount == 2)
  }

  // MARK: Formats that know nothing of records

  @Test func accessLogsTakeThem() throws {
    let line = #"::1 - - [21/Nov/2026:07:34:00 +0100] "GET /x HTTP/1.1" 200 12 "-" "curl/8"#
    let text = line + "\n second\"\r\n" + line + "\"\nbad\n more\n\n"
    let options = LineOptions(multiline: try Multiline(.continues, Multiline.indented))
    let parsed = try parse("combined", [text], options: options)
    #expect(parsed.texts("user_agent") == ["curl/8\n second", "curl/8"])
    #expect(parsed.outcome.rowLines == [1, 3])
    #expect(parsed.outcome.rejects.map(\.line) == [4])
    #expect(parsed.outcome.rejects.map(\.text) == ["bad\n more"])
    #expect(parsed.outcome.continuedCount == 3)
  }

  @Test func batchesMayEndWithinABlock() throws {
    let line = #"::1 - - [21/Nov/2026:07:34:00 +0100] "GET /x HTTP/1.1" 200 12 "-" "a"#
    let text = String(repeating: line + "\n b\"\n", count: 3000)
    let parser = try LineFormats.named("combined").recordParser(
      LineOptions(multiline: try Multiline(.continues, "^ ")), knownSchema: nil)
    var outcome = LineOutcome()
    var texts: [String] = []
    try parser.begin(LineBlock(Array(text.utf8)))
    var hasMore = true
    while hasMore {
      hasMore = try parser.step(&outcome)
      let batch = parser.finish()
      texts += (0..<batch.rowCount).map { batch["user_agent"]?[$0].text ?? "" }
    }
    #expect(texts == [String](repeating: "a\n b", count: 3000))
    #expect(outcome.rowLines == Array(stride(from: 1, to: 6000, by: 2)))
  }

  @Test func objectsOverSeveralLines() throws {
    let parsed = try parse(
      "json", ["{\n \"a\": 1,\n \"b\": {\"c\": \"x y\"}\n}\n{\"a\":2}\n{\n oops\n}\n"],
      options: LineOptions(flattens: true, multiline: try Multiline(.start, "^\\{")))
    #expect(parsed.texts("a") == ["1", "2"])
    #expect(parsed.texts("b_c") == ["x y", "null"])
    #expect(parsed.outcome.rowLines == [1, 5])
    #expect(parsed.outcome.rejects.map(\.text) == ["{\n oops\n}"])
  }

  @Test func bytesThatAreNotUTF8() throws {
    let bytes: [UInt8] = Array("h ".utf8) + [0xFF, 0x0A, 0x20, 0xFE, 0x0A] + Array("h x\n".utf8)
    let parsed = try parse(
      "regex", [bytes], options: regex("^(?<t>.*)$", multiline: try Multiline(.start, "^h")))
    #expect(parsed.texts("t") == ["h \u{FFFD}\n \u{FFFD}", "h x"])
    #expect(parsed.outcome.repairedCount == 1)
  }

  @Test(.timeLimit(.minutes(1))) func hostileLinesOfRecords() throws {
    let rule = try Multiline(.start, "^(?:a+)+$")
    let text = String(repeating: String(repeating: "a", count: 300) + "!\n", count: 20)
    let parsed = try parse("regex", [text], options: regex("(?<t>.)", multiline: rule))
    #expect(parsed.outcome.rowLines.count + parsed.outcome.continuedCount == 20)
    let long = String(repeating: "x", count: 4 << 20) + "\n"
    let two = try parse(
      "regex", [long + long],
      options: regex("^(?<t>.)", multiline: try Multiline(.continues, "y")))
    #expect(two.outcome.rowLines == [1, 2])
  }

  @Test func patternsOfRecordsCanBeWrong() throws {
    let error = try #require(throws: FormatError.self) { try Multiline(.start, "(") }
    #expect(error.place == "multiline.start")
  }
}
