import APIServer
import Base
import Foundation
import HTTPClient
import Testing

/// The clock stands still but for sleeping, so that what it moved by is what was waited.
@Suite struct RetryTests {
  let start = Instant(seconds: 1.7e9)
  let clock: WallClock

  init() { clock = .manual(start: .init(seconds: 1.7e9)) }

  private var waited: Double { clock.now.seconds(since: start) }

  private func get(_ path: String, _ method: HTTPMethod = .get) throws -> HTTPRequest {
    HTTPRequest(method, try server().url + path + "&key=\(uniqueKey())")
  }

  @Test(arguments: [
    "status?code=503", "status?code=500", "status?code=502", "status?code=504", "status?code=408",
    "status?code=429", "reset?", "nothing?", "truncated?", "truncated-chunk?",
  ])
  func whatPassesIsTriedAgain(_ scenario: String) throws {
    let session = manualSession(clock: clock)
    let response = try session.send(try get("/http/\(scenario)&times=3"))
    #expect(try document(response)["ok"] == true)
    // 0.5 + 1 + 2 seconds, of each at least half.
    #expect(waited >= 1.75 && waited <= 3.5)
  }

  @Test(arguments: ["status?code=400", "status?code=401", "status?code=404", "status?code=501"])
  func whatDoesNotPassIsNot(_ scenario: String) throws {
    let session = manualSession(clock: clock)
    let response = try session.send(try get("/http/\(scenario)&times=1"))
    #expect(!response.isSuccess)
    #expect(waited == 0)
  }

  @Test func retriesEnd() throws {
    let session = manualSession(retry: RetryPolicy(retriesMax: 2), clock: clock)
    let request = try get("/http/status?code=503")
    let error = try #require(failure { try session.send(request).requireSuccess(of: request) })
    #expect(error.kind == .unavailable && error.isRetryable && error.status == 503)
    #expect(waited > 0 && waited <= 1.5)
    let broken = try #require(failure { try session.send(try get("/http/truncated?")) })
    #expect(broken.kind == .truncated && broken.isRetryable)
  }

  @Test func retryAfterInSeconds() throws {
    let session = manualSession(clock: clock)
    _ = try session.send(try get("/http/status?code=429&times=1&retry-after=7"))
    #expect(waited >= 7 && waited < 8)
  }

  /// The date is measured from the server's own: its clock may be years off.
  @Test(arguments: [0, -86_400 * 365, 86_400])
  func retryAfterAsADate(_ skew: Int) throws {
    let session = manualSession(clock: clock)
    let request = try get("/http/status?code=503&times=1&retry_date=20&skew=\(skew)")
    #expect(try session.send(request).status == 200)
    #expect(waited >= 20 && waited < 22.1)
  }

  @Test func aSpentRateLimitIsWaitedFor() throws {
    let session = manualSession(clock: clock)
    let request = try get(
      "/http/status?code=403&times=1&x-ratelimit-remaining=0&x-ratelimit-reset=12")
    #expect(try session.send(request).status == 200)
    #expect(waited >= 12 && waited < 14)
  }

  @Test func aVeryLongWaitIsLeftToThePerson() throws {
    let session = manualSession(clock: clock)
    let request = try get("/http/status?code=429&times=1&retry-after=86400")
    let error = try #require(failure { try session.send(request).requireSuccess(of: request) })
    #expect(error.kind == .throttled)
    #expect(error.remedy == "The server asks to wait 24h 0m: try again then.")
    #expect(waited == 0)
  }

  @Test func whatIsNotIdempotentIsSentAgainOnlyWhereItWasNotTaken() throws {
    let session = manualSession(clock: clock)
    #expect(try session.send(try get("/http/status?code=503&times=1", .post)).status == 503)
    #expect(
      failure { try session.send(try get("/http/reset?times=1", .post)) }?.kind == .disconnected)
    #expect(waited == 0)
    #expect(try session.send(try get("/http/status?code=429&times=1", .post)).status == 200)
    var declared = try get("/http/status?code=503&times=1", .post)
    declared.isIdempotent = true
    #expect(try session.send(declared).status == 200)
  }

  @Test func bodiesAreSentAgainWhole() throws {
    let session = manualSession(clock: clock)
    var request = try get("/http/reset?times=2", .put)
    request.body = HTTPBody([UInt8](repeating: 1, count: 1000))
    #expect(try document(session.send(request))["sum"] == 1000)
  }

  @Test func everyAttemptIsPreparedAnew() throws {
    let session = manualSession(clock: clock)
    var request = try get("/http/status?code=503&times=2")
    let clock = clock
    request.prepare = { $0.headers.append(HTTPHeader("X-Time", clock.now.description)) }
    #expect(try session.send(request).status == 200)
  }

  @Test func exchangesRetryWhileSomebodyWaits() throws {
    let session = manualSession(clock: clock)
    let exchange = try session.submit(try get("/http/status?code=503&times=2"))
    #expect(try exchange.wait().status == 200)
    #expect(try exchange.wait().status == 200)
    let failing = try session.submit(try get("/http/reset?"))
    #expect(failure { _ = try failing.wait() }?.kind == .disconnected)
    let before = waited
    #expect(failure { _ = try failing.wait() }?.kind == .disconnected)
    #expect(waited == before)
  }

  @Test func streamsRetryUntilTheHead() throws {
    let session = manualSession(clock: clock)
    let stream = try session.open(try get("/http/status?code=503&times=2"))
    #expect(stream.head.status == 200)
    stream.close()
    #expect(failure { _ = try session.open(try get("/http/reset?")) }?.kind == .disconnected)
  }

  @Test func cancellationEndsWaits() throws {
    let session = HTTPSession()
    let cancellation = Cancellation()
    DispatchQueue.global().asyncAfter(deadline: .now() + 0.2) { cancellation.cancel("enough") }
    let begin = Date()
    let request = try get("/http/status?code=429&retry-after=60")
    let error = failure { _ = try session.send(request, cancellation: cancellation) }
    #expect(error?.kind == .cancelled)
    #expect(error?.message == "enough")
    #expect(Date().timeIntervalSince(begin) < 5)
  }

  @Test func cancellationEndsTransfers() throws {
    let session = HTTPSession()
    let cancellation = Cancellation()
    DispatchQueue.global().asyncAfter(deadline: .now() + 0.2) { cancellation.cancel("enough") }
    let begin = Date()
    let request = try get("/http/slow?seconds=20")
    #expect(
      failure { _ = try session.send(request, cancellation: cancellation) }?.kind == .cancelled)
    #expect(
      failure { _ = try session.send(request, cancellation: cancellation) }?.kind == .cancelled)
    #expect(Date().timeIntervalSince(begin) < 5)
  }
}
