import APIServer
@testable import APISource
import Base
import Connector
import Records
import Testing

@Suite struct WindowTests {
  private func daily(_ more: KeyValuePairs<String, ConfigValue> = [:]) -> ConfigValue {
    var entries: [ConfigValue.Entry] = [
      .init(key: "by", value: .string("updated_at")), .init(key: "window", value: .plain("1d")),
      .init(key: "start", value: .plain("2024-01-01")),
    ]
    entries += more.map { .init(key: $0.key, value: $0.value) }
    return ConfigValue(.map(entries))
  }

  /// 200 records, one an hour: more than eight days.
  private func hourly(_ more: KeyValuePairs<String, JSONValue> = [:]) throws -> String {
    try server().api(
      .object(
        [
          .init(key: "records", value: 200), .init(key: "step_seconds", value: 3600),
          .init(key: "date", value: "2024-01-05T12:00:05Z"),
        ] + more.map { .init(key: $0.key, value: $0.value) }))
  }

  private func advance(_ base: String, to date: String) throws {
    try server().change(base, [["op": "set", "name": "date", "value": .string(date)]])
  }

  @Test(arguments: [
    [], ["since_is_exclusive"], ["until_is_inclusive"],
    ["since_is_exclusive", "until_is_inclusive"],
  ])
  func daysAreCommittedOneByOne(_ oddities: [String]) throws {
    let base = try hourly()
    for name in oddities {
      try server().change(base, [["op": "set", "name": .string(name), "value": true]])
    }
    let stream = Paging.page.stream(base, bookmark: daily())
    try stream.run()
    // Four whole days and the first twelve hours of the fifth, less what has to settle.
    #expect(stream.splits == 5)
    #expect(stream.ids.sorted() == Array(1...108))
    #expect(stream.bookmark?.mark == "2024-01-05T12:00:00Z")
    try advance(base, to: "2024-01-20T00:00:00Z")
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...200))
    #expect(stream.counts["outside_window"] == nil)
  }

  @Test func aWindowThatFailsKeepsTheOnesBefore() throws {
    let base = try hourly([
      "faults": [["where": ["since": "2024-01-02T23:59:59Z"], "kind": "status", "code": 400]]
    ])
    let stream = Paging.cursor.stream(base, bookmark: daily())
    #expect(problem { try stream.run() }?.kind == .misconfigured)
    #expect(stream.bookmark?.mark == "2024-01-03T00:00:00Z")
    #expect(stream.ids.sorted() == Array(1...48))
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...108))
  }

  @Test func aServerThatDoesNotFilterDoublesNothing() throws {
    let base = try hourly(["ignores_filter": true])
    let stream = Paging.cursor.stream(base, bookmark: daily())
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...108))
    #expect(stream.counts["outside_window"] == 200 * 5 - 108 - stream.overlapped(5))
    #expect(stream.notices.texts.contains { $0.contains("outside the window") })
    try advance(base, to: "2024-01-06T00:00:05Z")
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...120))
  }

  @Test func withoutAStartTheFirstWindowIsEverything() throws {
    let stream = Paging.cursor.stream(
      try hourly(), bookmark: .map(["by": .string("updated_at"), "window": .plain("1d")]))
    let plan = try stream.plan()
    #expect(plan.splits.count == 1)
    #expect(plan.warnings.count == 1)
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...108))
    #expect(try stream.requests().first?["query"]?["since"] == nil)
    #expect(try stream.requests().first?["query"]?["until"] == "2024-01-05T12:00:01Z")
  }

  /// Asked window by window, such a server would send everything again and again.
  @Test func withoutAnEndThereIsOneWindow() throws {
    let stream = Paging.cursor.stream(try hourly(), bookmark: daily())
    stream.options = .map([
      "request": request("/cursor", ["since": .string("{from}")]), "records": .string("$.data"),
      "paginate": Paging.cursor.options, "bookmark": daily(),
    ])
    #expect(try stream.plan().warnings.count == 1)
    try stream.run()
    #expect(stream.splits == 1)
    #expect(stream.ids.sorted() == Array(1...108))
    #expect(stream.counts["outside_window"] == nil)
    #expect(stream.notices.texts.isEmpty)
  }

  @Test func planSaysWhatIsAsked() throws {
    let stream = Paging.page.stream(try hourly(), bookmark: daily())
    let plan = try stream.plan()
    #expect(plan.window.from == "2024-01-01T00:00:00Z")
    #expect(plan.window.to == "2024-01-05T12:00:00Z")
    #expect(
      plan.window.predicate.hasSuffix(
        "/page?since=2023-12-31T23%3A59%3A59Z&until=2024-01-05T12%3A00%3A01Z&page=1"))
    #expect(
      plan.window.reason
        == "the server's clock, 2024-01-05T12:00:05Z, 4d 11h behind this machine's, "
        + "less 5 s to settle"
    )
    #expect(plan.splits.map(\.label).last == "2024-01-05T00:00:00Z … 2024-01-05T12:00:00Z")
    #expect(try stream.requests().isEmpty)
  }

  @Test(arguments: [
    ("2030-06-01T00:00:05Z", "2030-06-01T00:00:00Z"),
    ("1999-06-01T00:00:05Z", "1999-06-01T00:00:00Z"),
  ])
  func theServersClockDecides(_ date: String, _ ceiling: String) throws {
    let base = try hourly(["date": .string(date)])
    let stream = Paging.page.stream(base)
    let plan = try stream.plan()
    #expect(plan.window.to == ceiling)
    #expect(plan.splits.isEmpty == date.hasPrefix("1999"))
    #expect(plan.warnings.isEmpty == date.hasPrefix("2030"))
  }

  @Test func withoutADateThisMachinesClockDecides() throws {
    let base = try api(["records": 5, "date": "none"])
    let stream = Paging.page.stream(base)
    let plan = try stream.plan()
    #expect(plan.window.to == "2024-01-09T23:55:00Z")
    #expect(plan.warnings.count == 1)
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...5))
  }

  @Test(arguments: [405, 404, 500, 401])
  func aServerThatKnowsNoHeadHasAClockAllTheSame(_ status: Int) throws {
    let base = try api(["records": 25, "head_status": .init(status)])
    let stream = Paging.page.stream(base)
    #expect(try stream.run().ids.count == 25)
    #expect(stream.bookmark?.mark == "2024-01-09T23:59:55Z")
  }

  @Test func aClockThatGoesBackMovesNothing() throws {
    let base = try hourly()
    let stream = Paging.page.stream(base)
    try stream.run()
    let before = stream.bookmark
    try advance(base, to: "2024-01-03T00:00:00Z")
    try stream.run()
    #expect(stream.splits == 0)
    #expect(stream.bookmark == before)
  }

  @Test(arguments: [
    ("unix", "1704067199", "1704456001"), ("unix_ms", "1704067199000", "1704456001000"),
    ("date", "2024-01-01", "2024-01-05"),
  ])
  func timeFormats(_ format: String, _ since: String, _ until: String) throws {
    let stream = Paging.page.stream(try hourly())
    stream.options = .map([
      "request": request("/page", window, format: format), "records": .string("$.data"),
      "bookmark": byTime, "paginate": Paging.page.options,
    ])
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...(format == "date" ? 96 : 108)))
    let first = try #require(try stream.requests().first)
    #expect(first["query"]?["since"] == .string(since))
    #expect(first["query"]?["until"] == .string(until))
  }

  @Test func timesMayBeNumbers() throws {
    let rows: [JSONValue] = (0..<30).map {
      ["id": .init($0 + 1), "updated_at": .init(1_704_067_200 + $0 * 3600)]
    }
    let stream = Paging.page.stream(
      try api(["rows": .array(rows), "date": "2024-01-02T00:00:05Z"]))
    #expect(try stream.run().ids.sorted() == Array(1...24))
  }

  /// A record of today may come at any hour of today.
  @Test func datesNeedWholeDays() throws {
    let rows: [JSONValue] = (1...9).map { (day: Int) in
      ["id": .init(day), "updated_at": .string("2024-01-0\(day)")]
    }
    let base = try api(["rows": .array(rows), "date": "2024-01-05T12:00:00Z"])
    let error = try #require(problem { try Paging.page.stream(base).run() })
    #expect(error.kind == .misconfigured)
    #expect(error.remedy.contains("time_format: date"))
    let stream = Paging.page.stream(base)
    stream.options = .map([
      "request": request("/page", window, format: "date"), "records": .string("$.data"),
      "bookmark": byTime, "paginate": Paging.page.options,
    ])
    #expect(try stream.run().ids.sorted() == [1, 2, 3, 4])
    #expect(stream.bookmark?.mark == "2024-01-05T00:00:00Z")
  }

  @Test func recordsWithoutATime() throws {
    let rows: [JSONValue] = [
      ["id": 1, "updated_at": "2024-01-01T01:00:00Z"], ["id": 2, "updated_at": nil], ["id": 3],
    ]
    let base = try api(["rows": .array(rows)])
    let error = try #require(problem { try Paging.cursor.stream(base).run() })
    #expect(error.kind == .malformed)
    #expect(error.message == "a record has no 'updated_at', by which the bookmark knows it")
    let stream = Paging.cursor.stream(
      base, bookmark: .map(["by": .string("updated_at"), "nulls": .string("drop")]))
    #expect(try stream.run().ids == [1])
    #expect(stream.counts["missing_by"] == 2)
  }

  @Test func whatIsNoTimeIsAnError() throws {
    for value in ["yesterday", "", "12:00", "2024-13-01"] {
      let base = try api([
        "rows": [["id": 1, "updated_at": .string(value)]], "ignores_filter": true,
      ])
      #expect(problem { try Paging.cursor.stream(base).run() }?.kind == .malformed)
    }
  }

  @Test func lateRecordsAreFoundOnce() throws {
    let base = try hourly()
    let stream = Paging.cursor.stream(base, bookmark: daily(["lookback": .plain("6h")]))
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...108))
    // One that comes late but within the lookback, one too late, and one that changed its content.
    try server().change(
      base,
      [
        ["op": "insert", "row": ["id": 501, "updated_at": "2024-01-05T08:30:00Z"]],
        ["op": "insert", "row": ["id": 502, "updated_at": "2024-01-04T08:30:00Z"]],
      ])
    try advance(base, to: "2024-01-05T18:00:05Z")
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...114) + [501])
    #expect(stream.counts["late"] == 1)
    try advance(base, to: "2024-01-05T20:00:05Z")
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...116) + [501])
    #expect(stream.counts["late"] == nil)
    // What lies behind the lookback is forgotten.
    #expect(try stream.ledger.entries().count <= 10)
  }

  @Test func aLookbackThatIsAddedLaterDoublesNothing() throws {
    let base = try hourly()
    let stream = Paging.cursor.stream(base, bookmark: daily())
    try stream.run()
    stream.options = Paging.cursor.stream(base, bookmark: daily(["lookback": .plain("3d")])).options
    for date in ["2024-01-06T00:00:05Z", "2024-01-06T06:00:05Z"] {
      try advance(base, to: date)
      try stream.run()
    }
    #expect(stream.ids.sorted() == Array(1...126))
  }

  @Test func bookmarksCanBeSet() throws {
    let stream = Paging.page.stream(try hourly())
    try stream.set("2024-01-05")
    try stream.run()
    #expect(stream.ids.sorted() == Array(97...108))
    #expect(problem { try stream.set("soon") }?.kind == .misconfigured)
  }

  @Test func tooManyWindowsAreRefused() throws {
    let stream = Paging.page.stream(
      try hourly(),
      bookmark: .map([
        "by": .string("updated_at"), "window": .plain("1s"), "start": .plain("1970-01-01"),
      ]))
    #expect(problem { try stream.plan() }?.kind == .misconfigured)
  }
}

extension TestStream {
  /// Records on the edges of inner windows, asked for on purpose: each window's end is its
  /// neighbour's first record, and the last one's is behind the ceiling.
  func overlapped(_ windows: Int) -> Int { windows }
}
