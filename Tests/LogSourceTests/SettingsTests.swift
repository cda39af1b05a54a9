import Base
import Connector
import Foundation
import LogSource
import Records
import Testing

@Suite struct SettingsTests {
  private func matches(_ pattern: String, _ files: [String], exclude: String? = nil) throws
    -> [String]
  {
    let folder = LogFolder(pattern: pattern)
    if let exclude {
      folder.sourceOptions.append(.init(key: "exclude", value: .string(exclude)))
    }
    for (index, file) in files.enumerated() { try folder.append(file, lines(index...index)) }
    try folder.run()
    return Set(folder.rows.map(\.file)).sorted()
  }

  @Test func globs() throws {
    let files = [
      "a.log", "b.log.1", ".hidden.log", "x/a.log", "x/y/c.log", "x/.git/a.log", "x1/d.txt",
      "[z].log",
    ]
    #expect(try matches("*.log", files) == ["[z].log", "a.log"])
    #expect(try matches("**/*.log", files) == ["[z].log", "a.log", "x/a.log", "x/y/c.log"])
    #expect(try matches("*.log*", files) == ["[z].log", "a.log", "b.log.1"])
    #expect(try matches("x/**/?.log", files) == ["a.log", "y/c.log"])
    #expect(try matches("{a.log,x/{a,q}.log,x?/*}", files) == ["a.log", "x/a.log", "x1/d.txt"])
    #expect(try matches("[a-b].log*", files) == ["a.log", "b.log.1"])
    #expect(try matches("[!a].log*", files) == ["b.log.1"])
    #expect(try matches("\\[z\\].log", files) == ["[z].log"])
    #expect(try matches(".*.log", files) == [".hidden.log"])
    #expect(try matches("a.log", files) == ["a.log"])
    #expect(try matches("nothing/*.log", files) == [])
  }

  @Test func excludes() throws {
    let files = ["a.log", "b.log", "x/a.log", "x/b.log"]
    #expect(try matches("**/*.log", files, exclude: "a.*") == ["b.log", "x/b.log"])
    #expect(try matches("**/*.log", files, exclude: "x/*") == ["a.log", "b.log"])
  }

  @Test func streamsNarrowThePath() throws {
    let folder = LogFolder(pattern: "**/*.log")
    folder.streamOptions.append(.init(key: "path", value: .string("x/*.log")))
    try folder.append("a.log", lines(1...1))
    try folder.append("x/b.log", lines(2...2))
    try folder.run()
    #expect(folder.rows.map(\.file) == ["b.log"])
  }

  @Test(arguments: ["gs://bucket/logs/*.log", "/tmp/{a,b", "/tmp/[a", "/tmp/logs/**", "/"])
  func refusesOtherPaths(_ path: String) throws {
    let folder = LogFolder()
    folder.sourceOptions = [.init(key: "path", value: .string(path))]
    let error = try #require(throws: ConnectorError.self) { try folder.run() }
    #expect(error.kind == .misconfigured)
    #expect(!error.remedy.isEmpty)
  }

  @Test func relativePathsAreTheConfigs() throws {
    let folder = LogFolder()
    try folder.append("x/a.log", lines(1...1))
    folder.sourceOptions = [.init(key: "path", value: .string("./x/*.log"))]
    var context = folder.context
    context.baseDirectory = folder.path
    let source = try LogSourceType.open(
      SourceConfiguration(name: "web", options: ConfigValue(.map(folder.sourceOptions))), context)
    let plan = try source.open(folder.stream).plan(
      PlanRequest(bookmark: nil, ledger: MemoryLedger(), knownSchema: nil))
    #expect(plan.window.predicate == "a.log from byte 0 of its text")
  }

  @Test func linesHaveALongestLength() throws {
    let folder = LogFolder()
    folder.sourceOptions.append(.init(key: "line_max", value: .plain("1GiB")))
    #expect { try folder.run() } throws: { ($0 as? ConnectorError)?.kind == .misconfigured }
  }

  @Test func tooManyRejectsFailTheRun() throws {
    let folder = LogFolder()
    folder.streamOptions.append(
      .init(key: "rejects", value: .map(["max": .plain("2"), "share": .plain("50%")])))
    try folder.append("a.log", "x\ny\n" + lines(1...2))
    try folder.run()
    #expect(folder.rejects.count == 2)
    try folder.append("a.log", "x\ny\nz\n" + lines(3...9))
    let error = try #require(throws: ConnectorError.self) { try folder.run() }
    #expect(error.kind == .malformed)
    folder.streamOptions[1] = .init(key: "rejects", value: .map(["share": .plain("10%")]))
    #expect(throws: ConnectorError.self) { try folder.run() }
    folder.streamOptions[1] = .init(key: "rejects", value: .map(["share": .plain("31%")]))
    try folder.run()
    #expect(folder.ids == Array(1...9))
  }

  @Test func declaredColumns() throws {
    let folder = LogFolder()
    folder.streamOptions.append(
      .init(key: "columns", value: .map(["t": .plain("timestamp"), "d": .plain("decimal(9, 2)")])))
    try folder.append(
      "a.log", "{\"id\":1,\"t\":\"2026-11-21T07:00:00Z\",\"d\":1.5}\n{\"id\":2,\"t\":\"x\"}\n")
    try folder.run()
    #expect(folder.schema?["t"]?.type == .timestamp(.microseconds, isUTC: true))
    #expect(folder.schema?["d"]?.type == .decimal(precision: 9, scale: 2))
    #expect(folder.rejects.map(\.line) == [2])
    folder.streamOptions[1] = .init(key: "columns", value: .map(["t": .plain("datetime")]))
    #expect { try folder.run() } throws: { ($0 as? ConnectorError)?.kind == .misconfigured }
  }

  @Test func declaredTimesSayHowTheyAreWritten() throws {
    let folder = LogFolder()
    folder.streamOptions += [
      .init(key: "columns", value: .map(["t": .plain("timestamp(%d.%m.%Y %H:%M)")])),
      .init(key: "time_zone", value: .plain("Europe/Berlin")),
    ]
    try folder.append(
      "a.log", "{\"id\":1,\"t\":\"21.11.2026 07:00\"}\n{\"id\":2,\"t\":\"2026-11-21\"}\n")
    try folder.run()
    #expect(folder.batches.map { $0["t"]?[0].text } == ["2026-11-21T06:00:00Z"])
    #expect(folder.rejects.map(\.line) == [2])
    for (key, value) in [("time_zone", "Mars/Olympus"), ("columns", "timestamp(%Q)")] {
      let wrong = LogFolder()
      wrong.streamOptions = folder.streamOptions.filter { $0.key != key }
      wrong.streamOptions.append(
        .init(key: key, value: key == "columns" ? .map(["t": .plain(value)]) : .plain(value)))
      try wrong.append("a.log", "{\"id\":1}\n")
      #expect { try wrong.run() } throws: { ($0 as? ConnectorError)?.kind == .misconfigured }
    }
  }

  @Test func flattening() throws {
    let folder = LogFolder()
    folder.streamOptions.append(.init(key: "flatten", value: .plain("true")))
    try folder.append("a.log", "{\"id\":1,\"a\":{\"b\":2}}\n")
    try folder.run()
    #expect(folder.schema?.names == ["id", "a_b", "_file", "_line"])
  }

  @Test func accessLogs() throws {
    let folder = LogFolder()
    folder.streamOptions = [.init(key: "parse", value: .plain("combined"))]
    try folder.append(
      "access.log",
      #"::1 - - [21/Nov/2026:07:34:00 +0100] "GET /x HTTP/1.1" 200 12 "-" "curl/8""# + "\n")
    try folder.run()
    #expect(folder.batches[0]["path"]?[0].text == "/x")
    #expect(folder.batches[0]["time"]?[0].text == "2026-11-21T06:34:00Z")
    #expect(folder.schema?.names.suffix(2) == ["_file", "_line"])
  }

  @Test func errorsOfTheFormatNameTheFile() throws {
    let folder = LogFolder()
    try folder.append("a.log", "{\"id\":1,\"A\":1}\n{\"a\":2}\n")
    let error = try #require(throws: ConnectorError.self) { try folder.run() }
    #expect(error.kind == .malformed)
    #expect(error.place?.contains("a.log") == true)
    folder.streamOptions.append(.init(key: "merge_case", value: .plain("true")))
    #expect(try folder.run().rows == 2)
  }

  @Test func filesHaveNoMarkToSet() throws {
    let session = try LogFolder().source().open(LogFolder().stream)
    #expect { try session.bookmark(from: "5") } throws: {
      ($0 as? ConnectorError)?.kind == .refused
    }
  }

  @Test func theBindingIsThePattern() throws {
    let folder = LogFolder()
    let session = try folder.source().open(folder.stream)
    #expect(session.binding == ["path": .string(folder.path + "/*.log*")])
  }

  @Test func bookmarksOfOtherSourcesAreRefused() throws {
    let folder = LogFolder()
    let session = try folder.source().open(folder.stream)
    for bookmark in [Bookmark(kind: .time, mark: "x"), Bookmark(kind: .files, mark: "x")] {
      #expect {
        try session.plan(
          PlanRequest(bookmark: bookmark, ledger: MemoryLedger(), knownSchema: nil))
      } throws: {
        ($0 as? ConnectorError)?.kind == .refused
      }
    }
    let odd = MemoryLedger(["generation-000000000001": ["path": "x"]])
    #expect(throws: ConnectorError.self) {
      try session.plan(PlanRequest(bookmark: nil, ledger: odd, knownSchema: nil))
    }
  }

  @Test func plansSayWhatTheyRead() throws {
    let folder = LogFolder()
    try folder.append("a.log", lines(1...2))
    let plan = try folder.run().plan
    #expect(plan.window.from == nil)
    #expect(plan.window.predicate == "a.log from byte 0 of its text")
    #expect(plan.estimatedBytes == 18)
    try folder.append("a.log", lines(3...3))
    let next = try folder.run().plan
    #expect(next.window.from == "1 file, 2 lines, 18 bytes")
    #expect(next.window.predicate == "a.log from byte 18 of its text")
    let none = try LogFolder().run().plan
    #expect(none.splits.isEmpty)
    #expect(none.warnings.first?.contains("no file matches") == true)
  }

  @Test func checkLooksAtFilesAndLines() throws {
    let folder = LogFolder()
    #expect(try folder.source().check(folder.stream).map(\.severity) == [.warning])
    try folder.append("good.log", lines(1...3))
    #expect(try folder.source().check(folder.stream).isEmpty)
    try folder.append("mixed.log", lines(1...3) + "oops\n")
    try folder.append("bad.log", "1.2.3.4 - - [x]\n")
    let findings = try folder.source().check(folder.stream)
    #expect(findings.map(\.severity).sorted { $0.rawValue < $1.rawValue } == [.error, .warning])
    #expect(findings.contains { $0.message.contains("1 of the first 4 lines") })
    folder.sourceOptions = [.init(key: "path", value: .string("s3://x/y.log"))]
    #expect(try folder.source().check(folder.stream).map(\.severity) == [.error])
  }

  @Test func keysAreChecked() {
    let good = ConfigValue.map([
      "parse": .plain("json"), "rejects": .map(["max": .plain("0")]),
      "exclude": .list([.string("*.tmp")]), "columns": .map(["a": .plain("bigint")]),
    ])
    #expect(ConfigSchema.map(LogSourceType.streamKeys).problems(in: good).isEmpty)
    let bad = ConfigValue.map(["parse": .plain("grock"), "flaten": .plain("true")])
    #expect(ConfigSchema.map(LogSourceType.streamKeys).problems(in: bad).count == 2)
    #expect(ConfigSchema.map(LogSourceType.sourceKeys).problems(in: .map([:])).count == 1)
  }
}
