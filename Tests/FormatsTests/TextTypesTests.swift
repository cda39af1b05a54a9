import Base
@testable import Formats
import Records
import Testing

@Suite struct TextTypesTests {
  private func types(_ csv: String, known: Schema? = nil, declared: [Field] = []) throws -> [String]
  {
    let batch = try typed(csv, known: known, declared: declared)
    return batch.schema.fields.map { "\($0.name) \($0.type)" }
  }

  private func typed(_ csv: String, known: Schema? = nil, declared: [Field] = []) throws -> Batch {
    var types = TextTypes(knownSchema: known, declared: declared)
    let builder = try JSONRowsBuilder(
      options: JSONRowOptions(declared: declared), knownSchema: types.textSchema(known))
    let document = try JSONDocument(parsing: try CSVDocument().json(Array(csv.utf8)))
    for row in document.root.elements { #expect(try builder.append(row) == nil) }
    return types.typed(builder.finish())
  }

  @Test(arguments: [
    ("1\n-2\n", DataType.int64), ("1\n2.50\n", .float64), ("1e3\n-0.5\n", .float64),
    ("true\nfalse\n", .boolean), ("2024-01-01\n2024-02-29\n", .date),
    ("2024-01-01\n2024-01-01T00:00:00Z\n", .timestamp(.microseconds, isUTC: true)),
    ("007\n1\n", .string), ("+1\n", .string), ("1.2.3\n1\n", .string), ("1e999\n", .string),
    ("9223372036854775808\n1\n", .decimal(precision: 38, scale: 0)),
    ("0.12345678901234567890\n", .float64), ("nan\n", .float64), ("TRUE\n", .boolean),
    ("2024-02-30\n", .string), ("true\n1\n", .string),
    ("0\n-0\n", .int64), ("\"\"\n1\n", .string), ("- 1\n", .string), ("٣\n", .string),
  ])
  func aColumnsTextsDecideTogether(_ texts: String, _ type: DataType) throws {
    #expect(try typed("a,b\n" + texts.replacing("\n", with: ",x\n")).schema["a"]?.type == type)
  }

  /// A column that turns out to be text keeps the spelling of all of its values.
  @Test func textsKeepTheirSpelling() throws {
    let batch = try typed("v;w\n1.10;1\n1.2.3;\n;3\n")
    let texts = (0..<3).map { batch["v"]?[$0].text }
    #expect(texts == ["1.10", "1.2.3", "null"])
    #expect(batch.schema["w"]?.type == .int64)
    #expect(batch["w"]?.isNull(1) == true)
  }

  @Test func typesOnlyWiden() throws {
    let known = Schema([
      Field("a", .float64), Field("b", .string), Field("c", .timestamp(.microseconds, isUTC: true)),
      Field("gone", .int64),
    ])
    #expect(
      try types("a,b,c,d\n1,2,2024-01-01,x\n", known: known) == [
        "a \(DataType.float64)", "b \(DataType.string)",
        "c \(DataType.timestamp(.microseconds, isUTC: true))", "gone \(DataType.int64)",
        "d \(DataType.string)",
      ])
  }

  @Test func declaredTypesStay() throws {
    let declared = [Field("a", .string), Field("b", .decimal(precision: 5, scale: 2))]
    #expect(
      try types("a,b\n1,2.50\n", declared: declared) == [
        "a \(DataType.string)", "b \(DataType.decimal(precision: 5, scale: 2))",
      ])
  }

  @Test func quotedFields() throws {
    let batch = try typed("\"a b\",c\r\n\"x, \"\"y\"\"\r\nz\",1\r\n\r\n,2\r\n")
    #expect(batch.schema.names == ["a b", "c"])
    #expect(batch["a b"]?[0].text == "x, \"y\"\r\nz")
    #expect(batch["a b"]?.isNull(1) == true)
  }

  @Test(arguments: [
    ("", "no record with the columns' names"), ("a\n1,2\n", "expected 1 fields, found 2"),
    ("a,b\n1\n", "expected 2 fields, found 1"), ("a\n\"x\n", "opens a field"),
    ("a\n\"x\"y\n", "opens a field"), ("a,b\n1,2\n\"2\"\"", "opens a field"),
    ("a,A\n1,2\n", "differ only in case"),
  ])
  func brokenCSV(_ text: String, _ message: String) throws {
    let error = try #require(throws: FormatError.self) { try CSVDocument().json(Array(text.utf8)) }
    #expect(error.message.contains(message), "\(error)")
  }

  private func json(_ text: String, _ options: KeyValuePairs<String, JSONValue>) throws -> String {
    let members = options.map { JSONValue.Member(key: $0.key, value: $0.value) }
    let document = try CSVDocument(FormatOptions(.object(members)))
    return String(decoding: try document.json(Array(text.utf8)), as: UTF8.self)
  }

  /// The options are the log format's.
  @Test func optionsOfCSVDocuments() throws {
    #expect(
      try json("1;'x;y'\n", ["delimiter": ";", "quote": "'", "names": ["id", "v"]])
        == #"[{"id":"1","v":"x;y"}]"#)
    #expect(try json("1,2\n", ["header": false]) == #"[{"column_1":"1","column_2":"2"}]"#)
    #expect(try json("", ["header": false]) == "[]")
    #expect(
      try json("made today\n#note\na,b\n1\n", ["skip": 1, "comment": "#", "ragged": "null"])
        == #"[{"a":"1","b":null}]"#)
    #expect(
      try json("a\tb\n NULL \tx\\ty\n", ["trim": true, "null": ["NULL"], "escape": "\\"])
        == #"[{"a":null,"b":"x\ty"}]"#)
    #expect(try json("a,a\n1,\"\"\n", [:]) == #"[{"a":"1","a_2":""}]"#)
    #expect(
      String(
        decoding: try CSVDocument().json(Array("a\tb,c\n1\t2\n".utf8), isTabbed: true),
        as: UTF8.self) == #"[{"a":"1","b,c":"2"}]"#)
    let error = try #require(throws: FormatError.self) {
      try CSVDocument().json(Array("a\n".utf8) + [0xFC, 0x0A])
    }
    #expect(error.message == "the text is not UTF-8")
  }

  @Test func longCSVDocumentsStayInOrder() throws {
    let rows = (1...5000).map { "\($0),x\($0)" }
    let text = try json((["id,v"] + rows).joined(separator: "\n"), [:])
    let document = try JSONDocument(parsing: Array(text.utf8))
    #expect(document.root.elements.compactMap { $0["id"]?.string } == (1...5000).map(String.init))
  }

  @Test func timesWithoutAZoneAreInThatOfTheStream() throws {
    var types = TextTypes(knownSchema: nil, zone: try TimeZoneRules("+02:00"))
    let builder = try JSONRowsBuilder(options: JSONRowOptions())
    let document = try JSONDocument(
      parsing: try CSVDocument().json(Array("t\n2024-01-01 02:00:00\n".utf8)))
    for row in document.root.elements { #expect(try builder.append(row) == nil) }
    #expect(types.typed(builder.finish())["t"]?[0].text == "2024-01-01T00:00:00Z")
  }

  @Test func encodings() throws {
    func text(_ name: String, _ bytes: [UInt8]) throws -> String {
      String(decoding: try #require(TextEncoding(name: name)).utf8(bytes), as: UTF8.self)
    }
    #expect(try text("ISO-8859-1", [0x5A, 0xFC, 0x80]) == "Zü\u{80}")
    #expect(try text("windows-1252", [0x80, 0x93, 0xE9]) == "€“é")
    #expect(try text("utf-16", [0xFF, 0xFE, 0x41, 0, 0x3D, 0xD8, 0x00, 0xDE]) == "A😀")
    #expect(try text("utf-16be", [0, 0x41, 0xD8, 0x3D, 0x42]) == "A\u{FFFD}")
    #expect(try text("utf8", [0xEF, 0xBB, 0xBF, 0x41]) == "A")
    #expect(TextEncoding.marked([0xFE, 0xFF, 0, 0x41]) == .utf16(isBigEndian: true))
    #expect(TextEncoding(name: "koi8-r") == nil)
  }

  @Test func linesAreOneDocumentEach() throws {
    func count(_ text: String) throws -> Int {
      try JSONDocument(parsingLines: Array(text.utf8)).root.elements.reduce(0) { n, _ in n + 1 }
    }
    #expect(try count("{\"a\":1}\n\n {\"a\":2}\r\n{\"a\":3}") == 3)
    #expect(try count("") == 0)
    for text in ["{\"a\":1\n\"b\":2}\n", "{}\n{\n", "{} {}\n", "{},{}\n", "]\n["] {
      let error = try #require(throws: FormatError.self) { try count(text) }
      #expect(error.kind == .malformed)
    }
    let error = try #require(throws: FormatError.self) { try count("{}\n{}\n{\"a\":}\n") }
    #expect(error.place == "line 3")
  }
}
