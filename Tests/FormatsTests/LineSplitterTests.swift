import Formats
import Testing

@Suite struct LineSplitterTests {
  /// Splits bytes that arrive `step` at a time.
  private func split(
    _ bytes: [UInt8], step: Int, blockBytes: Int = 8, lineBytesMax: Int = 1 << 20
  ) -> (splitter: LineSplitter<Never>, texts: [String], rejects: [LineReject]) {
    var position = 0
    let splitter = LineSplitter<Never>(
      firstLine: 1, blockBytes: blockBytes, lineBytesMax: lineBytesMax
    ) { carry, count, _ in
      let end = min(bytes.count, position + min(count, step))
      defer { position = end }
      return Array(carry) + bytes[position..<end]
    }
    var texts: [String] = []
    var rejects: [LineReject] = []
    while let piece = splitter.next() { collect(piece, &texts, &rejects) }
    return (splitter, texts, rejects)
  }

  private func collect(
    _ piece: LineSplitter<Never>.Piece, _ texts: inout [String], _ rejects: inout [LineReject]
  ) {
    switch piece {
    case .block(let block):
      #expect(block.bytes[block.count...].allSatisfy { $0 == 0 })
      var line = block.firstLine
      for text in block.bytes[..<block.count].split(
        separator: 0x0A, omittingEmptySubsequences: false)
      {
        texts.append("\(line):" + String(decoding: text.drop { $0 == 0 }, as: UTF8.self))
        line += 1
      }
      if block.bytes[..<block.count].last == 0x0A { texts.removeLast() }
    case .reject(let reject): rejects.append(reject)
    }
  }

  @Test(arguments: [1, 2, 3, 7, 100])
  func cutsWholeLines(_ step: Int) {
    let text = "a\n\nlonger than a block of eight\nc\r\nd"
    let (splitter, texts, _) = split(Array(text.utf8), step: step)
    #expect(texts == ["1:a", "2:", "3:longer than a block of eight", "4:c\r"])
    #expect(splitter.consumedCount == text.utf8.count - 1)
    #expect(splitter.line == 5)
    #expect(splitter.hasTail)
    #expect(String(decoding: splitter.recent, as: UTF8.self) == text.dropLast())
    guard case .block(let tail) = splitter.takeTail() else {
      Issue.record("no tail")
      return
    }
    #expect(Array(tail.bytes[..<tail.count]) == Array("d".utf8))
    #expect(splitter.consumedCount == text.utf8.count)
    #expect(splitter.line == 6)
    #expect(!splitter.hasTail)
  }

  @Test(arguments: [1, 5, 9, 100])
  func linesThatAreTooLongAreRejects(_ step: Int) {
    let text = "ok\n12345678901\n1234567890\n" + String(repeating: "x", count: 50) + "\nend\n"
    let (splitter, texts, rejects) = split(Array(text.utf8), step: step, lineBytesMax: 10)
    #expect(texts == ["1:ok", "3:1234567890", "5:end"])
    #expect(rejects.map(\.line) == [2, 4])
    #expect(rejects[0].text.hasPrefix("12345678901"))
    #expect(splitter.consumedCount == text.utf8.count)
    #expect(String(decoding: splitter.recent, as: UTF8.self) == text)
  }

  @Test func aLongTailIsARejectWhenTaken() {
    let (splitter, texts, rejects) = split(
      Array(("a\n" + String(repeating: "y", count: 99)).utf8), step: 4, lineBytesMax: 10)
    #expect(texts == ["1:a"])
    #expect(rejects.isEmpty)
    #expect(splitter.consumedCount == 2)
    #expect(splitter.hasTail)
    guard case .reject(let reject) = splitter.takeTail() else {
      Issue.record("no reject")
      return
    }
    #expect(reject.line == 2)
    #expect(splitter.consumedCount == 101)
    #expect(splitter.recent.count == 101)
  }

  @Test func zerosTakeNoMemory() {
    let bytes = Array("a\n".utf8) + [UInt8](repeating: 0, count: 5000) + Array("b\nc\n".utf8)
    for step in [1, 100, 10_000] {
      let (splitter, texts, rejects) = split(bytes, step: step, lineBytesMax: 100)
      #expect(texts == ["1:a", "2:b", "3:c"])
      #expect(rejects.isEmpty)
      #expect(splitter.consumedCount == bytes.count)
      #expect(splitter.recent == Array(bytes.suffix(1024)))
    }
    let (splitter, _, _) = split([0, 0, 0], step: 1)
    #expect(!splitter.hasTail)
    #expect(splitter.consumedCount == 0)
  }

  @Test func aByteOrderMarkIsPassedOver() {
    let (splitter, texts, _) = split(Array("\u{FEFF}a\n\u{FEFF}b\n".utf8), step: 100)
    #expect(texts == ["1:a", "2:\u{FEFF}b"])
    #expect(splitter.consumedCount == 10)
  }

  @Test func recentBytesAreTheLastThousand() {
    let text = (0..<1000).map { "line \($0)\n" }.joined()
    let (splitter, texts, _) = split(Array(text.utf8), step: 333, blockBytes: 100)
    #expect(texts.count == 1000)
    #expect(splitter.recent == Array(text.utf8.suffix(1024)))
  }
}
