import APIServer
@testable import APISource
import Base
import Connector
import Testing

/// Where requests carry what leads to the next page, and cursors of an unusual kind.
@Suite struct CarrierTests {
  private func stream(
    _ path: String, _ setup: KeyValuePairs<String, JSONValue>, request: ConfigValue? = nil,
    records: String = "$.data", bookmark: ConfigValue? = byTime,
    _ paginate: KeyValuePairs<String, ConfigValue>
  ) throws -> TestStream {
    let stream = TestStream(try api(setup), [:])
    var entries: [ConfigValue.Entry] = [
      .init(key: "request", value: request ?? APISourceTests.request(path, window)),
      .init(key: "records", value: .string(records)),
      .init(key: "paginate", value: .map(paginate)),
    ]
    if let bookmark { entries.append(.init(key: "bookmark", value: bookmark)) }
    stream.options = ConfigValue(.map(entries))
    return stream
  }

  private static let tokens: [(path: String, records: String, [ConfigValue.Entry])] = [
    ("/page", "$.data", [.init(key: "page", value: .string("page"))]),
    (
      "/offset", "$.data",
      [
        .init(key: "offset", value: .string("offset")), .init(key: "limit", value: .plain("10")),
      ]
    ),
    (
      "/cursor", "$.data",
      [
        .init(key: "cursor", value: .string("$.next")),
        .init(key: "param", value: .string("cursor")),
      ]
    ),
    (
      "/header_cursor", "$",
      [
        .init(key: "cursor_header", value: .string("X-Next-Cursor")),
        .init(key: "param", value: .string("cursor")),
      ]
    ),
    (
      "/after", "$.items",
      [
        .init(key: "after", value: .string("id")), .init(key: "param", value: .string("since_id")),
      ]
    ),
  ]

  /// Every kind of token, in every place.
  @Test(arguments: 0..<5, ["query", "header", "body"])
  func tokensGoWhereTheConfigSays(_ kind: Int, _ place: String) throws {
    let (path, records, entries) = Self.tokens[kind]
    let isHeader = place == "header"
    var paginate = entries.map { entry in
      // The server takes headers that begin so for parameters.
      let takes = ["page", "offset", "param"].contains(entry.key) && isHeader
      return takes
        ? ConfigValue.Entry(key: entry.key, value: .string("X-In-\(entry.value.string ?? "")"))
        : entry
    }
    if kind == 1 && isHeader {
      paginate.append(.init(key: "limit_param", value: .string("X-In-Limit")))
    }
    paginate.append(.init(key: "in", value: .string(place)))
    let body = ConfigValue.map(["since": .string("{from}"), "until": .string("{to}")])
    let ask: ConfigValue =
      place == "body"
      ? .map(["path": .string(path), "body": body]) : APISourceTests.request(path, window)
    let stream = TestStream(try api(["records": 35]), [:])
    stream.options = .map([
      "request": ask, "records": .string(records), "bookmark": byTime,
      "paginate": ConfigValue(.map(paginate)),
    ])
    #expect(try stream.run().ids.sorted() == Array(1...35))
    let later = try stream.requests().dropFirst().filter { $0["query"] != .null }
    #expect(later.count >= 3)
    let names = ["page", "offset", "cursor", "since_id"]
    for request in later {
      let target = request["target"]?.string ?? ""
      let text = request["body"]?.string ?? ""
      #expect(names.contains { target.contains("\($0)=") } == (place == "query"), "\(target)")
      #expect(names.contains { text.contains("\"\($0)\":") } == (place == "body"), "\(text)")
    }
  }

  @Test func aPostMayCarryTheCursorInItsQuery() throws {
    let body = ConfigValue.map(["since": .string("{from}"), "until": .string("{to}")])
    let stream = try stream(
      "/cursor", ["records": 25], request: .map(["path": .string("/cursor"), "body": body]),
      ["cursor": .string("$.next"), "param": .string("cursor"), "in": .string("query")])
    #expect(try stream.run().ids == Array(1...25))
    let last = try #require(try stream.requests().last)
    #expect(last["method"] == "POST" && last["target"]?.string?.hasSuffix("?cursor=20") == true)
  }

  private let graphQL = ConfigValue.map([
    "path": .string("/graphql"),
    "body": .map([
      "query": .string("query($first: Int, $after: String) { contacts { nodes { id } } }"),
      "variables": .map([
        "first": .plain("10"), "since": .string("{from}"), "until": .string("{to}"),
      ]),
    ]),
  ])
  private let graphQLPages: KeyValuePairs<String, ConfigValue> = [
    "cursor": .string("$.data.contacts.pageInfo.endCursor"), "param": .string("variables.after"),
    "more": .string("$.data.contacts.pageInfo.hasNextPage"),
  ]

  @Test(arguments: [0, 1, 10, 35])
  func pagesOfGraphQL(_ count: Int) throws {
    let stream = try stream(
      "/graphql", ["records": .init(count)], request: graphQL, records: "$.data.contacts.nodes",
      graphQLPages)
    #expect(try stream.run().ids == Array(1..<count + 1))
    #expect(try stream.run().ids.count == count)
  }

  /// GraphQL answers 200 with what it has: rows with holes would be taken for whole ones.
  @Test func anErrorBesideTheDataIsAnError() throws {
    let stream = try stream(
      "/graphql", ["records": 5, "error": "the name is secret"], request: graphQL,
      records: "$.data.contacts.nodes", graphQLPages)
    let error = try #require(problem { try stream.run() })
    #expect(error.message.contains("an error beside its data: \"the name is secret\""), "\(error)")
    #expect(stream.bookmark == nil)
  }

  /// Some servers begin to give cursors only to those who send one.
  @Test func theFirstCursorIsAParameterLikeOthers() throws {
    let stream = try stream(
      "/cursor", ["records": 25, "initial_cursor": "*"],
      request: request(
        "/cursor", ["cursor": .string("*"), "since": .string("{from}"), "until": .string("{to}")]),
      ["cursor": .string("$.next"), "param": .string("cursor")])
    #expect(try stream.run().ids == Array(1...25))
    let targets = try stream.requests().compactMap { $0["target"]?.string }
    #expect(targets.allSatisfy { $0.split(separator: "cursor=").count == 2 }, "\(targets)")
    let header = try self.stream(
      "/cursor", ["records": 25, "initial_cursor": "*"],
      request: .map([
        "path": .string("/cursor"), "headers": .map(["X-In-Cursor": .string("*")]),
      ]), bookmark: nil,
      ["cursor": .string("$.next"), "param": .string("X-In-Cursor"), "in": .string("header")])
    #expect(try header.run().ids == Array(1...25))
  }

  /// As scrolls have it: the server knows where the last request ended.
  @Test(arguments: [0, 20, 25])
  func oneCursorForAllPages(_ count: Int) throws {
    let stream = try stream(
      "/cursor", ["records": .init(count), "scroll": true],
      ["cursor": .string("$.next"), "param": .string("cursor")])
    #expect(try stream.run().ids == Array(1..<count + 1))
  }

  @Test func pagesMayCountFromAnywhere() throws {
    let error = problem {
      try stream("/page", ["records": 5], ["page": .string("page"), "start": .plain("-1")]).run()
    }
    #expect(error?.kind == .misconfigured)
  }

  @Test(arguments: [
    (["in": ConfigValue.string("body")], "has no JSON body"),
    (["in": .string("path")], "one of query, header, body"),
  ])
  func placesThatAreNone(_ more: [String: ConfigValue], _ message: String) throws {
    var paginate: [ConfigValue.Entry] = [
      .init(key: "cursor", value: .string("$.next")), .init(key: "param", value: .string("c")),
    ]
    paginate += more.map { .init(key: $0.key, value: $0.value) }
    let stream = TestStream(
      "http://api.example",
      ["request": request("/x"), "paginate": ConfigValue(.map(paginate))])
    let error = try #require(problem { try stream.open() })
    #expect(
      error.kind == .misconfigured && "\(error) \(error.remedy)".contains(message), "\(error)")
  }

  @Test func aHeaderNeedsAName() throws {
    let stream = TestStream(
      "http://api.example",
      [
        "request": request("/x"),
        "paginate": .map([
          "cursor": .string("$.next"), "param": .string("a b"), "in": .string("header"),
        ]),
      ])
    #expect(problem { try stream.open() }?.message.contains("no header may have") == true)
  }

  // MARK: Forms

  /// Bodies in all forms, with all ways of paging that they can have.
  @Test(
    arguments: ["jsonl", "csv", "xml"], ["page", "offset", "cursor", "next", "link", "after"])
  func everyFormWithEveryWay(_ form: String, _ way: String) throws {
    let isXML = form == "xml"
    // Only a document can hold a URL.
    if way == "next" && !isXML { return }
    let paginate: ConfigValue =
      switch way {
      case "cursor" where isXML:
        .map(["cursor": .string("$.page.next"), "param": .string("cursor")])
      case "cursor":
        .map(["cursor_header": .string("X-Next-Cursor"), "param": .string("cursor")])
      case "next": .map(["next": .string("$.page.next")])
      case "after": .map(["after": .string("id"), "param": .string("after")])
      default: Paging(rawValue: way)?.options ?? .map([:])
      }
    let stream = TestStream(
      try api(["records": 35, "body_form": .string(form), "total": true]), [:])
    // 'after' as a filter, by pages of ten.
    let path = way == "after" ? "/page" : "/\(way)"
    var entries: [ConfigValue.Entry] = [
      .init(key: "request", value: request(path, window)), .init(key: "bookmark", value: byTime),
      .init(key: "paginate", value: paginate),
    ]
    if isXML { entries.append(.init(key: "records", value: .string("//items/item"))) }
    stream.options = ConfigValue(.map(entries))
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...35))
    #expect(stream.counts["unsettled"] == nil && stream.counts["below_total"] == nil)
    try stream.run()
    #expect(stream.ids.count == 35)
  }
}
