import APIServer
@testable import APISource
import Base
import Connector
import Records
import Testing

@Suite struct RecordsTests {
  private func stream(
    _ body: String, key: [String] = ["id"], _ options: KeyValuePairs<String, ConfigValue>
  ) throws -> TestStream {
    let base = try server().api(["text": .string(body), "type": "application/json"])
    let stream = TestStream(base, key: key, [:])
    stream.options = ConfigValue(
      .map(
        [.init(key: "request", value: request("/text"))]
          + options.map { .init(key: $0.key, value: $0.value) }))
    return stream
  }

  private let groups = """
    {"region": "eu", "groups": [{"id": "g1", "meta": {"n": 5}, "members": [{"id": 1}, {"id": 2}]},
      {"id": "g2", "members": []}, {"id": "g3", "members": [{"id": 3, "group": "own"}, 7]}]}
    """

  @Test func recordsTakeFieldsOfWhatTheyLieIn() throws {
    let stream = try stream(
      groups, key: ["group_id", "id"],
      [
        "records": .string("$.groups[*].members[*]"),
        "include": .map([
          "group_id": .string("$.groups[*].id"), "n": .string("$.groups[*].meta.n"),
          "region": .string("$.region"), "group": .string("$.groups[*].id"),
        ]),
      ])
    let all = try #require(problem { try stream.run() })
    // The number among the members is no record.
    #expect(all.message.contains("number at '$.groups[*].members[*]'"))
    stream.options = .map([
      "request": request("/text"), "records": .string("$.groups[*].members"),
      "include": .map([
        "group_id": .string("$.groups[*].id"), "n": .string("$.groups[*].meta.n"),
        "region": .string("$.region"), "group": .string("$.groups[*].id"),
      ]),
    ])
    try stream.run()
    #expect(stream.ids == [1, 2, 3])
    #expect(stream.texts("group_id") == ["g1", "g1", "g3"])
    #expect(stream.texts("n") == ["5", "5", "null"])
    #expect(stream.texts("region") == ["eu", "eu", "eu"])
    // What the config adds has the name, whatever the record had there.
    #expect(stream.texts("group") == ["g1", "g1", "g3"])
    #expect(stream.rejects.first?["text"]?[0] == .text("7"))
  }

  @Test func filtersDescentsAndSlices() throws {
    let body = """
      {"a": {"items": [{"id": 1, "t": "x"}, {"id": 2, "t": "y"}]}, "items": [{"id": 3, "t": "x"}]}
      """
    for (path, ids) in [
      ("$..items[*]", [3, 1, 2]), ("$..items[?(@.t == 'x')]", [3, 1]), ("$.a.items[1:]", [2]),
      ("$.a.items[?(@.t == 'z')]", []),
    ] {
      #expect(try stream(body, ["records": .string(path)]).run().ids == ids, "\(path)")
    }
  }

  @Test func errorsNameThePlaceInThePath() throws {
    let error = try #require(
      problem { try stream(groups, ["records": .string("$.groups[*].people[*]")]).run() })
    #expect(
      error.message.contains(
        "nothing at '$.groups[*].people[*]', where the records should be: at '$.groups[*]' there "
          + "is an object with id, meta, members"), "\(error)")
    let empty = "{\"groups\": [{\"members\": []}]}"
    #expect(try stream(empty, ["records": .string("$.groups[*].members[*]")]).run().ids == [])
    let wrong = try #require(
      problem {
        try stream(
          groups,
          [
            "records": .string("$.groups[*].members[*]"),
            "include": .map(["x": .string("$.groups[*].members[*].tags[*]")]),
          ]
        ).run()
      })
    #expect(wrong.kind == .misconfigured && wrong.message.contains("several values"))
  }

  @Test(arguments: [("true", ["a_b_c", "a_d"]), ("1", ["a_b", "a_d"]), ("0", ["a"])])
  func objectsBecomeColumnsDownToALevel(_ flatten: String, _ names: [String]) throws {
    let stream = try stream(
      #"[{"id": 1, "a": {"b": {"c": 1}, "d": 2}}]"#, ["flatten": .plain(flatten)])
    try stream.run()
    #expect(stream.batches.last?.schema.names.filter { $0 != "id" } == names)
  }

  // MARK: Child tables

  private let orders = """
    [{"id": 1, "at": "2024-01-02T00:00:00Z", "note": "a", "lines": [
        {"line_no": 1, "sku": "p", "taxes": [{"rate": 7}, {"rate": 19.5}]},
        {"line_no": 2, "sku": "q", "taxes": []}], "tags": ["x", "y"]},
     {"id": 2, "at": "2024-01-03T00:00:00Z", "lines": null, "tags": []},
     {"id": 3, "at": "2024-01-04T00:00:00Z", "lines": {"line_no": 9, "_index": 5, "_parent_id": 0}}]
    """

  private let children: ConfigValue = .map([
    "lines": .map([
      "path": .string("$.lines"), "key": .list([.string("line_no")]),
      "children": .map(["taxes": .string("$.taxes")]),
    ]), "tags": .map(["path": .string("$.tags"), "keep": .plain("true")]),
  ])

  @Test func arraysFillTablesOfTheirOwn() throws {
    let stream = try stream(orders, ["children": children])
    try stream.run()
    #expect(stream.ids == [1, 2, 3])
    #expect(stream.batches.last?.schema.names == ["id", "at", "note", "tags"])
    #expect(stream.texts("_parent_id", of: "lines") == ["1", "1", "3"])
    #expect(stream.texts("_index", of: "lines") == ["0", "1", "0"])
    #expect(stream.texts("line_no", of: "lines") == ["1", "2", "9"])
    #expect(stream.texts("sku", of: "lines") == ["p", "q", "null"])
    #expect(stream.types(of: "lines")["taxes"] == nil)
    #expect(stream.texts("_parent_id", of: "lines__taxes") == ["1", "1"])
    #expect(stream.texts("_parent_lines_line_no", of: "lines__taxes") == ["1", "1"])
    #expect(stream.texts("_index", of: "lines__taxes") == ["0", "1"])
    #expect(stream.types(of: "lines__taxes")["rate"] == DataType.float64.description)
    #expect(stream.texts("value", of: "tags") == ["x", "y"])
    #expect(stream.rejects.isEmpty)
  }

  /// A changed record is a new version, and its children come with it.
  @Test func childrenKnowTheVersionOfTheirParent() throws {
    let base = try server().api([
      "text": .string(orders), "type": "application/json", "date": "2024-01-10T00:00:00Z",
    ])
    let stream = TestStream(
      base,
      [
        "request": request("/text", window), "children": children,
        "bookmark": .map(["by": .string("at"), "start": .plain("2024-01-01")]),
      ])
    try stream.run()
    let changed = "[{\"id\": 1, \"at\": \"2024-01-10T03:00:00Z\", \"lines\": [{\"line_no\": 1}]}]"
    try server().change(
      base,
      [
        ["op": "set", "name": "text", "value": .string(changed)],
        ["op": "set", "name": "date", "value": "2024-01-11T00:00:00Z"],
      ])
    try stream.run()
    #expect(stream.ids == [1, 2, 3, 1])
    #expect(stream.texts("_parent_id", of: "lines") == ["1", "1", "3", "1"])
    #expect(stream.texts("_parent_at", of: "lines").last == "2024-01-10T03:00:00Z")
  }

  @Test func childrenComeInBoundedBatches() throws {
    let lines = (0..<5000).map { "{\"n\": \($0)}" }.joined(separator: ",")
    let stream = try stream(
      "[{\"id\": 1, \"lines\": [\(lines)]}]", ["children": .map(["lines": .string("$.lines")])])
    try stream.run(ReadOptions(batchRowsMax: 1000))
    let batches = try #require(stream.sides["lines"])
    #expect(batches.count >= 4 && batches.allSatisfy { $0.rowCount <= 1256 })
    #expect(stream.texts("n", of: "lines") == (0..<5000).map(String.init))
  }

  @Test(
    arguments: [
      (["rejects": .string("$.x")], "cannot name"), (["A": .string("$.x")], "cannot name"),
      (["a__b": .string("$.x")], "cannot name"), (["x": .string("$")], "record itself"),
      (["x": .string("$[")], "JSON path"),
      (["x": .map(["path": .string("$.x"), "key": .string("a[*]")])], "no name of a field"),
    ] as [(KeyValuePairs<String, ConfigValue>, String)])
  func wrongChildTables(_ children: KeyValuePairs<String, ConfigValue>, _ message: String) throws {
    let error = try #require(
      problem { try stream("[]", ["children": .map(children)]).run() })
    #expect(error.kind == .misconfigured && error.message.contains(message), "\(error)")
    let keyless = try #require(
      problem { try stream("[]", key: [], ["children": .map(["x": .string("$.x")])]).run() })
    #expect(keyless.message.contains("no key"))
  }
}
