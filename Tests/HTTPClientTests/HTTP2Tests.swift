import APIServer
import Base
import Foundation
import HTTPClient
import Testing

/// Against a real HTTP/2 server in front of the test server.
@Suite(.serialized) struct HTTP2Tests {
  private func front() throws -> (url: String, streams: Int64, connections: Int64) {
    let front = try server().front()
    return (
      "https://localhost:\(try #require(front["port"]?.integer))",
      try #require(front["streams"]?.integer), try #require(front["connections"]?.integer)
    )
  }

  private func session(
    retries: Int = 0, _ change: (inout HTTPSession.Settings) -> Void = { _ in }
  ) throws -> HTTPSession {
    let pem = try HTTPSession().send(HTTPRequest(.get, try server().url + "/http/certificate"))
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(uniqueKey()).pem").path
    try Data(pem.body).write(to: URL(fileURLWithPath: path))
    return manualSession(retry: RetryPolicy(retriesMax: retries)) {
      $0.certificateBundlePath = path
      change(&$0)
    }
  }

  @Test func itIsPreferredOverTLS() throws {
    let session = try session()
    let before = try front()
    var post = HTTPRequest(
      .post, before.url + "/http/echo", body: HTTPBody([UInt8](repeating: 1, count: 200_000)))
    post.isIdempotent = true
    #expect(try document(session.send(post))["sum"] == 200_000)
    // Many at once share the connection.
    let exchanges = try (0..<20).map { _ in
      try session.submit(HTTPRequest(.get, before.url + "/http/echo"))
    }
    for exchange in exchanges { #expect(try exchange.wait().status == 200) }
    let big = HTTPRequest(.get, before.url + "/http/big?count=3000000")
    #expect(try session.send(big).body.count == 3_000_000)
    let after = try front()
    #expect(after.streams - before.streams == 22)
    #expect(after.connections - before.connections == 1)
  }

  /// The server speaks nothing else, and turns away who does not.
  @Test func itCanBeLeftOut() throws {
    let session = try session { $0.version = .one }
    let before = try front()
    #expect(failure { try session.send(HTTPRequest(.get, before.url + "/http/echo")) } != nil)
    #expect(try front().streams == before.streams)
  }

  @Test func requestsAreBoundedAlsoOnOneConnection() throws {
    let session = try session { $0.requestsMax = 2 }
    let url = try front().url + "/http/slow?seconds=0.2"
    let begin = Date()
    let exchanges = try (0..<6).map { _ in try session.submit(HTTPRequest(.get, url)) }
    for exchange in exchanges { #expect(try exchange.wait().status == 200) }
    #expect(Date().timeIntervalSince(begin) >= 0.55)
  }

  @Test(arguments: ["h2/reset", "h2/goaway", "http/truncated"])
  func brokenStreamsAreSentAgain(_ path: String) throws {
    let url = try front().url + "/\(path)?times=2&key=\(uniqueKey())"
    #expect(failure { try session().send(HTTPRequest(.get, url)) }?.isRetryable == true)
    #expect(try session(retries: 3).send(HTTPRequest(.get, url)).status == 200)
  }
}
