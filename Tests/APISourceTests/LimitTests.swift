import APIServer
@testable import APISource
import Base
import Connector
import Testing

/// Further ways of paging, several pages at a time, and windows that hold too much.
@Suite struct LimitTests {
  private func stream(
    _ path: String, _ setup: KeyValuePairs<String, JSONValue>, records: String = "$.data",
    bookmark: ConfigValue? = nil, _ paginate: KeyValuePairs<String, ConfigValue>
  ) throws -> TestStream {
    let stream = TestStream(try api(setup), [:])
    var entries: [ConfigValue.Entry] = [
      .init(key: "request", value: request(path, bookmark == nil ? [:] : window)),
      .init(key: "records", value: .string(records)),
      .init(key: "paginate", value: .map(paginate)),
    ]
    if let bookmark { entries.append(.init(key: "bookmark", value: bookmark)) }
    stream.options = ConfigValue(.map(entries))
    return stream
  }

  @Test(arguments: [0, 1, 10, 25])
  func theCursorMayBeInAHeader(_ count: Int) throws {
    let stream = try stream(
      "/header_cursor", ["records": .init(count)], records: "$",
      ["cursor_header": .string("x-next-cursor"), "param": .string("cursor")])
    #expect(try stream.run().ids == Array(1..<count + 1))
  }

  @Test(arguments: [0, 1, 10, 25], [false, true])
  func idsLeadOn(_ count: Int, _ isInclusive: Bool) throws {
    let stream = try stream(
      "/after", ["records": .init(count), "is_inclusive": .boolean(isInclusive)],
      records: "$.items", ["after": .string("id"), "param": .string("since_id")])
    #expect(try stream.run().ids == Array(1..<count + 1))
  }

  @Test func anIdThatIsMissingIsAnError() throws {
    let stream = try stream(
      "/after", ["records": 25], records: "$.items",
      ["after": .string("no"), "param": .string("since_id")])
    #expect(problem { try stream.run() }?.message.contains("has no 'no'") == true)
    // A server that knows no such parameter goes in a circle.
    let deaf = try self.stream(
      "/after", ["records": 25], records: "$.items",
      ["after": .string("id"), "param": .string("sinc_id")])
    #expect(problem { try deaf.run() }?.kind == .malformed)
  }

  @Test(arguments: ["stop", "pages"])
  func aResponseSaysThatItIsTheLast(_ key: String) throws {
    let stream = try stream(
      "/stops", ["records": 20],
      [
        "page": .string("page"), key: .string(key == "stop" ? "$.done" : "$.total_pages"),
        "verify": .plain("false"),
      ])
    #expect(try stream.run().ids == Array(1...20))
    #expect(try stream.requests().map { $0["query"]?["page"] } == ["1", "2"])
  }

  @Test func cursorsCarryTheSizeAndGoIntoBodies() throws {
    let stream = try stream(
      "/cursor", ["records": 25],
      [
        "cursor": .string("$.next"), "param": .string("cursor"), "size": .plain("10"),
        "size_param": .string("limit"),
      ])
    stream.options = ConfigValue(
      .map(
        stream.options.entries.map { entry in
          entry.key == "request"
            ? .init(
              key: "request",
              value: .map(["path": .string("/cursor"), "body": .map(["kind": .string("all")])]))
            : entry
        }))
    #expect(try stream.run().ids == Array(1...25))
    let requests = try stream.requests()
    #expect(requests.map { $0["query"]?["cursor"] } == [nil, "10", "20"])
    #expect(requests.allSatisfy { $0["method"] == "POST" && $0["query"]?["limit"] == "10" })
  }

  // MARK: Several at a time

  @Test(arguments: ["page", "offset"])
  func pagesAreAskedForSeveralAtATime(_ way: String) throws {
    let paginate: KeyValuePairs<String, ConfigValue> =
      way == "page"
      ? ["page": .string("page"), "parallel": .plain("4")]
      : ["offset": .string("offset"), "limit": .plain("10"), "parallel": .plain("4")]
    let stream = try stream(
      "/\(way)", ["records": 205, "total": true, "delay": 0.05], bookmark: byTime, paginate)
    try stream.run()
    #expect(stream.ids == Array(1...205))
    #expect(stream.counts["passes"] == nil && stream.counts["duplicates"] == nil)
    let count = try stream.requests().count
    #expect(count == (way == "page" ? 21 : 23))
    #expect(try peak(stream) > 2)
  }

  private func peak(_ stream: TestStream) throws -> Int {
    let probe = TestStream(
      stream.base, key: [], ["request": request("/peak"), "records": .string("$")])
    let message = problem { try probe.run() }?.message ?? ""
    let digits = message.split(separator: "it begins: ").last?.prefix { $0.isNumber } ?? ""
    return Int(digits) ?? 0
  }

  /// Records move up while several pages are under way: what slips between them comes all the same.
  @Test(arguments: ["page", "offset"], [3, 5, 8])
  func shiftsAreNoticedAmongThem(_ way: String, _ before: Int) throws {
    let paginate: KeyValuePairs<String, ConfigValue> =
      way == "page"
      ? ["page": .string("page"), "parallel": .plain("4")]
      : ["offset": .string("offset"), "limit": .plain("10"), "parallel": .plain("4")]
    let stream = try stream(
      "/\(way)",
      [
        "records": 95, "total": true,
        "changes": [
          [
            "before": .init(before), "op": "touch", "id": 3, "to": "2024-01-10T00:00:00Z",
          ]
        ],
      ], bookmark: byTime, paginate)
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...95))
  }

  @Test func aFailureAmongThemPasses() throws {
    let stream = try stream(
      "/page",
      [
        "records": 95, "total": true,
        "faults": [["where": ["page": "4"], "kind": "cut", "times": 3]],
      ], bookmark: byTime, ["page": .string("page"), "parallel": .plain("4")])
    #expect(try stream.run().ids == Array(1...95))
    let lasting = try self.stream(
      "/page",
      [
        "records": 95, "total": true,
        "faults": [["where": ["page": "4"], "kind": "html", "times": 99]],
      ], bookmark: byTime, ["page": .string("page"), "parallel": .plain("4")])
    #expect(problem { try lasting.run() }?.message.contains("is no JSON") == true)
  }

  @Test func onlyNumberedPagesAreParallel() throws {
    let stream = try stream(
      "/cursor", [:], ["cursor": .string("$.next"), "param": .string("c"), "parallel": .plain("2")])
    #expect(problem { try stream.run() }?.kind == .misconfigured)
  }

  // MARK: Windows that hold too much

  private let paginate: KeyValuePairs<String, ConfigValue> = [
    "offset": .string("offset"), "limit": .plain("10"), "cap": .plain("40"),
  ]

  /// The server gives 40 records for any window, and says by its total, by a refusal or not at all
  /// that there are more.
  @Test(arguments: ["total", "413", "422", "nothing"])
  func aWindowIsHalvedUntilItFits(_ sign: String) throws {
    let refusal = Int(sign)
    let stream = try stream(
      "/capped",
      [
        "records": 300, "cap": 40, "total": .boolean(sign == "total"),
        "refusal": refusal.map { .init($0) } ?? .null,
      ], bookmark: byTime, paginate)
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...300))
    #expect((stream.counts["halved_windows"] ?? 0) >= 7)
    #expect(stream.bookmark?.mark == "2024-01-09T23:59:55Z")
    try stream.run()
    #expect(stream.ids.count == 300)
  }

  /// Servers that refuse places behind their bound, and those that count no further.
  @Test(arguments: ["beyond", "counts_to_cap"])
  func aBoundShowsInOtherWays(_ sign: String) throws {
    let stream = try stream(
      "/capped",
      [
        "records": 300, "cap": 40, "total": .boolean(sign == "counts_to_cap"),
        "beyond": sign == "beyond" ? 400 : .null, "counts_to_cap": true,
      ], bookmark: byTime, paginate)
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...300))
  }

  @Test func aSecondThatHoldsTooMuchIsAnError() throws {
    let rows = (1...50).map { number -> JSONValue in
      ["id": .init(number), "updated_at": "2024-01-05T00:00:00Z"]
    }
    for setup in [("total", JSONValue.boolean(true)), ("refusal", 413)] {
      let base = try server().api(
        .object([
          .init(key: "rows", value: .array(rows)), .init(key: "cap", value: 40),
          .init(key: setup.0, value: setup.1), .init(key: "date", value: "2024-01-10T00:00:00Z"),
        ]))
      let stream = TestStream(base, [:])
      stream.options = .map([
        "request": request("/capped", window), "records": .string("$.data"), "bookmark": byTime,
        "paginate": .map(paginate),
      ])
      let error = try #require(problem { try stream.run() })
      #expect(error.kind == .refused && error.message.contains("in one second"), "\(error)")
      #expect(stream.bookmark == nil)
    }
  }

  @Test func withoutAWindowTooMuchIsAnError() throws {
    let stream = try stream("/capped", ["records": 300, "cap": 40, "total": true], paginate)
    let error = try #require(problem { try stream.run() })
    #expect(error.kind == .refused && error.message.contains("counts 300 records"))
    let beginless = try self.stream(
      "/capped", ["records": 300, "cap": 40, "total": true],
      bookmark: .map(["by": .string("updated_at")]), paginate)
    #expect(problem { try beginless.run() }?.remedy.contains("start") == true)
    let refusing = try self.stream(
      "/capped", ["records": 300, "cap": 40, "refusal": 413], paginate)
    #expect(problem { try refusing.run() }?.kind == .misconfigured)
  }

  /// A cap that nobody told of shows in the total.
  @Test func fewerThanTheTotalIsSaid() throws {
    let stream = try stream(
      "/capped", ["records": 100, "cap": 40, "total": true], bookmark: byTime,
      ["offset": .string("offset"), "limit": .plain("10")])
    try stream.run()
    #expect(stream.counts["below_total"] == 60)
    #expect(stream.notices.texts.contains { $0.contains("paginate.cap") })
  }

  /// Late records lie before the window: halves look for them once.
  @Test func lateRecordsSurviveHalving() throws {
    let stream = try stream(
      "/capped", ["records": 30, "cap": 40, "total": true],
      bookmark: .map([
        "by": .string("updated_at"), "start": .plain("2024-01-01"), "lookback": .plain("20d"),
      ]), paginate)
    try stream.run()
    var changes: [JSONValue] = (31...90).map { number in
      [
        "op": "insert",
        "row": [
          "id": .init(number), "name": "late",
          "updated_at": .string("2024-01-0\(1 + number % 9)T01:00:\(10 + number % 50)Z"),
        ],
      ]
    }
    changes.append(["op": "set", "name": "date", "value": "2024-01-11T00:00:00Z"])
    try server().change(stream.base, changes)
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...90))
    #expect(stream.counts["late"] == 60)
    #expect((stream.counts["halved_windows"] ?? 0) >= 1)
  }
}
