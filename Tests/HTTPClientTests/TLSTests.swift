import APIServer
import Base
import Foundation
import HTTPClient
import Testing

@Suite struct TLSTests {
  private func url(_ path: String, host: String = "localhost") throws -> String {
    "https://\(host):\(try server().securePort)\(path)"
  }

  /// A session that trusts the test server.
  private func trusting() throws -> HTTPSession {
    let pem = try manualSession().send(HTTPRequest(.get, try server().url + "/http/certificate"))
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("tidemark-\(UUID().uuidString).pem").path
    _ = FileManager.default.createFile(atPath: path, contents: Data(pem.body))
    return manualSession(retry: .never) { $0.certificateBundlePath = path }
  }

  @Test func strangersAreNotTrusted() throws {
    let session = manualSession(retry: .never)
    let error = failure { try session.send(HTTPRequest(.get, try url("/http/echo"))) }
    #expect(error?.kind == .tls)
    #expect(error?.isRetryable == false)
  }

  @Test func aTrustedServerIsReached() throws {
    let response = try trusting().send(HTTPRequest(.get, try url("/http/echo")))
    #expect(response.status == 200)
  }

  @Test func aCertificateForAnotherNameIsNotTrusted() throws {
    let session = try trusting()
    let other = try url("/http/echo", host: "127.0.0.1")
    #expect(failure { try session.send(HTTPRequest(.get, other)) }?.kind == .tls)
  }

  @Test func aMissingBundleIsAnError() throws {
    let session = manualSession(retry: .never) { $0.certificateBundlePath = "/nowhere.pem" }
    #expect(failure { try session.send(HTTPRequest(.get, try url("/http/echo"))) }?.kind == .tls)
  }

  @Test func redirectsDoNotLeaveTLS() throws {
    let target = PercentEncoding.encode(try server().url + "/http/echo")
    let request = HTTPRequest(.get, try url("/http/redirect?to=" + target))
    let error = failure { try trusting().send(request) }
    #expect(error?.kind == .redirect)
    #expect(error?.message == "a redirect from https to http, which would lay the request open")
  }
}
