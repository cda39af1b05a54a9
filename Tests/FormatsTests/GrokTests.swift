import Base
import Formats
import Records
import Testing

func grok(
  _ patterns: String..., own: [(String, String)] = [], file: String? = nil,
  columns: [Field] = [], multiline: Multiline? = nil
) -> LineOptions {
  var members: [JSONValue.Member] = [
    .init(key: "pattern", value: .array(patterns.map { .string($0) })),
    .init(key: "patterns", value: .object(own.map { .init(key: $0.0, value: .string($0.1)) })),
  ]
  if let file { members.append(.init(key: "patterns_file", value: .string(file))) }
  return LineOptions(
    format: FormatOptions(.object(members)), declared: columns, multiline: multiline)
}

@Suite struct GrokTests {
  @Test func referencesWithFieldsAreColumns() throws {
    let parsed = try parse(
      "grok", ["55.3.244.1 GET /index.html 15824 0.043\n"],
      options: grok(
        "%{IP:client} %{WORD:method} %{URIPATHPARAM:request} %{NUMBER:bytes} %{NUMBER:duration}"))
    #expect(parsed.schema.names == ["client", "method", "request", "bytes", "duration"])
    #expect(parsed.texts("client") == ["55.3.244.1"])
    #expect(parsed.texts("bytes") == ["15824"])
    #expect(parsed.texts("duration") == ["0.043"])
  }

  @Test func typesArePartOfReferences() throws {
    let parsed = try parse(
      "grok", ["5 6 7.5 8\n", "x 6 7.5 8\n"],
      options: grok("%{WORD:a:int} %{NUMBER:b:float} %{NUMBER:c:decimal(5,2)} %{NUMBER:d:string}"))
    #expect(parsed.schema["a"]?.type == .int64)
    #expect(parsed.schema["b"]?.type == .float64)
    #expect(parsed.schema["c"]?.type == .decimal(precision: 5, scale: 2))
    #expect(parsed.schema["d"]?.type == .string)
    #expect(parsed.outcome.rejects.map(\.line) == [2])
    #expect(parsed.outcome.rejects[0].reason.contains("'a'"))
    let declared = try parse(
      "grok", ["5\n"], options: grok("%{WORD:a:int}", columns: [Field("a", .string)]))
    #expect(declared.schema["a"]?.type == .string)
  }

  @Test func timesThatSayAllAreTimestamps() throws {
    let line = "[10/Oct/2000:13:55:36 -0700] 10/Oct/2000:13:55:36 -0700\n"
    let timestamp = DataType.timestamp(.microseconds, isUTC: true)
    let parsed = try parse("grok", [line], options: grok("\\[%{HTTPDATE:at}\\] %{NOTSPACE:x}"))
    #expect(parsed.schema["at"]?.type == timestamp)
    #expect(parsed.texts("at") == ["2000-10-10T20:55:36Z"])
    // Not where it means something else, or the config says another type.
    let own = try parse(
      "grok", [line], options: grok("%{HTTPDATE:at}", own: [("HTTPDATE", "\\d+/\\w+")]))
    #expect(own.texts("at") == ["10/Oct"])
    let text = try parse(
      "grok", [line], options: grok("%{HTTPDATE:at}", columns: [Field("At", .string)]))
    #expect(text.texts("At") == ["10/Oct/2000:13:55:36 -0700"])
    let mixed = try parse(
      "grok", [line, "x\n"], options: grok("%{HTTPDATE:at}", "%{WORD:at}"))
    #expect(mixed.schema["at"]?.type == .string)
    let given = try parse(
      "grok", ["at 21.11.2026 07:00:00\n"],
      options: grok("at %{DATESTAMP:at:timestamp(%d.%m.%Y %H:%M:%S)}"))
    #expect(given.texts("at") == ["2026-11-21T07:00:00Z"])
  }

  @Test func nestedNamesAreFlattened() throws {
    let parsed = try parse(
      "grok", ["a b c d\n"],
      options: grok("%{WORD:[http][verb]} %{WORD:http.path} (?<[x][y]>\\w) (?<z>\\w)"))
    #expect(parsed.schema.names == ["http_verb", "http_path", "x_y", "z"])
    #expect(parsed.texts("x_y") == ["c"])
  }

  @Test func onesOwnPatterns() throws {
    let parsed = try parse(
      "grok", ["ABC123 q=7\n"],
      options: grok(
        "%{QUEUE:queue} %{TICKET:ticket}", own: [("QUEUE", "[A-Z]{3}%{INT}")],
        file: "# comment\n\nTICKET q=%{NUMBER}\r\nQUEUE never\nNOTHING\n"))
    #expect(parsed.texts("queue") == ["ABC123"])
    #expect(parsed.texts("ticket") == ["q=7"])
  }

  @Test func fieldsOfOneNameFillOneColumn() throws {
    let parsed = try parse(
      "grok", ["n=5\nw=x\n"], options: grok("n=%{INT:v}|w=%{WORD:v}"))
    #expect(parsed.schema.names == ["v"])
    #expect(parsed.texts("v") == ["5", "x"])
  }

  @Test func parenthesesWithoutNamesOnlyGroup() throws {
    let parsed = try parse("grok", ["a,b\n"], options: grok("(%{WORD:x})(,)(%{WORD:y})"))
    #expect(parsed.schema.names == ["x", "y"])
  }

  @Test func percentSignsThatAreNoReferences() throws {
    let parsed = try parse(
      "grok", ["100%% %{x} 7\n"], options: grok(#"%{INT:n}%{2} \%\{x\} %{INT:m}"#))
    #expect(parsed.texts("n") == ["100"])
    #expect(parsed.texts("m") == ["7"])
  }

  @Test func rejectsNameThePart() throws {
    let parsed = try parse(
      "grok", ["1.2.3.4 abc\n"], options: grok("^%{IP:client} %{NUMBER:bytes:int}$"))
    #expect(
      parsed.outcome.rejects[0].reason
        == "the pattern does not match: behind '1.2.3.4 ' it goes on with %{NUMBER:bytes:int}, "
        + "and the text with 'abc'")
  }

  // MARK: What configs get wrong

  private func error(_ options: LineOptions) throws -> FormatError {
    try #require(throws: FormatError.self) {
      try LineFormats.named("grok").parser(options, knownSchema: nil)
    }
  }

  @Test func unknownNamesAreErrorsThatNameTheNearest() throws {
    let unknown = try error(grok("%{COMBINEDAPACHELOGS}"))
    #expect(unknown.kind == .invalidOption)
    #expect(unknown.message == "there is no pattern 'COMBINEDAPACHELOGS'")
    #expect(unknown.remedy.contains("Did you mean %{COMBINEDAPACHELOG}?"))
    let inside = try error(grok("%{A:a}", own: [("A", "%{B}"), ("B", "%{NUMBR}")]))
    #expect(inside.place == "B")
    #expect(inside.remedy.contains("%{NUMBER}"))
  }

  @Test func definitionsMayNotMeanThemselves() throws {
    let loop = try error(
      grok("%{A:a}", own: [("A", "x%{B}"), ("B", "y%{C}"), ("C", "z%{A}")]))
    #expect(loop.message == "the pattern 'A' means itself: A → B → C → A")
    #expect(try error(grok("%{A:a}", own: [("A", "%{A}")])).message.contains("A → A"))
  }

  @Test(.timeLimit(.minutes(1))) func definitionsThatGrowAreBounded() throws {
    var own = [("P0", "x")]
    for depth in 1...40 { own.append(("P\(depth)", "%{P\(depth - 1)}%{P\(depth - 1)}")) }
    #expect(try error(grok("%{P40:a}", own: own)).message.contains("grows to more than"))
    var chain = [("Q0", "x")]
    for depth in 1...100 { chain.append(("Q\(depth)", "%{Q\(depth - 1)}")) }
    #expect(try error(grok("%{Q100:a}", own: chain)).message.contains("deep"))
    var empty = [("E0", "")]
    for depth in 1...60 { empty.append(("E\(depth)", "%{E\(depth - 1)}%{E\(depth - 1)}")) }
    #expect(throws: FormatError.self) {
      try LineFormats.named("grok").parser(grok("%{E60:a}", own: empty), knownSchema: nil)
    }
    let many = (0..<1500).map { "%{INT:f\($0)}" }.joined(separator: " ")
    #expect(try error(grok(many)).message.contains("more than 1000 fields"))
  }

  @Test(arguments: [
    ("%{INT", "ends within"), ("%{}", "no reference"), ("%{INT:}", "no reference"),
    ("%{IN T}", "no reference"), ("%{INT:a:}", "no reference"), ("%{INT:a:whole}", "no known type"),
    ("%{INT}", "no field"), ("%{INT:a}(", "missing closing parenthesis"),
  ])
  func wrongReferences(_ pattern: String, _ found: String) throws {
    let wrong = try error(grok(pattern))
    #expect(wrong.message.contains(found), "\(wrong.message)")
    #expect(!wrong.remedy.isEmpty)
  }

  @Test(.timeLimit(.minutes(1))) func hostileLinesAreRejects() throws {
    let line = "1.2.3.4 - - [" + String(repeating: "((\"\\", count: 20_000) + "\n"
    let long = String(repeating: "10.0.0.1 - - [", count: 100_000) + "\n"
    let bytes = Array((line + long).utf8) + [0xFF, 0, 0xFE, 0x0A]
    for pattern in ["%{COMBINEDAPACHELOG}", "%{HAPROXYHTTP}", "%{SYSLOGLINE}", "%{S3_ACCESS_LOG}"] {
      let parsed = try parse("grok", [bytes], options: grok(pattern))
      #expect(parsed.outcome.rejects.count == 3, "\(pattern)")
    }
  }
}
