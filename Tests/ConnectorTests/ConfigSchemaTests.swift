import Base
import Connector
import Testing

@Suite struct ConfigSchemaTests {
  static let schema = ConfigSchema.map([
    ConfigKey("by", .oneOf([.string, .list(.string)]), isRequired: true, "The cursor."),
    ConfigKey("settle", .oneOf([.choice(["auto"]), .duration]), "How long to wait."),
    ConfigKey("limit", .integer(1...10), "How many."),
    ConfigKey("strict", .boolean, "Whether."),
    ConfigKey("size", .bytes, "How large."),
    ConfigKey(
      "paging",
      .oneOf([.map([ConfigKey("page", .string, "")]), .map([ConfigKey("cursor", .string, "")])]),
      "How."),
    ConfigKey("headers", .dictionary(.string), "Which."),
  ])

  private func problems(_ entries: KeyValuePairs<String, ConfigValue>) -> [String] {
    Self.schema.problems(in: .map(entries)).map { "\($0.message) | \($0.remedy)" }
  }

  @Test func takesWhatFits() {
    #expect(
      problems([
        "by": .list([.plain("a"), .plain("b")]), "settle": .plain("10m"), "limit": .plain("10"),
        "strict": .plain("true"), "size": .plain("4MiB"), "paging": .map(["cursor": .string("c")]),
        "headers": .map(["X": .string("y")]),
      ]).isEmpty)
    #expect(problems(["by": .plain("a"), "settle": .plain("auto")]).isEmpty)
  }

  @Test(arguments: [
    ("limit", ConfigValue.plain("11"), "a whole number from 1 to 10"),
    ("limit", .plain("many"), "found 'many'"),
    ("settle", .plain("soon"), "'auto', or a duration"),
    ("strict", .string("true"), "true or false"),
    ("size", .list([]), "found a list"),
    ("setle", .plain("auto"), "Did you mean 'settle'?"),
    ("zzz", .plain("1"), "Known keys here: by, settle"),
    ("paging", .map(["crsor": .string("c")]), "unknown key 'crsor'"),
    ("headers", .map(["X": .list([])]), "found a list"),
  ])
  func saysWhatIsWrong(_ key: String, _ value: ConfigValue, _ text: String) {
    let found = Self.schema.problems(
      in: ConfigValue(.map([.init(key: "by", value: .plain("a")), .init(key: key, value: value)])))
    #expect(found.count == 1)
    #expect(found.first.map { "\($0.message) | \($0.remedy)" }?.contains(text) == true, "\(found)")
  }

  @Test func aMissingKeyIsExplained() {
    #expect(
      problems([:]) == [
        "the key 'by' is missing | Add 'by': a text, or a list of: a text. The cursor."
      ])
  }

  @Test func bookmarksKeepTheirStateThroughJSON() throws {
    let bookmark = Bookmark(kind: .tuple, mark: "2026-11-21, 7", state: ["a": [1, 2.5, nil]])
    let text = bookmark.json.text()
    #expect(Bookmark(json: try JSONValue(parsing: text)) == bookmark)
    #expect(Bookmark(json: ["kind": "nonsense", "mark": "x"]) == nil)
  }

  @Test func ledgersAreSortedByBytesAndChangeByKey() throws {
    let ledger = MemoryLedger(["b": 1, "a": 2]).applying([
      .init(key: "a", value: nil), .init(key: "É", value: 3), .init(key: "Z", value: 4),
    ])
    #expect(try ledger.entries().map(\.key) == ["Z", "b", "É"])
  }
}
