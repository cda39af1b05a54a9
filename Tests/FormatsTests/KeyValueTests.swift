import Base
import Formats
import Records
import Testing

@Suite struct KeyValueTests {
  private func logfmt(_ text: String, _ options: LineOptions = LineOptions()) throws -> Parsed {
    try ParsedFile("logfmt", text, options: options).parsed
  }

  @Test func readsLogfmt() throws {
    let parsed = try logfmt(
      #"""
      ts=2026-11-21T10:00:00.250Z level=info msg="GET \"/a\"" status=200 took=1.5 cached host=
      ts=2026-11-21T10:00:01Z level=warn msg="" status=503 took=12 err="read: \u00e9\ttimeout\n"

      at=error code=H12 path=/x?a=b&c="d" dyno=web.1 007=bond
      level=info level=debug  	msg=plain=text

      """#)
    #expect(
      parsed.types == [
        "ts": "timestamp(us,utc)", "level": "string", "msg": "string", "status": "bigint",
        "took": "double", "cached": "boolean", "err": "string",
      ])
    #expect(parsed.texts("msg") == ["GET \"/a\"", "", "plain=text"])
    #expect(parsed.texts("took") == ["1.5", "12.0", "null"])
    #expect(parsed.texts("cached") == ["true", "null", "null"])
    #expect(parsed.texts("err") == ["null", "read: é\ttimeout\n", "null"])
    #expect(parsed.texts("level") == ["info", "warn", "debug"])
    #expect(parsed.outcome.rowLines == [1, 2, 5])
    #expect(parsed.outcome.rejects.map(\.line) == [4])
    #expect(parsed.outcome.rejects.first?.reason == "not logfmt: expected a key at byte 47")
  }

  @Test(arguments: [
    ("plain words only", "no key=value"), ("=x a=1", "a key at byte 0"),
    ("a=\"open", "does not close at byte 2"), ("a=\"x\"y", "a space behind a quote at byte 5"),
    ("a=1 \"quoted\"", "a key at byte 4"), ("2026-11-21 level=info", "a key at byte 0"),
    ("{\"a\":1}", "a key at byte 0"), ("a=\"x\\\"", "does not close"),
    (String(repeating: "k", count: 300) + "=1", "300 bytes"),
  ])
  func rejectsOtherLines(_ line: String, _ reason: String) throws {
    let parsed = try logfmt("v=1\n\(line)\nv=2\r\n")
    #expect(parsed.texts("v") == ["1", "2"])
    #expect(parsed.outcome.rejects.map(\.line) == [2])
    #expect(parsed.outcome.rejects.first?.text == line)
    #expect(parsed.outcome.rejects.first?.reason.contains(reason) == true)
    #expect(parsed.schema.names == ["v"])
  }

  @Test func newKeysBeginColumnsUpToALimit() throws {
    let text = (0..<1000).map { "k\($0)=\($0)\n" }.joined()
    let parsed = try logfmt(text)
    #expect(parsed.schema.names.count == 1000)
    #expect(parsed.texts("k999").last == "999")
    #expect(parsed.batches[0]["k0"]?.nullCount == 999)
    #expect { try logfmt((0..<2001).map { "k\($0)=\($0)\n" }.joined()) } throws: {
      ($0 as? FormatError)?.kind == .tooManyColumns
    }
    let reserved = try logfmt("_file=x\n", LineOptions(reservedNames: ["_file"]))
    #expect(reserved.schema.names == ["_file_"])
  }

  private func pairs(_ text: String, _ values: [(String, JSONValue)] = []) throws -> Parsed {
    try ParsedFile("key_value", text, options: formatOptions(values)).parsed
  }

  @Test func readsPairs() throws {
    let parsed = try pairs(
      """
      10:00:01 WARN disk low | host: db1 | free: 3 | note: "a | b: \\"c\\""
      user:anna|action:log in again|ms:12|
      | ms:7 | x:|odd|piece

      """, [("pairs", .string("|")), ("values", .string(":"))])
    #expect(parsed.texts("message") == ["10:00:01 WARN disk low", "null", "odd|piece"])
    #expect(parsed.texts("host") == ["db1", "null", "null"])
    #expect(parsed.texts("note") == ["a | b: \"c\"", "null", "null"])
    #expect(parsed.texts("action") == ["null", "log in again", "null"])
    #expect(parsed.texts("ms") == ["null", "12", "7"])
    #expect(parsed.schema.names.contains("x") == false)
    #expect(parsed.outcome.rejects.isEmpty)
    #expect(parsed.types["ms"] == "bigint")
  }

  @Test func readsPairsOfEqualsAndSpaces() throws {
    let parsed = try pairs(
      """
      Nov 21 10:00:00 kernel: IN=eth0 OUT= MAC=00:11 SRC=10.0.0.1 LEN=60 DF PROTO=TCP
      no pair here
      a=-  b='x' c=hello world d=1
      """,
      [("null", .array([.string("-")])), ("quote", .string("'")), ("message", .string("head"))])
    #expect(parsed.texts("head") == ["Nov 21 10:00:00 kernel: DF", "world"])
    #expect(parsed.texts("LEN") == ["60", "null"])
    #expect(parsed.texts("PROTO") == ["TCP", "null"])
    #expect(parsed.texts("c") == ["null", "hello"])
    #expect(parsed.texts("b") == ["null", "x"])
    #expect(parsed.schema.names.contains("a") == false)
    #expect(parsed.outcome.rejects.map(\.line) == [2])
  }

  @Test(arguments: [
    [("pairs", "")], [("pairs", "=")], [("quote", "''")],
    [("values", "12345678901234567")], [("pairs", "\n")],
  ])
  func refusesWhatCannotBe(_ values: [(String, String)]) {
    #expect { try pairs("a=1\n", values.map { ($0.0, .string($0.1)) }) } throws: {
      ($0 as? FormatError)?.kind == .invalidOption
    }
  }

  /// Whatever stands in a line, it is a row or a reject, in little time.
  @Test(arguments: ["logfmt", "key_value", "fixed"])
  func hostileLines(_ format: String) throws {
    var generator = SeededGenerator(seed: 3)
    let pieces: [[UInt8]] = [
      [0x3D], [0x22], [0x5C], [0x20], [0x61], [0xC3, 0xA9], [0xFF], [0x09], [0x00], [0x31],
      Array("a=".utf8), Array("b=\"".utf8), Array("\\ud83d\\ude00".utf8), Array("\\u12".utf8),
    ]
    let options =
      format == "fixed"
      ? formatOptions([("columns", .object([.init(key: "x", value: .string("2-3"))]))])
      : LineOptions()
    for _ in 0..<200 {
      var text: [UInt8] = []
      for _ in 0..<50 {
        for _ in 0..<Int.random(in: 0...12, using: &generator) {
          text += pieces[Int.random(in: 0..<pieces.count, using: &generator)]
        }
        text.append(0x0A)
      }
      let parsed = try ParsedFile(format, text, options: options).parsed
      #expect(parsed.batches[0].rowCount == parsed.outcome.rowLines.count)
      #expect(parsed.outcome.rowLines.count + parsed.outcome.rejects.count <= 50)
      for column in parsed.batches[0].columns where column.type == .string {
        guard case .bytes(let texts) = column.values else { continue }
        for row in 0..<column.count {
          #expect(String(validating: texts[row], as: UTF8.self) != nil)
        }
      }
    }
    let long = Array(repeating: UInt8(ascii: "="), count: 1 << 20) + Array(" a= b".utf8)
    _ = try ParsedFile(format, long, options: options)
    let quotes = Array(String(repeating: "a=\" ", count: 50_000).utf8)
    _ = try ParsedFile(format, quotes, options: options)
  }
}

@Suite struct FixedWidthTests {
  private func fixed(
    _ text: String, _ columns: [(String, String)], _ more: [(String, JSONValue)] = []
  ) throws -> Parsed {
    let members = columns.map { JSONValue.Member(key: $0.0, value: .string($0.1)) }
    return try ParsedFile(
      "fixed", text, options: formatOptions([("columns", .object(members))] + more)
    ).parsed
  }

  @Test func cutsAtCharacters() throws {
    let parsed = try fixed(
      """
      NAME      AMOUNT  REST
      Müller      12.50 first note
      Ève             7
      日本語名前あいうえ    -3.25 x

      Short
                        only the rest
      """,
      [("name", "1-10"), ("amount", "11-18"), ("rest", "19-"), ("initial", "1")],
      [("skip", .integer(1))])
    #expect(parsed.schema.names == ["name", "amount", "rest", "initial"])
    #expect(parsed.texts("name") == ["Müller", "Ève", "日本語名前あいうえ", "Short", "null"])
    #expect(parsed.texts("amount") == ["12.5", "7.0", "-3.25", "null", "null"])
    #expect(parsed.texts("rest") == ["first note", "null", "x", "null", "only the rest"])
    #expect(parsed.texts("initial") == ["M", "È", "日", "S", "null"])
    #expect(parsed.outcome.rowLines == [2, 3, 4, 6, 7])
  }

  @Test func goesOnBehindSkippedLines() throws {
    let options = formatOptions([
      ("columns", .object([.init(key: "a", value: .string("1-3"))])), ("skip", .integer(2)),
    ])
    let first = try ParsedFile("fixed", "one\n", options: options)
    #expect(first.parsed.outcome.rowLines.isEmpty)
    let rest = try ParsedFile(
      "fixed", Array("two\n123\n".utf8), options: options, isAtStart: false, state: first.state)
    #expect(rest.parsed.texts("a") == ["123"])
    #expect(rest.state == nil)
    let later = try ParsedFile(
      "fixed", Array("456\n".utf8), options: options, isAtStart: false, state: rest.state)
    #expect(later.parsed.texts("a") == ["456"])
  }

  @Test(arguments: ["", "0-3", "5-3", "a-b", "-", "-5", "1-2-3", "1-99999999999999999999"])
  func refusesOtherRanges(_ range: String) {
    #expect { try fixed("x\n", [("a", range)]) } throws: {
      ($0 as? FormatError)?.kind == .invalidOption
    }
    #expect(throws: FormatError.self) { try fixed("x\n", []) }
  }
}
