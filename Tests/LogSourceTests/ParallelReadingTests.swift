import Base
import Connector
import Foundation
import Records
import Testing

/// Several threads parse one file: what comes out is what one thread would have given.
@Suite struct ParallelReadingTests {
  /// Units of 64 KiB, so that files of a few megabytes have many.
  private func options(threads: Int, _ cancellation: Cancellation = Cancellation()) -> ReadOptions {
    ReadOptions(memoryBytes: 4 << 20, threads: threads, cancellation: cancellation)
  }

  /// All values that are not null.
  private func texts(_ folder: LogFolder) -> [String] {
    folder.batches.flatMap { batch in
      (0..<batch.rowCount).map { row in
        batch.schema.names.compactMap { name in
          guard let value = batch[name]?[row], value != .null else { return nil }
          return "\(name)=\(value.text)"
        }.joined(separator: " ")
      }
    }
  }

  /// Runs the same text with one thread and with four.
  private func compare(_ text: String, parse: String = "json") throws -> (LogFolder, LogFolder) {
    let folders = try [1, 4].map { threads in
      let folder = LogFolder()
      folder.streamOptions = [.init(key: "parse", value: .plain(parse))]
      try folder.append("app.log", text)
      try folder.run(options(threads: threads))
      return folder
    }
    #expect(folders[0].rejects == folders[1].rejects)
    #expect(folders[0].bookmark == folders[1].bookmark)
    return (folders[0], folders[1])
  }

  @Test func rowsComeInTheFilesOrder() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...80_000))
    try folder.run(options(threads: 4))
    #expect(folder.rows.map(\.text) == (1...80_000).map { "\($0)" })
    #expect(folder.rows.map(\.line) == Array(1...80_000))
    // What comes later is read from the same place on.
    try folder.append("app.log", lines(80_001...80_010) + "{\"id\":")
    try folder.run(options(threads: 4))
    #expect(folder.rows.map(\.line) == Array(1...80_010))
    #expect(try folder.run(options(threads: 4)).rows == 0)
  }

  @Test func rejectsAndBlankLinesKeepTheirPlaces() throws {
    let text = (1...40_000).map { number in
      number % 997 == 0 ? "broken \(number)\n" : number % 991 == 0 ? "\n" : "{\"id\":\(number)}\n"
    }.joined()
    let (one, four) = try compare(text)
    #expect(one.rows == four.rows)
    #expect(four.rejects.map(\.line) == stride(from: 997, through: 40_000, by: 997).map { $0 })
  }

  @Test func accessLogsToo() throws {
    let text = (1...30_000).map { number in
      number % 5000 == 0
        ? "no access log\n"
        : "10.0.0.\(number % 250) - - [10/Oct/2000:13:55:36 -0700] \"GET /\(number) HTTP/1.1\" 200 "
          + "\(number) \"-\" \"\(number == 20_001 ? "quo\\\"ted\" more" : "agent\"")\n"
    }.joined()
    let (one, four) = try compare(text, parse: "combined")
    #expect(one.rows.count == 29_994)
    #expect(four.rejects.map(\.line) == [5000, 10_000, 15_000, 20_000, 25_000, 30_000])
    #expect(texts(one) == texts(four))
    #expect(one.batches.last?.schema == four.batches.last?.schema)
  }

  /// Types widen and columns appear in the middle of the file, wherever another thread stands.
  @Test func columnsNeverNarrow() throws {
    let text = (1...60_000).map { number in
      var line = "{\"id\":\(number),\"v\":"
      switch number {
      case 20_000: line += "1.5"
      case 40_000: line += "\"text\""
      default: line += "\(number % 10)"
      }
      if number % 7 == 0 { line += ",\"seven\":{\"a\":true}" }
      if number == 30_000 { line += ",\"seven\":{\"a\":true,\"b\":\"x\"}" }
      if number % 20_011 == 0 { line += ",\"rare\":[\(number)]" }
      return line + ",\"z\":null}\n"
    }.joined()
    for _ in 0..<5 {
      let (one, four) = try compare(text)
      #expect(four.rows.map(\.line) == Array(1...60_000))
      #expect(one.schema == four.schema)
      var before: [String: DataType] = [:]
      for batch in four.batches {
        for (name, type) in before {
          let now = try #require(batch.schema[name]?.type)
          // A text may come behind any type; nothing else but a wider one.
          #expect(now == type || now == .string || type.widened(with: now) == now)
        }
        before = Dictionary(uniqueKeysWithValues: batch.schema.fields.map { ($0.name, $0.type) })
      }
      #expect(before["v"] == .string && before["rare"]?.description == "array<bigint>")
      #expect(value("v", line: 20_000, in: four) == "1.5")
      #expect(value("v", line: 40_000, in: four) == "text")
      #expect(value("v", line: 60_000, in: four) == "0")
    }
  }

  private func value(_ column: String, line: Int, in folder: LogFolder) -> String? {
    for batch in folder.batches {
      for row in 0..<batch.rowCount where batch["_line"]?[row].text == "\(line)" {
        return batch[column]?[row].text
      }
    }
    return nil
  }

  /// Names that one parser would refuse together are refused, whoever meets the second.
  @Test func namesThatDifferInCaseAreRefused() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...70_000) + "{\"ID\":1}\n" + lines(1...10))
    let error = #expect(throws: ConnectorError.self) { try folder.run(options(threads: 4)) }
    #expect(error?.kind == .malformed && error?.message.contains("differ only in case") == true)
    #expect(folder.commits == 0)
    folder.streamOptions.append(.init(key: "merge_case", value: .plain("true")))
    try folder.run(options(threads: 4))
    #expect(folder.rows.count == 70_011)
  }

  @Test func tooManyColumnsAreRefused() throws {
    let folder = LogFolder()
    try folder.append("app.log", (1...9000).map { "{\"id\":1,\"key\($0 / 4)\":1}\n" }.joined())
    let error = #expect(throws: ConnectorError.self) { try folder.run(options(threads: 4)) }
    #expect(error?.kind == .malformed)
  }

  @Test func compressedFilesAreSharedOutToo() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...50_000))
    try folder.compress("app.log")
    try folder.append("app.log.gz", LogFolder.gzip(Array(lines(50_001...90_000).utf8)))
    try folder.age("app.log.gz", seconds: 1000)
    try folder.run(options(threads: 3))
    #expect(folder.rows.map(\.text) == (1...90_000).map { "\($0)" })
    #expect(folder.rows.map(\.line) == Array(1...90_000))
  }

  @Test func manySmallFilesKeepTheirOrder() throws {
    let folder = LogFolder()
    for index in 0..<300 {
      try folder.append("f\(index).log", index == 150 ? "" : lines(index * 100...index * 100 + 99))
      try folder.age("f\(index).log", seconds: Double(9000 - index))
    }
    try folder.run(options(threads: 4))
    #expect(folder.rows.map(\.text) == (0..<30_000).filter { $0 / 100 != 150 }.map { "\($0)" })
    #expect(folder.rows.map(\.line) == (0..<29_900).map { $0 % 100 + 1 })
    #expect(folder.rows[25_000].file == "f251.log")
    #expect(try folder.ledger.entries().count == 299)
    #expect(try folder.run(options(threads: 4)).commits == 0)
  }

  // MARK: Stopping

  private func reader(_ folder: LogFolder, _ options: ReadOptions) throws -> any BatchReader {
    let session = try folder.source().open(folder.stream)
    let plan = try session.plan(
      PlanRequest(bookmark: nil, ledger: MemoryLedger(), knownSchema: nil))
    return try session.read(try #require(plan.splits.first), options)
  }

  @Test func cancellationStopsAllThreads() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...300_000))
    let cancellation = Cancellation()
    let reader = try reader(folder, options(threads: 4, cancellation))
    #expect(try reader.next() != nil)
    cancellation.cancel("enough")
    let error = #expect(throws: ConnectorError.self) { while try reader.next() != nil {} }
    #expect(error?.kind == .cancelled)
    reader.close()
    reader.close()
  }

  @Test func aReaderMayBeLeftAtAnyTime() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...300_000))
    for taken in 0..<4 {
      let left = try reader(folder, options(threads: 4))
      for _ in 0..<taken { _ = try left.next() }
      left.close()
      #expect(try left.next() == nil)
      // Dropped without a word.
      _ = try reader(folder, options(threads: 4)).next()
    }
  }

  /// Whoever does not take rows stops the threads: a file that is cut far behind what was taken is
  /// still unread there.
  @Test func whatWaitsIsBounded() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...1_000_000))
    let reader = try reader(folder, options(threads: 4))
    #expect(try reader.next() != nil)
    Foundation.Thread.sleep(forTimeInterval: 0.5)
    try folder.truncate("app.log", to: 8 << 20)
    let error = #expect(throws: ConnectorError.self) { while try reader.next() != nil {} }
    #expect(error?.kind == .interrupted)
    reader.close()
  }

  /// A record larger than all that may wait passes alone.
  @Test func longRecordsPass() throws {
    let folder = LogFolder()
    let long = String(repeating: "x", count: 3 << 20)
    try folder.append(
      "app.log", (1...6).map { "{\"id\":\($0),\"t\":\"\(long)\"}\n" }.joined() + lines(7...9000))
    try folder.run(options(threads: 4))
    #expect(folder.rows.map(\.text) == (1...9000).map { "\($0)" })
  }
}
