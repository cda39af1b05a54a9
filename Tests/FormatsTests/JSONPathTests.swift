import Formats
import Testing

@Suite struct JSONPathTests {
  private let document = """
    {"groups":[{"id":7,"members":[{"n":"a","age":3},{"n":"b","age":12}]},
               {"id":8,"members":[]},{"id":9,"members":[{"n":"c","kind":"x"}]}],
     "deep":{"er":{"items":[{"v":1},{"v":2}]},"items":[{"v":3}]},"l":[0,1,2,3,4,5]}
    """

  @Test(arguments: [
    ("$.groups[*].members[*].n", ["\"a\"", "\"b\"", "\"c\""]),
    ("$..items[*].v", ["3", "1", "2"]), ("$..['items'][0].v", ["3", "1"]), ("$..er.*[1].v", ["2"]),
    ("$.l[1:3]", ["1", "2"]), ("$.l[-2:]", ["4", "5"]), ("$.l[::2]", ["0", "2", "4"]),
    ("$.l[4:1]", []), ("$.l[:99]", ["0", "1", "2", "3", "4", "5"]), ("$.l[-99:1]", ["0"]),
    ("$.groups[?(@.id == 9)].members[*].n", ["\"c\""]),
    ("$.groups[*].members[?(@.age > 3 && @.n != 'x')].n", ["\"b\""]),
    ("$.groups[*].members[?@.kind].n", ["\"c\""]),
    ("$.groups[*].members[?(!@.kind || @.kind=='y')].n", ["\"a\"", "\"b\""]),
    ("$.groups[?(@.members[0].n >= \"c\")].id", ["9"]), ("$.groups[?(@.id=='7')].id", ["7"]),
    ("$.l[?(@ >= 4)]", ["4", "5"]), ("$.l[?(@ == null)]", []),
  ])
  func findsValues(_ path: String, _ expected: [String]) throws {
    let root = try JSONDocument(parsing: document).root
    #expect(root.values(at: try JSONPath(parsing: path)).map(\.text) == expected)
    #expect(root.value(at: try JSONPath(parsing: path))?.text == expected.first)
  }

  @Test(arguments: [
    ("$..a..b", "more than one '..'"), ("$.l[1:2:0]", "forward"), ("$.l[1:2:3:4]", "slice"),
    ("$.l[?(@.a==)]", "expected @"), ("$.l[?(@.a=='x]", "quoted"), ("$.l[?(@.a", "expected ')'"),
    ("$.l[?('a')]", "comparison"), ("$.l[?(@.*)]", "missing"), ("$.l[?(@[*])]", "one value"),
    ("$.l[x:2]", "no position"),
    ("$[?" + String(repeating: "(", count: 200) + "@.a", "32 levels"),
    ("$[?" + String(repeating: "!", count: 200) + "@.a]", "32 levels"),
    (String(repeating: ".a", count: 5000), "at most 2000"),
  ])
  func saysWhatIsWrong(_ path: String, _ message: String) throws {
    let error = try #require(throws: FormatError.self) { try JSONPath(parsing: path) }
    #expect(error.kind == .invalidOption)
    #expect(error.message.contains(message), "\(error)")
  }

  @Test func namesTheCharacter() throws {
    let error = try #require(throws: FormatError.self) {
      try JSONPath(parsing: "$.data[?(@.a ~ 1)]")
    }
    #expect(error.place == "character 14")
    let path = try JSONPath(parsing: "$..groups[*].members")
    #expect(path.text(ofFirst: 3) == "$..groups[*]" && path.text(ofFirst: 0) == "$")
  }

  /// A descent visits each value once, however deep it lies.
  @Test func descentIsBounded() throws {
    let depth = 200
    let text =
      String(repeating: "{\"a\":[", count: depth / 2) + "1"
      + String(repeating: "]}", count: depth / 2)
    let root = try JSONDocument(parsing: text).root
    var count = 0
    root.visit(try JSONPath(parsing: "$..*")) { _ in count += 1 }
    #expect(count == depth)
  }
}
