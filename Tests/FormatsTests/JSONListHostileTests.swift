import Formats
import Records
import Testing

/// Arrays that are deep, huge, sparse, broken or full of keys.
@Suite struct JSONListHostileTests {
  private func lines(_ middle: String) -> String { "{\"k\":[1]}\n\(middle)\n{\"k\":[2]}\n" }

  @Test(arguments: [256, 100_000])
  func tooDeepIsAReject(_ depth: Int) throws {
    for (open, close) in [("[", "]"), ("{\"c\":", "}"), ("[{\"c\":", "}]")] {
      let value =
        String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
      let parsed = try parse("json", [lines("{\"c\":\(value)}")])
      #expect(parsed.jsonTexts("k") == ["[1]", "[2]"])
      #expect(parsed.outcome.rejects.map(\.line) == [2])
      let open = try parse("json", [lines("{\"c\":\(String(repeating: open, count: depth))")])
      #expect(open.jsonTexts("k") == ["[1]", "[2]"])
    }
  }

  /// Beyond sixteen levels arrays and objects are text.
  @Test func deepArraysAreText() throws {
    let deep = String(repeating: "[", count: 40) + "1" + String(repeating: "]", count: 40)
    let parsed = try parse("json", ["{\"c\":\(deep)}\n{\"c\":[]}\n"])
    let type = String(repeating: "array<", count: 15) + "json" + String(repeating: ">", count: 15)
    #expect(parsed.types == ["c": type])
    let text = String(repeating: "[", count: 25) + "1" + String(repeating: "]", count: 25)
    #expect(
      parsed.jsonTexts("c") == [
        String(repeating: "[", count: 15) + "\"\(text)\"" + String(repeating: "]", count: 15), "[]",
      ])
  }

  @Test func aMillionElements() throws {
    let count = 1_000_000
    let parser = try LineFormats.named("json").recordParser(LineOptions(), knownSchema: nil)
    let text = "{\"c\":[\(String(repeating: "7,", count: count - 1))8]}\n{\"c\":[9]}\n"
    try parser.begin(LineBlock(Array(text.utf8)))
    var outcome = LineOutcome()
    // The rows behind it are left for the next step, so that the batch may close before them.
    #expect(try parser.step(&outcome))
    #expect(outcome.rowLines == [1])
    #expect(parser.byteCount >= count * 8)
    while try parser.step(&outcome) {}
    let batch = parser.finish()
    guard case .list(let offsets, let elements)? = batch["c"]?.values else {
      Issue.record("no list")
      return
    }
    #expect(offsets == [0, Int32(count), Int32(count + 1)])
    #expect(elements[count - 2].text == "7")
    #expect(elements[count - 1].text == "8" && elements[count].text == "9")
  }

  /// Few bytes that would become gigabytes of nulls, or more elements than a row may have.
  @Test func whatNeedsTooMuchMemoryIsAReject() throws {
    let keys = (0..<100).map { "\"k\($0)\":1" }.joined(separator: ",")
    let hostile = [
      "{\"c\":[{\(keys)}\(String(repeating: ",{}", count: 100_000))]}",
      "{\"c\":[{}\(String(repeating: ",{}", count: 100_000)),{\(keys)}]}",
      "{\"c\":[0\(String(repeating: ",0", count: 5_000_000))]}",
      "{\"c\":[[]\(String(repeating: ",[0,0]", count: 2_000_000))]}",
    ]
    for text in hostile {
      let parsed = try parse("json", [lines(text)])
      #expect(parsed.jsonTexts("k") == ["[1]", "[2]"])
      #expect(parsed.outcome.rejects.map(\.line) == [2])
      #expect(parsed.outcome.rejects.first?.reason.contains("as json") == true)
      // What its reason advises helps.
      let declared = LineOptions(declared: [Field("c", .json)])
      #expect(try parse("json", [lines(text)], options: declared).outcome.rejects.isEmpty)
    }
  }

  /// Many new keys late in a long array take no more than one way through it.
  @Test(.timeLimit(.minutes(1))) func manyKeysInALongArray() throws {
    let empty = String(repeating: "{},", count: 2000)
    let keys = (0..<1800).map { "{\"k\($0)\":\($0)}" }.joined(separator: ",")
    let parsed = try parse("json", [lines("{\"c\":[[0],[\(empty)\(keys)]]}")])
    #expect(parsed.outcome.rejects.map(\.line) == [2])
    let fewer = (0..<900).map { "{\"k\($0)\":\($0)}" }.joined(separator: ",")
    let taken = try parse("json", [lines("{\"c\":[[\(empty)\(fewer)],[{\"k5\":7}]]}")])
    #expect(taken.outcome.rejects.isEmpty)
    #expect(taken.jsonTexts("c")[1].hasSuffix("{\"k899\":899}],[{\"k5\":7}]]"))
    let all = (0..<2100).map { "{\"k\($0)\":\($0)}" }.joined(separator: ",")
    #expect {
      try parse("json", ["{\"c\":[\(all)]}"])
    } throws: {
      ($0 as? FormatError)?.kind == .tooManyColumns
    }
  }

  @Test func manyRowsOfManyElements() throws {
    let rows = 1500
    var text = ""
    for row in 0..<rows {
      let items = (0..<row % 1100).map { "{\"n\":\(row + $0),\"l\":[\($0)]}" }
      text += "{\"c\":[\(items.joined(separator: ","))],\"i\":\(row)}\n"
    }
    let parsed = try parse("json", [text])
    #expect(parsed.texts("i") == (0..<rows).map(String.init))
    #expect(parsed.types["c"] == "array<struct<n:bigint,l:array<bigint>>>")
    guard case .list(let offsets, let elements)? = parsed.batches[0]["c"]?.values else {
      Issue.record("no list")
      return
    }
    var end: Int32 = 0
    for row in 0..<rows {
      for item in [0, row % 1100 - 1] where row % 1100 > 0 {
        #expect(
          jsonText(elements, Int(end) + item) == "{\"n\":\(row + item),\"l\":[\(item)]}")
      }
      end += Int32(row % 1100)
      #expect(offsets[row + 1] == end)
    }
  }

  @Test(arguments: [
    "{\"c\":[", "{\"c\":[1,", "{\"c\":[1}", "{\"c\":[{\"a\":1},{\"a\":", "{\"c\":[1,]}",
    "{\"c\":[,1]}", "{\"c\":[1 2]}", "{\"c\":[[1]}", "{\"c\":[\"x]}", "{\"c\":]}",
    "{\"c\":[{\"a\":1]}]}", "{\"c\":[nul]}",
  ])
  func brokenArraysAreRejects(_ line: String) throws {
    let parsed = try parse("json", [lines(line)])
    #expect(parsed.jsonTexts("k") == ["[1]", "[2]"])
    #expect(parsed.outcome.rejects.map(\.line) == [2])
  }

  @Test func wrongUTF8InArrays() throws {
    var bytes = Array("{\"c\":[\"a".utf8) + [0xFF] + Array("\",{\"".utf8)
    bytes += [0xC3] + Array("\":1}]}\n{\"c\":[\"é\"]}\n".utf8)
    let parsed = try parse("json", [bytes])
    #expect(parsed.outcome.repairedCount == 1)
    #expect(parsed.jsonTexts("c") == ["[\"a\u{FFFD}\",\"{\\\"\u{FFFD}\\\":1}\"]", "[\"é\"]"])
  }

  /// A refused row leaves nothing behind, wherever in its arrays it was refused.
  @Test func rowsAfterRefusedOnesAreWhole() throws {
    var text = ""
    for row in 0..<50 {
      text += "{\"a\":[],\"b\":[[{\"x\":\(row)}]],\"c\":[{\"y\":[\(row)]}]}\n"
      text += "{\"a\":[],\"b\":[[{\"x\":1},{\"z\(row)\":[1],\"\":2}]],\"c\":[{\"w\":1}]}\n"
    }
    let parsed = try parse("json", [text])
    #expect(parsed.outcome.rejects.count == 50)
    #expect(parsed.jsonTexts("b") == (0..<50).map { "[[{\"x\":\($0)}]]" })
    #expect(parsed.jsonTexts("c") == (0..<50).map { "[{\"y\":[\($0)]}]" })
  }
}
