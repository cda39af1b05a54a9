import Base
@testable import Formats
import Records
import Testing

@Suite struct XMLRecordsTests {
  private let options = LineOptions(format: FormatOptions(["record": "entry"]))

  private func parse(_ text: String) throws -> Parsed {
    try FormatsTests.parse("xml", [text], options: options)
  }

  private let pretty = """
    <?xml version="1.0" encoding="UTF-8"?>
    <!-- written by hand: <entry>not one</entry> -->
    <log xmlns="urn:x">
      <entry level="warn" n="1">
        <at>2026-11-21T07:34:00Z</at>
        <msg><![CDATA[a </entry> b]]></msg>
      </entry>
      <entry level='a>b' n="2"><at>2026-11-21T07:35:00Z</at><msg>&lt;é&gt;</msg></entry><entry n="3"/>
    </log>

    """

  @Test func recordsSpanLinesAndShareThem() throws {
    let parsed = try parse(pretty)
    #expect(parsed.outcome.rejects.isEmpty, "\(parsed.outcome.rejects)")
    #expect(parsed.outcome.rowLines == [4, 8, 8])
    #expect(parsed.texts("msg") == ["a </entry> b", "<é>", "null"])
    #expect(parsed.texts("level") == ["warn", "a>b", "null"])
    #expect(parsed.texts("n") == ["1", "2", "3"])
    #expect(parsed.types["n"] == DataType.int64.description)
    #expect(parsed.types["at"] == DataType.timestamp(.microseconds, isUTC: true).description)
  }

  @Test func aDocumentMayBeOneLine() throws {
    let text = "<log>" + (1...50).map { "<entry><id>\($0)</id></entry>" }.joined() + "</log>"
    let parsed = try parse(text)
    #expect(parsed.texts("id") == (1...50).map(String.init))
    #expect(Set(parsed.outcome.rowLines) == [1])
  }

  @Test(arguments: [
    ("<entry><id>1</id>\n<entry><id>2</id></entry>\n", "2", "another one begins"),
    ("lo</msg></entry>\n<entry><id>2</id></entry>\n", "2", "beginning is missing"),
    ("garbage here\n<entry><id>2</id></entry>\n", "2", "belongs to no record"),
    ("<entry><id>2</id></entry>\nException in thread\n", "2", "belongs to no record"),
    ("<entry><id>2</id></entry>\n<entry><id>3</id>\n", "2", "does not end"),
    ("<entry><id>2</id></entry>\n<!-- never\n", "2", "does not end"),
    ("<entry><a></b></entry>\n<entry><id>2</id></entry>\n", "2", "not XML"),
    ("<entry>&e;</entry>\n<entry><id>2</id></entry>\n", "2", "XML"),
    ("<entry><id>2</id></entry>\n<entry><id>\u{0}</id></entry>\n", "2", "XML"),
    ("<entry a=\"\n<entry><id>2</id></entry>\n", "2", "another one begins"),
  ])
  func whatIsTornIsAReject(_ text: String, _ ids: String, _ reason: String) throws {
    let parsed = try parse(text)
    #expect(parsed.texts("id") == [ids])
    #expect(parsed.outcome.rejects.count == 1)
    #expect(parsed.outcome.rejects.first?.reason.contains(reason) == true, "\(parsed.outcome)")
  }

  @Test func entitiesOfTheFileAreNotExpanded() throws {
    let parsed = try parse(
      "<!DOCTYPE log [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>\n<log>\n<entry><id>&e;</id></entry>\n"
        + "<entry><id>2</id></entry>\n</log>\n")
    #expect(parsed.texts("id") == ["2"])
    #expect(parsed.outcome.rejects.map(\.line) == [3])
  }

  @Test func aRecordThatIsTooDeepIsAReject() throws {
    // Each level is an array of objects: twice as deep as JSON.
    let open = String(repeating: "<a/><a>", count: 140)
    let deep = "<entry>\(open)\(String(repeating: "</a>", count: 140))</entry>"
    let parsed = try parse("\(deep)\n<entry><id>2</id></entry>\n")
    #expect(parsed.texts("id") == ["2"])
    #expect(parsed.outcome.rejects.count == 1)
  }

  /// However blocks are cut, records and lines are the same, and no record is torn.
  @Test(arguments: [7, 64, 100, 300, 10_000])
  func blocksEndBehindRecords(_ blockBytes: Int) throws {
    let text = Array(String(repeating: pretty, count: 5).utf8)
    var read = 0
    let framing = try XMLRecords.framing(options)
    let splitter = LineSplitter<FormatError>(
      firstLine: 1, blockBytes: blockBytes, lineBytesMax: 4096, framing: framing
    ) { carry, count, _ in
      let end = min(text.count, read + count)
      defer { read = end }
      return Array(carry) + text[read..<end]
    }
    let parser = try XMLRecords.parser(options, knownSchema: nil)
    var outcome = LineOutcome()
    while let piece = try splitter.next() {
      guard case .block(let block) = piece else { continue }
      try parser.begin(block)
      while try parser.step(&outcome) {}
    }
    #expect(outcome.rejects.isEmpty, "\(outcome.rejects)")
    #expect(outcome.rowLines == (0..<5).flatMap { [4, 8, 8].map { [line = $0 * 9] in $0 + line } })
    #expect(parser.finish().rowCount == 15)
  }

  @Test func theRecordsNameIsNeeded() throws {
    for name: JSONValue in ["", "a b", "n:a", "<a>", .null] {
      let options = LineOptions(format: FormatOptions(["record": name]))
      #expect(throws: FormatError.self) { try XMLRecords.parser(options, knownSchema: nil) }
    }
  }

  @Test func theEncodingIsTheFiles() throws {
    let parser = try XMLRecords.parser(options, knownSchema: nil)
    let head = Array("<?xml version='1.0' encoding='ISO-8859-1'?>\n".utf8)
    try parser.begin(TextFile(head: head))
    try parser.begin(
      LineBlock(head + Array("<entry><id>".utf8) + [0xE9] + Array("</id></entry>\n".utf8)))
    var outcome = LineOutcome()
    while try parser.step(&outcome) {}
    #expect(outcome.rejects.isEmpty)
    #expect(parser.finish()["id"]?[0].text == "é")
  }

  /// Any bytes at all are rows or rejects, and never more.
  @Test func bytesAtRandom() throws {
    let dice = Randomness.seeded(11)
    let pieces = [
      "<entry>", "</entry>", "<entry/>", "<", ">", "\"", "'", "<!--", "-->", "<![CDATA[", "]]>",
      "<?", "?>", "&", "x", "\n", "<a b='", "</", "<entry a=\"", "\u{0}", "é", " ",
    ]
    for _ in 0..<3000 {
      var text = ""
      for _ in 0..<Int(dice.next() % 30) { text += pieces[Int(dice.next() % UInt64(pieces.count))] }
      let parsed = try parse(text)
      #expect(parsed.outcome.rowLines == parsed.outcome.rowLines.sorted())
      let bytes = Array((text + "\n").utf8)
      let end = try XMLRecords.framing(options)?.lastEnd(in: bytes, count: bytes.count)
      #expect(end.map { (1...bytes.count).contains($0) && bytes[$0 - 1] == 0x0A } ?? true)
    }
  }
}
