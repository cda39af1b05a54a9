import APIServer
import Base
import Foundation
import HTTPClient
import Synchronization
import Testing

@Suite struct TransferTests {
  let session = HTTPSession()

  @Test func headersAndMethodArriveAsWritten() throws {
    var request = HTTPRequest(
      .delete, try server().url + "/http/echo?a=1&b=%20x",
      headers: [HTTPHeader("X-One", "eins"), HTTPHeader("X-Empty", "")])
    request.acceptsCompression = false
    let response = try session.send(request)
    let echo = try document(response)
    #expect(response.status == 200)
    #expect(echo["method"] == "DELETE")
    #expect(echo["path"] == "/http/echo?a=1&b=%20x")
    #expect(try sent("x-one", response) == "eins")
    #expect(try sent("x-empty", response) == "")
    #expect(try sent("user-agent", response) == "tidemark")
    #expect(try sent("accept-encoding", response) == nil)
    #expect(response.head.contentType == "application/json")
    #expect(response.head.date != nil)
  }

  @Test(arguments: [HTTPMethod.post, .put, .patch])
  func bodiesGoInPieces(_ method: HTTPMethod) throws {
    let piece = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
    let body = HTTPBody(segments: [piece[...], [], piece[100..<105], piece[...]])
    let request = HTTPRequest(method, try server().url + "/http/echo", body: body)
    let response = try session.send(request)
    let sum = body.segments.reduce(0) { $0 + $1.reduce(0) { $0 + Int($1) } }
    #expect(try document(response)["body"] == .init(body.count))
    #expect(try document(response)["sum"] == .init(sum))
    #expect(try sent("content-length", response) == String(body.count))
    #expect(try sent("expect", response) == nil)
  }

  @Test func aPostWithoutABodyHasLengthZero() throws {
    let response = try session.send(HTTPRequest(.post, try server().url + "/http/echo"))
    #expect(try sent("content-length", response) == "0")
  }

  @Test func aHeadHasNoBody() throws {
    let response = try session.send(HTTPRequest(.head, try server().url + "/http/echo"))
    #expect(response.status == 200)
    #expect(response.body.isEmpty)
    #expect(response.header("Content-Length") != nil)
  }

  @Test func connectionsAreReused() throws {
    let request = HTTPRequest(.get, try server().url + "/http/echo")
    let clients = try (0..<5).map { _ in try document(try session.send(request))["client"] }
    #expect(Set(clients).count == 1)
  }

  @Test func manyThreadsShareOneLoop() throws {
    let url = try server().url
    let sums = Mutex<[Int: Int]>([:])
    DispatchQueue.concurrentPerform(iterations: 64) { index in
      let body = HTTPBody([UInt8](repeating: 1, count: index * 1000))
      let response = try? session.send(HTTPRequest(.put, url + "/http/echo", body: body))
      let sum = response.flatMap { try? document($0)["sum"]?.integer }
      sums.withLock { $0[index] = sum.map { Int($0) } }
    }
    let all = sums.withLock { $0 }
    #expect((0..<64).allSatisfy { all[$0] == $0 * 1000 })
  }

  @Test func exchangesRunAtTheSameTime() throws {
    let url = try server().url
    let start = Date()
    let exchanges = try (0..<8).map { _ in
      try session.submit(HTTPRequest(.get, url + "/http/slow?seconds=0.3"))
    }
    for exchange in exchanges { #expect(try exchange.wait().status == 200) }
    #expect(Date().timeIntervalSince(start) < 1.5)
  }

  @Test func aCompletionIsCalledOnce() throws {
    let results = Mutex<[Int]>([])
    let done = DispatchSemaphore(value: 0)
    session.submit(HTTPRequest(.get, try server().url + "/http/status?code=404")) { result in
      results.withLock { $0.append((try? result.get().status) ?? 0) }
      done.signal()
    }
    done.wait()
    #expect(results.withLock { $0 } == [404])
  }

  @Test func gzipIsAskedForAndUndone() throws {
    let response = try session.send(HTTPRequest(.get, try server().url + "/http/gzip"))
    #expect(try document(response)["ok"] == "gzip")
    let echo = try session.send(HTTPRequest(.get, try server().url + "/http/echo"))
    #expect(try sent("accept-encoding", echo)?.contains("gzip") == true)
    var raw = HTTPRequest(.get, try server().url + "/http/gzip")
    raw.acceptsCompression = false
    #expect(try session.send(raw).body.prefix(2) == [0x1F, 0x8B])
  }

  @Test(arguments: [
    "/http/big?count=200000", "/http/big?count=200000&chunked=1", "/http/gzip?copies=20000",
  ])
  func responsesAreBounded(_ path: String) throws {
    var request = HTTPRequest(.get, try server().url + path)
    request.responseBytesMax = 100_000
    let error = try #require(failure { try session.send(request) })
    #expect(error.kind == .tooLarge)
    #expect(error.message == "the response has more than 100 kB")
    #expect(!error.isRetryable)
  }

  @Test func headersAreBounded() throws {
    let request = HTTPRequest(.get, try server().url + "/http/headers?count=500")
    let error = try #require(failure { try session.send(request) })
    #expect(error.kind == .malformed || error.kind == .disconnected)
  }

  @Test(arguments: [
    ("/http/truncated", HTTPError.Kind.truncated), ("/http/truncated-chunk", .truncated),
    ("/http/reset", .disconnected), ("/http/nothing", .disconnected),
    ("/http/badgzip", .malformed), ("/http/garbage", .malformed),
  ])
  func brokenAnswersAreErrors(_ path: String, _ kind: HTTPError.Kind) throws {
    let session = manualSession(retry: .never)
    let error = try #require(
      failure { try session.send(HTTPRequest(.get, try server().url + path)) })
    #expect(error.kind == kind, "\(error)")
    #expect(error.isRetryable == kind.isRetryable)
    #expect(!error.remedy.isEmpty)
    #expect(error.place == "GET \(try server().url)\(path)")
  }

  @Test func nobodyThere() throws {
    let session = manualSession(retry: .never)
    let refused = failure { try session.send(HTTPRequest(.get, "http://127.0.0.1:1/x")) }
    #expect(refused?.kind == .unreachable)
    let unresolved = failure { try session.send(HTTPRequest(.get, "http://nowhere.invalid/")) }
    #expect(unresolved?.kind == .unresolved)
    #expect(unresolved?.isRetryable == true)
  }

  @Test func plainTextAtATLSPort() throws {
    let url = "https://127.0.0.1:\(try server().port)/http/echo"
    let session = manualSession(retry: .never)
    #expect(failure { try session.send(HTTPRequest(.get, url)) }?.kind == .tls)
  }

  @Test(arguments: ["ftp://a.example/", "nonsense", "", "http://", "file:///etc/passwd"])
  func otherURLsAreRefused(_ url: String) {
    let error = failure { try session.send(HTTPRequest(.get, url)) }
    #expect(error?.kind == .invalidRequest)
  }

  @Test func headersThatWouldSmuggleAreRefused() throws {
    let url = try server().url + "/http/echo"
    for header in [HTTPHeader("X-A", "b\r\nX-C: d"), HTTPHeader("X A", "b"), HTTPHeader("", "b")] {
      let error = failure { try session.send(HTTPRequest(.get, url, headers: [header])) }
      #expect(error?.kind == .invalidRequest)
    }
  }

  @Test func timeouts() throws {
    let session = manualSession(retry: .never)
    var slow = HTTPRequest(.get, try server().url + "/http/slow?seconds=5")
    slow.timeouts.totalSeconds = 0.2
    #expect(failure { try session.send(slow) }?.kind == .timeout)
    var stalled = HTTPRequest(.get, try server().url + "/http/stall?seconds=9&bytes=0")
    stalled.timeouts.stalledSeconds = 1
    #expect(failure { try session.send(stalled) }?.kind == .timeout)
  }

  @Test func aClosedSessionSaysSo() throws {
    let session = HTTPSession()
    let exchange = try session.submit(HTTPRequest(.get, try server().url + "/http/slow?seconds=5"))
    session.close()
    #expect(failure { _ = try exchange.wait() }?.kind == .closed)
    #expect(failure { try session.send(HTTPRequest(.get, "http://127.0.0.1:1/")) }?.kind == .closed)
    session.close()
  }

  @Test func proxiesFromTheEnvironment() throws {
    let proxy = try server().url
    let session = manualSession { settings in
      settings.proxy = .environment {
        ["http_proxy": proxy, "no_proxy": "127.0.0.1,.internal.example"][$0]
      }
    }
    let far = try session.send(HTTPRequest(.get, "http://far.invalid/x?y=1"))
    #expect(try document(far)["proxied"] == "http://far.invalid/x?y=1")
    let near = try session.send(HTTPRequest(.get, proxy + "/http/echo"))
    #expect(try document(near)["path"] == "/http/echo")
  }
}
