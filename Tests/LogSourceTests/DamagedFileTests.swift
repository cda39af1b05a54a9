import Base
import Connector
import Foundation
import Records
import Testing

/// Files whose bytes are not what they should be: nothing of them is loaded, and all else is.
@Suite struct DamagedFileTests {
  /// Ids with noise, so that compressed files are large.
  private static func text(_ ids: ClosedRange<Int>) -> [UInt8] {
    var random = SystemRandomNumberGenerator()
    return Array(
      ids.map { "{\"id\":\($0),\"x\":\"\(String(random.next() as UInt64, radix: 36))\"}\n" }
        .joined().utf8)
  }

  private static func damaged(_ bytes: [UInt8], at place: Double) -> [UInt8] {
    var bytes = bytes
    let start = Int(Double(bytes.count) * place)
    for index in start..<min(bytes.count, start + 40) { bytes[index] ^= 0x5A }
    return bytes
  }

  private static func options(_ threads: Int) -> ReadOptions {
    ReadOptions(memoryBytes: 4 << 20, threads: threads)
  }

  /// A run that fails at its end, with what is committed kept.
  @discardableResult
  private func failing(_ folder: LogFolder, threads: Int = 1) throws -> ConnectorError {
    try #require(throws: ConnectorError.self) { try folder.run(Self.options(threads)) }
  }

  @Test(arguments: [1, 4], [0.02, 0.5, 0.97])
  func allOtherFilesAreLoaded(threads: Int, place: Double) throws {
    let folder = LogFolder()
    try folder.append("a.log", lines(1...500))
    let whole = try LogFolder.gzip(Self.text(1001...60_000))
    try folder.append("b.log.gz", Self.damaged(whole, at: place))
    try folder.append("c.log.gz", try LogFolder.gzip(Array(lines(501...900).utf8)))
    for (age, name) in ["c.log.gz", "b.log.gz", "a.log"].enumerated() {
      try folder.age(name, seconds: Double(1000 + age))
    }
    let error = try failing(folder, threads: threads)
    #expect(error.kind == .malformed && error.place?.hasSuffix("b.log.gz") == true)
    #expect(error.cause?.contains("gzip at byte") == true, "\(error)")
    #expect(error.remedy.contains("on_damaged") && error.remedy.contains("exclude"))
    #expect(folder.ids == Array(1...900))
    #expect(folder.rows.filter { $0.file == "b.log.gz" }.isEmpty)
    // Not read again as long as it stays so, and said again.
    let again = try failing(folder, threads: threads)
    #expect(again.place == error.place && again.message.contains("did not change"))
    #expect(folder.ids == Array(1...900))
    // Mended: everything once.
    try folder.remove("b.log.gz")
    try folder.append("b.log.gz", whole)
    #expect(try folder.run(Self.options(threads)).rows == 59_000)
    #expect(folder.ids == Array(1...900) + Array(1001...60_000))
    #expect(folder.rows.first { $0.text == "1001" }?.line == 1)
    #expect(try folder.run().plan.splits.isEmpty)
  }

  @Test func skippedWithAWarning() throws {
    let folder = LogFolder()
    folder.streamOptions.append(.init(key: "on_damaged", value: .plain("skip")))
    try folder.append("a.log", lines(1...5))
    let whole = try LogFolder.gzip(Self.text(10...9000))
    try folder.append("b.log.gz", Self.damaged(whole, at: 0.5))
    #expect(try folder.run().rows == 5)
    #expect(folder.notes.contains { $0.contains("b.log.gz") && $0.contains("left out") })
    let report = try folder.run()
    #expect(report.rows == 0 && report.plan.splits.isEmpty)
    #expect(report.plan.warnings.contains { $0.contains("b.log.gz") && $0.contains("gzip") })
    try folder.truncate("b.log.gz")
    try folder.append("b.log.gz", whole)
    #expect(try folder.run().rows == 8991)
    #expect(try folder.run().plan.warnings.isEmpty)
  }

  /// Each is found, though rows of the first went out before, and the split is read anew but once.
  @Test(arguments: [1, 3])
  func manyDamagedFilesOfOneSplit(threads: Int) throws {
    let folder = LogFolder()
    var expected: [Int] = []
    for number in 0..<24 {
      let ids = number * 4000 + 1...number * 4000 + 4000
      let whole = try LogFolder.gzip(Self.text(ids))
      try folder.append(
        "f\(number).log.gz", number % 3 == 1 ? Self.damaged(whole, at: 0.9) : whole)
      if number % 3 != 1 { expected += ids }
    }
    let error = try failing(folder, threads: threads)
    #expect(error.message.contains("and 7 more"))
    #expect(folder.ids == expected)
    #expect(folder.commits == 1)
  }

  @Test func whatWasReadBeforeStaysAndGoesOn() throws {
    let folder = LogFolder()
    let text = Self.text(1...8000)
    try folder.append("app.log", Array(text.prefix(100_000)))
    try folder.run()
    let before = folder.ids.count
    let whole = try LogFolder.gzip(text)
    try folder.append("app.log.1.gz", Self.damaged(whole, at: 0.95))
    try folder.remove("app.log")
    try folder.append("app.log", lines(9001...9002))
    #expect(try failing(folder).place?.hasSuffix("app.log.1.gz") == true)
    #expect(folder.ids == Array(1...before) + [9001, 9002])
    try failing(folder)
    try folder.remove("app.log.1.gz")
    try folder.append("app.log.1.gz", whole)
    try folder.run()
    #expect(folder.ids == Array(1...8000) + [9001, 9002])
  }

  /// Rows of the old content do not go for one that is damaged.
  @Test func damagedContentReplacesNothing() throws {
    let folder = LogFolder()
    folder.streamOptions.append(.init(key: "on_overwrite", value: .plain("reprocess")))
    try folder.append("list.log", try LogFolder.gzip(Self.text(1...50)))
    try folder.append("other.log", lines(900...901))
    try folder.run()
    let whole = try LogFolder.gzip(Self.text(101...5000))
    try folder.truncate("list.log")
    try folder.append("list.log", Self.damaged(whole, at: 0.5))
    try folder.append("other.log", lines(902...903))
    #expect(try failing(folder).message.contains("earlier rows stay"))
    #expect(folder.ids == Array(1...50) + Array(900...903))
    try folder.truncate("list.log")
    try folder.append("list.log", whole)
    try folder.run()
    #expect(
      folder.rows.filter { $0.file == "list.log" }.map(\.text) == (101...5000).map { "\($0)" })
    #expect(folder.rows.filter { $0.file == "other.log" }.count == 4)
  }

  /// Any byte may be wrong: a file comes whole, waits, or is left out, and nothing else fails.
  @Test func anyByteOfAFileMayBeWrong() throws {
    let whole = try LogFolder.gzip(Self.text(1...400))
    var random = SystemRandomNumberGenerator()
    for _ in 0..<60 {
      let folder = LogFolder()
      try folder.append("good.log", lines(1001...1010))
      var bytes = whole
      bytes[Int.random(in: 0..<bytes.count, using: &random)] ^=
        UInt8.random(in: 1...255, using: &random)
      try folder.append("bad.log", bytes)
      try folder.age("bad.log", seconds: 2000)
      do {
        try folder.run()
      } catch let error as ConnectorError {
        #expect(error.place?.hasSuffix("bad.log") == true, "\(error)")
      }
      #expect(folder.ids.filter { $0 > 1000 } == Array(1001...1010))
    }
  }

  @Test func aMemberOfAnArchiveFailsTheArchive() throws {
    let folder = LogFolder()
    try folder.append("a.log", lines(1...5))
    // A local header of a stored member whose checksum is not that of its text.
    try folder.append("b.log", Self.zip(Array(lines(6...9).utf8), checksum: 0x1234_5678))
    #expect(try failing(folder).place?.hasSuffix("b.log") == true)
    #expect(folder.ids == Array(1...5))
  }

  private static func zip(_ text: [UInt8], checksum: UInt32) -> [UInt8] {
    func little(_ value: UInt32, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
    }
    let count = UInt32(text.count)
    let name = Array("m.log".utf8)
    let common =
      little(20, 2) + little(0, 2) + little(0, 2) + little(0, 4) + little(checksum, 4)
      + little(count, 4) + little(count, 4) + little(UInt32(name.count), 2) + little(0, 2)
    let local = little(0x0403_4B50, 4) + common + name + text
    let entry =
      little(0x0201_4B50, 4) + little(20, 2) + common + little(0, 2) + little(0, 2) + little(0, 2)
      + little(0, 4) + little(0, 4) + name
    let end =
      little(0x0605_4B50, 4) + little(0, 4) + little(1, 2) + little(1, 2)
      + little(UInt32(entry.count), 4) + little(UInt32(local.count), 4) + little(0, 2)
    return local + entry + end
  }

  /// zstd's windows beyond 64 MiB are taken where the memory allows, and said otherwise.
  @Test func wideWindowsNeedMemory() throws {
    let text = Array(lines(1...3).utf8)
    // A frame of one raw block, with the window of 128 MiB that `--long=27` asks for.
    let header = text.count << 3 | 1
    let frame: [UInt8] =
      [0x28, 0xB5, 0x2F, 0xFD, 0, UInt8((27 - 10) << 3)]
      + [UInt8(header & 0xFF), UInt8(header >> 8 & 0xFF), UInt8(header >> 16)] + text
    let folder = LogFolder()
    try folder.append("a.log.zst", frame)
    try folder.append("b.log", lines(7...8))
    let error = try failing(folder)
    #expect(
      error.cause?.contains("a window of 128 MiB is more than the 72 MiB") == true, "\(error)")
    #expect(error.remedy.contains("--memory"))
    #expect(folder.ids == [7, 8])
    // Not the file's fault: it is tried in each run.
    try failing(folder)
    folder.readerBytes = 64 << 20
    try folder.run()
    #expect(folder.ids == [1, 2, 3, 7, 8])
    // A run with less memory leaves it alone, also when it grew.
    folder.readerBytes = 16 << 20
    try folder.append("a.log.zst", frame)
    let report = try folder.run()
    #expect(report.rows == 0 && report.plan.warnings.contains { $0.contains("a.log.zst") })
    folder.readerBytes = 64 << 20
    try folder.run()
    #expect(folder.ids == [1, 1, 2, 2, 3, 3, 7, 8])
    #expect(folder.rows.map(\.line).max() == 6)
  }
}
