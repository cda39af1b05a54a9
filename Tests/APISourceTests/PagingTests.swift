import APIServer
@testable import APISource
import Base
import Connector
import Records
import Testing

@Suite struct PagingTests {
  @Test(arguments: Paging.allCases, [0, 1, 9, 10, 11, 20, 47])
  func everyRecordComesOnce(_ paging: Paging, _ count: Int) throws {
    let stream = paging.stream(try api(["records": .init(count)]))
    try stream.run()
    #expect(stream.ids.sorted() == Array(1..<count + 1))
    #expect(stream.counts["duplicates"] == nil)
    let before = try stream.requests().count
    try stream.run()
    #expect(stream.ids.count == count)
    // The ceiling is where it was: there is nothing to ask for.
    #expect(try stream.requests().count == before)
  }

  @Test(arguments: Paging.allCases, [1, 10, 25])
  func withoutABookmarkEverythingComesEveryTime(_ paging: Paging, _ count: Int) throws {
    let stream = paging.stream(try api(["records": .init(count)]), bookmark: nil)
    for _ in 0..<2 {
      try stream.run()
      #expect(stream.ids.sorted() == Array(1..<count + 1))
      #expect(stream.bookmark?.kind == .full)
      #expect(stream.bookmark?.mark == "2024-01-10T00:00:00Z")
    }
  }

  @Test func aSingleResponseNeedsNoPaging() throws {
    let base = try api(["records": 30])
    let stream = TestStream(base, ["request": request("/whole")])
    #expect(try stream.run().ids == Array(1...30))
  }

  @Test func totalsSaveRequests() throws {
    let stream = Paging.page.stream(try api(["records": 25, "total": true]))
    try stream.run()
    #expect(stream.ids.count == 25)
    #expect(try stream.requests().map { $0["query"]?["page"] } == ["1", "2", "3"])
  }

  /// A server that gives fewer records than it is asked for is not at its end.
  @Test(arguments: [Paging.page, .offset])
  func aServersOwnLimitIsNotTheEnd(_ paging: Paging) throws {
    let stream = paging.stream(try api(["records": 35, "page_size": 10]))
    stream.options = .map([
      "request": request("/\(paging.rawValue)", window), "records": .string("$.data"),
      "bookmark": byTime,
      "paginate": paging == .page
        ? .map(["page": .string("page"), "size": .plain("1000"), "size_param": .string("size")])
        : .map(["offset": .string("offset"), "limit": .plain("1000")]),
    ])
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...35))
    #expect(try stream.requests().first?["query"]?[paging == .page ? "size" : "limit"] == "1000")
  }

  @Test(arguments: [404, 400])
  func aRefusalBehindTheLastPageIsTheEnd(_ status: Int) throws {
    let stream = Paging.page.stream(
      try api(["records": 25, "past_end_status": .init(status)]))
    #expect(try stream.run().ids.sorted() == Array(1...25))
  }

  @Test func aRefusalOfTheFirstPageIsNot() throws {
    let base = try api([
      "records": 25, "faults": [["nth": 1, "kind": "status", "code": 404]],
    ])
    #expect(problem { try Paging.page.stream(base).run() }?.kind == .notFound)
    // Nor is one behind a full page that is no 404.
    let other = try api([
      "records": 25, "faults": [["nth": 2, "kind": "status", "code": 400]],
    ])
    #expect(problem { try Paging.page.stream(other).run() }?.kind == .misconfigured)
  }

  @Test func pagesMayCountFromZero() throws {
    let stream = Paging.page.stream(try api(["records": 25, "zero_based": true]))
    stream.options = .map([
      "request": request("/page", window), "records": .string("$.data"), "bookmark": byTime,
      "paginate": .map(["page": .string("page"), "start": .plain("0")]),
    ])
    #expect(try stream.run().ids.sorted() == Array(1...25))
  }

  /// A record leaves the window between two pages, and everything behind it moves up by one.
  @Test(arguments: [Paging.page, .offset], [false, true])
  func recordsThatMoveUpAreNotLost(_ paging: Paging, _ hasTotal: Bool) throws {
    let base = try api([
      "records": 45, "total": .boolean(hasTotal),
      "changes": [["before": 3, "op": "touch", "id": 3, "to": "2024-01-10T00:00:00Z"]],
    ])
    let stream = paging.stream(base)
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...45))
    #expect((stream.counts["passes"] ?? 0) >= 2)
    // The version that it became belongs to the next window.
    try server().change(base, [["op": "set", "name": "date", "value": "2024-01-11T00:00:00Z"]])
    try stream.run()
    #expect(stream.ids.sorted() == (Array(1...45) + [3]).sorted())
  }

  /// Records appear in front of the place reached, and everything moves down.
  @Test(arguments: [Paging.page, .offset])
  func recordsThatMoveDownAreNotDoubled(_ paging: Paging) throws {
    let row: JSONValue = ["id": 1000, "updated_at": "2024-01-01T00:00:30Z"]
    let base = try api([
      "records": 45, "total": true,
      "changes": [["before": 3, "op": "insert", "at": 0, "row": row]],
    ])
    let stream = paging.stream(base)
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...45) + [1000])
  }

  @Test func pagesThatNeverRestAreAnError() throws {
    let changes: [JSONValue] = (2..<60).map { number in
      [
        "before": .init(number), "op": "insert", "at": 0,
        "row": ["id": .init(1000 + number), "updated_at": "2024-01-01T00:00:30Z"],
      ]
    }
    let stream = Paging.page.stream(
      try api(["records": 45, "total": true, "changes": .array(changes)]))
    let error = problem { try stream.run() }
    #expect(error?.kind == .interrupted && error?.isRetryable == true)
    #expect(stream.bookmark == nil)
  }

  /// Page 2 comes in the place of page 3: what was on page 3 must come all the same.
  @Test func aRepeatedPageIsReadAgain() throws {
    let two = (11...20).map { #"{"id":\#($0),"updated_at":"2024-01-01T00:\#($0 - 1):00Z"}"# }
    let body = "{\"data\":[\(two.joined(separator: ","))]}"
    let stream = Paging.page.stream(
      try api(["records": 45, "faults": [["nth": 3, "kind": "body", "body": .string(body)]]]))
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...45))
    #expect(stream.counts["repeated_pages"] == 1)
    #expect(stream.counts["duplicates"] == 10)
    #expect(stream.notices.texts.contains { $0.contains("changed while they were read") })
  }

  @Test(arguments: [Paging.page])
  func aServerThatIgnoresThePageIsAnError(_ paging: Paging) throws {
    let stream = paging.stream(try api(["records": 45, "ignores_page": true]))
    let error = try #require(problem { try stream.run() })
    #expect(error.kind == .malformed)
    #expect(error.message == "the server gives the same records for every page")
    #expect(error.place == "test.items")
  }

  @Test(arguments: [Paging.cursor, .next, .link])
  func cursorsInACircleAreAnError(_ paging: Paging) throws {
    let stream = paging.stream(try api(["records": 100, "cursor_loop": true]))
    let error = try #require(problem { try stream.run() })
    #expect(error.kind == .malformed)
    #expect(error.message.contains("circle") || error.message.contains("same records"))
    #expect(stream.bookmark == nil && stream.ids.isEmpty)
  }

  @Test func moreSaysWhereTheEndIs() throws {
    let stream = Paging.cursor.stream(try api(["records": 25, "has_more": true]))
    stream.options = .map([
      "request": request("/cursor", window), "records": .string("$.data"), "bookmark": byTime,
      "paginate": .map([
        "cursor": .string("$.next"), "param": .string("cursor"), "more": .string("$.has_more"),
      ]),
    ])
    #expect(try stream.run().ids == Array(1...25))
  }

  @Test func theCursorMayBeTheLastRecordsId() throws {
    let stream = TestStream(
      try api(["records": 25]),
      [
        "request": request("/page"), "records": .string("$.data"),
        "paginate": .map(["cursor": .string("$.data[-1].id"), "param": .string("after")]),
      ])
    #expect(try stream.run().ids == Array(1...25))
  }

  @Test func aNextURLOnAnotherHostGetsNoCredentials() throws {
    let stream = Paging.next.stream(
      try api(["records": 25, "next_url": "http://elsewhere.invalid/x"]))
    let error = try #require(problem { try stream.run() })
    #expect(error.kind == .refused)
    #expect(error.message.contains("elsewhere.invalid"))
  }

  /// A server behind a proxy writes its own inner port and scheme.
  @Test func aNextURLWithAnotherPortIsAskedWhereBaseURLSays() throws {
    let base = try api(["records": 5])
    let path = base.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" }
    let stream = Paging.next.stream(base)
    try server().change(
      base,
      [
        [
          "op": "set", "name": "next_url",
          "value": .string("https://127.0.0.1:9\(path)/whole?token=1"),
        ]
      ])
    _ = problem { try stream.run() }
    #expect(try stream.requests().map { $0["path"] }.prefix(2) == ["/next", "/whole"])
  }

  @Test func aNextURLMayBeRelative() throws {
    for (reference, path) in [("?token=20", "/next"), ("whole?token=1", "/whole")] {
      let base = try api(["records": 25, "next_url": .string(reference)])
      let stream = Paging.next.stream(base)
      _ = problem { try stream.run() }
      #expect(try stream.requests().map { $0["path"] }.prefix(2) == ["/next", .string(path)])
    }
  }

  @Test func bodiesCarryTheWindowAndThePage() throws {
    let stream = TestStream(
      try api(["records": 25]),
      [
        "request": .map([
          "path": .string("/page"),
          "body": .map(["since": .plain("{from}"), "until": .plain("{to}"), "limit": .plain("10")]),
        ]),
        "records": .string("$.data"), "bookmark": byTime,
        "paginate": .map(["page": .string("page")]),
      ])
    #expect(try stream.run().ids.sorted() == Array(1...25))
    let first = try #require(try stream.requests().first)
    #expect(first["method"] == "POST")
    #expect(first["query"]?["since"] == "2023-12-31T23:59:59Z")
  }

  @Test func gzippedPages() throws {
    let stream = Paging.page.stream(try api(["records": 25, "gzip": true]))
    #expect(try stream.run().ids.sorted() == Array(1...25))
  }
}
