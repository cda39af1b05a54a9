import Base
import Connector
import Foundation
import Testing

/// Files whose content is replaced, and logs that rotation removes before they were read.
@Suite struct OverwriteTests {
  private func folder(_ policy: String, pattern: String = "*.log*") -> LogFolder {
    let folder = LogFolder(pattern: pattern)
    folder.streamOptions.append(.init(key: "on_overwrite", value: .plain(policy)))
    return folder
  }

  private func overwrite(_ folder: LogFolder, _ name: String, _ text: String) throws {
    try folder.truncate(name)
    try folder.append(name, text)
  }

  @Test func newContentTakesThePlaceOfTheOld() throws {
    let folder = folder("reprocess")
    try folder.append("list.log", lines(1...3) + "not a row\n")
    try folder.append("other.log", lines(10...12))
    try folder.run()
    try folder.append("list.log", lines(4...4))
    try folder.run()
    #expect(folder.rejects.count == 1)
    try overwrite(folder, "list.log", lines(2...7))
    let report = try folder.run()
    #expect(folder.ids == Array(2...7) + [10, 11, 12])
    #expect(folder.rejects.isEmpty)
    #expect(report.plan.splits.flatMap(\.retracts).count == 2)
    #expect(folder.rows.filter { $0.text == "2" } == [.init(file: "list.log", line: 1, text: "2")])
    #expect(try folder.run().plan.splits.isEmpty)
    // Once more, by a file that is put in its place.
    try folder.append("new", lines(20...21))
    try folder.rename("new", "list.log")
    try folder.run()
    #expect(folder.ids == [10, 11, 12, 20, 21])
  }

  /// Whose rows go is told by commit and name, so that names that were others' once do no harm.
  @Test func rowsOfOthersUnderTheSameNameStay() throws {
    let folder = folder("reprocess", pattern: "*.txt")
    try folder.append("a.txt", lines(1...2))
    try folder.run()
    try folder.rename("a.txt", "b.txt")
    try folder.append("a.txt", lines(3...4))
    try folder.run()
    try folder.append("b.txt", lines(5...5))
    try folder.run()
    try overwrite(folder, "a.txt", lines(30...31))
    try folder.run()
    #expect(folder.ids == [1, 2, 5, 30, 31])
    try overwrite(folder, "b.txt", lines(50...50))
    try folder.run()
    #expect(folder.ids == [30, 31, 50])
  }

  @Test func theOldContentElsewhereIsNotTakenForReplaced() throws {
    let folder = folder("reprocess")
    try folder.append("app.log", lines(1...3))
    try folder.run()
    try folder.rename("app.log", "app.log.1")
    try folder.append("app.log", lines(4...5))
    try folder.run()
    #expect(folder.ids == [1, 2, 3, 4, 5])
  }

  /// Old content that comes back after it was replaced is new content.
  @Test func contentThatComesBackIsReadAgain() throws {
    let folder = folder("reprocess")
    try folder.append("list.log", lines(1...3))
    try folder.run()
    try overwrite(folder, "list.log", lines(4...5))
    try folder.run()
    try overwrite(folder, "list.log", lines(1...3))
    try folder.run()
    #expect(folder.ids == [1, 2, 3])
    try folder.append("list-old.log", lines(4...5))
    try folder.run()
    #expect(folder.ids == [1, 2, 3, 4, 5])
  }

  @Test func rowsStayUntilThereIsALineInTheirPlace() throws {
    let folder = folder("reprocess")
    try folder.append("list.log", lines(1...3))
    try folder.run()
    try folder.truncate("list.log")
    var report = try folder.run()
    #expect(folder.ids == [1, 2, 3] && report.commits == 0)
    #expect(report.plan.warnings.contains { $0.contains("being written anew") })
    try folder.append("list.log", "{\"id\":")
    report = try folder.run()
    #expect(folder.ids == [1, 2, 3] && report.commits == 0)
    try folder.append("list.log", "9}\n")
    try folder.run()
    #expect(folder.ids == [9])
  }

  /// A rotated log is not written anew: what was read of it stays.
  @Test func rowsOfRotatedLogsStay() throws {
    let folder = folder("reprocess")
    try folder.append("app.log", lines(1...3))
    try folder.run()
    // Rotated twice since, of which one is left.
    try folder.remove("app.log")
    try folder.append("app.log.1", lines(4...5))
    try folder.append("app.log", lines(6...6))
    let report = try folder.run()
    #expect(folder.ids == [1, 2, 3, 4, 5, 6])
    #expect(report.plan.warnings.contains { $0.contains("rotated: its earlier rows stay") })
    #expect(
      report.plan.warnings.contains {
        $0.contains("app.log was rotated away") && $0.contains("3 lines")
      })
  }

  /// The file changes again between plan and reading: nothing is taken out.
  @Test func nothingGoesWhereTheNewContentIsGone() throws {
    let folder = folder("reprocess")
    try folder.append("list.log", lines(1...3))
    try folder.run()
    try overwrite(folder, "list.log", lines(4...9))
    let error = #expect(throws: ConnectorError.self) {
      try folder.run(afterPlan: { try overwrite(folder, "list.log", lines(5...5)) })
    }
    #expect(error?.kind == .interrupted)
    #expect(folder.ids == [1, 2, 3])
    try folder.run()
    #expect(folder.ids == [5])
  }

  @Test func theOldestLogGivesItsNameToTheNext() throws {
    // A file that rotation removed, whose name another known one has now, is nothing overwritten.
    let folder = folder("error")
    try folder.append("app.log.1", lines(1...2))
    try folder.append("app.log", lines(3...4))
    try folder.run()
    try folder.remove("app.log.1")
    try folder.rename("app.log", "app.log.1")
    try folder.append("app.log", lines(5...5))
    let report = try folder.run()
    #expect(folder.ids == [1, 2, 3, 4, 5])
    #expect(report.plan.warnings.isEmpty, "it had been rotated before: nobody wrote it")
  }

  /// A gap in runs: the log that was being written was rotated until it was removed.
  @Test func aLogThatWasRemovedUnreadIsReported() throws {
    let folder = LogFolder()
    try folder.append("app.log", lines(1...3))
    try folder.run()
    try folder.append("app.log", lines(4...4))
    try folder.remove("app.log")
    try folder.append("app.log.2", lines(5...5))
    try folder.append("app.log.1", lines(6...6))
    var warnings = try folder.run().plan.warnings
    #expect(folder.ids == [1, 2, 3, 5, 6])
    #expect(
      warnings.contains { $0.contains("app.log was rotated away") && $0.contains("27 bytes") })
    try folder.append("app.log", lines(7...7))
    warnings = try folder.run().plan.warnings
    #expect(!warnings.contains { $0.contains("rotated away") }, "it is said once")
    // A file that somebody removes is no loss.
    try folder.append("once.log", lines(8...8))
    try folder.run()
    try folder.remove("once.log")
    #expect(try folder.run().plan.warnings.isEmpty)
  }
}
