import Connector
import LogSource
import Records
import Testing

@Suite struct MultilineLogTests {
  private func folder(_ multiline: ConfigValue = .map(["start": .string("^\\d+ ")])) -> LogFolder {
    let folder = LogFolder()
    folder.streamOptions = [
      .init(key: "parse", value: .map(["regex": .string("^(?<id>\\d+) (?<text>.*)$")])),
      .init(key: "multiline", value: multiline),
    ]
    return folder
  }

  private func texts(_ folder: LogFolder) -> [String] {
    folder.batches.flatMap { batch in
      (0..<batch.rowCount).map { batch["text"]?[$0].text ?? "" }
    }
  }

  @Test func aRecordTornBetweenRunsComesOnceAndWhole() throws {
    let folder = folder()
    try folder.append("app.log", "1 a\n x\n2 b\n y\n")
    #expect(try folder.run().rows == 1)
    #expect(try folder.run().rows == 0)
    try folder.append("app.log", " z")
    #expect(try folder.run().rows == 0)
    try folder.append("app.log", "z\n3 c\n")
    #expect(try folder.run().rows == 1)
    #expect(texts(folder) == ["a\n x", "b\n y\n zz"])
    #expect(folder.rows.map(\.line) == [1, 3])
    folder.clock.advance(seconds: 700)
    #expect(try folder.run().rows == 1)
    #expect(folder.ids == [1, 2, 3])
    #expect(folder.rows.map(\.line) == [1, 3, 6])
    #expect(try folder.run().plan.splits.isEmpty)
    #expect(folder.rejects.isEmpty)
  }

  @Test func recordsTornAtEveryByteComeOnceAndWhole() throws {
    let text = "1 a\n x\n\n2 b\n3 c\n  y\n  z\n4 d\n"
    for cut in 1..<text.utf8.count {
      let folder = folder()
      try folder.append("app.log", Array(text.utf8.prefix(cut)))
      try folder.run()
      try folder.append("app.log", Array(text.utf8.dropFirst(cut)))
      try folder.run()
      folder.clock.advance(seconds: 700)
      try folder.run()
      #expect(texts(folder) == ["a\n x", "b", "c\n  y\n  z", "d"], "cut at \(cut)")
      #expect(folder.rows.map(\.line) == [1, 4, 5, 8])
      #expect(folder.rejects.isEmpty)
    }
  }

  @Test func rotationEndsTheLastRecord() throws {
    let folder = folder()
    try folder.append("app.log", "1 a\n x\n")
    #expect(try folder.run().rows == 0)
    try folder.rename("app.log", "app.log.1")
    try folder.append("app.log", "2 b\n")
    try folder.run()
    #expect(texts(folder) == ["a\n x"])
    try folder.compress("app.log.1")
    try folder.age("app.log.1.gz", seconds: 100)
    try folder.append("app.log", " y\n3 c\n")
    try folder.run()
    #expect(texts(folder) == ["a\n x", "b\n y"])
  }

  @Test func aRunThatDiesReadsTheSameRecords() throws {
    let folder = folder()
    try folder.append("app.log", "1 a\n x\n2 b\n")
    try folder.run(committing: { _ in false })
    #expect(folder.rows.isEmpty)
    try folder.append("app.log", " y\n3 c\n")
    try folder.run()
    #expect(texts(folder) == ["a\n x", "b\n y"])
  }

  @Test func bigFilesInSmallBatches() throws {
    let folder = folder()
    let text = (1...20_000).map { "\($0) a\n\tat b\n" }.joined()
    try folder.append("app.log", text + "20001 last\n")
    let report = try folder.run(ReadOptions(batchBytes: 50_000, batchRowsMax: 700))
    #expect(report.counts["lines that go on a record"] == 20_000)
    #expect(folder.ids == Array(1...20_000))
    #expect(folder.rows.map(\.line) == Array(stride(from: 1, to: 40_000, by: 2)))
    #expect(Set(texts(folder)) == ["a\n\tat b"])
  }

  @Test func otherFormatsTakeRecordsToo() throws {
    let folder = LogFolder()
    folder.streamOptions = [
      .init(key: "parse", value: .plain("json")),
      .init(key: "multiline", value: .map(["ends": .string("^\\}")])),
    ]
    try folder.append("a.log", "{\n\"id\": 1\n}\n{\n\"id\":")
    #expect(try folder.run().rows == 1)
    try folder.append("a.log", " 2\n}\n")
    #expect(try folder.run().rows == 1)
    #expect(folder.ids == [1, 2])
    #expect(folder.rows.map(\.line) == [1, 4])
  }

  @Test func indentedIsACustom() throws {
    let folder = folder(.plain("indented"))
    try folder.append("a.log", "1 a\n\tat b\nCaused by: c\n\t... 2 more\n2 b\n3 c\n")
    try folder.run()
    #expect(texts(folder) == ["a\n\tat b\nCaused by: c\n\t... 2 more", "b"])
  }

  @Test func whatConfigsGetWrong() throws {
    for wrong in [
      ConfigValue.map([:]), .map(["start": .string("a"), "ends": .string("b")]),
      .map(["start": .string("(")]), .map(["max_lines": .plain("5")]),
    ] {
      let folder = folder(wrong)
      try folder.append("a.log", "1 a\n")
      let error = try #require(throws: ConnectorError.self) { try folder.run() }
      #expect(error.kind == .misconfigured)
      #expect(!error.remedy.isEmpty)
    }
    let schema = ConfigSchema.map(LogSourceType.streamKeys)
    #expect(
      schema.problems(
        in: .map(["parse": .plain("json"), "multiline": .map(["strat": .string("x")])])
      ).count == 1)
    #expect(
      schema.problems(
        in: .map(["parse": .map(["grok": .string("%{INT:a}")]), "multiline": .plain("indented")])
      ).isEmpty)
  }

  @Test func grokIsConfiguredShortAndLong() throws {
    let folder = LogFolder()
    folder.streamOptions = [
      .init(key: "parse", value: .map(["grok": .string("%{INT:id} %{WORD:w}")]))
    ]
    try folder.append("a.log", "1 x\n2\n")
    try folder.run()
    #expect(folder.ids == [1])
    #expect(folder.rejects.map(\.line) == [2])
    try folder.append("own.patterns", "PAIR %{INT:id}-%{WORD:w}\n")
    folder.streamOptions = [
      .init(
        key: "parse",
        value: .map([
          "grok": .map([
            "pattern": .list([.string("^%{PAIR}"), .string("^%{LONE}$")]),
            "patterns": .map(["LONE": .string("%{INT:id}")]),
            "patterns_file": .string(folder.path + "/own.patterns"),
          ])
        ]))
    ]
    try folder.append("a.log", "3-y\n4\n")
    try folder.run()
    #expect(folder.ids == [1, 3, 4])
  }

  /// Lines of an error log that begin with no time belong to the record before; the last one waits.
  @Test(arguments: ["nginx_error", "apache_error"])
  func errorLogsHaveRecordsOfSeveralLines(format: String) throws {
    let folder = LogFolder()
    folder.streamOptions = [.init(key: "parse", value: .plain(format))]
    func record(_ text: String) -> String {
      format == "nginx_error"
        ? "2026/11/21 10:00:00 [error] 12#34: *5 \(text), client: 10.0.0.1, server: s\n"
        : "[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 3:tid 4] [client 10.0.0.1:5] \(text)\n"
    }
    let trace = "PHP Fatal error: no in /a.php:3\nStack trace:\n#0 {main}\n\n  thrown in /a.php"
    try folder.append("error.log", "  torn\n" + record(trace) + record("two"))
    try folder.run()
    #expect(folder.rows.map(\.line) == [2] && folder.rejects.map(\.line) == [1])
    try folder.append("error.log", "  more of two\n" + record("three"))
    let report = try folder.run()
    folder.clock.advance(seconds: 700)
    try folder.run()
    #expect(folder.rows.map(\.line) == [2, 7, 9])
    #expect(report.counts["lines that go on a record"] == 1)
    let messages = folder.batches.flatMap { batch in
      (0..<batch.rowCount).map { batch["message"]?[$0].text ?? "" }
    }
    #expect(messages.first?.contains("Stack trace:\n#0 {main}\n\n  thrown in /a.php") == true)
    #expect(messages.last == "three")
  }

  @Test func eachLineIsARecordWhereTheConfigSaysSo() throws {
    let folder = LogFolder()
    folder.streamOptions = [
      .init(key: "parse", value: .plain("nginx_error")),
      .init(key: "multiline", value: .plain("none")),
    ]
    try folder.append(
      "error.log",
      "2026/11/21 10:00:00 [error] 12#34: a\n#0 {main}\n2026/11/21 10:00:00 [error] 1#1: b\n")
    try folder.run()
    #expect(folder.rows.map(\.line) == [1, 3])
    #expect(folder.rejects.map(\.text) == ["#0 {main}"])
  }

  /// Another file than an error log: its lines are rejects, in records of at most 1,000.
  @Test func noErrorLogIsRejectedInBoundedRecords() throws {
    let folder = LogFolder()
    folder.streamOptions = [.init(key: "parse", value: .plain("nginx_error"))]
    try folder.append("error.log", (1...2500).map { "line \($0)\n" }.joined())
    try folder.age("error.log", seconds: 5000)
    try folder.run()
    #expect(folder.rejects.map(\.line) == [1, 1001, 2001])
  }
}
