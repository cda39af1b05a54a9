import APIServer
@testable import APISource
import Base
import Connector
import Foundation
import Synchronization
import Testing

@Suite struct OAuthTests {
  private let secret = "cl1ent/s3cret+"

  private func stream(
    _ oauth: KeyValuePairs<String, JSONValue>, _ keys: KeyValuePairs<String, ConfigValue> = [:],
    paging: Paging = .next
  ) throws -> TestStream {
    var setup: [JSONValue.Member] = [.init(key: "client", value: ["me", .string(secret)])]
    setup += oauth.map { .init(key: $0.key, value: $0.value) }
    let base = try api(["records": 45, "oauth": .object(setup)])
    let stream = paging.stream(base)
    var entries: [ConfigValue.Entry] = [
      .init(key: "token_url", value: .string(base + "/token")),
      .init(key: "client_id_env", value: .string("CLIENT")),
      .init(key: "client_secret_env", value: .string("SECRET")),
    ]
    entries += keys.map { .init(key: $0.key, value: $0.value) }
    stream.sourceOptions.append(
      .init(key: "auth", value: .map(["oauth2": ConfigValue(.map(entries))])))
    stream.environment = ["CLIENT": "me", "SECRET": secret, "REFRESH": "refresh-0"]
    return stream
  }

  private func tokens(_ stream: TestStream) throws -> Int {
    Set(try server().log(stream.base).compactMap { $0["authorization"]?.string }).count
  }

  @Test(arguments: ["body", "basic"])
  func aClientGetsAToken(_ style: String) throws {
    let stream = try stream(
      ["style": .string(style), "scope": "read all", "audience": "crm"],
      [
        "style": .string(style), "scope": .string("read all"), "audience": .string("crm"),
      ])
    #expect(try stream.run().ids.count == 45)
    #expect(try tokens(stream) == 1)
  }

  /// The server takes a token for two requests; the run goes on with another, each refused once.
  @Test(arguments: Paging.allCases)
  func tokensThatEndInMidRun(_ paging: Paging) throws {
    let stream = try stream(["requests": 2], paging: paging)
    #expect(try stream.run().ids.sorted() == Array(1...45))
    #expect(try tokens(stream) >= 3)
  }

  @Test func tokensAreRenewedBeforeTheyEnd() throws {
    let stream = try stream(["expires_in": 100])
    let session = try stream.open()
    let fetcher = try #require(session as? APIStreamSession).fetcher
    func ask() throws -> String? {
      _ = try fetcher.fetch(
        WindowTexts(from: "2024-01-01", to: "2024-01-02"), .parameters([]),
        responseBytesMax: 1 << 20, cancellation: nil)
      return try server().log(stream.base).last?["authorization"]?.string
    }
    let first = try ask()
    stream.clock.sleep(seconds: 79)
    #expect(try ask() == first)
    stream.clock.sleep(seconds: 2)
    #expect(try ask() != first)
  }

  @Test func streamsShareAToken() throws {
    let stream = try stream([:])
    let source = try stream.source()
    let failures = Notices()
    let configuration = stream.stream
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      do {
        let session = try source.open(configuration)
        let plan = try session.plan(
          PlanRequest(bookmark: nil, ledger: MemoryLedger(), knownSchema: nil))
        for split in plan.splits {
          let reader = try session.read(split, ReadOptions())
          while try reader.next() != nil {}
        }
      } catch {
        failures.append("\(error)")
      }
    }
    #expect(failures.texts.isEmpty)
    #expect(try tokens(stream) == 1)
  }

  @Test func aTokenThatIsRefusedTwiceIsAnError() throws {
    let stream = try stream(["requests": 0])
    let error = try #require(problem { try stream.run() })
    #expect(error.kind == .denied && !error.isRetryable)
    // One that is refused is fetched anew once for each request, and not for ever.
    #expect(try tokens(stream) <= 4)
  }

  @Test func aServerThatRefusesTheClientShowsNoSecret() throws {
    let stream = try stream([:])
    stream.environment["SECRET"] = "wr0ng/s3cret"
    let error = try #require(problem { try stream.run() })
    #expect(error.kind == .denied)
    #expect(error.message == "the token server refused: invalid_client: who is •••?")
    #expect(error.place?.hasSuffix("/token") == true)
    #expect(!"\(error)\(error.remedy)".contains("wr0ng"))
  }

  @Test func aTokenServerThatFailsForAMoment() throws {
    let stream = try stream(["faults": [["code": 503, "times": 2], ["code": 429, "times": 1]]])
    #expect(try stream.run().ids.count == 45)
    let broken = try self.stream(["faults": [["code": 500, "times": 99]]])
    let error = try #require(problem { try broken.run() })
    #expect(error.kind == .unreachable && error.isRetryable)
  }

  /// What is no token server, or an unwell one.
  @Test(arguments: [
    ("/http/echo", ConnectorError.Kind.malformed),
    ("/http/bytes?count=100", .malformed), ("/http/big?count=2000000", .malformed),
    ("/http/redirect?to=/http/echo", .misconfigured), ("/http/status?code=404", .notFound),
    ("/http/reset?", .interrupted), ("/http/garbage", .malformed),
  ])
  func whatGivesNoTokens(_ path: String, _ kind: ConnectorError.Kind) throws {
    let stream = try stream([:])
    let auth = try #require(stream.sourceOptions.last?.value["oauth2"])
    let entries = auth.entries.map { entry in
      entry.key == "token_url"
        ? ConfigValue.Entry(key: "token_url", value: .string((try? server().url + path) ?? ""))
        : entry
    }
    stream.sourceOptions.removeLast()
    stream.sourceOptions.append(
      .init(key: "auth", value: .map(["oauth2": ConfigValue(.map(entries))])))
    let error = try #require(problem { try stream.run() })
    #expect(error.kind == kind, "\(error)")
    #expect(!"\(error)\(error.remedy)".contains(secret))
  }

  @Test(arguments: ["two\nlines", "nul\u{0}byte"])
  func aTokenThatIsNoHeaderIsAnError(_ token: String) throws {
    let error = try #require(problem { try stream(["token": .string(token)]).run() })
    #expect(error.message.contains("has a line break or a zero byte in it"))
    #expect(!"\(error)".contains(token))
  }

  // MARK: Refresh tokens

  @Test func aRefreshTokenFromTheEnvironment() throws {
    let stream = try stream(
      ["refresh": "refresh-0", "rotates": true, "requests": 2],
      ["refresh_token_env": .string("REFRESH")])
    #expect(try stream.run().ids.count == 45)
    // The new ones serve for as long as the run lives, and are nobody's after it.
    #expect(stream.notices.texts.count == 1)
    #expect(stream.notices.texts[0].contains("use refresh_token_file"))
    try server().change(
      stream.base, [["op": "set", "name": "date", "value": "2030-01-01T00:00:00Z"]])
    let error = try #require(problem { try stream.run() })
    #expect(error.message == "the token server refused: invalid_grant: not •••")
  }

  @Test func aRefreshTokenInAFileFollowsTheServer() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("token").path
    try Data("refresh-0\n".utf8).write(to: URL(fileURLWithPath: path))
    let stream = try stream(
      ["refresh": "refresh-0", "rotates": true, "requests": 2],
      ["refresh_token_file": .string(path)])
    #expect(try stream.run().ids.count == 45)
    let kept = try String(contentsOfFile: path, encoding: .utf8)
    #expect(kept.hasPrefix("refresh-token-") && kept.hasSuffix("\n"))
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["token"])
    #expect(stream.notices.texts.isEmpty)
    // The next run goes on with it.
    try server().change(
      stream.base, [["op": "set", "name": "date", "value": "2030-01-01T00:00:00Z"]])
    #expect(problem { try stream.run() } == nil)
    let state = stream.bookmark.map { $0.json.text() } ?? ""
    #expect(!state.contains("token-"))
  }

  /// Several sources, as several processes have them: a token is used up once.
  @Test func aFileServesOneAtATime() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("token").path
    try Data("refresh-0\n".utf8).write(to: URL(fileURLWithPath: path))
    let first = try stream(
      ["refresh": "refresh-0", "rotates": true, "requests": 1],
      ["refresh_token_file": .string(path)], paging: .cursor)
    let counts = Mutex<[Int]>([])
    for _ in 0..<4 {
      let stream = Paging.cursor.stream(first.base)
      stream.sourceOptions = first.sourceOptions
      stream.environment = first.environment
      stream.clock = .system
      let shared = UncheckedStream(stream)
      WorkerThread("reader") {
        let count = (try? shared.stream.run().ids.count) ?? -1
        counts.withLock { $0.append(count) }
      }
    }
    for _ in 0..<600 where counts.withLock({ $0.count }) < 4 { Thread.sleep(forTimeInterval: 0.05) }
    #expect(counts.withLock { $0 } == [45, 45, 45, 45])
    #expect(try server().log(first.base).allSatisfy { $0["method"] != "TOKEN" })
  }

  /// One thread uses it.
  private final class UncheckedStream: @unchecked Sendable {
    let stream: TestStream
    init(_ stream: TestStream) { self.stream = stream }
  }

  @Test func aFileThatIsMissingOrEmpty() throws {
    let stream = try stream(
      ["refresh": "refresh-0"], ["refresh_token_file": .string("/nowhere/token")])
    let error = try #require(problem { try stream.run() })
    #expect(error.kind == .misconfigured)
    #expect(error.message.hasPrefix("the file /nowhere/token, which should hold a secret"))
  }

  // MARK: Config

  @Test(arguments: [
    (
      ConfigValue.map(["token_url": .string("https://x.example/")]),
      "there is no client_id_env and no client_id_file"
    ),
    (
      .map(["token_url": .string("x"), "client_id_env": .string("A")]),
      "token_url is not the address of a web server, without credentials"
    ),
    (
      .map(["token_url": .string("https://x.example/"), "client_id_env": .string("A")]),
      "there is neither a client secret nor a refresh token"
    ),
    (
      .map([
        "token_url": .string("https://x.example/"), "client_id_env": .string("A"),
        "client_secret_env": .string("A"), "client_secret_file": .string("B"),
      ]), "client_secret_env and client_secret_file exclude each other"
    ),
  ])
  func whatCannotBe(_ options: ConfigValue, _ message: String) {
    #expect(problem { try OAuth2Settings(options) }?.message == message)
  }
}
