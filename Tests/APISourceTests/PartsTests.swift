@testable import APISource
import Base
import Connector
import Formats
import Testing

@Suite struct PartsTests {
  @Test(arguments: [
    (["<https://a/2>; rel=\"next\""], "https://a/2"),
    (["<https://a/1>; rel=\"prev\", <https://a/3>; rel=next"], "https://a/3"),
    (
      ["<https://a/1>; title=\"a, b; rel=next\"; rel=\"last\"", "</4?x=1,2>; REL=\"last Next\""],
      "/4?x=1,2"
    ),
    (["<https://a/1>; rel=\"nextish\""], nil), (["<https://a/1"], nil), (["rel=next"], nil),
    ([], nil),
  ])
  func linkHeaders(_ values: [String], _ expected: String?) {
    #expect(LinkHeader.next(values) == expected)
  }

  @Test func fingerprintsTellRecordsApart() throws {
    func of(_ text: String) throws -> Fingerprint {
      Fingerprint(content: try JSONDocument(parsing: text).root)
    }
    // The order of members and nulls do not count; everything else does.
    let one = try of(#"{"a":1,"b":{"c":"x","d":[1,2]}}"#)
    #expect(try of(#"{"b":{"d":[1,2],"c":"x"},"a":1,"e":null}"#) == one)
    for other in [
      #"{"a":2,"b":{"c":"x","d":[1,2]}}"#, #"{"a":1,"b":{"c":"x","d":[2,1]}}"#,
      #"{"a":1,"b":{"c":"x"},"d":[1,2]}"#, #"{"a":"1","b":{"c":"x","d":[1,2]}}"#, #"{"a":1}"#,
      #"{"c":1,"b":{"a":"x","d":[1,2]}}"#,
    ] {
      #expect(try of(other) != one)
    }
    let many = Set((0..<100_000).map { Fingerprint(String($0)) })
    #expect(many.count == 100_000)
    #expect(Set(many.map(\.low)).count == 100_000 && Set(many.map(\.high)).count == 100_000)
    #expect(Fingerprint(text: one.text) == one)
    #expect(Fingerprint(text: "xyz") == nil)
  }

  @Test func textsDoNotRunIntoEachOther() {
    func pair(_ a: String, _ b: String) -> Fingerprint {
      var fingerprint = Fingerprint(a)
      fingerprint.add(b)
      return fingerprint
    }
    #expect(pair("ab", "c") != pair("a", "bc"))
    #expect(pair("", "a") != pair("a", ""))
    #expect(Fingerprint("a") != Fingerprint("a\0"))
  }

  @Test(arguments: [
    ("\"2024-01-01T00:00:00Z\"", 1_704_067_200_000_000, false),
    ("\"2024-01-01 01:00:00.5+01:00\"", 1_704_067_200_500_000, false),
    ("\"2024-01-01\"", 1_704_067_200_000_000, true), ("1704067200", 1_704_067_200_000_000, false),
    ("1704067200.25", 1_704_067_200_250_000, false),
    ("1704067200123", 1_704_067_200_123_000, false),
    ("1704067200123456", 1_704_067_200_123_456, false),
    ("\"1704067200\"", 1_704_067_200_000_000, false),
  ])
  func times(_ text: String, _ microseconds: Int64, _ isDate: Bool) throws {
    let time = try #require(RecordTime(try JSONDocument(parsing: text).root))
    #expect(time.instant.microseconds == microseconds)
    #expect(time.isDate == isDate)
  }

  @Test(arguments: ["\"x\"", "true", "[]", "{}", "null", "1e300", "\"nan\"", "9223372036854775807"])
  func whatIsNoTime(_ text: String) throws {
    #expect(RecordTime(try JSONDocument(parsing: text).root) == nil)
  }

  @Test func templates() {
    let texts = WindowTexts(from: "5", to: nil, areNumbers: true)
    #expect(texts.fill("a{from}b") == "a5b")
    #expect(texts.fill("{to}") == nil)
    #expect(texts.fill("{other}") == "{other}")
    let body: JSONValue = ["a": "{from}", "b": "x{from}", "c": "{to}", "d": ["{to}", 1, "{from}"]]
    #expect(texts.fill(body) == ["a": 5, "b": "x5", "d": [1, 5]])
  }

  @Test func windowsCoverTheTimeWithoutGapsOrOverlaps() throws {
    let start = Instant(seconds: 1000)
    let options: ConfigValue = .map(["by": .string("t"), "window": .plain("1h")])
    guard case .time(let time) = try Progress(options, format: .iso, times: RecordTimes(zone: .utc))
    else {
      Issue.record("a time was expected")
      return
    }
    for seconds in [0.0, 1, 3599, 3600, 3601, 86_400, 90_000] {
      let end = start.advanced(seconds: seconds)
      let windows = try TimeWindows(time).windows(from: start, to: end, recentFrom: nil)
      var edge: Instant? = start
      for window in windows {
        #expect(window.from == edge)
        #expect(window.to > start)
        edge = window.to
      }
      #expect(edge == end || windows.isEmpty && seconds == 0)
    }
  }

  /// The server is read by one that sees all of its pages change at random; whatever the order,
  /// no record that stays is lost, and none comes twice.
  @Test func shiftsAtRandom() throws {
    for seed in 0..<4000 { try readWhileItShifts(seed) }
  }

  private func readWhileItShifts(_ seed: Int) throws {
    let dice = Randomness.seeded(UInt64(seed))
    func roll(_ sides: Int) -> Int { Int(dice.next() % UInt64(sides)) }
    let isOffset = seed % 2 == 0
    let hasTotal = seed % 4 >= 2
    let size = 1 + roll(7)
    let options: ConfigValue =
      isOffset
      ? .map(["offset": .string("o"), "limit": .plain("\(size)")]) : .map(["page": .string("p")])
    var sequence = PageSequence(try Pagination(options))
    var rows = Array(0..<roll(60))
    var leaving = roll(6)
    let stays = Set(rows.filter { $0 % 5 != 0 })
    var seen: Set<Int> = []
    var requests = 0
    while let place = sequence.next {
      requests += 1
      if requests > 2000 { break }
      guard case .parameters(let parameters) = place, let number = Int(parameters[0].value) else {
        break
      }
      let start = isOffset ? number : (number - 1) * size
      let page = Array(rows.dropFirst(start).prefix(size))
      var facts = PageFacts()
      facts.count = page.count
      facts.first = page.first.map { Fingerprint(String($0)) }
      facts.last = page.last.map { Fingerprint(String($0)) }
      for row in page {
        facts.fingerprint.add(Fingerprint(String(row)))
        if seen.insert(row).inserted { facts.newCount += 1 }
      }
      if hasTotal { facts.total = rows.count }
      try sequence.note(facts)
      // A record that is not one of those that stay leaves the window, as a changed one does.
      if leaving > 0, roll(3) == 0, let index = rows.firstIndex(where: { $0 % 5 == 0 }) {
        rows.remove(at: index)
        leaving -= 1
      }
    }
    #expect(stays.isSubset(of: seen), "seed \(seed)")
  }
}
