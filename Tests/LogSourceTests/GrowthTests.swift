import Connector
import Records
import Testing

@Suite struct GrowthTests {
  @Test func onlyWhatIsNewComes() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...3))
    #expect(try folder.run().rows == 3)
    #expect(folder.rows.map(\.line) == [1, 2, 3])
    #expect(folder.rows.allSatisfy { $0.file == "app.log" })
    let again = try folder.run()
    #expect(again.plan.splits.isEmpty)
    try folder.append("app.log", lines(4...5))
    #expect(try folder.run().rows == 2)
    #expect(folder.rows.map(\.line) == [1, 2, 3, 4, 5])
    #expect(folder.ids == [1, 2, 3, 4, 5])
    #expect(folder.commits == 2)
  }

  @Test func columnsComeLast() throws {
    let folder = LogFolder()
    try folder.append("app.log", "{\"id\":1,\"_file\":\"x\"}\n")
    try folder.run()
    #expect(folder.schema?.names == ["id", "_file_", "_file", "_line"])
    #expect(folder.schema?["_line"]?.type == .int64)
  }

  @Test func aBigFileComesInManyBatches() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...50_000))
    try folder.run(ReadOptions(batchBytes: 100_000, batchRowsMax: 700))
    #expect(folder.ids == Array(1...50_000))
    #expect(folder.rows.map(\.line) == Array(1...50_000))
    #expect(folder.batches.count > 70)
    #expect(folder.batches.allSatisfy { $0.rowCount <= 700 })
  }

  @Test func anIncompleteTailWaits() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...2) + "{\"id\":")
    #expect(try folder.run().rows == 2)
    #expect(try folder.run().rows == 0)
    try folder.append("app.log", "3}")
    #expect(try folder.run().rows == 0)
    try folder.append("app.log", "\n")
    #expect(try folder.run().rows == 1)
    #expect(folder.rows.last?.line == 3)
    #expect(folder.ids == [1, 2, 3])
    #expect(folder.rejects.isEmpty)
  }

  @Test func anOldTailIsTaken() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...1) + "{\"id\":2}")
    try folder.run()
    #expect(folder.ids == [1])
    folder.clock.advance(seconds: 700)
    #expect(try folder.run().rows == 1)
    #expect(folder.ids == [1, 2])
    #expect(try folder.run().plan.splits.isEmpty)
    let other = LogFolder()
    other.streamOptions.append(.init(key: "close_after", value: .plain("1h")))
    try other.append("app.log", "{\"id\":1}")
    other.clock.advance(seconds: 700)
    #expect(try other.run().rows == 0)
    other.clock.advance(seconds: 3000)
    #expect(try other.run().rows == 1)
  }

  @Test func lateFilesWithOldTimesCome() throws {
    let folder = LogFolder()
    try folder.append("b.log", lines(1...2))
    try folder.run()
    try folder.append("a.log", lines(3...4))
    try folder.age("a.log", seconds: 400 * 86_400)
    #expect(try folder.run().rows == 2)
    try folder.append("a.log", lines(5...5))
    try folder.age("a.log", seconds: 500 * 86_400)
    #expect(try folder.run().rows == 1)
    #expect(folder.ids == [1, 2, 3, 4, 5])
  }

  @Test func aTouchedFileGivesNothing() throws {
    let folder = LogFolder()
    try folder.append("a.log", lines(1...2))
    try folder.run()
    try folder.age("a.log", seconds: 5)
    #expect(try folder.run().rows == 0)
    #expect(folder.commits == 1)
  }

  @Test func blankLinesCountAsLines() throws {
    let folder = LogFolder()
    try folder.append("a.log", "\n\n")
    try folder.run()
    try folder.append("a.log", lines(1...1))
    try folder.run()
    #expect(folder.rows.map(\.line) == [3])
  }

  @Test func typesWidenOverRuns() throws {
    let folder = LogFolder()
    try folder.append("a.log", "{\"id\":1,\"v\":1}\n")
    try folder.run()
    try folder.append("a.log", "{\"id\":2,\"v\":1.5,\"w\":true}\n")
    try folder.run()
    try folder.append("a.log", "{\"id\":3}\n")
    try folder.run()
    #expect(folder.batches.map { $0.schema["v"]?.type } == [.int64, .float64, .float64])
    #expect(folder.schema?.names == ["id", "v", "w", "_file", "_line"])
  }

  @Test func typesWidenOverSplits() throws {
    let folder = LogFolder()
    for index in 1...10_200 {
      try folder.append(
        "a\(index).log", index == 700 ? "{\"id\":7,\"v\":1.5}\n" : "{\"id\":\(index),\"v\":1}\n")
      try folder.age("a\(index).log", seconds: Double(20_000 - index))
    }
    let report = try folder.run()
    #expect(report.commits == 2)
    #expect(folder.batches.last?.schema["v"]?.type == .float64)
    #expect(folder.rows.count == 10_200)
  }

  @Test func aRunThatDiesGoesOn() throws {
    let folder = LogFolder()
    for index in 0..<10_200 {
      try folder.append("a\(index).log", "{\"id\":\(index)}\n")
      try folder.age("a\(index).log", seconds: Double(20_000 - index))
    }
    try folder.run(committing: { $0 == 0 })
    #expect(folder.rows.count == 10_000)
    try folder.run(committing: { _ in false })
    #expect(folder.rows.count == 10_000)
    try folder.run()
    #expect(folder.ids == Array(0..<10_200))
  }

  @Test func linesOfAllKinds() throws {
    let folder = LogFolder()
    var bytes = Array("\u{FEFF}{\"id\":1}\r\n".utf8)
    bytes += [UInt8](repeating: 0, count: 4096) + Array("{\"id\":2}\n".utf8)
    bytes += Array("not json\n{\"id\":3,\"t\":\"".utf8) + [0xFF] + Array("\"}\n".utf8)
    try folder.append("a.log", bytes)
    let report = try folder.run()
    #expect(folder.ids == [1, 2, 3])
    #expect(folder.rows.map(\.line) == [1, 2, 4])
    #expect(folder.rejects == [.init(file: "a.log", line: 3, text: "not json")])
    #expect(report.counts["rejected"] == 1)
    try folder.append("a.log", lines(4...4))
    try folder.run()
    #expect(folder.rows.last?.line == 5)
  }

  @Test func aVeryLongLineIsAReject() throws {
    let folder = LogFolder()
    folder.sourceOptions.append(.init(key: "line_max", value: .plain("1MiB")))
    let long = "{\"id\":\"" + String(repeating: "x", count: 2 << 20) + "\"}\n"
    try folder.append("a.log", lines(1...1) + long + lines(2...2))
    try folder.run()
    #expect(folder.ids == [1, 2])
    #expect(folder.rejects.map(\.line) == [2])
    #expect(folder.rejects[0].text.utf8.count <= 65_536)
    #expect(try folder.run().plan.splits.isEmpty)
    try folder.append("a.log", lines(3...3))
    try folder.run()
    #expect(folder.rows.last?.line == 4)
  }

  @Test func theCeilingIsFixedByThePlan() throws {
    let folder = LogFolder()
    try folder.append("a.log", lines(1...3))
    try folder.run(afterPlan: { try folder.append("a.log", lines(4...4)) })
    #expect(folder.ids == [1, 2, 3])
    try folder.run()
    #expect(folder.ids == [1, 2, 3, 4])
  }
}
