import Base
import Formats
import Testing

@Suite struct JSONDocumentTests {
  @Test func walksADocument() throws {
    let document = try JSONDocument(
      parsing: #"{"data":{"items":[{"id":1,"n":null},{"id":-2,"s":"é\n"}]},"next":"abc","ok":true}"#
    )
    let root = document.root
    #expect(root.kind == .object)
    #expect(root["next"]?.string == "abc")
    #expect(root["ok"]?.boolean == true)
    #expect(root["missing"] == nil)
    let items = try #require(root["data"]?["items"])
    #expect(items.elements.map { $0["id"]?.integer } == [1, -2])
    #expect(items[1]?["s"]?.string == "é\n")
    #expect(items[-1]?["id"]?.integer == -2)
    #expect(items[2] == nil)
    #expect(items[-3] == nil)
    #expect(items[0]?["n"]?.isNull == true)
    #expect(root.members.map(\.key) == ["data", "next", "ok"])
    #expect(items.text == #"[{"id":1,"n":null},{"id":-2,"s":"é\n"}]"#)
  }

  @Test func keepsNumbersExactly() throws {
    let document = try JSONDocument(
      parsing: "[9223372036854775807,-9223372036854775808,18446744073709551615,1.5,1e3,"
        + "123456789012345678901234567890]")
    let numbers = Array(document.root.elements)
    #expect(numbers[0].integer == .max)
    #expect(numbers[1].integer == .min)
    #expect(numbers[2].integer == nil)
    #expect(numbers[2].text == "18446744073709551615")
    #expect(numbers[3].number == 1.5)
    #expect(numbers[4].number == 1000)
    #expect(numbers[5].number == 123456789012345678901234567890.0)
  }

  @Test func takesTheLastOfEqualKeys() throws {
    #expect(try JSONDocument(parsing: #"{"a":1,"a":2}"#).root["a"]?.integer == 2)
  }

  @Test func passesOverAByteOrderMark() throws {
    #expect(try JSONDocument(parsing: "\u{FEFF}[1]").root[0]?.integer == 1)
  }

  @Test func keepsScalarRoots() throws {
    #expect(try JSONDocument(parsing: "\"x\"").root.string == "x")
    #expect(try JSONDocument(parsing: " 12 ").root.integer == 12)
    #expect(try JSONDocument(parsing: "null").root.isNull)
    #expect(Array(try JSONDocument(parsing: "[]").root.elements).isEmpty)
    #expect(try JSONDocument(parsing: "{}").root.members.map(\.key).isEmpty)
  }

  @Test func turnsIntoAValue() throws {
    let text = #"{"a":[1,2.5,"x",null,true],"b":{}}"#
    #expect(try JSONDocument(parsing: text).root.value == JSONValue(parsing: text))
  }

  @Test(arguments: [
    "", " ", "{", "}", "[1", "{\"a\"}", "{\"a\":}", "[1,]", "{\"a\":1,}", "01", "+1", "1.", "nul",
    "\"x", "\"\\q\"", "\"\u{1}\"", "[1] 2", "{\"a\":1}}", "\u{0}", "[\"\\ud800\"]", "1e999",
  ])
  func refusesWhatIsNoJSON(_ text: String) throws {
    #expect { try JSONDocument(parsing: text) } throws: { ($0 as? FormatError)?.kind == .malformed }
  }

  @Test func refusesWrongUTF8() {
    #expect(throws: FormatError.self) { try JSONDocument(parsing: [0x22, 0xFF, 0x22]) }
  }

  @Test func refusesTooDeepNesting() {
    let text = String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)
    #expect(throws: FormatError.self) { try JSONDocument(parsing: text) }
  }

  @Test func saysWhere() throws {
    let error = try #require(throws: FormatError.self) {
      try JSONDocument(parsing: #"{"a":1 "b":2}"#)
    }
    #expect(error.place == "byte 7")
    #expect(error.message.contains("expected ',' or '}'"))
  }

  @Test func findsPaths() throws {
    let document = try JSONDocument(
      parsing: #"{"a":{"b c":[{"x":1},{"x":2},{"y":3}]},"m":{"p":1,"q":2}}"#)
    func values(_ path: String) throws -> [String] {
      document.root.values(at: try JSONPath(parsing: path)).map(\.text)
    }
    #expect(try values("$") == [document.root.text])
    #expect(try values("$.a['b c'][0].x") == ["1"])
    #expect(try values("a[\"b c\"][-1].y") == ["3"])
    #expect(try values("$.a['b c'][*].x") == ["1", "2"])
    #expect(try values("$.m.*") == ["1", "2"])
    #expect(try values("$.nothing.here") == [])
  }

  @Test(arguments: ["$.", "$..", "$[", "$[x]", "$['a]", "$[1", "$a", "$.a[]", ""])
  func refusesWrongPaths(_ path: String) {
    #expect { try JSONPath(parsing: path) } throws: { ($0 as? FormatError)?.kind == .invalidOption }
  }
}
