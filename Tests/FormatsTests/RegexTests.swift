import Base
import Formats
import Records
import Testing

/// `parse: {regex: …}` and what stands beside it.
func regex(
  _ patterns: String..., columns: [Field] = [], multiline: Multiline? = nil
) -> LineOptions {
  LineOptions(
    format: FormatOptions(
      .object([.init(key: "pattern", value: .array(patterns.map { .string($0) }))])),
    declared: columns, multiline: multiline)
}

@Suite struct RegexTests {
  @Test func namedGroupsAreColumns() throws {
    let parsed = try parse(
      "regex", ["10.0.0.1 GET /a 200 1.5\n10.0.0.2 PUT /é 404 2\n"],
      options: regex(#"^(?<ip>\S+) (?<verb>\w+) (?<path>\S+) (?<status>\d+) (?<seconds>[\d.]+)$"#))
    #expect(parsed.schema.names == ["ip", "verb", "path", "status", "seconds"])
    #expect(parsed.texts("path") == ["/a", "/é"])
    #expect(parsed.texts("status") == ["200", "404"])
    #expect(
      parsed.types["status"] == "bigint" || parsed.types["status"] == DataType.int64.description)
    #expect(parsed.texts("seconds") == ["1.5", "2.0"])
    #expect(parsed.outcome.rowLines == [1, 2])
    #expect(parsed.outcome.rejects.isEmpty)
  }

  @Test func patternsAreSearchedForUnlessAnchored() throws {
    let searched = try parse("regex", ["x user=bob y\n"], options: regex("user=(?<user>\\w+)"))
    #expect(searched.texts("user") == ["bob"])
    let anchored = try parse("regex", ["x user=bob y\n"], options: regex("^user=(?<user>\\w+)"))
    #expect(anchored.outcome.rejects.map(\.line) == [1])
  }

  @Test func groupsWithoutPartAreNull() throws {
    let parsed = try parse(
      "regex", ["a=1\nb=2\na=\n"], options: regex("(?:a=(?<a>\\d*)|b=(?<b>\\d+))"))
    #expect(parsed.texts("a") == ["1", "null", "null"])
    #expect(parsed.texts("b") == ["null", "2", "null"])
  }

  @Test func aNameMayStandForSeveralGroups() throws {
    let parsed = try parse(
      "regex", ["<x>\n[y]\n"], options: regex(#"<(?<v>\w)>|\[(?<v>\w)\]"#))
    #expect(parsed.texts("v") == ["x", "y"])
    #expect(parsed.schema.names == ["v"])
  }

  @Test func theFirstPatternThatMatchesCounts() throws {
    let parsed = try parse(
      "regex", ["in bob\nout 5\nelse\n"],
      options: regex("^in (?<user>\\w+)", "^(?<what>in|out) (?<count>\\d+)"))
    #expect(parsed.schema.names == ["user", "what", "count"])
    #expect(parsed.texts("user") == ["bob", "null"])
    #expect(parsed.texts("what") == ["null", "out"])
    #expect(parsed.outcome.rejects[0].reason.hasPrefix("no pattern matches"))
  }

  @Test func declaredTypesHold() throws {
    let parsed = try parse(
      "regex", ["7 x\n8 y\nz z\n"],
      options: regex("^(?<n>\\w) (?<t>\\w)", columns: [Field("n", .string), Field("t", .string)]))
    #expect(parsed.texts("n") == ["7", "8", "z"])
    let strict = try parse(
      "regex", ["7 x\nz z\n"], options: regex("^(?<n>\\w)", columns: [Field("n", .int32)]))
    #expect(strict.texts("n") == ["7"])
    #expect(strict.outcome.rejects[0].reason.contains("'n'"))
  }

  @Test func backReferencesAndLookaround() throws {
    let parsed = try parse(
      "regex", ["k='a\"b'\nk=\"c'd\"\nk='x\"\n"],
      options: regex(#"k=(['"])(?<v>.*?)\1(?!.)"#))
    #expect(parsed.texts("v") == ["a\"b", "c'd"])
    #expect(parsed.outcome.rejects.count == 1)
  }

  @Test func lineEndsAreNotPartOfTheText() throws {
    let parsed = try parse("regex", ["a\r\n\nb \n\r\nc"], options: regex("^(?<t>.*)$"))
    #expect(parsed.texts("t") == ["a", "b ", "c"])
    #expect(parsed.outcome.rowLines == [1, 3, 5])
  }

  @Test func rejectsSayHowFarThePatternCame() throws {
    let parsed = try parse(
      "regex", ["10.0.0.1 GET abc\n"],
      options: regex(#"^(?<ip>[\d.]+) (?<verb>[A-Z]+) (?<status>\d+)"#))
    #expect(
      parsed.outcome.rejects[0].reason
        == #"the pattern does not match: behind '10.0.0.1 GET ' it goes on with \d+), and the text with 'abc'"#
    )
    let start = try parse("regex", ["x\n"], options: regex("^(?<a>\\d)"))
    #expect(start.outcome.rejects[0].reason.contains("at the start it goes on with"))
  }

  // MARK: What configs get wrong

  @Test(arguments: [
    ("(?<a>x", "missing closing parenthesis", "Balance"),
    ("(?<a>[x", "missing terminating ]", "Close the class"),
    ("(?<a>*x)", "quantifier", "Put something before"),
    ("(?<1a>x)", "name", "Name groups"),
    ("(?<a>\\C)", "\\C is disabled", "syntax"),
    ("plain", "no named group", "(?<name>"),
    ("(?<" + String(repeating: "n", count: 40) + ">x)", "too long", "32"),
    (
      String(repeating: "(?:", count: 400) + "(?<a>x)" + String(repeating: ")", count: 400),
      "nested", "smaller"
    ),
  ])
  func wrongPatternsAreShown(_ pattern: String, _ found: String, _ remedy: String) throws {
    let error = try #require(throws: FormatError.self) {
      try LineFormats.named("regex").parser(regex(pattern), knownSchema: nil)
    }
    #expect(error.kind == .invalidOption)
    #expect(error.message.contains(found), "\(error.message)")
    #expect(error.remedy.contains(remedy), "\(error.remedy)")
    #expect(error.place == "pattern")
  }

  @Test func errorsShowThePlace() throws {
    let error = try #require(throws: FormatError.self) {
      try LineFormats.named("regex").parser(regex("(?<a>x)(?<b>y"), knownSchema: nil)
    }
    #expect(
      error.message
        == "the pattern is wrong at character 14: missing closing parenthesis: (?<a>x)(?<b>y ⟨here⟩ "
    )
  }

  @Test func hugeAlternationsWorkOrAreRefused() throws {
    let words = (0..<3000).map { "w\($0)x" }
    let parsed = try parse(
      "regex", ["w2999x\nw3000x\n"], options: regex("^(?<w>" + words.joined(separator: "|") + ")$"))
    #expect(parsed.texts("w") == ["w2999x"])
    #expect(parsed.outcome.rejects.count == 1)
    let huge = (0..<60_000).map { "word\($0)" }.joined(separator: "|")
    let error = try #require(throws: FormatError.self) {
      try LineFormats.named("regex").parser(regex("(?<w>\(huge))"), knownSchema: nil)
    }
    #expect(error.message.contains("too large"))
  }

  // MARK: Hostile lines

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      ("^(?<a>(?:a+)+)$", 40), ("^(?<a>(?:a|aa)+)$", 60), ("(?<a>(?:a*)*)b", 4000),
      ("(?<a>(?:.*a){12})x", 3000), ("(?<a>\\w+\\d)", 200_000),
      ("(?<a>(?:[^x\\\\]|\\\\.)*)y", 1 << 20),
    ])
  func catastrophicPatternsEndInRejects(_ pattern: String, _ count: Int) throws {
    let line = String(repeating: "a", count: count) + "!\n"
    let parsed = try parse("regex", [line + line + "aab\n"], options: regex(pattern))
    #expect(parsed.outcome.rejects.count >= 2)
    #expect(parsed.outcome.rejects.count + parsed.outcome.rowLines.count == 3)
    let reason = parsed.outcome.rejects[0].reason
    #expect(
      ["took more than", "took more memory", "does not match", "no match begins"].contains {
        reason.contains($0)
      }, "\(reason)")
  }

  @Test(.timeLimit(.minutes(1))) func patternsWithoutMachineCode() throws {
    let parsed = try parse(
      "regex", ["a é 5\n" + String(repeating: "a", count: 40) + "!\n"],
      options: regex("(*NO_JIT)^(?<a>(?:a+)+)(?: (?<b>.) (?<c>\\d))?$"))
    #expect(parsed.texts("b") == ["é"])
    #expect(parsed.texts("c") == ["5"])
    #expect(parsed.outcome.rejects[0].reason.contains("took more"))
  }

  @Test(.timeLimit(.minutes(1))) func sayingHowFarCostsLittle() throws {
    // Every place of each line is tried, with much to go back over.
    let line = String(repeating: "ab ", count: 80) + "\n"
    let parsed = try parse(
      "regex", [String(repeating: line, count: 3000)],
      options: regex("(?<a>(?:\\w+ )*)(?<b>(?:\\w+ )*)x"))
    #expect(parsed.outcome.rejects.count == 3000)
    #expect(parsed.outcome.rejects[0].reason.contains("goes on with"))
    #expect(parsed.outcome.rejects[2999].reason == "the pattern does not match")
  }

  @Test func tooManyStepsAreSaid() throws {
    let parsed = try parse(
      "regex", [String(repeating: "a", count: 40) + "!\n"], options: regex("^(?<a>(?:a+)+)$"))
    #expect(parsed.outcome.rejects[0].reason.hasPrefix("the pattern took more than 1000000 steps"))
  }

  @Test func bytesThatAreNotUTF8AreReplaced() throws {
    let bytes: [UInt8] =
      Array("a".utf8) + [0xFF, 0xC3] + Array(" x\nb\u{E9} y\n".utf8) + [0xC3, 0x0A]
    let parsed = try parse("regex", [bytes], options: regex("^(?<t>\\S+)(?: (?<u>.))?"))
    #expect(parsed.texts("t") == ["a\u{FFFD}\u{FFFD}", "b\u{E9}", "\u{FFFD}"])
    #expect(parsed.texts("u") == ["x", "y", "null"])
    #expect(parsed.outcome.repairedCount == 2)
    let refused = try parse("regex", [bytes], options: regex("^(?<t>\\d)"))
    #expect(refused.outcome.rejects.count == 3)
    #expect(refused.outcome.repairedCount == 0)
  }

  @Test func zerosAreText() throws {
    var bytes = [UInt8](repeating: 0, count: 5) + Array("a".utf8)
    bytes += [0] + Array("b\n".utf8) + [0, 0x0A]
    let parsed = try parse("regex", [bytes], options: regex("(?s)^(?<t>.+)$"))
    #expect(parsed.texts("t") == ["a\0b"])
    #expect(parsed.outcome.rejects.isEmpty)
  }

  @Test func charactersAreUnicodes() throws {
    let parsed = try parse("regex", ["日本 x\nΣσ y\n"], options: regex("^(?<t>..) (?<u>\\p{L})"))
    #expect(parsed.texts("t") == ["日本", "Σσ"])
  }

  @Test(.timeLimit(.minutes(1))) func veryLongLines() throws {
    let long = String(repeating: "lorem ipsum ", count: (16 << 20) / 12)
    let parsed = try parse(
      "regex", ["head \(long)\n\(long) tail=5\n"],
      options: regex("^head (?<text>.*)$", "tail=(?<tail>\\d+)"))
    #expect(parsed.outcome.rowLines == [1])
    #expect(parsed.texts("text")[0].utf8.count == long.utf8.count)
    #expect(parsed.outcome.rejects[0].reason.contains("no match begins within the first 256 bytes"))
    #expect(parsed.outcome.rejects[0].text.utf8.count <= LineReject.textBytesMax)
  }

  @Test func randomBytesNeverTrap() throws {
    var state: UInt64 = 88_172_645_463_325_252
    func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
    let options = regex("(?<a>\\w+)[^a-z]*(?<b>.)", "(?<c>\\X)(?<=(?<d>..))")
    for _ in 0..<300 {
      let bytes = (0..<Int(next() % 400)).map { _ in
        UInt8(truncatingIfNeeded: next() % 7 == 0 ? 10 : next())
      }
      let parsed = try parse("regex", [bytes], options: options)
      let outcome = parsed.outcome
      let texts = bytes.split(separator: 0x0A).filter { line in
        !line.drop { $0 == 0 }.allSatisfy { $0 == 0x0D }
      }
      #expect(outcome.rowLines.count + outcome.rejects.count == texts.count)
    }
  }
}
