import Formats
import Records
import Testing

@Suite struct JSONLinesTests {
  @Test func aLineIsARow() throws {
    let parsed = try parse("json", ["{\"a\":1}\n\n  \n{\"a\":2}\r\n\t{\"a\":3} \n{\"a\":4}"])
    #expect(parsed.texts("a") == ["1", "2", "3", "4"])
    #expect(parsed.outcome.rowLines == [1, 4, 5, 6])
    #expect(parsed.outcome.rejects.isEmpty)
  }

  /// Lines that are no object stand between good ones, which must all come, whether the fault
  /// shows in the block as a whole or not.
  @Test(arguments: [
    "[1,2]", "5", "\"x\"", "null", "hello world", "{", "}", "{\"a\":", "{\"a\":1", "{\"a\":1}}",
    "{\"a\":1},{\"a\":2}", "{\"a\":1} {\"a\":2}", "{\"a\":\"x", "x\"}", "{\"a\":[1,", "1]}",
    "{\"a\":1,",
    "\"b\":2}", "{a:1}", "{'a':1}", "{\"a\":01}", "{\"a\":1e999}", "{\"a\":nul}", "{\"a\" 1}",
    "{\"a\":\"\\x\"}", "{\"a\":\"\u{1}\"}", "{\"a\":{\"b\":1}", ",\"c\":1}", "{\"a\":\"\\ud800\"}",
    "\\",
    "{\"a\":\"\\\"}", "{{}}", "{[]}", "#", "{\"a\":1}\u{0}x",
  ])
  func onlyTheFaultyLineIsRejected(_ line: String) throws {
    for count in [1, 2, 5] {
      var text = ""
      for _ in 0..<count { text += "{\"v\":\"before\",\"n\":[{}]}\n\(line)\n" }
      text += "{\"v\":\"after\"}\n"
      let parsed = try parse("json", [text])
      #expect(
        parsed.texts("v") == Array(repeating: "before", count: count) + ["after"], "\(line)")
      #expect(parsed.outcome.rejects.map(\.line) == (1...count).map { $0 * 2 })
      #expect(parsed.outcome.rejects.allSatisfy { $0.text == line })
    }
  }

  @Test func objectsOverTwoLinesAreTwoRejects() throws {
    let parsed = try parse("json", ["{\"a\":{\"b\":1}\n,\"c\":2}\n{\"a\":[1\n,2]}\n{\"z\":1}\n"])
    #expect(parsed.texts("z") == ["1"])
    #expect(parsed.outcome.rejects.map(\.line) == [1, 2, 3, 4])
    #expect(parsed.schema.names == ["z"])
  }

  @Test func saysWhy() throws {
    let parsed = try parse("json", ["[1]\nhello\n{\"a\":1} x\n{\"a\":1 \"b\":2}\n"])
    #expect(
      parsed.outcome.rejects.map(\.reason) == [
        "expected an object, found an array", "not JSON: not a JSON value at byte 0",
        "not JSON: text goes on after the JSON object",
        "not JSON: expected ',' or '}' at byte 7",
      ])
  }

  @Test func longIntegersBecomeDoubles() throws {
    let parsed = try parse(
      "json",
      [
        "{\"a\":1,\"s\":\"12345678901234567890123\\\"1\"}\n"
          + "{\"a\":-123456789012345678901234,\"s\":\"é\"}\n"
          + "{\"a\":18446744073709551616}\n{\"a\":0.12345678901234567890123}\n"
      ])
    #expect(parsed.outcome.rejects.isEmpty)
    #expect(parsed.types == ["a": "double", "s": "string"])
    #expect(
      parsed.texts("a") == [
        "1.0", "-1.2345678901234569e+23", "1.8446744073709552e+19", "0.12345678901234568",
      ])
    #expect(parsed.texts("s").prefix(2) == ["12345678901234567890123\"1", "é"])
  }

  @Test func wrongUTF8IsReplacedAndCounted() throws {
    var bytes =
      Array("{\"a\":\"x".utf8) + [0xFF, 0xC3] + Array("y\"}\n{\"a\":\"é\"}\n{\"a\":\"".utf8)
    bytes += [0xED, 0xA0, 0x80] + Array("\",\"n\":123456789012345678901234567890}\n".utf8)
    bytes += [0xFF, 0x0A]
    let parsed = try parse("json", [bytes])
    #expect(parsed.texts("a") == ["x\u{FFFD}\u{FFFD}y", "é", "\u{FFFD}\u{FFFD}\u{FFFD}"])
    #expect(parsed.outcome.repairedCount == 2)
    #expect(parsed.outcome.rejects.map(\.line) == [4])
    #expect(parsed.outcome.rejects[0].text == "\u{FFFD}")
  }

  @Test func manyWrongBytesHaveRoom() throws {
    let bytes =
      Array("{\"a\":\"".utf8) + [UInt8](repeating: 0xFF, count: 50_000) + Array("\"}".utf8)
    let parsed = try parse("json", [bytes])
    #expect(parsed.texts("a") == [String(repeating: "\u{FFFD}", count: 50_000)])
  }

  @Test func zerosAtTheStartOfALineArePassedOver() throws {
    let bytes = [UInt8](repeating: 0, count: 5000) + Array("{\"a\":1}\n{\"a\":2}\n".utf8)
    #expect(try parse("json", [bytes]).texts("a") == ["1", "2"])
    let escaped = try parse("json", [#"{"a":"x\u0000y"}"#])
    #expect(escaped.texts("a") == ["x\u{0}y"])
  }

  @Test func emptyBlocks() throws {
    #expect(try parse("json", ["", "\n\n", "{}\n"]).batches[0].rowCount == 1)
  }

  @Test func longRejectsAreCutAtACharacter() throws {
    let parsed = try parse("json", ["[\"" + String(repeating: "é", count: 50_000) + "\"]"])
    let text = try #require(parsed.outcome.rejects.first?.text)
    #expect(text.utf8.count <= LineReject.textBytesMax)
    #expect(text.hasSuffix("é"))
  }

  /// Every kind of value in one big block, against the slow parser line by line.
  @Test func agreesWithASlowerParser() throws {
    var seed: UInt64 = 42
    func random(_ bound: UInt64) -> UInt64 {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (seed >> 33) % bound
    }
    let values = [
      "null", "true", "false", "0", "-1", "9223372036854775807", "2450000000000000000", "1e5",
      "-0.0", "\"\"", "\"abc\"", "\"\\u00e9\\n\"", "[]", "{}", "[1,{\"q\":[]}]", "{\"x\":1}",
      "{\"x\":{\"y\":\"z\"}}", "1.0e-310", "5e-324",
    ]
    var lines: [String] = []
    for _ in 0..<4000 {
      let members = (0..<random(6)).map { _ in
        "\"k\(random(9))\":" + values[Int(random(UInt64(values.count)))]
      }
      lines.append("{" + members.joined(separator: ",") + "}")
    }
    let parsed = try parse("json", [lines.joined(separator: "\n")])
    #expect(parsed.outcome.rejects.isEmpty)
    #expect(parsed.batches[0].rowCount == 4000)
    for key in (0..<9).map({ "k\($0)" }) {
      let texts = parsed.texts(key)
      for (row, line) in lines.enumerated() {
        let cursor = try JSONDocument(parsing: line).root[key]
        let expected = cursor.map { $0.isNull ? "null" : $0.string ?? $0.text } ?? "null"
        #expect(texts[row] == expected, "\(key) of \(line)")
        if texts[row] != expected { return }
      }
    }
  }
}
