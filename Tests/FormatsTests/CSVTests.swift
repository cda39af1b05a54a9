import Base
import Formats
import Records
import Testing

@Suite struct CSVTests {
  private func csv(_ text: String, _ values: [(String, JSONValue)] = []) throws -> Parsed {
    try ParsedFile("csv", text, options: formatOptions(values)).parsed
  }

  @Test func readsAnExportWithAHeader() throws {
    let parsed = try csv(
      #"""
      id,name,price,active,created,updated,note
      1,"Müller, Hans",12.50,true,2026-11-20,2026-11-20 10:00:00,
      2,"say ""hi""",3,false,2026-11-21,2026-11-21T11:30:00+01:00,"two
      lines"
      3,,,,,,""

      """#)
    #expect(
      parsed.types == [
        "id": "bigint", "name": "string", "price": "double", "active": "boolean",
        "created": "date", "updated": "timestamp(us,utc)", "note": "string",
      ])
    #expect(parsed.texts("name") == ["Müller, Hans", "say \"hi\"", "null"])
    #expect(parsed.texts("price") == ["12.5", "3.0", "null"])
    #expect(parsed.texts("updated")[1] == "2026-11-21T10:30:00Z")
    #expect(parsed.texts("note") == ["null", "two\nlines", ""])
    #expect(parsed.outcome.rowLines == [2, 3, 5])
    #expect(parsed.outcome.rejects.isEmpty)
  }

  /// Records that kernels take many at once count their lines, and find their texts again.
  @Test(arguments: [true, false])
  func quotesAndNewlinesKeepLinesAndTypes(_ isDeclared: Bool) throws {
    let rows = (0..<1000).map { number in
      switch number % 4 {
      case 0: "\(number),plain,x"
      case 1: "\(number),\"say \"\"\(number)\"\"\",\"x\""
      case 2: "\(number),\"two\nlines, \"\"\(number)\"\"\n\",\"\""
      default: "\"\(number)\",\"\"\"\",\"\n\""
      }
    }
    let options = formatOptions([], declared: isDeclared ? [Field("id", .int32)] : [])
    let parsed = try ParsedFile(
      "csv", Array(("id,what,rest\n" + rows.joined(separator: "\n") + "\n").utf8),
      options: options, blockBytes: 5000
    ).parsed
    #expect(parsed.outcome.rejects.isEmpty)
    #expect(parsed.types["id"] == (isDeclared ? "int" : "bigint"))
    #expect(parsed.texts("id") == (0..<1000).map(String.init))
    #expect(
      parsed.texts("what")
        == (0..<1000).map {
          ["plain", "say \"\($0)\"", "two\nlines, \"\($0)\"\n", "\""][$0 % 4]
        })
    #expect(parsed.texts("rest") == (0..<1000).map { ["x", "x", "", "\n"][$0 % 4] })
    let lines = rows.map { $0.filter { $0 == "\n" }.count + 1 }
    var line = 2
    #expect(
      parsed.outcome.rowLines
        == lines.map { count in
          defer { line += count }
          return line
        })
  }

  @Test func aFieldOfQuotesMayBeLong() throws {
    let text = String(repeating: "\"\"x", count: 300_000)
    let parsed = try csv("a,b\n1,\"\(text)\"\n2,\"\"\"y\"\n")
    #expect(parsed.texts("b") == [String(repeating: "\"x", count: 300_000), "\"y"])
  }

  @Test(arguments: [
    ("a,b\n1,2\n", ","), ("a;b\n1;2\n", ";"), ("a\tb\n1\t2\n", "\t"), ("a|b\n1|2\n", "|"),
    ("a;b\n1,5;2,5\n2,5;3,5\n", ";"), ("a,b\n\"x;y;z\",2\n\"x;y;z\",3\n", ","),
    ("a;b\r\n\"1,2,3\n4,5\";x\r\n", ";"), ("when|what\n2026-11-21 10:00:00,5|a, b\n", "|"),
  ])
  func findsTheDelimiter(_ text: String, _ delimiter: String) throws {
    let file = try ParsedFile("csv", text)
    #expect(file.state?["delimiter"]?.string == delimiter)
    #expect(file.parsed.schema.names.count == 2)
    #expect(file.parsed.outcome.rejects.isEmpty)
  }

  @Test func findsTheQuote() throws {
    let parsed = try csv("a,b\n'x, y','it''s'\n'z',1\n")
    #expect(parsed.texts("a") == ["x, y", "z"])
    #expect(parsed.texts("b") == ["it's", "1"])
    let plain = try csv("who,what\n'tis,it's\n")
    #expect(plain.texts("who") == ["'tis"])
  }

  @Test(arguments: [
    ("id,name\n1,x\n", true), ("1,x\n2,y\n", false), ("host,path\na.example,/x\n", true),
    ("a.example/1,/x y?\nb.example/2,/z\n", false), ("name,city\nname,Berlin\n", false),
    ("id,id\n1,2\n", false), ("a,\n1,2\n", true), ("id,name\n", true), ("x\n1\n2\n", true),
    ("2026-11-21,5\n2026-11-22,6\n", false), ("Größe,Länge\n1,2\n", true), ("1,2\n", false),
  ])
  func findsTheHeader(_ text: String, _ hasHeader: Bool) throws {
    let parsed = try csv(text)
    #expect((parsed.schema.names.first ?? "").hasPrefix("column_") != hasHeader)
    let lines = text.count { $0 == "\n" }
    #expect(parsed.outcome.rowLines.count == (hasHeader ? lines - 1 : lines))
  }

  @Test func aHeaderIsKnownByTheTable() throws {
    let known = Schema([Field("host", .string), Field("status", .string)])
    let text = "status,host\n\"a b!\",x y?\n"
    #expect(try csv(text, [("header", .boolean(false))]).schema.names == ["column_1", "column_2"])
    let parsed = try ParsedFile("csv", text, knownSchema: known).parsed
    #expect(parsed.schema.names == ["host", "status"])
    #expect(parsed.texts("host") == ["x y?"])
  }

  @Test func namesOfAllKinds() throws {
    let parsed = try csv(
      "\u{FEFF}a, b ,,a,\"c\nd\",a_2\n1,2,3,4,5,6\n", [("header", .boolean(true))])
    #expect(parsed.schema.names == ["a", "b", "column_3", "a_3", "c d", "a_2"])
    #expect(parsed.outcome.rowLines == [3])
    let long = String(repeating: "x", count: 300)
    #expect(
      try csv("\(long),b\n1,2\n", [("header", .boolean(true))]).schema.names == ["column_1", "b"])
    let given = try csv("1,2\n3,4\n", [("names", .array([.string("x"), .string("y")]))])
    #expect(given.texts("y") == ["2", "4"])
    let replaced = try csv(
      "a,b\n3,4\n", [("names", .array([.string("x"), .string("y")])), ("header", .boolean(true))])
    #expect(replaced.texts("y") == ["4"])
    let same = try csv("X,y\n3,4\n", [("names", .array([.string("x"), .string("y")]))])
    #expect(same.texts("y") == ["4"])
    #expect { try csv("a,A\n1,2\n") } throws: { ($0 as? FormatError)?.kind == .nameCollision }
  }

  @Test func aByteOrderMarkCarriageReturnsAndAnOpenEnd() throws {
    let parsed = try csv("\u{FEFF}id,t\r\n1,\"x\"\r\n\r\n2,y\r\n3,\"z\r\nw\"\r\n4,last")
    #expect(parsed.schema.names == ["id", "t"])
    #expect(parsed.texts("t") == ["x", "y", "z\r\nw", "last"])
    #expect(parsed.outcome.rowLines == [2, 4, 5, 7])
    #expect(parsed.texts("id") == ["1", "2", "3", "4"])
    #expect(parsed.types["id"] == "bigint")
  }

  @Test func raggedRecordsAreRejects() throws {
    let text = "a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3,\n7,8,9\n"
    let parsed = try csv(text)
    #expect(parsed.outcome.rejects.map(\.line) == [3, 4, 5])
    #expect(parsed.outcome.rejects.first?.reason == "expected 3 fields, found 2")
    #expect(parsed.outcome.rejects.map(\.text) == ["1,2", "1,2,3,4", "1,2,3,"])
    #expect(parsed.texts("c") == ["3", "9"])
    let filled = try csv(text, [("ragged", .string("null"))])
    #expect(filled.texts("c") == ["3", "null", "3", "9"])
    #expect(filled.outcome.rejects.map(\.line) == [4])
  }

  @Test func faultyQuotesAreRejectsByTheLine() throws {
    let text = "a,b\n1,\"x\" y\n2,\"good\"\n3,\"open\n4,\"also\n5,\"fine\"\n6,in\"side\n"
    let parsed = try csv(text)
    #expect(parsed.texts("a") == ["2", "5", "6"])
    #expect(parsed.texts("b") == ["good", "fine", "in\"side"])
    #expect(parsed.outcome.rejects.map(\.line) == [2, 4, 5])
    #expect(parsed.outcome.rejects.map(\.text) == ["1,\"x\" y", "3,\"open", "4,\"also"])
    #expect(parsed.outcome.rejects.first?.reason.hasPrefix("the quote at byte 2 opens") == true)
  }

  /// A quote that never closes costs its line, not the file, and not more than a block's memory.
  @Test func anOpenQuoteDoesNotSwallowTheFile() throws {
    var text = "a,b\n1,\"open\n"
    for row in 2..<20_000 { text += "\(row),plain\n" }
    let file = try ParsedFile(
      "csv", Array(text.utf8), blockBytes: 1 << 12, lineBytesMax: 1 << 15)
    #expect(file.parsed.outcome.rejects.map(\.line) == [2])
    #expect(
      file.parsed.outcome.rejects.first?.reason.hasPrefix("the quote at byte 2 opens") == true)
    #expect(file.parsed.outcome.rowLines == Array(3...20_000))
    #expect(file.parsed.texts("a").last == "19999")
  }

  @Test func manyOpenQuotesTakeLinearTime() throws {
    let line = "1,\"open,\"\"\"\",\"\"\n"
    let text = "a,b,c,d\n" + String(repeating: line, count: 100_000)
    let parsed = try csv(text, [("header", .boolean(true))])
    #expect(parsed.outcome.rejects.count + parsed.outcome.rowLines.count >= 50_000)
    #expect(parsed.outcome.rejects.allSatisfy { $0.line > 1 })
  }

  @Test func commentsNullsSkippedLinesAndSpaces() throws {
    let parsed = try csv(
      "report of \"today\n# made by hand\n a , b \n#1,\"2\n 1 , \"x\"\" \" \nNULL,\"NULL\"\n - ,y\n",
      [
        ("skip", .integer(1)), ("comment", .string("#")), ("trim", .boolean(true)),
        ("null", .array([.string("NULL"), .string("-")])),
      ])
    #expect(parsed.schema.names == ["a", "b"])
    #expect(parsed.texts("a") == ["1", "null", "null"])
    #expect(parsed.texts("b") == ["x\" ", "NULL", "y"])
    #expect(parsed.outcome.rowLines == [5, 6, 7])
    #expect(parsed.outcome.rejects.isEmpty)
  }

  @Test func escapesOfDatabases() throws {
    let parsed = try ParsedFile(
      "tsv", "1\ta\\tb\\\\\t\\N\n2\tc\\\nd\tx\\N\n",
      options: formatOptions([
        ("quote", .string("none")), ("escape", .string("\\")),
        ("names", .array(["id", "t", "n"].map { .string($0) })),
      ])
    ).parsed
    #expect(parsed.texts("t") == ["a\tb\\", "c\nd"])
    #expect(parsed.texts("n") == ["null", "xN"])
    #expect(parsed.texts("id") == ["1", "2"])
    let quoted = try csv("a,b\n\"x\\\"y\",\"z\\\\\"\n", [("escape", .string("\\"))])
    #expect(quoted.texts("a") == ["x\"y"])
    #expect(quoted.texts("b") == ["z\\"])
  }

  @Test func tabsNeedNoDetection() throws {
    let parsed = try ParsedFile("tsv", "a\tb\n1,2;3\t\"x\ty\"\n").parsed
    #expect(parsed.texts("a") == ["1,2;3"])
    #expect(parsed.texts("b") == ["x\ty"])
  }

  @Test func filesMayHaveOtherColumnsInAnotherOrder() throws {
    let parser = try LineFormats.named("csv").parser(LineOptions(), knownSchema: nil)
    let first = try ParsedFile("csv", "a,b\n1,x\n", parser: parser)
    let second = try ParsedFile("csv", "c;b;a\n9;y;2\n", parser: parser)
    let third = try ParsedFile("csv", "b\n\"only\"\n", parser: parser)
    #expect(first.parsed.schema.names == ["a", "b"])
    #expect(second.parsed.schema.names == ["a", "b", "c"])
    #expect(second.parsed.texts("a") + second.parsed.texts("c") == ["2", "9"])
    #expect(third.parsed.texts("b") == ["only"])
    #expect(third.parsed.texts("a") == ["null"])
  }

  @Test func goesOnBehindTheStartOfAFile() throws {
    let head = "id;name\n1;a\n"
    let first = try ParsedFile("csv", head)
    #expect(
      first.state?["names"]?.array?.compactMap(\.string) == ["id", "name"])
    for state in [first.state, nil] {
      let rest = try ParsedFile(
        "csv", Array("2;b\n3;\"c;\"\n".utf8), head: Array(head.utf8), isAtStart: false,
        state: state)
      #expect(rest.parsed.texts("id") == ["2", "3"])
      #expect(rest.parsed.texts("name") == ["b", "c;"])
      #expect(rest.state == first.state)
    }
    // Cut within the lines to skip.
    let options = formatOptions([("skip", .integer(3))])
    let start = try ParsedFile("csv", "x\ny\n", options: options)
    let rest = try ParsedFile(
      "csv", Array("z\nid,n\n1,2\n".utf8), options: options, head: Array("x\ny\n".utf8),
      isAtStart: false, state: start.state)
    #expect(rest.parsed.texts("id") == ["1"])
  }

  @Test func aWholeTextInMemoryNeedsNoFile() throws {
    let parsed = try parse("csv", ["id;when\n7;2026-11-21\n"])
    #expect(parsed.texts("id") == ["7"])
    #expect(parsed.types["when"] == "date")
  }

  @Test func declaredTypesAndPlainTexts() throws {
    let declared = formatOptions([], declared: [Field("zip", .string), Field("n", .int32)])
    let parsed = try ParsedFile("csv", "zip,n\n01067,5\n1,x\n2,7\n", options: declared).parsed
    #expect(parsed.texts("zip") == ["01067", "2"])
    #expect(parsed.types["n"] == "int")
    #expect(parsed.outcome.rejects.map(\.line) == [3])
    #expect(parsed.outcome.rejects.first?.reason == "the value of 'n' is no int: 'x'")
    let texts = try csv("zip,n\n1,2\n", [("infer", .boolean(false))])
    #expect(texts.types == ["zip": "string", "n": "string"])
  }

  @Test(arguments: [
    [("delimiter", ",,")], [("delimiter", "ö")], [("delimiter", "\n")], [("quote", "''")],
    [("delimiter", "\""), ("quote", "\"")], [("escape", ","), ("delimiter", ",")],
    [("comment", "123456789")], [("names", "")],
  ])
  func refusesWhatCannotBe(_ values: [(String, String)]) {
    let options = formatOptions(
      values.map { ($0.0, $0.0 == "names" ? .array([]) : .string($0.1)) })
    #expect { try ParsedFile("csv", "a\n", options: options) } throws: {
      ($0 as? FormatError)?.kind == .invalidOption
    }
    #expect(throws: FormatError.self) { try LineFormats.named("csv").framing(options) }
  }

  @Test func hostileBytes() throws {
    let bytes: [[UInt8]] = [
      [], [0x0A], [0x22], [0x2C], [0x22, 0x22, 0x0A], Array(repeating: 0x2C, count: 100_000),
      Array(repeating: 0x22, count: 100_001), Array(repeating: 0, count: 1000) + [0x31, 0x0A],
      [0x61, 0x2C, 0x62, 0x0A, 0xFF, 0x2C, 0x22, 0xFE, 0x22, 0x0A],
      Array("\"\n\"\n\"\n\"\n\"".utf8), Array("a,b\n\r\r\n,\r\n".utf8), [0xEF, 0xBB, 0xBF],
    ]
    for text in bytes {
      for format in ["csv", "tsv"] {
        do {
          let parsed = try ParsedFile(format, text).parsed
          #expect(parsed.batches[0].rowCount == parsed.outcome.rowLines.count)
        } catch let error as FormatError {
          #expect(error.kind == .tooManyColumns)
        }
      }
    }
    let repaired = try ParsedFile("csv", bytes[8]).parsed
    #expect(repaired.texts("b") == ["\u{FFFD}"])
    #expect(repaired.outcome.repairedCount == 1)
  }
}
