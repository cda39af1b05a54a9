import Connector
import Testing

@Suite struct CompressedFileTests {
  @Test func contentTellsWhatIsCompressed() throws {
    let folder = LogFolder()
    try folder.append("a.log", try LogFolder.gzip(Array(lines(1...3).utf8)))
    try folder.append("b.log.gz", lines(4...5))
    try folder.run()
    #expect(folder.ids == [1, 2, 3, 4, 5])
  }

  @Test func membersInARowAreOneText() throws {
    let folder = LogFolder()
    let text = Array(lines(1...10).utf8)
    var bytes = try LogFolder.gzip(Array(text.prefix(13)))
    bytes += try LogFolder.gzip([]) + LogFolder.gzip(Array(text.dropFirst(13)))
    try folder.append("a.log.gz", bytes)
    try folder.run()
    #expect(folder.ids == Array(1...10))
    #expect(folder.rows.map(\.line) == Array(1...10))
    try folder.append("a.log.gz", try LogFolder.gzip(Array(lines(11...12).utf8)))
    #expect(try folder.run().rows == 2)
    #expect(folder.rows.last?.line == 12)
  }

  @Test func aFileCutShortGivesItsLinesAndWaits() throws {
    let folder = LogFolder()
    var text = ""
    for id in 1...30_000 { text += "{\"id\":\(id),\"x\":\"\(id &* 2_654_435_761 % 1_000_003)\"}\n" }
    let whole = try LogFolder.gzip(Array(text.utf8))
    try folder.append("a.log.gz", Array(whole.prefix(whole.count * 2 / 3)))
    try folder.run()
    let first = folder.ids.count
    #expect(first > 100 && first < 30_000)
    #expect(folder.notes.contains { $0.contains("middle of its compressed data") })
    folder.clock.advance(seconds: 7000)
    #expect(try folder.run().rows == 0)
    try folder.append("a.log.gz", Array(whole.dropFirst(whole.count * 2 / 3)))
    try folder.run()
    #expect(folder.ids == Array(1...30_000))
    #expect(folder.rejects.isEmpty)
  }

  @Test func theTailOfACompressedFileIsTaken() throws {
    let folder = LogFolder()
    try folder.append("a.log.gz", try LogFolder.gzip(Array((lines(1...2) + "{\"id\":3}").utf8)))
    try folder.run()
    #expect(folder.ids == [1, 2, 3])
    #expect(try folder.run().plan.splits.isEmpty)
  }

  @Test func aBrokenFileIsAnError() throws {
    let folder = LogFolder()
    var bytes = try LogFolder.gzip(Array(lines(1...1000).utf8))
    for index in bytes.count / 2..<bytes.count / 2 + 20 { bytes[index] ^= 0x5A }
    try folder.append("a.log.gz", bytes)
    let error = try #require(throws: ConnectorError.self) { try folder.run() }
    #expect(error.kind == .malformed)
    #expect(error.remedy.contains("exclude"))
    #expect(error.place?.hasSuffix("a.log.gz") == true)
    #expect(folder.ids.isEmpty)
    folder.sourceOptions.append(.init(key: "exclude", value: .string("a.*")))
    #expect(try folder.run().rows == 0)
  }

  @Test(arguments: [1, 2, 9, 10, 17])
  func almostNothingOfACompressedFile(_ count: Int) throws {
    let folder = LogFolder()
    let whole = try LogFolder.gzip(Array(lines(1...2).utf8))
    try folder.append("a.log.gz", Array(whole.prefix(count)))
    if count == 1 {
      // One byte is not known to be compressed: it is a line that has no end yet.
      #expect(try folder.run().rows == 0)
    } else {
      #expect(try folder.run().rows == 0)
    }
    try folder.append("a.log.gz", Array(whole.dropFirst(count)))
    try folder.run()
    #expect(folder.ids == [1, 2])
    #expect(folder.rejects.isEmpty)
  }
}
