import Base
import Formats
import Records
import Testing

/// `LineSplitter` with records over several lines, against the records of the whole text.
@Suite struct RecordFramingTests {
  /// Numbers that are the same in each run.
  private struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
  }

  private struct Record: Equatable {
    var line: Int
    var text: String
  }

  /// The records that a run makes of bytes which arrive in pieces of random sizes.
  private func records(
    _ bytes: [UInt8], _ multiline: Multiline, blockBytes: Int, lineBytesMax: Int = 1 << 20,
    takesTail: Bool = true, _ dice: inout Dice
  ) throws -> (records: [Record], rejects: [Int], lines: Int, consumed: Int) {
    let options = regex("(?s)^(?<t>.*)$", columns: [Field("t", .string)], multiline: multiline)
    let parser = try LineFormats.named("regex").recordParser(options, knownSchema: nil)
    var source = dice
    var position = 0
    let splitter = LineSplitter<Never>(
      firstLine: 1, blockBytes: blockBytes, lineBytesMax: lineBytesMax, framing: multiline
    ) { carry, count, _ in
      let end = min(bytes.count, position + Int.random(in: 1...max(1, count), using: &source))
      defer { position = end }
      return Array(carry) + bytes[position..<end]
    }
    var outcome = LineOutcome()
    var rejects: [Int] = []
    func take(_ piece: LineSplitter<Never>.Piece) throws {
      switch piece {
      case .block(let block):
        try parser.begin(block)
        while try parser.step(&outcome) {}
      case .reject(let reject): rejects.append(reject.line)
      }
    }
    while let piece = splitter.next() { try take(piece) }
    if takesTail, let piece = splitter.takeTail() { try take(piece) }
    dice = source
    let batch = parser.finish()
    let found = zip(outcome.rowLines, 0..<batch.rowCount).map { line, row in
      Record(line: line, text: batch["t"]?[row].text ?? "")
    }
    return (found, rejects, splitter.line - 1, splitter.consumedCount)
  }

  /// What `start: "^#"` means, said simply.
  private func expected(_ text: String, linesMax: Int) -> [Record] {
    var records: [Record] = []
    var count = 0
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      if records.isEmpty || line.hasPrefix("#") || count == linesMax {
        records.append(Record(line: index + 1, text: String(line)))
        count = 1
      } else {
        records[records.count - 1].text += "\n" + line
        count += 1
      }
    }
    return records
  }

  @Test func randomRecordsInRandomBlocks() throws {
    var dice = Dice(state: 0x9E37_79B9_7F4A_7C15)
    for round in 0..<200 {
      let lines = (0..<Int.random(in: 1...60, using: &dice)).map { index in
        (Int.random(in: 0...3, using: &dice) == 0 ? "#" : " ") + "\(index) "
          + String(repeating: "x", count: Int.random(in: 0...40, using: &dice))
      }
      let linesMax = round % 3 == 0 ? 4 : 1000
      let text = lines.joined(separator: "\n")
      let found = try records(
        Array((text + (round % 2 == 0 ? "\n" : "")).utf8),
        try Multiline(.start, "^#", linesMax: linesMax),
        blockBytes: Int.random(in: 1...300, using: &dice), &dice)
      #expect(found.records == expected(text, linesMax: linesMax), "round \(round)")
      #expect(found.lines == lines.count)
      #expect(found.consumed == text.utf8.count + (round % 2 == 0 ? 1 : 0))
    }
  }

  @Test(arguments: [
    (Multiline.Rule.continues, "^ ", "a\n 1\n 2\nb\nc\n 3\n", 4, [1, 4, 5]),
    (Multiline.Rule.ends, ";$", "a\n1;\nb;\nc\n", 3, [1, 3]),
    (Multiline.Rule.start, "^#", "x\n#a\n1\n#b\n", 3, [1, 2]),
  ])
  func theLastRecordWaits(
    _ rule: Multiline.Rule, _ pattern: String, _ text: String, _ lines: Int, _ starts: [Int]
  ) throws {
    var dice = Dice(state: 7)
    for blockBytes in [1, 3, 1000] {
      let waiting = try records(
        Array(text.utf8), try Multiline(rule, pattern), blockBytes: blockBytes, takesTail: false,
        &dice)
      #expect(waiting.lines == lines)
      #expect(waiting.records.map(\.line) == starts.filter { $0 <= lines })
    }
  }

  @Test func recordsThatAreTooLongAreCutAtTheSamePlaces() throws {
    var dice = Dice(state: 99)
    let text = "#\n" + (0..<200).map { "line \($0)\n" }.joined() + "#end\n"
    var first: [Record]?
    for blockBytes in [1, 10, 64, 500, 5000] {
      let found = try records(
        Array(text.utf8), try Multiline(.start, "^#", bytesMax: 100), blockBytes: blockBytes,
        lineBytesMax: 100, &dice)
      #expect(found.records.allSatisfy { $0.text.utf8.count <= 100 })
      #expect(found.records.map(\.text).joined(separator: "\n") + "\n" == text)
      if let first { #expect(found.records == first) }
      first = first ?? found.records
    }
  }

  @Test func aLineThatIsTooLongIsARejectOfItsOwn() throws {
    var dice = Dice(state: 5)
    let text = "#a\n 1\n" + String(repeating: "x", count: 300) + "\n 2\n#b\n"
    for blockBytes in [1, 20, 1000] {
      let found = try records(
        Array(text.utf8), try Multiline(.start, "^#", bytesMax: 100), blockBytes: blockBytes,
        lineBytesMax: 100, &dice)
      #expect(found.rejects == [3])
      #expect(found.records.map(\.line) == [1, 4, 5])
      #expect(found.lines == 5)
      #expect(found.consumed == text.utf8.count)
    }
  }

  @Test func memoryIsBoundedInARecordThatNeverEnds() throws {
    var dice = Dice(state: 3)
    let line = " " + String(repeating: "y", count: 98) + "\n"
    let text = "#\n" + String(repeating: line, count: 50_000)
    let found = try records(
      Array(text.utf8), try Multiline(.start, "^#", linesMax: 1_000_000, bytesMax: 1 << 16),
      blockBytes: 1 << 14, lineBytesMax: 1 << 16, &dice)
    #expect(found.records.count > 70)
    #expect(found.records.allSatisfy { $0.text.utf8.count <= 1 << 16 })
    #expect(found.lines == 50_001)
  }
}
