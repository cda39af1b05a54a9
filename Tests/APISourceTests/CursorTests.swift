import APIServer
@testable import APISource
import Base
import Connector
import Records
import Testing

@Suite struct CursorTests {
  private func byID(_ base: String, _ bookmark: ConfigValue = .map(["by": .string("id")]))
    -> TestStream
  {
    TestStream(
      base,
      [
        "request": request("/page", ["after": .string("{from}")]), "records": .string("$.data"),
        "paginate": Paging.page.options, "bookmark": bookmark,
      ])
  }

  @Test func idsGoOnWhereTheyWere() throws {
    let base = try api(["records": 25])
    let stream = byID(base)
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...25))
    #expect(stream.bookmark?.mark == "25")
    #expect(try stream.requests().first?["query"]?["after"] == nil)
    try server().change(
      base,
      (26...37).map {
        ["op": "insert", "row": ["id": .init($0), "updated_at": "2024-01-01T00:00:00Z"]]
      })
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...37))
    try stream.run()
    #expect(stream.ids.count == 37)
    #expect(stream.bookmark?.mark == "37")
  }

  @Test func aServerThatDoesNotFilterIdsDoublesNothing() throws {
    let base = try api(["records": 25, "ignores_filter": true])
    let stream = byID(base, .map(["by": .string("id"), "start": .plain("5")]))
    #expect(try stream.run().ids.sorted() == Array(6...25))
    #expect(stream.counts["outside_window"] == 5)
    #expect(try stream.run().ids.count == 20)
  }

  @Test func emptyAtFirst() throws {
    let base = try api(["records": 0])
    let stream = byID(base)
    try stream.run()
    try server().change(base, [["op": "insert", "row": ["id": 1, "updated_at": nil]]])
    #expect(try stream.run().ids == [1])
  }

  @Test(arguments: [
    ("9", "10", true), ("010", "9", false), ("9", "9", false), ("a", "b", true), ("Z", "a", true),
    ("01HQ3Z", "01HQ40", true), ("99999999999999999999999", "100000000000000000000000", true),
  ])
  func idsAreOrdered(_ a: String, _ b: String, _ isLess: Bool) throws {
    let left = try #require(RecordID(a))
    let right = try #require(RecordID(b))
    #expect((left < right) == isLess)
  }

  @Test func idsOfTwoKindsAreAnError() throws {
    let rows: [JSONValue] = [["id": 1], ["id": "x"]]
    let error = problem { try byID(try api(["rows": .array(rows)])).run() }
    #expect(error?.kind == .malformed)
  }

  /// A stream whose last page brings the token that the next run begins with.
  private func byToken(_ base: String) -> TestStream {
    TestStream(
      base,
      [
        "request": request("/delta", ["token": .string("{from}")]), "records": .string("$.items"),
        "paginate": .map(["cursor": .string("$.next"), "param": .string("token")]),
        "bookmark": .map(["cursor": .string("$.sync")]),
      ])
  }

  @Test func aTokenLeadsFromRunToRun() throws {
    let base = try api(["records": 25])
    let stream = byToken(base)
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...25))
    #expect(stream.bookmark?.mark == "25")
    try server().change(base, (26...30).map { ["op": "insert", "row": ["id": .init($0)]] })
    try stream.run()
    #expect(stream.ids.sorted() == Array(1...30))
    #expect(stream.bookmark?.mark == "30")
  }

  private func lost(
    _ stream: TestStream, since bookmark: Bookmark?, at time: String? = nil
  ) throws -> [String] {
    try stream.source().lost(
      stream.stream, since: bookmark, at: time.flatMap { Instant($0) })
  }

  /// What is taken back must come again.
  @Test func whatTheServerHasDroppedIsLost() throws {
    let base = try api(["records": 5])
    let stream = byID(base, .map(["by": .string("updated_at"), "history": .plain("5d")]))
    func mark(_ text: String) throws -> Bookmark { try stream.open().bookmark(from: text) }
    #expect(try lost(stream, since: mark("2024-01-06")).isEmpty)
    #expect(
      try lost(stream, since: mark("2024-01-04")) == [
        "what is from before 2024-01-05T00:00:00Z, for it keeps 5d 0h"
      ])
    #expect(try lost(stream, since: nil).count == 1)
    let started = byID(
      base,
      .map([
        "by": .string("updated_at"), "history": .plain("5d"), "start": .plain("2024-01-07"),
      ]))
    #expect(try lost(started, since: nil).isEmpty)
    // Ids say nothing of when; the commit does.
    let ids = byID(base, .map(["by": .string("id"), "history": .plain("5d")]))
    let five = try ids.open().bookmark(from: "5")
    #expect(try lost(ids, since: five, at: "2024-01-06T00:00:00Z").isEmpty)
    #expect(try lost(ids, since: five, at: "2024-01-01T00:00:00Z").count == 1)
    let unknown = byID(base)
    #expect(try lost(unknown, since: nil).isEmpty)
    // A stream that has not run for longer is told so.
    try stream.set("2024-01-01")
    #expect(try stream.plan().warnings.contains { $0.contains("was never read") })
  }

  @Test func aTokenThatIsTooOldIsLost() throws {
    let base = try api(["records": 25])
    let stream = byToken(base)
    try stream.run()
    #expect(try lost(stream, since: stream.bookmark).isEmpty)
    let gone: JSONValue = ["kind": "status", "code": 410, "times": 9]
    try server().change(base, [["op": "set", "name": "faults", "value": [gone]]])
    let said = try lost(stream, since: stream.bookmark)
    #expect(said.count == 1 && said[0].contains("410 Gone"), "\(said)")
    let error = try #require(problem { try stream.run() })
    #expect(error.remedy.contains("bookmark reset"), "\(error.remedy)")
  }

  @Test func aBookmarkOfAnotherKindIsRefused() throws {
    let base = try api(["records": 5])
    let stream = byID(base)
    try stream.run()
    stream.options = Paging.page.stream(base).options
    #expect(problem { try stream.run() }?.kind == .refused)
  }

  @Test func theBindingNamesWhatMustStay() throws {
    let base = try api(["records": 5])
    let one = try byID(base).open().binding
    let other = byID(base)
    #expect(try other.open().binding == one)
    // Credentials, ports and paging may change.
    other.sourceOptions.append(.init(key: "auth", value: .map(["bearer_env": .string("T")])))
    other.environment = ["T": "secret-token"]
    #expect(try other.open().binding == one)
    #expect(!one.text().contains("127.0.0.1"))
    for change: ConfigValue in [
      .map(["by": .string("number"), "kind": .string("id")]), .map(["by": .string("updated_at")]),
    ] {
      #expect(try byID(base, change).open().binding != one)
    }
    #expect(try Paging.page.stream(base).open().binding != one)
  }

  @Test(arguments: [
    ("https://API.example.com/v1/", "api.example.com/v1"), ("http://127.0.0.1:8080/v1", "/v1"),
    ("http://localhost:1", "/"), ("http://[::1]:80/x", "/x"),
    ("https://a.example:8443", "a.example"),
  ])
  func identities(_ url: String, _ identity: String) throws {
    #expect(try APISettings(.map(["base_url": .string(url)])).identity == identity)
    #expect(
      try APISettings(.map(["base_url": .string(url), "identity": .string("crm")])).identity
        == "crm")
  }
}
