import APIServer
import Base
import HTTPClient
import Testing

@Suite struct RedirectTests {
  let session = manualSession(retry: .never)
  let secrets = [
    HTTPHeader("Authorization", "Bearer hunter2"), HTTPHeader("X-Api-Key", "k-12345"),
    HTTPHeader("X-Odd", "odd-one", isSensitive: true), HTTPHeader("X-Plain", "plain"),
  ]

  private func redirect(to url: String, code: Int = 302) throws -> String {
    try server().url + "/http/redirect?code=\(code)&to=" + PercentEncoding.encode(url)
  }

  @Test func theSameOriginKeepsSecrets() throws {
    let request = HTTPRequest(.get, try redirect(to: "/http/echo"), headers: secrets)
    let response = try session.send(request)
    #expect(try sent("authorization", response) == "Bearer hunter2")
    #expect(try sent("x-api-key", response) == "k-12345")
    #expect(response.head.url == (try server().url) + "/http/echo")
  }

  @Test func anotherHostGetsNoSecrets() throws {
    let other = "http://localhost:\(try server().port)/http/echo"
    let response = try session.send(
      HTTPRequest(.get, try redirect(to: other), headers: secrets))
    #expect(response.status == 200)
    #expect(try sent("authorization", response) == nil)
    #expect(try sent("x-api-key", response) == nil)
    #expect(try sent("x-odd", response) == nil)
    #expect(try sent("x-plain", response) == "plain")
  }

  @Test(arguments: [
    (301, "GET", 0), (302, "GET", 0), (303, "GET", 0), (307, "POST", 3), (308, "POST", 3),
  ])
  func postsFollowTheRules(_ code: Int, _ method: String, _ bytes: Int) throws {
    let request = HTTPRequest(
      .post, try redirect(to: "/http/echo", code: code),
      headers: [HTTPHeader("Content-Type", "text/plain")], body: HTTPBody("abc"))
    let response = try session.send(request)
    #expect(try document(response)["method"] == .string(method))
    #expect(try document(response)["body"] == .init(bytes))
    #expect(try sent("content-type", response) == (bytes == 0 ? nil : "text/plain"))
  }

  @Test func loopsEnd() throws {
    let error = failure { try session.send(HTTPRequest(.get, try server().url + "/http/loop")) }
    #expect(error?.kind == .redirect)
    #expect(error?.message == "more than 5 redirects")
  }

  @Test func otherSchemesAreNotFollowed() throws {
    for target in ["file:///etc/passwd", "gopher://127.0.0.1/", "http://"] {
      let request = HTTPRequest(.get, try redirect(to: target))
      #expect(failure { try session.send(request) }?.kind == .redirect)
    }
  }

  @Test func withoutFollowingTheRedirectIsTheAnswer() throws {
    var request = HTTPRequest(.get, try redirect(to: "/http/echo", code: 307))
    request.redirectsMax = 0
    let response = try session.send(request)
    #expect(response.status == 307)
    #expect(response.header("Location") == "/http/echo")
    #expect(response.body == Array("moved".utf8))
  }
}
