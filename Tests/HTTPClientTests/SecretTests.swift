import APIServer
import Base
import HTTPClient
import Testing

@Suite struct SecretTests {
  @Test func descriptionsHideSecrets() {
    var request = HTTPRequest(
      .get, "https://user:geheim@api.example.com/v1?page=2&api_key=k-9876&q=s3cr3t#part",
      headers: [HTTPHeader("Authorization", "Bearer abcdef"), HTTPHeader("X-Plain", "plain")])
    request.secrets = ["s3cr3t"]
    for text in ["\(request)", String(reflecting: request), "\(request.headers)"] {
      for secret in ["geheim", "k-9876", "abcdef", "s3cr3t"] { #expect(!text.contains(secret)) }
    }
    #expect(request.description == "GET https://api.example.com/v1?page=2&api_key=•••&q=•••")
    var dumped = ""
    dump(request, to: &dumped)
    #expect(!dumped.contains("abcdef"))
  }

  /// The server repeats in its body what it was sent.
  @Test func errorsHideSecretsThatTheServerRepeats() throws {
    let session = manualSession(retry: .never)
    let path =
      "/http/status?code=401&message=" + PercentEncoding.encode("bad token t0ken/+x for you")
    let request = HTTPRequest(
      .get, try server().url + path, headers: [HTTPHeader("Authorization", "Bearer t0ken/+x")])
    let error = try #require(failure { try session.send(request).requireSuccess(of: request) })
    #expect(error.kind == .denied)
    #expect(error.status == 401)
    #expect(
      error.message
        == "the server answered 401 Unauthorized: {\"error\": \"bad token ••• for you\"}")
    #expect(!"\(error)".contains("t0ken"))
    #expect(!"\(error)".contains("t0ken%2F"))
  }

  @Test(arguments: [
    (301, HTTPError.Kind.rejected), (400, .rejected), (401, .denied), (403, .denied),
    (404, .notFound), (410, .notFound), (408, .unavailable), (409, .rejected), (412, .rejected),
    (429, .throttled), (500, .unavailable), (503, .unavailable), (599, .unavailable),
  ])
  func statusesHaveKinds(_ status: Int, _ kind: HTTPError.Kind) {
    let response = HTTPResponse(head: HTTPHead(status: status, headers: [], url: ""), body: [])
    let error = HTTPError(status: response, of: HTTPRequest(.get, "http://a.example/"))
    #expect(error.kind == kind)
    #expect(error.status == status)
  }

  @Test func excerptsArePrintable() {
    let redactor = Redactor(secrets: ["abcd"])
    #expect(redactor.excerpt(Array("  a\n\n b\u{1B}[31m \0abcd".utf8)) == "a b·[31m ·•••")
    #expect(redactor.excerpt([0xFF, 0xFE, 0x41]) == "··A")
    #expect(redactor.excerpt([UInt8](repeating: 0x61, count: 1_000_000)).count == 161)
    // A secret across the cut shows no part of itself.
    let body = String(repeating: "x", count: 158) + "abcd"
    #expect(!redactor.excerpt(Array(body.utf8)).contains("ab"))
  }

  @Test func addresses() throws {
    let base = try #require(HTTPAddress("HTTPS://API.example.com/v1/items?page=1"))
    #expect(base.origin == "https://api.example.com:443")
    #expect(base.path == "/v1/items")
    #expect(base.query == "page=1")
    #expect(base.resolving("?page=2")?.text == "https://API.example.com/v1/items?page=2")
    #expect(base.resolving("/v2/x y")?.path == "/v2/x%20y")
    #expect(base.resolving("http://[::1]:8080/")?.origin == "http://[::1]:8080")
    #expect(base.resolving("ftp://a.example/") == nil)
    #expect(HTTPAddress("http://u:p@a.example/")?.hasCredentials == true)
    let moved = HTTPAddress("http://a.example:8080/x?y")?.moved(toOriginOf: base)
    #expect(moved?.text == "https://api.example.com:443/x?y")
    for text in ["", "/only/path", "mailto:a@b.example", "http://", "http://a b/", "x"] {
      #expect(HTTPAddress(text) == nil)
    }
  }
}
