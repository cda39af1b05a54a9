import APIServer
import Base
import Foundation
import HTTPClient
import Testing

@Suite struct StreamTests {
  @Test func aSlowReaderGetsEverything() throws {
    let session = manualSession { $0.streamBufferBytes = 64 << 10 }
    let stream = try session.open(
      HTTPRequest(.get, try server().url + "/http/big?count=20000000"))
    #expect(stream.head.status == 200)
    var count = 0
    var largest = 0
    while let bytes = try stream.read() {
      count += bytes.count
      largest = max(largest, bytes.count)
      #expect(bytes.first == 1)
      if count < 2_000_000 { Thread.sleep(forTimeInterval: 0.002) }
    }
    #expect(count == 20_000_000)
    // The bound, and one piece as libcurl hands it over.
    #expect(largest <= (64 << 10) + (128 << 10))
    #expect(try stream.read() == nil)
  }

  @Test func aStreamThatBreaksSaysSo() throws {
    let session = manualSession(retry: .never)
    let stream = try session.open(HTTPRequest(.get, try server().url + "/http/truncated"))
    #expect(stream.head.status == 200)
    #expect(failure { while try stream.read() != nil {} }?.kind == .truncated)
    let chunked = try session.open(
      HTTPRequest(.get, try server().url + "/http/big?count=300000&chunked=1"))
    var count = 0
    while let bytes = try chunked.read() { count += bytes.count }
    #expect(count >= 300_000)
  }

  @Test func aStreamCanBeLeft() throws {
    let session = manualSession { $0.streamBufferBytes = 1 }
    for _ in 0..<5 {
      let stream = try session.open(
        HTTPRequest(.get, try server().url + "/http/big?count=50000000"))
      #expect(try stream.read()?.isEmpty == false)
      stream.close()
      stream.close()
      #expect(failure { while try stream.read() != nil {} }?.kind == .cancelled)
    }
    #expect(try session.send(HTTPRequest(.get, try server().url + "/http/echo")).status == 200)
  }

  @Test func cancellationEndsAStream() throws {
    let session = manualSession()
    let cancellation = Cancellation()
    let stream = try session.open(
      HTTPRequest(.get, try server().url + "/http/stall?seconds=20"), cancellation: cancellation)
    #expect(try stream.read()?.count == 10)
    cancellation.cancel("enough")
    #expect(failure { _ = try stream.read() }?.kind == .cancelled)
  }
}
