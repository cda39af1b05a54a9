import APIServer
import Base
import Foundation
@testable import HTTPClient
import Synchronization
import Testing

@Suite struct LimitTests {
  private let start = Instant(seconds: 1.7e9)

  private func head(_ status: Int, _ headers: [String: String] = [:]) -> HTTPHead {
    HTTPHead(status: status, headers: headers.map { HTTPHeader($0.key, $0.value) }, url: "")
  }

  // MARK: What servers say

  @Test(
    arguments: [
      // Of several budgets the tightest counts, with its own reset.
      (["RateLimit": "\"burst\";r=0;t=1, \"day\";r=900;t=80000"], 0, 1.0, nil),
      (
        [
          "RateLimit": "\"burst\";r=3", "RateLimit-Policy": "\"burst\";q=100;w=60, \"day\";q=9;w=9",
        ], 3, 60, 100
      ),
      (["X-RateLimit-Limit": "100, 100;w=60", "X-RateLimit-Remaining": "7"], 7, nil, 100),
      (["X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2023-11-14T22:14:20Z"], 0, 60, nil),
      (
        ["X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "Tue, 14 Nov 2023 22:14:20 GMT"], 0, 60,
        nil
      ),
    ] as [([String: String], Int, Double?, Int?)])
  func budgets(
    _ headers: [String: String], _ remaining: Int, _ seconds: Double?, _ size: Int?
  ) throws {
    let limit = try #require(RateLimit(headers.map { HTTPHeader($0.key, $0.value) }))
    #expect(limit.remaining == remaining && limit.limit == size)
    #expect(limit.secondsToReset(now: start) == seconds)
  }

  @Test func whatIsLeftIsSpreadBeforeItIsSpent() {
    let pacer = RequestPacer(perMinute: nil)
    var now = start
    func note(_ remaining: Int, _ reset: Int) {
      pacer.note(
        head(200, ["RateLimit": "limit=100, remaining=\(remaining), reset=\(reset)"]), now: now,
        longestSeconds: 600)
    }
    note(50, 60)
    #expect(pacer.reserve(now: now) == 0 && pacer.reserve(now: now) == 0)
    // Five left for a minute: one every ten seconds.
    note(5, 60)
    #expect(pacer.reserve(now: now) == 10)
    #expect(pacer.reserve(now: now) == 20)
    now = now.advanced(seconds: 20)
    note(3, 40)
    #expect(pacer.reserve(now: now) == 10)
    // Behind the reset there are new ones; a reset that is hours off is not waited for.
    #expect(pacer.reserve(now: start.advanced(seconds: 100)) == 0)
    note(1, 50_000)
    #expect(pacer.reserve(now: start.advanced(seconds: 100)) == 0)
  }

  @Test(arguments: [
    (429, ["Retry-After": "20"], 20.0),
    (
      503,
      [
        "Retry-After": "Tue, 14 Nov 2023 22:13:45 GMT", "Date": "Tue, 14 Nov 2023 22:13:20 GMT",
      ], 25
    ),
    (200, ["Retry-After": "20"], 0), (429, ["Retry-After": "7000"], 0),
  ])
  func whatOneIsToldHoldsForAll(_ status: Int, _ headers: [String: String], _ seconds: Double) {
    let pacer = RequestPacer(perMinute: nil)
    pacer.note(head(status, headers), now: start, longestSeconds: 600)
    #expect(pacer.reserve(now: start) == seconds)
  }

  @Test func aServersBudgetIsKept() throws {
    let clock = WallClock.manual(start: start)
    let session = manualSession(clock: clock) { $0.pacer = RequestPacer(perMinute: nil) }
    let headers = "x-ratelimit-remaining=1&x-ratelimit-reset=30&code=200"
    let request = HTTPRequest(.get, try server().url + "/http/status?" + headers)
    _ = try session.send(request)
    #expect(clock.now == start)
    _ = try session.send(request)
    #expect(clock.now.seconds(since: start) == 15)
  }

  // MARK: The breaker

  private let failed = Result<HTTPHead, HTTPError>.success(
    HTTPHead(status: 503, headers: [], url: ""))
  private let answered = Result<HTTPHead, HTTPError>.success(
    HTTPHead(status: 404, headers: [], url: ""))

  @Test func aFailingServerIsLeftAlone() {
    let breaker = CircuitBreaker(failuresMax: 3, pauseSeconds: 10)
    var now = start
    for _ in 0..<2 { breaker.note(failed, now: now) }
    #expect(breaker.admit(now: now) == .go)
    breaker.note(answered, now: now)
    for _ in 0..<3 { breaker.note(failed, now: now) }
    #expect(breaker.admit(now: now) == .wait(seconds: 10))
    // What was on its way says nothing new.
    breaker.note(failed, now: now)
    now = now.advanced(seconds: 10)
    #expect(breaker.admit(now: now) == .go)
    #expect(breaker.admit(now: now) == .wait(seconds: 0.5))
    breaker.note(failed, now: now)
    #expect(breaker.admit(now: now) == .wait(seconds: 20))
    now = now.advanced(seconds: 20)
    #expect(breaker.admit(now: now) == .go)
    breaker.note(failed, now: now)
    #expect(breaker.admit(now: now) == .refuse(seconds: 40, failures: 6))
    now = now.advanced(seconds: 40)
    #expect(breaker.admit(now: now) == .go)
    breaker.note(answered, now: now)
    #expect(breaker.admit(now: now) == .go && breaker.admit(now: now) == .go)
  }

  @Test func aProbeThatIsLostIsNotWaitedForForEver() {
    let breaker = CircuitBreaker(failuresMax: 1, pauseSeconds: 1)
    breaker.note(failed, now: start)
    let later = start.advanced(seconds: 1)
    #expect(breaker.admit(now: later) == .go)
    #expect(breaker.admit(now: later.advanced(seconds: 119)) == .wait(seconds: 0.5))
    #expect(breaker.admit(now: later.advanced(seconds: 120)) == .go)
    breaker.withdraw()
    #expect(breaker.admit(now: later.advanced(seconds: 120)) == .go)
  }

  @Test func requestsAreRefusedWithoutBeingSent() throws {
    let clock = WallClock.manual(start: start)
    let session = manualSession(retry: RetryPolicy(retriesMax: 3), clock: clock) {
      $0.breaker = CircuitBreaker(failuresMax: 4, pauseSeconds: 10)
    }
    let key = uniqueKey()
    let request = HTTPRequest(
      .get, try server().url + "/http/status?code=503&times=6&key=\(key)")
    // Four failures open it; the probes of the next request are the fifth and the sixth.
    #expect(try session.send(request).status == 503)
    let error = try #require(failure { try session.send(request) })
    #expect(error.kind == .unavailable && error.isRetryable)
    #expect(
      error.message.hasPrefix("not asked: the server has failed 6 times in a row, and is left"))
    clock.sleep(seconds: 60)
    // The server saw no seventh until now, or this one would fail.
    #expect(try session.send(request).status == 200)
  }

  // MARK: The gate

  @Test func soManyRequestsAtATime() throws {
    var settings = HTTPSession.Settings()
    settings.requestsMax = 2
    let session = HTTPSession(settings)
    let url = try server().url + "/http/slow?seconds=0.2"
    let begin = Date()
    let exchanges = try (0..<6).map { _ in try session.submit(HTTPRequest(.get, url)) }
    for exchange in exchanges { #expect(try exchange.wait().status == 200) }
    // Three pairs, one after the other.
    #expect(Date().timeIntervalSince(begin) >= 0.55)
  }

  @Test func aWaitAtTheGateCanBeCancelled() throws {
    var settings = HTTPSession.Settings()
    settings.requestsMax = 1
    let session = HTTPSession(settings)
    let slow = HTTPRequest(.get, try server().url + "/http/slow?seconds=2")
    let cancellation = Cancellation()
    let first = try session.submit(slow)
    DispatchQueue.global().asyncAfter(deadline: .now() + 0.2) { cancellation.cancel("enough") }
    let begin = Date()
    #expect(failure { _ = try session.send(slow, cancellation: cancellation) }?.kind == .cancelled)
    #expect(Date().timeIntervalSince(begin) < 1.5)
    #expect(try first.wait().status == 200)
  }

  // MARK: Time

  @Test func aBodyThatStallsIsAskedForAgain() throws {
    let session = manualSession()
    var request = HTTPRequest(
      .get, try server().url + "/http/stall?seconds=15&times=1&key=\(uniqueKey())")
    request.timeouts.stalledSeconds = 1
    let begin = Date()
    #expect(try session.send(request).status == 200)
    // libcurl takes the speed over the last five seconds.
    #expect(Date().timeIntervalSince(begin) < 12)
  }

  @Test func aBodyThatDripsIsBoundedByTheWhole() throws {
    let session = manualSession(retry: .never)
    var request = HTTPRequest(.get, try server().url + "/http/drip?seconds=6")
    request.timeouts = HTTPTimeouts(totalSeconds: 1.2, stalledSeconds: 30)
    let begin = Date()
    #expect(failure { try session.send(request) }?.kind == .timeout)
    #expect(Date().timeIntervalSince(begin) < 4)
  }
}
