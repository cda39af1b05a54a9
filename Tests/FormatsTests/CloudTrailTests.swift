import Base
import Formats
import Records
import Testing

@Suite struct CloudTrailTests {
  private static let event =
    #"{"eventVersion":"1.08","eventTime":"2026-11-21T10:00:00Z","eventName":"N","#
    + #""userIdentity":{"type":"IAMUser"},"requestParameters":{"a":{"b":"}{"}},"#
    + #""responseElements":null}"#

  /// Splits as files are split, in blocks of a few bytes.
  private func parse(_ text: String, blockBytes: Int = 64) throws -> Parsed {
    let options = LineOptions()
    let format = try LineFormats.named("cloudtrail")
    let parser = try format.parser(options, knownSchema: nil)
    var position = 0
    let bytes = Array(text.utf8)
    let splitter = LineSplitter<Never>(
      firstLine: 1, blockBytes: blockBytes, lineBytesMax: 1 << 20,
      framing: try format.framing(options)
    ) { carry, count, _ in
      let end = min(bytes.count, position + count)
      defer { position = end }
      return Array(carry) + bytes[position..<end]
    }
    var parsed = Parsed()
    func take(_ piece: LineSplitter<Never>.Piece) throws {
      guard case .block(let block) = piece else { return }
      try parser.begin(block)
      while try parser.step(&parsed.outcome) {}
    }
    while let piece = splitter.next() { try take(piece) }
    if let tail = splitter.takeTail() { try take(tail) }
    parsed.batches = [parser.finish()]
    return parsed
  }

  @Test func readsDocuments() throws {
    let pretty = "{\n  \"Records\": [\n    \(Self.event),\n    \(Self.event)\n  ]\n}\n"
    let oneLine = "{\"Records\":[\(Self.event)]}"
    for blockBytes in [16, 1 << 16] {
      let parsed = try parse(
        "\u{FEFF}" + pretty + "\n" + oneLine + "\n" + Self.event + "\n{\"Records\":[]}\n" + oneLine,
        blockBytes: blockBytes)
      #expect(parsed.outcome.rejects.isEmpty)
      #expect(parsed.outcome.rowLines == [1, 1, 8, 9, 11])
      #expect(parsed.texts("eventTime") == Array(repeating: "2026-11-21T10:00:00Z", count: 5))
      #expect(parsed.types["eventTime"] == "timestamp(us,utc)")
      #expect(parsed.types["requestParameters"] == "json")
      #expect(parsed.texts("requestParameters")[3] == #"{"a":{"b":"}{"}}"#)
      #expect(parsed.types["userIdentity"]?.hasPrefix("struct") == true)
    }
  }

  @Test func rejectsWhatIsNone() throws {
    let lines = [
      "{\"Records\":[\(Self.event),1,{\"eventTime\":\"x\"}]}", "garbage }{ [", "{\"Records\":[",
      "{\"a\":", "]}",
    ]
    let parsed = try parse(lines.joined(separator: "\n"))
    #expect(parsed.outcome.rowLines == [1])
    #expect(parsed.outcome.rejects.map(\.line) == [1, 1, 2, 3])
    #expect(parsed.outcome.rejects[0].reason.contains("object"))
    #expect(parsed.outcome.rejects[1].reason.contains("eventTime"))
    #expect(parsed.outcome.rejects[2].text == "garbage }{ [")
    #expect(parsed.outcome.rejects[3].reason.contains("CloudTrail"))
  }

  @Test func manyEventsInOneDocument() throws {
    let events = (0..<5000).map { "{\"eventName\":\"\($0)\"}" }.joined(separator: ",")
    let parsed = try parse("{\"Records\":[\(events)]}\n")
    #expect(parsed.outcome.rowLines.count == 5000)
    #expect(parsed.texts("eventName")[4999] == "4999")
  }

  @Test(.timeLimit(.minutes(1))) func hostileDocuments() throws {
    for text in [
      String(repeating: "[", count: 100_000) + "\n", String(repeating: "{\"a\":", count: 50_000),
      String(repeating: "}\n", count: 50_000), "\"" + String(repeating: "\\\"", count: 50_000),
      String(repeating: "\n", count: 100_000), "{\"a\":\"\\",
    ] {
      let parsed = try parse(text)
      #expect(parsed.outcome.rowLines.isEmpty)
      #expect(parsed.outcome.rejects.isEmpty == text.allSatisfy { $0 == "\n" })
    }
  }
}
