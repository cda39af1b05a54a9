import APIServer
@testable import APISource
import Base
import Connector
import HTTPClient
import Records
import Testing

@Suite struct CachingTests {
  private func stream(_ setup: KeyValuePairs<String, JSONValue>) throws -> TestStream {
    var members: [JSONValue.Member] = [.init(key: "records", value: 12)]
    members += setup.map { .init(key: $0.key, value: $0.value) }
    members.append(.init(key: "date", value: "2024-01-10T00:00:00Z"))
    return TestStream(
      try server().api(.object(members)), ["request": request("/whole"), "records": .string("$")])
  }

  /// What a run read, by the requests that it took: nothing where the source said 304.
  private func run(_ stream: TestStream) throws -> (rows: Int, isUnchanged: Bool) {
    let session = try stream.open()
    let plan = try session.plan(
      PlanRequest(bookmark: stream.bookmark, ledger: stream.ledger, knownSchema: stream.schema))
    let reader = try session.read(plan.splits[0], ReadOptions())
    var rows = 0
    while let batch = try reader.next() { rows += batch.batch.rowCount }
    return (rows, try reader.finish().isUnchanged)
  }

  @Test(
    arguments: [
      ["etag": true], ["last_modified": "Tue, 09 Jan 2024 00:00:00 GMT"],
    ] as [KeyValuePairs<String, JSONValue>])
  func whatIsUnchangedDoesNotComeAgain(_ setup: KeyValuePairs<String, JSONValue>) throws {
    let stream = try stream(setup)
    #expect(try run(stream) == (12, false))
    try stream.run()
    #expect(try run(stream) == (0, true))
    // Another config makes other rows of the same response.
    let options = stream.options
    stream.options = ConfigValue(
      .map(options.entries + [.init(key: "columns", value: .map(["id": .string("string")]))]))
    #expect(try run(stream) == (12, false))
    stream.options = ConfigValue(
      .map(options.entries + [.init(key: "cache", value: .plain("false"))]))
    #expect(try run(stream) == (12, false))
    stream.options = options
    try server().change(
      stream.base,
      [
        ["op": "delete", "id": 3],
        ["op": "set", "name": "last_modified", "value": "Tue, 09 Jan 2024 07:00:00 GMT"],
      ])
    #expect(try run(stream) == (11, false))
    #expect(try stream.run().ids.count == 11)
    #expect(try run(stream) == (0, true))
  }

  @Test(
    arguments: [
      [:],
      // Changed within the last minute: it may change again within the same second.
      ["last_modified": "Tue, 09 Jan 2024 23:59:30 GMT"],
    ] as [KeyValuePairs<String, JSONValue>])
  func whatCannotBeReliedOnIsRead(_ setup: KeyValuePairs<String, JSONValue>) throws {
    let stream = try stream(setup)
    try stream.run()
    #expect(stream.bookmark?.state == .null)
    #expect(try run(stream) == (12, false))
  }

  @Test func windowsAndPagesAreAlwaysRead() throws {
    for paging in [Paging.cursor, .page] {
      let stream = paging.stream(try api(["records": 25, "etag": true]), bookmark: nil)
      try stream.run()
      #expect(stream.bookmark?.state == .null)
      #expect(try stream.run().ids.sorted() == Array(1...25))
    }
    let stream = Paging.cursor.stream(try api(["records": 25, "etag": true]))
    try stream.run()
    #expect(stream.bookmark?.state["etag"] == nil)
  }

  @Test func aTagThatHoldsASecretIsNotKept() {
    let head = HTTPHead(
      status: 200, headers: [HTTPHeader("ETag", "\"s3cret-value\"")], url: "")
    #expect(Validators(head, config: "", Redactor(secrets: ["s3cret-value"])) == nil)
    #expect(Validators(head, config: "", Redactor(secrets: ["other"])) != nil)
    let large = HTTPHead(
      status: 200, headers: [HTTPHeader("ETag", String(repeating: "e", count: 2000))], url: "")
    #expect(Validators(large, config: "", Redactor(secrets: [])) == nil)
  }

  @Test func aServerThatSaysUnchangedUnaskedIsWrong() throws {
    let stream = try stream(["faults": [["kind": "status", "code": 304, "times": 99]]])
    #expect(problem { try run(stream) }?.kind == .misconfigured)
  }
}
