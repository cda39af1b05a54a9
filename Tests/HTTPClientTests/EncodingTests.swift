import APIServer
import Base
import HTTPClient
import Testing

@Suite struct EncodingTests {
  let session = manualSession(retry: .never)

  private func request(_ path: String) throws -> HTTPRequest {
    HTTPRequest(.get, try server().url + "/http/" + path)
  }

  @Test(arguments: ["gzip", "deflate", "br", "zstd"])
  func encodingsAreAskedForAndUndone(_ name: String) throws {
    let asked = try sent("accept-encoding", session.send(request("echo")))
    #expect(asked?.contains(name) == true)
    #expect(try document(session.send(request("encoded?as=\(name)")))["ok"] == .string(name))
  }

  /// 200 MB of zeros in some kilobytes: it ends where the bound is.
  @Test(arguments: ["gzip", "br", "zstd"])
  func bombsAreBounded(_ name: String) throws {
    var request = try request("bomb?as=\(name)&count=200000000")
    request.responseBytesMax = 1_000_000
    let error = try #require(failure { try session.send(request) })
    #expect(error.kind == .tooLarge)
    #expect(error.message == "the response has more than 1 MB")
  }

  @Test(arguments: ["gzip", "deflate", "br", "zstd"])
  func whatIsNotEncodedAsItSaysIsAnError(_ name: String) throws {
    let error = try #require(failure { try session.send(request("not-encoded?as=\(name)")) })
    #expect(error.kind == .malformed)
  }

  /// Whole as HTTP, but the encoded stream breaks off: an error, or a document that is not whole.
  @Test(arguments: ["gzip", "deflate", "br", "zstd"])
  func halfOfAnEncodedBodyIsNoDocument(_ name: String) throws {
    let response = try? session.send(try request("cut-encoded?as=\(name)"))
    if let response { #expect((try? document(response)) == nil) }
  }
}
