import APIServer
@testable import APISource
import Base
import Connector
import Records
import Testing

@Suite struct BodyTests {
  private func form(_ form: String, _ setup: [(String, JSONValue)] = [], body: String? = nil)
    throws -> TestStream
  {
    var members: [JSONValue.Member] = [
      .init(key: "records", value: 25), .init(key: "form", value: .string(form)),
      .init(key: "date", value: "2024-01-10T00:00:00Z"),
    ]
    members += setup.map { .init(key: $0.0, value: $0.1) }
    let stream = TestStream(try server().api(.object(members)), [:])
    var entries: [ConfigValue.Entry] = [
      .init(key: "request", value: request("/form", window)), .init(key: "bookmark", value: byTime),
      .init(key: "paginate", value: .map(["page": .string("page")])),
    ]
    if form == "xml" { entries.append(.init(key: "records", value: .string("//item"))) }
    if let body { entries.append(.init(key: "body", value: .string(body))) }
    stream.options = ConfigValue(.map(entries))
    return stream
  }

  /// Identity, window and types are the same, whatever the pages are written in.
  @Test(arguments: ["json", "jsonl", "csv", "xml"])
  func everyFormGivesTheSameRows(_ name: String) throws {
    let stream = try form(name, [("zone", "x")])
    try stream.run()
    #expect(stream.ids == Array(1...25))
    #expect(stream.types()["id"] == DataType.int64.description)
    #expect(stream.types()["amount"] == DataType.float64.description)
    #expect(stream.texts("name").prefix(2) == ["record 1", "record 2"])
    #expect(stream.texts("amount").prefix(2) == ["0.25", "0.5"])
    // A second run starts from the types found, and brings nothing twice.
    try server().change(
      stream.base,
      [
        ["op": "set", "name": "date", "value": "2024-01-11T00:00:00Z"],
        [
          "op": "insert",
          "row": [
            "id": 26, "updated_at": "2024-01-10T05:00:00Z", "name": "record 26", "amount": 7,
          ],
        ],
      ])
    try stream.run()
    #expect(stream.ids == Array(1...26))
    #expect(stream.types()["amount"] == DataType.float64.description)
  }

  @Test(arguments: ["jsonl", "csv", "xml"])
  func theConfigMayNameTheForm(_ name: String) throws {
    let stream = try form(name, [("type", "text/plain")], body: name)
    #expect(try stream.run().ids == Array(1...25))
    #expect(problem { try form(name, [("type", "text/plain")]).run() }?.kind != nil)
  }

  private func text(
    _ text: String, _ type: String?, _ more: [(String, JSONValue)] = [],
    _ options: KeyValuePairs<String, ConfigValue> = [:]
  ) throws -> TestStream {
    var members: [JSONValue.Member] = [
      .init(key: "text", value: .string(text)), .init(key: "type", value: .init(type)),
    ]
    members += more.map { .init(key: $0.0, value: $0.1) }
    let stream = TestStream(try server().api(.object(members)), [:])
    var entries: [ConfigValue.Entry] = [.init(key: "request", value: request("/text"))]
    entries += options.map { .init(key: $0.key, value: $0.value) }
    stream.options = ConfigValue(.map(entries))
    return stream
  }

  @Test func encodings() throws {
    let body = "[{\"id\": 1, \"name\": \"Zoë\"}]"
    for (type, encoding) in [
      ("application/json; charset=ISO-8859-1", "latin-1"), ("application/json", "utf-16"),
      ("application/json", "utf-8-sig"), ("text/csv; charset=\"UTF-16\"", "utf-16"),
      ("text/csv;charset=windows-1252", "cp1252"),
    ] {
      let isCSV = type.hasPrefix("text/csv")
      let stream = try text(
        isCSV ? "id,name\n1,Zoë\n" : body, type, [("encoding", .string(encoding))])
      #expect(try stream.run().texts("name") == ["Zoë"], "\(type) \(encoding)")
    }
    let named = try text(
      body, "application/json", [("encoding", "latin-1")], ["charset": .string("latin1")])
    #expect(try named.run().texts("name") == ["Zoë"])
    let unknown = try text(body, "application/json; charset=koi8-r")
    #expect(problem { try unknown.run() }?.message.contains("encoded in 'koi8-r'") == true)
  }

  @Test func whatIsNoDataIsAnError() throws {
    let page = "<!DOCTYPE html><html><body>log in</body></html>"
    for (body, type, form) in [
      (page, "text/html", nil), (page, "text/html", "csv"), (page, "text/plain", "csv"),
      (page, "application/json", nil), ("<p>no</p>", "text/html", "csv"),
      ("a,b", "image/png", nil), ("", "text/csv", nil), (" \n", "application/json", nil),
      ("{\"id\":1}\n{\"id\":", "application/x-ndjson", nil), ("id\n\"1", "text/csv", nil),
      ("<a><b></a>", "text/xml", nil),
    ] as [(String, String, String?)] {
      let stream = try text(
        body, type, [], form.map { ["body": .string($0)] } ?? ["records": .string("$")])
      let error = try #require(problem { try stream.run() }, "\(body) \(type)")
      #expect(error.kind == .malformed, "\(error)")
      #expect(error.message.contains("status 200"), "\(error)")
    }
  }

  @Test func anEmptyBodyIsAnErrorUnlessItIsAllowed() throws {
    let stream = try text("", "application/json", [("status", 204)])
    let error = try #require(problem { try stream.run() })
    #expect(error.message.contains("no content") && error.remedy.contains("allow_empty: true"))
    let allowed = try text(
      "", "application/json", [("status", 204)],
      ["allow_empty": .plain("true"), "records": .string("$.data")])
    #expect(try allowed.run().ids.isEmpty)
    // No lines are no records.
    #expect(try text("", "application/x-ndjson").run().ids.isEmpty)
  }

  @Test func secretsInBodiesAreMasked() throws {
    let stream = try text("<html>token s3cret-token</html>", "text/html")
    stream.sourceOptions.append(
      .init(key: "auth", value: .map(["bearer_env": .string("TOKEN")])))
    stream.environment = ["TOKEN": "s3cret-token"]
    let error = try #require(problem { try stream.run() })
    #expect(error.message.contains("it begins: <html>token") && !error.message.contains("s3cret"))
  }

  @Test func hostileXML() throws {
    for body in [
      "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><a><item><id>&e;</id></item></a>",
      "<a>" + String(repeating: "<b>", count: 3000), "<a><item><id>\u{1}</id></item></a>",
    ] {
      let stream = try text(body, "application/xml", [], ["records": .string("//item")])
      let error = try #require(problem { try stream.run() })
      #expect(error.kind == .malformed && error.message.contains("not whole XML"), "\(error)")
    }
  }

  @Test func anXPathNeedsXML() throws {
    let stream = try text("[]", "application/json", [], ["records": .string("//item")])
    #expect(problem { try stream.run() }?.message.contains("is an XPath") == true)
    let other = try text(
      "[]", "application/json", [], ["records": .string("//item"), "body": .string("json")])
    #expect(problem { try other.run() }?.kind == .misconfigured)
  }

  @Test func xmlWithoutAnXPathIsReadAsItsObject() throws {
    let stream = try text(
      "<feed><total>2</total><item id='1'><v>007</v></item><item id='2'><v>8</v></item></feed>",
      "application/atom+xml", [], ["records": .string("$.feed.item")])
    try stream.run()
    #expect(stream.ids == [1, 2])
    #expect(stream.texts("v") == ["007", "8"])
  }

  @Test func delimitersAreFoundOrNamed() throws {
    #expect(try text("id;\"a,b\"\n1;x\n", "text/csv").run().texts("a,b") == ["x"])
    #expect(
      try text("id\tname\n1\tx,y\n", "text/tab-separated-values").run().texts("name") == ["x,y"])
    let named = try text("id|a\n1|x\n", "text/csv", [], ["body": .map(["csv": .string("|")])])
    #expect(try named.run().texts("a") == ["x"])
  }

  @Test func optionsOfCSV() throws {
    let headless = try text(
      "1;'a;b'\n2;'c'\n", "text/plain", [],
      [
        "body": .map([
          "csv": .map([
            "quote": .string("'"), "names": .list([.string("id"), .string("v")]),
            "infer": .plain("false"),
          ])
        ])
      ])
    try headless.run()
    #expect(headless.ids == [1, 2] && headless.texts("v") == ["a;b", "c"])
    #expect(headless.types()["id"] == DataType.string.description)
    // A record that cannot be read is none that is left out.
    let ragged = try text("id,v\n1,2\n2\n", "text/csv")
    let error = try #require(problem { try ragged.run() })
    #expect(error.message.contains("expected 2 fields, found 1"), "\(error)")
    #expect("\(error)".contains("line 3"))
    let filled = try text(
      "id,v\n1,2\n2\n", "text/csv", [],
      ["body": .map(["csv": .map(["ragged": .string("null")])])])
    #expect(try filled.run().ids == [1, 2])
    let wrong = try text(
      "id\n", "text/csv", [], ["body": .map(["csv": .map(["quote": .string("ab")])])])
    #expect(problem { try wrong.open() }?.message.contains("one ASCII character") == true)
    let unknown = try text(
      "id\n", "text/csv", [], ["body": .map(["csv": .map(["delimitre": .string(";")])])])
    #expect(problem { try unknown.open() }?.remedy.contains("delimiter") == true)
  }

  /// Records may be the members of an object, by their names.
  @Test func anObjectWithoutRecords() throws {
    let full = try text(
      "{\"d\": {\"a\": {\"id\": 1}, \"b\": {\"id\": 2}}}", nil, [], ["records": .string("$.d[*]")])
    #expect(try full.run().ids == [1, 2])
    let empty = try text("{\"d\": {}}", nil, [], ["records": .string("$.d[*]")])
    #expect(try empty.run().ids.isEmpty)
  }
}
