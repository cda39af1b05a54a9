import APIServer
@testable import APISource
import Base
import Connector
import Foundation
import HTTPClient
import Testing

@Suite struct RequestLimitTests {
  @Test func whatTheConfigSays() {
    let none = RequestLimits(.map([:]))
    #expect(none.requestsPerMinute == nil && none.requestsMax == 8 && none.retries == 5)
    #expect(
      none.timeouts == HTTPTimeouts(connectSeconds: 30, totalSeconds: 60, stalledSeconds: 30))
    let short = RequestLimits(.map(["timeout": .plain("10s")]))
    #expect(
      short.timeouts == HTTPTimeouts(connectSeconds: 10, totalSeconds: 10, stalledSeconds: 30))
    let all = RequestLimits(
      .map([
        "timeout": .map(["connect": .plain("1s"), "idle": .plain("2s"), "total": .plain("3s")]),
        "rate": .map(["concurrent": .plain("2")]),
        "breaker": .map(["failures": .plain("3"), "pause": .plain("1m")]),
      ]))
    #expect(all.timeouts == HTTPTimeouts(connectSeconds: 1, totalSeconds: 3, stalledSeconds: 2))
    #expect(all.requestsMax == 2 && all.failuresMax == 3 && all.pauseSeconds == 60)
  }

  /// The streams of a source share a breaker: the second is not asked for while the first fails.
  @Test func aFailingServerIsLeftAloneByAllStreams() throws {
    let base = try api([
      "records": 5, "head_status": 503, "faults": [["kind": "status", "code": 503, "times": 999]],
    ])
    let stream = Paging.cursor.stream(base)
    stream.sourceOptions += [
      .init(key: "retries", value: .plain("2")),
      .init(key: "breaker", value: .map(["failures": .plain("2"), "pause": .plain("5s")])),
    ]
    let source = try stream.source()
    func plan() throws -> Plan {
      try source.open(stream.stream).plan(
        PlanRequest(bookmark: nil, ledger: MemoryLedger(), knownSchema: nil))
    }
    // The head of a page brings the clock whatever its status; the page does not come.
    let session = try source.open(stream.stream)
    let first = try session.plan(
      PlanRequest(bookmark: nil, ledger: MemoryLedger(), knownSchema: nil))
    let reader = try session.read(first.splits[0], ReadOptions())
    #expect(problem { try reader.next() }?.kind == .unreachable)
    let asked = try server().log(base).count
    let before = stream.clock.now
    let error = try #require(problem { try plan() })
    #expect(error.message.contains("times in a row, and is left alone for"))
    #expect(error.kind == .unreachable && error.isRetryable)
    #expect(try server().log(base).count == asked)
    #expect(stream.clock.now == before)
    // Some time later one request tries, and the server is well again.
    try server().change(
      base,
      [
        ["op": "set", "name": "faults", "value": []],
        ["op": "set", "name": "head_status", "value": 200],
      ])
    stream.clock.sleep(seconds: 60)
    #expect(try plan().splits.count == 1)
  }
}
