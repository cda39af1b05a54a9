import Base
@testable import HTTPClient
import Testing

@Suite struct PolicyTests {
  @Test func backoffDoublesUpToItsBound() {
    let policy = RetryPolicy(retriesMax: 100)
    let error = HTTPError(.timeout, "late", place: "GET x")
    for retries in 0..<100 {
      let wait = policy.wait(
        after: .failure(error), retries: retries, isIdempotent: true, now: Instant(seconds: 0),
        randomness: .seeded(UInt64(retries)))
      let full = min(30, 0.5 * Double(1 << min(retries, 10)))
      #expect((full / 2...full).contains(wait ?? -1))
    }
    #expect(
      policy.wait(
        after: .failure(error), retries: 100, isIdempotent: true, now: Instant(seconds: 0),
        randomness: .seeded(1)) == nil)
  }

  @Test(arguments: HTTPError.Kind.allCases)
  func everyKindOfErrorIsDecided(_ kind: HTTPError.Kind) {
    let error = HTTPError(kind, "x", place: "GET x")
    let wait = RetryPolicy().wait(
      after: .failure(error), retries: 0, isIdempotent: true, now: Instant(seconds: 0),
      randomness: .seeded(1))
    #expect((wait != nil) == kind.isRetryable)
    #expect(!error.remedy.isEmpty)
  }

  @Test func pacerNeverPassesItsBudgetInAnyMinute() {
    let pacer = RequestPacer(perMinute: 10)
    var now = Instant(seconds: 1000)
    var starts: [Instant] = []
    for index in 0..<100 {
      now = now.advanced(seconds: Double(index % 7))
      starts.append(now.advanced(seconds: pacer.reserve(now: now)))
    }
    for index in 10..<starts.count {
      #expect(starts[index].seconds(since: starts[index - 10]) >= 60)
    }
    #expect(starts[9].seconds(since: starts[0]) < 60)
  }

  @Test func pacerHoldsWhenTheServerSaysThatNothingIsLeft() {
    let pacer = RequestPacer(perMinute: nil)
    let now = Instant(seconds: 1000)
    func note(_ reset: String) {
      let headers = [HTTPHeader("RateLimit", "limit=100, remaining=0, reset=\(reset)")]
      pacer.note(
        HTTPHead(status: 200, headers: headers, url: ""), now: now, longestSeconds: 600)
    }
    #expect(pacer.reserve(now: now) == 0)
    note("30")
    #expect(pacer.reserve(now: now) == 30)
    #expect(pacer.secondsHeld(now: now.advanced(seconds: 10)) == 20)
    note("86400")
    #expect(pacer.reserve(now: now) == 30)
  }

  @Test(arguments: [
    (["RateLimit-Remaining": "5", "RateLimit-Reset": "10"], 5, 10.0),
    (["X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1060"], 0, 1060),
    (["X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1700000060"], 0, 60),
    (["X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": "1700000060000"], 0, 60),
    (["RateLimit": "\"default\";r=3;t=7, \"day\";r=1;t=9"], 1, 9),
    (["RateLimit": "limit=10, remaining=2, reset=4"], 2, 4),
  ])
  func rateLimits(_ headers: [String: String], _ remaining: Int, _ seconds: Double) throws {
    let limit = try #require(RateLimit(headers.map { HTTPHeader($0.key, $0.value) }))
    #expect(limit.remaining == remaining)
    #expect(limit.secondsToReset(now: Instant(seconds: 1.7e9)) == seconds)
  }

  @Test(arguments: [
    [:], ["RateLimit": "nonsense"], ["X-RateLimit-Remaining": "-1"],
    ["X-RateLimit-Remaining": "1e400"], ["RateLimit-Reset": "nan"],
  ])
  func nonsenseIsNoRateLimit(_ headers: [String: String]) {
    #expect(RateLimit(headers.map { HTTPHeader($0.key, $0.value) }) == nil)
  }

  @Test(arguments: [
    "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    "sun, 6 nov 1994 08:49:37 UTC",
  ])
  func dates(_ text: String) {
    #expect(HTTPDate.parse(text) == Instant("1994-11-06T08:49:37Z"))
  }

  @Test func datesAreWrittenAsTheyAreRead() throws {
    for seconds in stride(from: 0.0, to: 4e9, by: 86_400 * 17.31) {
      let instant = Instant(seconds: seconds.rounded())
      #expect(HTTPDate.parse(HTTPDate.text(instant)) == instant)
    }
    #expect(
      HTTPDate.text(try #require(Instant("1994-11-06T08:49:37Z")))
        == "Sun, 06 Nov 1994 08:49:37 GMT")
  }

  @Test(arguments: [
    "", "tomorrow", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 99999 08:49:37 GMT",
    String(repeating: "Sun, ", count: 100),
  ])
  func nonsenseIsNoDate(_ text: String) { #expect(HTTPDate.parse(text) == nil) }
}
