import APIServer
@testable import APISource
import Base
import Connector
import Foundation
import Records
import Testing

@Suite struct FaultTests {
  /// Whatever passes by itself does not show in the rows.
  @Test(
    arguments: [
      ["kind": "status", "code": 503, "times": 3],
      ["kind": "status", "code": 500, "times": 2],
      ["kind": "status", "code": 429, "times": 2, "headers": ["Retry-After": "3"]],
      ["kind": "status", "code": 429, "headers": ["Retry-After": "Wed, 10 Jan 2024 00:00:09 GMT"]],
      ["kind": "truncate", "times": 2], ["kind": "reset", "times": 2], ["kind": "cut"],
      ["kind": "html"], ["kind": "body", "body": ""],
    ] as [JSONValue], Paging.allCases)
  func passingFaults(_ fault: JSONValue, _ paging: Paging) throws {
    var members = fault.members ?? []
    members.append(.init(key: "nth", value: 2))
    // A retry is a request of its own: the fault belongs to the page, not to the count.
    let stream = paging.stream(try api(["records": 35, "faults": [.object(members)]]))
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...35))
  }

  @Test(
    arguments: [
      (["kind": "status", "code": 503], ConnectorError.Kind.unreachable, true),
      (["kind": "status", "code": 429], .unreachable, true),
      (["kind": "reset"], .interrupted, true), (["kind": "truncate"], .interrupted, true),
      (["kind": "status", "code": 401], .denied, false),
      (["kind": "status", "code": 403], .denied, false),
      (["kind": "status", "code": 404], .notFound, false),
      (["kind": "status", "code": 400], .misconfigured, false),
      (["kind": "cut"], .malformed, false),
      (["kind": "html"], .malformed, false), (["kind": "body", "body": ""], .malformed, false),
      (["kind": "body", "body": "[]", "type": "application/xml"], .malformed, false),
      (["kind": "body", "body": "{\"error\": \"quota\"}"], .malformed, false),
      (["kind": "body", "body": "{\"data\": null, \"errors\": [1]}"], .malformed, false),
      (["kind": "body", "body": "{\"data\": 7}"], .malformed, false),
      (["kind": "body", "body": "\"text\""], .malformed, false),
    ] as [(JSONValue, ConnectorError.Kind, Bool)])
  func lastingFaults(_ fault: JSONValue, _ kind: ConnectorError.Kind, _ isRetryable: Bool) throws {
    var members = fault.members ?? []
    members.append(.init(key: "times", value: 1000))
    let stream = Paging.cursor.stream(
      try api(["records": 35, "faults": [.object(members)]]))
    let error = try #require(problem { try stream.run() })
    #expect(error.kind == kind, "\(error)")
    #expect(error.isRetryable == isRetryable)
    #expect(error.place?.contains("/cursor?since=") == true)
    #expect(!error.remedy.isEmpty)
    #expect(stream.bookmark == nil && stream.ids.isEmpty)
  }

  @Test func errorsShowWhatCame() throws {
    let base = try api(["records": 5, "faults": [["kind": "html", "times": 9]]])
    let error = try #require(problem { try Paging.cursor.stream(base).run() })
    #expect(
      error.message == "the response is no JSON (status 200, of type text/html, 46 B, it begins: "
        + "<html><body>Please <b>log in</b></body></html>)")
    #expect(error.remedy.contains("login"))
  }

  @Test func nullIsNoRecords() throws {
    let base = try api(["faults": [["kind": "body", "body": "{\"data\": null}", "times": 9]]])
    #expect(try Paging.cursor.stream(base).run().ids.isEmpty)
  }

  @Test func anObjectIsARecord() throws {
    let base = try api(["faults": [["kind": "body", "body": "{\"id\": 7}", "times": 9]]])
    let stream = TestStream(base, ["request": request("/whole"), "records": .string("$")])
    #expect(try stream.run().ids == [7])
  }

  @Test func recordsThatAreNoObjectsAreRejected() throws {
    let body = "{\"data\": [{\"id\": 1}, 5, {\"id\": 2, \"\": 1}, {\"id\": 3}]}"
    let base = try api(["faults": [["kind": "body", "body": .string(body), "times": 9]]])
    let stream = TestStream(base, ["request": request("/whole"), "records": .string("$.data")])
    try stream.run()
    #expect(stream.ids == [1, 3])
    #expect(stream.counts["rejected"] == 2)
    let rejects = try #require(stream.rejects.first)
    #expect(rejects.schema.names == ["request", "record", "text", "reason"])
    #expect(rejects["record"]?[0] == .integer(2))
    #expect(rejects["text"]?[0] == .text("5"))
  }

  @Test func pagesAreBounded() throws {
    let stream = Paging.cursor.stream(try api(["records": 30_000, "page_size": 30_000]))
    stream.sourceOptions.append(.init(key: "response_max", value: .plain("1MB")))
    let error = try #require(problem { try stream.run() })
    #expect(error.kind == .malformed)
    #expect(error.message == "the response has more than 1 MB")
  }

  @Test func cancellationEndsARun() throws {
    let base = try api([
      "records": 30,
      "faults": [
        ["nth": 2, "kind": "status", "code": 429, "times": 99, "headers": ["Retry-After": "60"]]
      ],
    ])
    let stream = Paging.cursor.stream(base)
    stream.clock = .system
    let cancellation = Cancellation()
    DispatchQueue.global().asyncAfter(deadline: .now() + 0.3) { cancellation.cancel("enough") }
    let error = problem { try stream.run(ReadOptions(cancellation: cancellation)) }
    #expect(error?.kind == .cancelled)
    #expect(stream.bookmark == nil)
  }

  @Test func aBudgetOfCallsIsKept() throws {
    let stream = Paging.page.stream(try api(["records": 95, "total": true]))
    stream.sourceOptions.append(.init(key: "rate", value: .map(["per_minute": .plain("4")])))
    let before = stream.clock.now
    try stream.run()
    // One for the clock and ten pages: the ninth request has waited twice for a minute.
    #expect(stream.clock.now.seconds(since: before) >= 120)
    #expect(stream.clock.now.seconds(since: before) < 200)
    #expect(stream.ids.count == 95)
  }
}
