import Connector
import Foundation
import Testing

@Suite struct RotationTests {
  /// Rename and create: what logrotate does by default.
  @Test func renamed() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...3))
    try folder.run()
    try folder.append("app.log", lines(4...4))
    try folder.rename("app.log", "app.log.1")
    try folder.append("app.log", lines(5...6))
    try folder.run()
    #expect(folder.ids == [1, 2, 3, 4, 5, 6])
    #expect(folder.rows.contains(.init(file: "app.log.1", line: 4, text: "4")))
    try folder.rename("app.log.1", "app.log.2")
    try folder.rename("app.log", "app.log.1")
    try folder.append("app.log", lines(7...7))
    try folder.run()
    #expect(folder.ids == [1, 2, 3, 4, 5, 6, 7])
    #expect(try folder.run().plan.splits.isEmpty)
  }

  /// A writer that keeps the renamed file open for a while.
  @Test func renamedAndStillWritten() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...1) + "{\"id\":")
    try folder.run()
    try folder.rename("app.log", "app.log.1")
    try folder.append("app.log", "")
    try folder.run()
    #expect(folder.ids == [1])
    try folder.append("app.log.1", "2}\n")
    try folder.append("app.log", lines(3...3))
    try folder.run()
    #expect(folder.ids == [1, 2, 3])
    #expect(folder.rejects.isEmpty)
  }

  @Test func theTailOfARotatedFileIsTaken() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...1) + "{\"id\":2}")
    try folder.run()
    try folder.rename("app.log", "app.log.1")
    try folder.append("app.log", lines(3...3))
    try folder.run()
    #expect(folder.ids == [1, 2, 3])
    #expect(try folder.run().plan.splits.isEmpty)
  }

  /// The old path holds a new file with the very same bytes.
  @Test func renamedAndRefilledWithTheSame() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...3))
    try folder.run()
    try folder.rename("app.log", "app.log.1")
    try folder.append("app.log", lines(1...3))
    try folder.run()
    #expect(folder.ids == [1, 1, 2, 2, 3, 3])
    #expect(try folder.run().rows == 0)
  }

  @Test func copiedAndTruncated() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...3))
    try folder.run()
    try folder.append("app.log", lines(4...4))
    try folder.copy("app.log", "app.log.1")
    try folder.truncate("app.log")
    try folder.append("app.log", lines(5...5))
    try folder.run()
    #expect(folder.ids == [1, 2, 3, 4, 5])
    #expect(try folder.run().rows == 0)
  }

  /// The run looks between the copy and the cut.
  @Test func copiedWhileTheRunLooks() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...3))
    try folder.run()
    try folder.copy("app.log", "app.log.1")
    folder.clock.whileSleeping { [path = folder.path] in
      FileHandle(forWritingAtPath: path + "/app.log")?.truncateFile(atOffset: 0)
    }
    #expect(try folder.run().rows == 0)
    try folder.append("app.log", lines(4...4))
    try folder.run()
    #expect(folder.ids == [1, 2, 3, 4])
  }

  @Test func truncatedAndGrownBeyond() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...3))
    try folder.run()
    try folder.truncate("app.log")
    try folder.append("app.log", lines(10...30))
    try folder.run()
    #expect(folder.ids == [1, 2, 3] + Array(10...30))
    #expect(folder.rows.filter { $0.text == "10" }.map(\.line) == [1])
    #expect(folder.notes.contains { $0.contains("other content") })
  }

  /// The first kilobyte is a banner that every generation begins with.
  @Test func truncatedAndGrownBeyondWithTheSameStart() throws {
    let banner = "{\"id\":0,\"banner\":\"" + String(repeating: "=", count: 2000) + "\"}\n"
    let folder = LogFolder()
    try folder.append("app.log", banner + lines(1...100))
    try folder.run()
    try folder.truncate("app.log")
    try folder.append("app.log", banner + lines(200...400))
    try folder.run()
    #expect(folder.ids == [0, 0] + Array(1...100) + Array(200...400))
    // One that is no longer than what was read.
    try folder.truncate("app.log")
    try folder.append("app.log", banner + lines(500...501))
    try folder.run()
    #expect(folder.ids == [0, 0, 0] + Array(1...100) + Array(200...400) + [500, 501])
  }

  /// Only the inode tells: the name is another and the old path is gone.
  @Test func movedUnderAnotherName() throws {
    let folder = LogFolder(pattern: "**/*.log")
    try folder.append("app.log", lines(1...3))
    try folder.run()
    try folder.append("archive/x.log", lines(10...10))
    try folder.append("app.log", lines(4...4))
    try folder.rename("app.log", "archive/of-yesterday.log")
    try folder.run()
    #expect(folder.ids == [1, 2, 3, 4, 10])
  }

  @Test func truncatedToNothingAndRefilledWithTheSame() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...3))
    try folder.run()
    try folder.truncate("app.log")
    try folder.run()
    try folder.append("app.log", lines(1...3))
    try folder.run()
    #expect(folder.ids == [1, 1, 2, 2, 3, 3])
  }

  @Test func compressed() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...1000))
    try folder.run()
    try folder.append("app.log", lines(1001...1002))
    try folder.compress("app.log", "app.log.1.gz")
    try folder.append("app.log", lines(1003...1003))
    let report = try folder.run()
    #expect(report.rows == 3)
    #expect(folder.ids == Array(1...1003))
    #expect(folder.rows.contains(.init(file: "app.log.1.gz", line: 1001, text: "1001")))
    #expect(try folder.run().plan.splits.isEmpty)
  }

  @Test func compressedWhenAllWasRead() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...5))
    try folder.run()
    try folder.compress("app.log")
    #expect(try folder.run().rows == 0)
    try folder.rename("app.log.gz", "app.log.2.gz")
    #expect(try folder.run().rows == 0)
    #expect(folder.ids == [1, 2, 3, 4, 5])
  }

  /// Compressed one rotation later, as `delaycompress` does.
  @Test func compressedLater() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...3))
    try folder.run()
    for turn in 0..<4 {
      if folder.exists("app.log.2.gz") { try folder.rename("app.log.2.gz", "app.log.3.gz") }
      if folder.exists("app.log.1") { try folder.compress("app.log.1", "app.log.2.gz") }
      try folder.rename("app.log", "app.log.1")
      try folder.append("app.log", lines((10 * turn + 11)...(10 * turn + 12)))
      try folder.run()
    }
    #expect(folder.ids == [1, 2, 3, 11, 12, 21, 22, 31, 32, 41, 42])
  }

  /// Rotated to names that the pattern does not match, and back as a compressed file.
  @Test func outOfSightForAWhile() throws {
    let folder = LogFolder(pattern: "{app.log,app.log.*.gz}")
    try folder.append("app.log", lines(1...3))
    try folder.run()
    try folder.append("app.log", lines(4...4))
    try folder.rename("app.log", "app.log.1")
    try folder.append("app.log", lines(5...5))
    try folder.run()
    #expect(folder.ids == [1, 2, 3, 5])
    try folder.compress("app.log.1", "app.log.2.gz")
    try folder.run()
    #expect(folder.ids == [1, 2, 3, 4, 5])
  }

  /// Both stand while the compressor writes.
  @Test func aHalfWrittenCompressedFileWaits() throws {
    let folder = LogFolder()
    let text = (1...20_000).map { "{\"id\":\($0),\"r\":\($0 &* 7919 % 10007)}\n" }.joined()
    try folder.append("app.log.1", text)
    try folder.run()
    let whole = try LogFolder.gzip(Array(text.utf8))
    try folder.append("app.log.1.gz", Array(whole.prefix(whole.count / 2)))
    #expect(try folder.run().rows == 0)
    #expect(folder.ids == Array(1...20_000))
    try folder.append("app.log.1.gz", Array(whole.dropFirst(whole.count / 2)))
    try folder.remove("app.log.1")
    #expect(try folder.run().rows == 0)
    #expect(folder.ids == Array(1...20_000))
  }

  @Test func replacedByALongerCopy() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...3))
    try folder.run()
    try folder.copy("app.log", "tmp")
    try folder.append("tmp", lines(4...5))
    try folder.rename("tmp", "app.log")
    #expect(try folder.run().rows == 2)
    #expect(folder.rows.last?.line == 5)
    #expect(folder.ids == [1, 2, 3, 4, 5])
  }

  /// A mirror of a folder in which files were rotated: every file is a new one.
  @Test func mirrored() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(11...13))
    try folder.append("app.log.1", lines(1...10))
    try folder.run()
    let new = try folder.read("app.log")
    let old = try folder.read("app.log.1")
    for name in ["app.log", "app.log.1"] { try folder.remove(name) }
    try folder.append("app.log.2", old)
    try folder.append("app.log.1", new + Array(lines(14...14).utf8))
    try folder.append("app.log", lines(15...15))
    try folder.run()
    #expect(folder.ids == Array(1...15))
  }

  @Test func equalFilesSideBySideBothCount() throws {
    let folder = LogFolder(pattern: "*.jsonl*")
    try folder.append("list-01.jsonl", lines(1...3))
    try folder.run()
    try folder.append("list-02.jsonl", lines(1...3))
    #expect(try folder.run().rows == 3)
    try folder.copy("list-02.jsonl", "list-02.jsonl.1")
    #expect(try folder.run().rows == 3)
    try folder.compress("list-01.jsonl", keep: true)
    #expect(try folder.run().rows == 3)
    #expect(folder.ids == [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3])
    #expect(try folder.run().rows == 0)
  }

  /// The list of the day before is gone when that of today comes.
  @Test func aListThatComesUnchangedUnderANewNameCounts() throws {
    let folder = LogFolder(pattern: "*.jsonl")
    try folder.append("list-01.jsonl", lines(1...3))
    try folder.run()
    try folder.remove("list-01.jsonl")
    try folder.append("list-02.jsonl", lines(1...3))
    try folder.run()
    #expect(folder.ids == [1, 1, 2, 2, 3, 3])
  }

  @Test func severalNamesOfOneFileAreOneFile() throws {
    let folder = LogFolder()
    try folder.append("app-1.log", lines(1...3))
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/a.log", withDestinationPath: "app-1.log")
    try FileManager.default.linkItem(
      atPath: folder.path + "/app-1.log", toPath: folder.path + "/b.log")
    try folder.run()
    #expect(folder.ids == [1, 2, 3])
    try folder.append("app-1.log", lines(4...4))
    try folder.run()
    #expect(folder.ids == [1, 2, 3, 4])
    #expect(folder.rows.allSatisfy { $0.file == "app-1.log" })
  }

  @Test func aFileThatIsAwayForAWhileIsNotReadAgain() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...3))
    try folder.append("other.log", lines(4...4))
    try folder.run()
    try folder.rename("app.log", "app.hidden")
    try folder.append("other.log", lines(5...5))
    try folder.run()
    try folder.rename("app.hidden", "app.log")
    try folder.run()
    #expect(folder.ids == [1, 2, 3, 4, 5])
  }

  /// Each absence counts by itself.
  @Test func aFileThatIsAwayTwiceIsNotForgotten() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...3))
    try folder.append("other.log", lines(4...4))
    try folder.run()
    for turn in 0..<2 {
      try folder.rename("app.log", "app.hidden")
      try folder.append("other.log", lines((5 + turn)...(5 + turn)))
      try folder.run()
      try folder.rename("app.hidden", "app.log")
      try folder.run()
      folder.clock.advance(seconds: 40 * 86_400)
    }
    try folder.run()
    #expect(folder.ids == [1, 2, 3, 4, 5, 6])
  }

  @Test func whatIsGoneForLongIsForgotten() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...3))
    try folder.append("other.log", lines(4...4))
    try folder.run()
    #expect(try folder.ledger.entries().count == 2)
    try folder.remove("app.log")
    for day in 1...40 {
      folder.clock.advance(seconds: 86_400)
      try folder.append("other.log", lines((4 + day)...(4 + day)))
      try folder.run()
    }
    #expect(try folder.ledger.entries().count == 1)
  }

  @Test func overwritingCanBeAnError() throws {
    let folder = LogFolder()
    folder.streamOptions.append(.init(key: "on_overwrite", value: .plain("error")))
    try folder.append("app.log", lines(1...3))
    try folder.run()
    // Rotation is not overwriting.
    try folder.rename("app.log", "app.log.1")
    try folder.append("app.log", lines(4...6))
    try folder.run()
    try folder.truncate("app.log")
    try folder.append("app.log", lines(7...7))
    let error = try #require(throws: ConnectorError.self) { try folder.run() }
    #expect(error.kind == .refused)
    #expect(error.place?.hasSuffix("app.log") == true)
  }
}
