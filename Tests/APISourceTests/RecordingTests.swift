import APIServer
@testable import APISource
import Base
import Connector
import Foundation
import HTTPClient
import Records
import Testing

@Suite final class RecordingTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent(UUID().uuidString).path

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func files(_ source: String = "test") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder + "/" + source).sorted()
  }

  private func text() throws -> String {
    try files().map { try String(contentsOfFile: "\(folder)/test/\($0)", encoding: .utf8) }
      .joined(separator: "\n")
  }

  /// A stream of the same config that has read nothing yet, at another time of another machine.
  private func fresh(_ stream: TestStream) -> TestStream {
    let other = TestStream(
      stream.base, key: stream.key, clock: .manual(start: .init(seconds: 2e9)), [:])
    other.options = stream.options
    other.sourceOptions = stream.sourceOptions
    other.recording = .replay(from: folder)
    return other
  }

  /// With faults on the way: the replay takes the same course, and gives the same rows.
  @Test(arguments: Paging.allCases, [true, false])
  func aReplayGivesTheSameRows(_ paging: Paging, _ hasDate: Bool) throws {
    let base = try api([
      "records": 35, "date": hasDate ? "2024-01-10T00:00:00Z" : "none",
      "authorization": "Bearer s3cret-value",
      "faults": [
        ["nth": 2, "kind": "status", "code": 503], ["nth": 3, "kind": "truncate"],
        ["nth": 5, "kind": "status", "code": 429, "headers": ["Retry-After": "30"]],
        ["nth": 7, "kind": "cut"],
      ],
    ])
    let stream = paging.stream(base)
    stream.sourceOptions.append(.init(key: "auth", value: .map(["bearer_env": .string("SECRET")])))
    stream.environment = ["SECRET": "s3cret-value"]
    stream.recording = .record(into: folder)
    #expect(try stream.run().ids.sorted() == Array(1...35))
    let asked = try server().log(base).count
    #expect(try files().count == asked + 1)
    #expect(!(try text().contains("s3cret-value")))
    // Without the secret, and without asking.
    let replay = fresh(stream)
    #expect(try replay.run().ids == stream.ids)
    #expect(replay.bookmark == stream.bookmark)
    #expect(replay.batches.map { $0.byteCount } == stream.batches.map { $0.byteCount })
    #expect(try server().log(base).count == asked)
    // A plan asks for the same.
    #expect(try fresh(stream).plan().window.to == stream.bookmark?.mark)
  }

  @Test func filesAreReadable() throws {
    let base = try api(["records": 2, "date": "2024-01-10T00:00:00Z"])
    let stream = TestStream(base, ["request": request("/whole"), "records": .string("$")])
    stream.sourceOptions.append(
      .init(
        key: "auth",
        value: .map(["query": .map(["name": .string("odd"), "value_env": .string("SECRET")])])))
    stream.environment = ["SECRET": "s3cret/value"]
    stream.recording = .record(into: folder)
    try stream.run()
    #expect(try files() == ["000001-GET-whole.http", "recording.json"])
    let lines = try String(contentsOfFile: folder + "/test/000001-GET-whole.http", encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0] == "GET \(base)/whole?odd=•••")
    #expect(lines[1] == "Accept: application/json")
    #expect(lines[3] == "HTTP 200")
    #expect(lines.contains("Date: Wed, 10 Jan 2024 00:00:00 GMT"))
    #expect(lines.last?.hasPrefix("[{\"id\": 1,") == true)
    #expect(try fresh(stream).run().ids == [1, 2])
  }

  @Test func whatServersEchoIsMasked() throws {
    let setup: JSONValue = [
      "records": 25, "echo": true, "date": "2024-01-10T00:00:00Z", "denied": 401,
      "oauth": ["client": ["me", "cl1ent-s3cret"], "requests": 2],
    ]
    let base = try server().api(setup)
    let stream = Paging.link.stream(base)
    stream.sourceOptions.append(
      .init(
        key: "auth",
        value: .map([
          "oauth2": .map([
            "token_url": .string(base + "/token"), "client_id_env": .string("ID"),
            "client_secret_env": .string("SECRET"),
          ])
        ])))
    stream.environment = ["ID": "me", "SECRET": "cl1ent-s3cret"]
    stream.recording = .record(into: folder)
    try stream.run()
    let text = try text()
    #expect(text.contains("who are you? •••"))
    #expect(text.contains("X-Echo: •••"))
    #expect(!text.contains("access-token-") && !text.contains("cl1ent-s3cret"))
    #expect(try fresh(stream).run().ids == stream.ids)
  }

  @Test func aRequestThatWasNotRecordedIsNamed() throws {
    let base = try api(["records": 12])
    let stream = Paging.cursor.stream(base)
    stream.recording = .record(into: folder)
    try stream.run()
    let replay = fresh(stream)
    try replay.set("2024-01-03")
    let error = try #require(problem { try replay.run() })
    #expect(error.kind == .misconfigured && !error.isRetryable)
    #expect(error.message.contains("holds no answer to this request; of this path it holds"))
    #expect(error.place?.contains("since=2024-01-02T23") == true)
    #expect(error.remedy.contains("fresh lake"))
  }

  @Test func streamsOfOnePathAreToldApart() throws {
    let base = try api(["records": 12])
    func stream(_ query: String, _ header: String) -> TestStream {
      let stream = TestStream(base, [:])
      stream.options = .map([
        "request": .map([
          "path": .string("/whole"), "params": .map(["after": .string(query)]),
          "headers": .map(["X-Tenant": .string(header)]),
        ]), "records": .string("$"),
      ])
      return stream
    }
    let one = stream("3", "one")
    one.recording = .record(into: folder)
    try one.run()
    for (query, header) in [("4", "one"), ("3", "two")] {
      let other = stream(query, header)
      other.recording = .replay(from: folder)
      #expect(problem { try other.run() }?.message.contains("holds no answer") == true)
    }
    #expect(try fresh(one).run().ids == one.ids)
  }

  @Test func anotherRecordingIsNotMixedIn() throws {
    let stream = Paging.cursor.stream(try api(["records": 1]))
    stream.recording = .record(into: folder)
    try stream.run()
    #expect(
      problem { try stream.run() }?.message
        == "there is a recording in \(folder)/test already")
    stream.recording = .replay(from: folder + "/nowhere")
    #expect(
      problem { try stream.run() }?.message.hasPrefix("there is no recording of 'test'") == true)
  }

  /// A person may mend what a server said, or write it.
  @Test func recordingsCanBeWrittenByHand() throws {
    let stream = TestStream(
      "https://api.example.com", ["request": request("/whole"), "records": .string("$")])
    try FileManager.default.createDirectory(
      atPath: folder + "/test", withIntermediateDirectories: true)
    func write(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/test/\(name)"))
    }
    try write(
      "recording.json", "{\"version\": 1, \"source\": \"test\", \"at\": \"2024-01-10T00:00:00Z\"}")
    let request = "GET https://api.example.com/whole\r\nAccept: application/json\r\n\r\n"
    try write("1.http", request + "ERROR timeout\n\nit took long\n")
    try write("2.http", request + "HTTP 200\nContent-Type: application/json\n\n[{\"id\": 7}]\n")
    #expect(try fresh(stream).run().ids == [7])
    for wrong in [
      "", "nonsense", "GET x", "GET http://a/\n", "GET http://a/\n\nHTTP 999\n\n",
      "GET http://a/\n\nERROR what\n\n", "POST http://a/\nContent-Length: 99\n\nabc",
      "POST http://a/\nContent-Length: -1\n\nabc\nHTTP 200\n\n",
      "POST http://a/\nContent-Length: 99999999999999999999\n\nabc",
    ] {
      try write("3.http", wrong)
      let error = problem { try fresh(stream).run() }
      #expect(error?.kind == .malformed, "\(wrong)")
      #expect(error?.message.contains("3.http is no recorded answer") == true)
    }
  }

  @Test func redirectsAndBinaryBodiesAreKept() throws {
    let request = HTTPRequest(.post, "http://a.example/x?y=1", body: HTTPBody("{\"a\":\n1}"))
    let recorded = RecordedRequest(request, request.redactor)
    let body: [UInt8] = (0...255).map { $0 }
    let response = HTTPResponse(
      head: HTTPHead(
        status: 200,
        headers: [HTTPHeader("Set-Cookie", "a=b"), HTTPHeader("Link", "<http://b/>; rel=next")],
        url: "http://b.example/z"), body: body)
    let bytes = RecordedExchange.bytes(recorded, .success(response), request.redactor)
    let read = try RecordedExchange(parsing: bytes)
    #expect(read.request == recorded && read.request.key == recorded.key)
    let again = try read.outcome.get()
    #expect(again.body == body && again.head.url == "http://b.example/z")
    #expect(again.header("link") == "<http://b/>; rel=next" && again.header("set-cookie") == nil)
  }
}
