import Base
import Connector
import Testing

/// What happens between planning and reading.
@Suite struct RaceTests {
  @Test func aFileThatVanishesIsSkipped() throws {
    let folder = LogFolder()
    try folder.append("a.log", lines(1...2))
    try folder.append("b.log", lines(3...4))
    try folder.run(afterPlan: { try folder.remove("a.log") })
    #expect(folder.ids == [3, 4])
    #expect(try folder.run().rows == 0)
  }

  @Test func aFileThatIsRenamedComesNextTime() throws {
    let folder = LogFolder()
    try folder.append("a.log", lines(1...2))
    try folder.run()
    try folder.append("a.log", lines(3...3))
    try folder.run(afterPlan: {
      try folder.rename("a.log", "a.log.1")
      try folder.append("a.log", lines(4...40))
    })
    #expect(folder.ids == [1, 2])
    try folder.run()
    #expect(folder.ids == [1, 2, 3] + Array(4...40))
  }

  @Test func aNewFileThatIsRenamedComesNextTime() throws {
    let folder = LogFolder()
    try folder.append("a.log", lines(1...3))
    try folder.run(afterPlan: {
      try folder.rename("a.log", "a.log.1")
      try folder.append("a.log", lines(10...12) + "{\"id\":")
    })
    #expect(folder.ids == [])
    try folder.append("a.log", "13}\n")
    try folder.run()
    #expect(folder.ids == [1, 2, 3, 10, 11, 12, 13])
    #expect(folder.rejects.isEmpty)
  }

  @Test func aFileThatIsCutComesNextTime() throws {
    let folder = LogFolder()
    try folder.append("a.log", lines(1...20))
    try folder.run()
    try folder.append("a.log", lines(21...40))
    try folder.run(afterPlan: {
      try folder.copy("a.log", "a.log.1")
      try folder.truncate("a.log")
      try folder.append("a.log", lines(41...42))
    })
    #expect(folder.ids == Array(1...20))
    try folder.run()
    #expect(folder.ids == Array(1...42))
  }

  @Test func aFileThatIsCutAndGrowsBeyondIsNotTaken() throws {
    let folder = LogFolder()
    try folder.append("a.log", lines(1...20))
    try folder.run()
    try folder.append("a.log", lines(21...22))
    try folder.run(afterPlan: {
      try folder.rename("a.log", "hidden")
      try folder.copy("hidden", "a.log.1")
      try folder.rename("hidden", "a.log")
      try folder.truncate("a.log")
      try folder.append("a.log", lines(100...300))
    })
    #expect(folder.ids == Array(1...20))
    try folder.run()
    #expect(folder.ids == Array(1...22) + Array(100...300))
  }

  /// Small files that nobody touched for a while are read in one go, where that is what they are.
  @Test func smallFilesAreAsTheyWereListed() throws {
    let folder = LogFolder()
    for number in 0..<200 {
      try folder.append("\(number).log", lines(number * 10...number * 10 + 4))
    }
    folder.clock.advance(seconds: 10)
    try folder.run(afterPlan: {
      try folder.append("7.log", lines(75...79))
      try folder.remove("8.log")
      try folder.append("8.log", lines(8000...8004))
      try folder.truncate("9.log")
      try folder.rename("10.log", "10.log.1")
    })
    let untouched = (0..<200).filter { ![8, 9, 10].contains($0) }
    // A file made anew may have the old one's inode; then it counts as that one, as far as it went.
    #expect(folder.ids.filter { $0 < 8000 } == untouched.flatMap { Array($0 * 10...$0 * 10 + 4) })
    try folder.append("9.log", lines(90...94))
    try folder.run()
    let all = (0..<200).filter { $0 != 8 }.flatMap { Array($0 * 10...$0 * 10 + 4) }
    #expect(folder.ids == (all + Array(75...79) + Array(8000...8004)).sorted())
    #expect(try folder.run().rows == 0)
  }

  @Test func foldersWhoseNamesLookTheSameAreTwo() throws {
    let folder = LogFolder(pattern: "**/*.log")
    for (index, name) in ["caf\u{E9}", "cafe\u{301}"].enumerated() {
      for file in 0..<3 {
        let id = index * 10 + file
        try folder.append("\(name)/\(index)-\(file).log", lines(id...id))
      }
    }
    try folder.run()
    #expect(folder.ids == [0, 1, 2, 10, 11, 12])
  }

  @Test(arguments: [0, 300_000])
  func aFileThatIsCutWhileItIsReadBreaksTheSplit(_ grownAgain: Int) throws {
    let folder = LogFolder()
    try folder.append("a.log", lines(1...200_000))
    let session = try folder.source().open(folder.stream)
    let plan = try session.plan(
      PlanRequest(bookmark: nil, ledger: MemoryLedger(), knownSchema: nil))
    let reader = try session.read(plan.splits[0], ReadOptions(batchBytes: 10_000))
    #expect(try reader.next() != nil)
    try folder.truncate("a.log")
    if grownAgain > 0 { try folder.append("a.log", lines(1_000_000...1_000_000 + grownAgain)) }
    let error = try #require(throws: ConnectorError.self) {
      while try reader.next() != nil {}
    }
    #expect(error.kind == .interrupted)
    #expect(error.isRetryable)
    reader.close()
    reader.close()
    session.close()
    #expect(try reader.next() == nil)
  }

  @Test func cancellingStops() throws {
    let folder = LogFolder()
    try folder.append("a.log", lines(1...10_000))
    let options = ReadOptions(batchBytes: 1000)
    options.cancellation.cancel("stopped by a person")
    let error = try #require(throws: ConnectorError.self) { try folder.run(options) }
    #expect(error.kind == .cancelled)
  }
}
