import APIServer
@testable import APISource
import Base
import Connector
import Formats
import Foundation
import Testing

/// Times as APIs write them: in columns, in what a bookmark goes by, and in requests.
@Suite struct TimeTextTests {
  private func rows(_ times: [String]) -> JSONValue {
    .array(
      times.enumerated().map { ["id": .init($0.offset + 1), "at": .string($0.element)] })
  }

  private func stream(
    _ rows: JSONValue, date: JSONValue = "2024-01-10T00:00:00Z",
    _ options: KeyValuePairs<String, ConfigValue>
  ) throws -> TestStream {
    let stream = TestStream(try api(["rows": rows, "date": date, "ignores_filter": true]), [:])
    var entries: [ConfigValue.Entry] = [.init(key: "records", value: .string("$"))]
    entries += options.map { .init(key: $0.key, value: $0.value) }
    stream.options = ConfigValue(.map(entries))
    return stream
  }

  @Test func columnsSayHowTimesAreWritten() throws {
    let stream = try stream(
      [
        [
          "id": 1, "day": "31.12.2023", "at": "Wed Jan 03 20:19:24 +0100 2024",
          "ms": 1_704_067_200_123, "local": "2024-07-01 12:00:00", "ok": "yes",
        ]
      ],
      [
        "request": request("/whole"), "time_zone": .string("Europe/Berlin"),
        "columns": .map([
          "day": .string("date(%d.%m.%Y)"), "at": .string("timestamp(%a %b %d %H:%M:%S %z %Y)"),
          "ms": .string("timestamp(epoch_ms)"), "local": .string("timestamp"),
          "ok": .string("boolean"),
        ]),
      ])
    try stream.run()
    #expect(stream.texts("day") == ["2023-12-31"])
    #expect(stream.texts("at") == ["2024-01-03T19:19:24Z"])
    #expect(stream.texts("ms") == ["2024-01-01T00:00:00.123Z"])
    #expect(stream.texts("local") == ["2024-07-01T10:00:00Z"])
    #expect(stream.texts("ok") == ["true"])
  }

  @Test func whatDoesNotFitIsRejected() throws {
    let stream = try stream(
      [["id": 1, "day": "31.12.2023"], ["id": 2, "day": "2023-12-31"]],
      [
        "request": request("/whole"), "columns": .map(["day": .string("date(%d.%m.%Y)")]),
      ])
    #expect(try stream.run().ids == [1])
    #expect(stream.counts["rejected"] == 1)
  }

  @Test(arguments: [
    ("timestamp(%Q)", "a directive that is not known, %Q"), ("timestamp()", "is no type"),
    ("varchar", "is no type"),
  ])
  func patternsThatAreNone(_ type: String, _ message: String) throws {
    let stream = try stream(
      [], ["request": request("/whole"), "columns": .map(["at": .string(type)])])
    let error = try #require(problem { try stream.open() })
    #expect(error.kind == .misconfigured && error.message.contains(message), "\(error)")
  }

  @Test func aZoneThatIsNone() throws {
    let stream = try stream(
      [], ["request": request("/whole"), "time_zone": .string("Mars/Base")])
    #expect(problem { try stream.open() }?.message == "there is no time zone 'Mars/Base'")
  }

  /// A bookmark goes by what `columns` says of its field.
  @Test(arguments: [
    ("timestamp(%d.%m.%Y %H:%M)", ["01.01.2024 00:30", "09.01.2024 12:00", "10.01.2024 03:00"]),
    (
      "timestamp(%a, %d %b %Y %H:%M:%S %z)",
      [
        "Mon, 01 Jan 2024 00:30:00 +0000", "Tue, 09 Jan 2024 14:00:00 +0200",
        "Wed, 10 Jan 2024 03:00:00 +0000",
      ]
    ),
  ])
  func bookmarksGoByPatterns(_ type: String, _ times: [String]) throws {
    let stream = try stream(
      rows(times),
      [
        "request": request("/whole", ["since": .string("{from}"), "until": .string("{to}")]),
        "bookmark": .map(["by": .string("at"), "start": .plain("2024-01-01")]),
        "columns": .map(["at": .string(type)]),
      ])
    // The last one lies behind the window.
    #expect(try stream.run().ids == [1, 2])
    #expect(stream.texts("at") == ["2024-01-01T00:30:00Z", "2024-01-09T12:00:00Z"])
    try server().change(
      stream.base, [["op": "set", "name": "date", "value": "2024-01-11T00:00:00Z"]])
    #expect(try stream.run().ids == [1, 2, 3])
  }

  /// In the night to 2024-10-27 Berlin's clocks show the hour from 02:00 twice.
  @Test func anHourThatIsShownTwiceLosesNothing() throws {
    let base = "2024-10-26T12:00:00Z"
    let stream = try stream(
      rows(["2024-10-26 20:00:00"]), date: .string(base),
      [
        "request": request("/whole", ["since": .string("{from}"), "until": .string("{to}")]),
        "time_zone": .string("Europe/Berlin"),
        "bookmark": .map([
          "by": .string("at"), "start": .plain("2024-10-26"), "window": .plain("10m"),
        ]),
      ])
    stream.clock = .manual(start: try #require(Instant(base)))
    var expected = 1
    // Every 10 minutes a record comes with the time that the clock on the wall shows, and a run.
    for step in 0..<48 {
      let now = try #require(Instant("2024-10-26T22:00:00Z")).advanced(seconds: Double(step) * 600)
      let written = now.advanced(seconds: -300)
      let offset = written < (try #require(Instant("2024-10-27T01:00:00Z"))) ? 7200.0 : 3600
      let shown = String(written.advanced(seconds: offset).description.prefix(19))
        .replacing("T", with: " ")
      expected += 1
      try server().change(
        stream.base,
        [
          ["op": "insert", "row": ["id": .init(expected), "at": .string(shown)]],
          ["op": "set", "name": "date", "value": .string(now.description)],
        ])
      try stream.run()
    }
    try server().change(
      stream.base, [["op": "set", "name": "date", "value": "2024-10-27T12:00:00Z"]])
    #expect(try stream.run().ids.sorted() == Array(1...expected))
  }

  @Test(arguments: [
    ("%Y-%m-%d %H:%M:%S", "UTC", "2023-12-31 23:59:59", "2024-01-09 23:59:56"),
    ("%d/%m/%Y %I:%M:%S %p", "UTC", "31/12/2023 11:59:59 PM", "09/01/2024 11:59:56 PM"),
    ("%FT%T.000%z", "Asia/Kolkata", "2024-01-01T04:29:59.000+0530", "2024-01-10T06:29:56.000+0530"),
    ("%Y%m%d", "UTC", "20240101", "20240109"),
    ("%e %b %Y %H:%M", "UTC", "31 Dec 2023 23:59", "10 Jan 2024 00:00"),
  ])
  func requestsWriteTimesByPattern(
    _ format: String, _ zone: String, _ since: String, _ until: String
  ) throws {
    let stream = try stream(
      [],
      [
        "request": request(
          "/whole", ["since": .string("{from}"), "until": .string("{to}")], format: format),
        "bookmark": .map(["by": .string("at"), "start": .plain("2024-01-01")]),
        "time_zone": .string(zone),
      ])
    // The server understands none of these, so only what is asked is looked at.
    let plan = try stream.plan()
    let asked = try #require(plan.window.predicate.removingPercentEncoding)
    #expect(asked.contains("since=\(since)&until=\(until)"), "\(asked)")
  }

  @Test(arguments: ["%H:%M", "iso9000", "%Q", "%m/%d", "%Y-%m-%d %Z"])
  func timeFormatsThatAreNone(_ format: String) throws {
    let stream = try stream(
      [],
      [
        "request": request("/whole", ["since": .string("{from}")], format: format),
        "bookmark": .map(["by": .string("at")]),
      ])
    #expect(problem { try stream.open() }?.kind == .misconfigured)
  }

  /// Where days begin later than in UTC, today's dates are yesterday's for a while.
  @Test func daysEndWithTheirZone() throws {
    func ceiling(_ date: String, _ zone: String) throws -> String? {
      let stream = try stream(
        [], date: .string(date),
        [
          "request": request("/whole", window, format: "date"),
          "bookmark": .map(["by": .string("at"), "start": .plain("2024-01-01")]),
          "time_zone": .string(zone),
        ])
      return try stream.plan().window.to
    }
    #expect(try ceiling("2024-01-10T05:00:00Z", "UTC") == "2024-01-10T00:00:00Z")
    #expect(try ceiling("2024-01-10T05:00:00Z", "America/Los_Angeles") == "2024-01-09T00:00:00Z")
    #expect(try ceiling("2024-01-10T20:00:00Z", "Asia/Tokyo") == "2024-01-10T00:00:00Z")
  }

  @Test func theZoneIsPartOfTheBinding() throws {
    let utc = try stream(
      [], ["request": request("/whole"), "bookmark": .map(["by": .string("at")])])
    let local = try stream(
      [],
      [
        "request": request("/whole"), "bookmark": .map(["by": .string("at")]),
        "time_zone": .string("Europe/Berlin"),
      ])
    #expect(try utc.open().binding["bookmark"] != local.open().binding["bookmark"])
    #expect(try utc.open().binding["bookmark"] == ["by": "at", "kind": "time"])
  }
}
