import Base
import HTTPClient
import Testing

@testable import AWS

@Suite struct SignatureTests {
  private let time = Instant("2015-08-30T12:36:00Z") ?? Instant(microseconds: 0)

  private func signer(_ one: SignatureCase) -> RequestSigner {
    RequestSigner(
      service: "service", region: "us-east-1",
      pathRule: one.isNormalized ? .normalizedAndEncoded : .asSent, showsPayload: one.body != nil)
  }

  private func credentials(_ one: SignatureCase) -> AWSCredentials {
    AWSCredentials(
      accessKeyID: "AKIDEXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      sessionToken: one.signsToken ? one.token : nil)
  }

  private func url(_ one: SignatureCase) -> String {
    // Unnormalised paths are signed as they are sent, and they are sent encoded.
    "https://example.amazonaws.com"
      + (one.isNormalized
        ? one.target : one.target.split(separator: " ").joined(separator: "%20"))
  }

  @Test(arguments: SignatureCase.all) func signsInHeaders(_ one: SignatureCase) {
    var request = HTTPRequest(
      HTTPMethod(one.method), url(one), headers: one.headers.map { HTTPHeader($0.0, $0.1) },
      body: one.body.map { HTTPBody($0) })
    signer(one).sign(&request, credentials(one), at: time)
    let authorization = request.headers.first("authorization") ?? ""
    #expect(authorization.hasSuffix("Signature=\(one.inHeaders)"))
    // Signing again, as a retry does, changes nothing.
    let before = request.headers
    signer(one).sign(&request, credentials(one), at: time)
    #expect(request.headers == before)
  }

  @Test(arguments: SignatureCase.all) func signsInTheQuery(_ one: SignatureCase) {
    let payload: RequestSigner.Payload =
      one.body.map { .hash(Hashing.hex(Hashing.sha256(HTTPBody($0)))) } ?? .hashed
    let signed = signer(one).presigned(
      HTTPMethod(one.method), url(one), headers: one.headers.map { HTTPHeader($0.0, $0.1) },
      credentials(one), at: time, expiresInSeconds: 3600, payload: payload)
    #expect(signed.hasSuffix("X-Amz-Signature=\(one.inQuery)"))
  }

  // The examples of the S3 documentation, "Signature Calculations for the Authorization Header"
  // and "Authenticating Requests: Using Query Parameters".

  private let day = Instant("2013-05-24T00:00:00Z") ?? Instant(microseconds: 0)
  private let bucket = "https://examplebucket.s3.amazonaws.com"
  private let example = AWSCredentials(
    accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")

  @Test(arguments: [
    (
      "GET", "/test.txt", ["Range": "bytes=0-9"], "",
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    ),
    (
      "PUT", "/test%24file.text",
      ["Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"],
      "Welcome to Amazon S3.", "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    ),
    (
      "GET", "/?lifecycle", [:], "",
      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
    ),
    (
      "GET", "/?max-keys=2&prefix=J", [:], "",
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
    ),
  ])
  func signsAsTheDocumentationOfS3(
    _ method: String, _ target: String, _ headers: [String: String], _ body: String,
    _ signature: String
  ) {
    var request = HTTPRequest(
      HTTPMethod(method), bucket + target,
      headers: headers.map { HTTPHeader($0.key, $0.value) },
      body: body.isEmpty ? nil : HTTPBody(body))
    RequestSigner(service: "s3", region: "us-east-1").sign(&request, example, at: day)
    #expect(request.headers.first("authorization")?.hasSuffix("Signature=\(signature)") == true)
  }

  @Test func presignsAsTheDocumentationOfS3() {
    let url = RequestSigner(service: "s3", region: "us-east-1").presigned(
      .get, bucket + "/test.txt", example, at: day, expiresInSeconds: 86400)
    #expect(
      url.hasSuffix(
        "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"))
  }

  @Test func encodesPathsAsTheServiceWants() {
    func path(_ service: String) -> String? {
      let rule = RequestSigner(service: service, region: "us-east-1").pathRule
      let canonical = CanonicalRequest(
        method: "GET", url: SplitURL("https://host/a%20b//c%2Fd/./e?x"), headers: [],
        payload: "", pathRule: rule)
      return canonical.text.split(separator: "\n").dropFirst().first.map(String.init)
    }
    #expect(path("s3") == "/a%20b//c%2Fd/./e")
    #expect(path("glue") == "/a%2520b/c%252Fd/e")
  }

  @Test func namesTheHostAsItIsSent() {
    #expect(SplitURL("http://127.0.0.1:8333/b").host == "127.0.0.1:8333")
    #expect(SplitURL("https://host:443/b").host == "host")
    #expect(SplitURL("http://host:80?x=1").host == "host")
    #expect(SplitURL("http://host:80?x=1").query == "x=1")
    #expect(SplitURL("https://user:word@host/").host == "host")
  }

  @Test func keepsSecretsToItself() {
    let credentials = AWSCredentials(
      accessKeyID: "AKID", secretKey: "very secret", sessionToken: "also secret")
    for text in ["\(credentials)", String(reflecting: credentials), "\(dump(credentials))"] {
      #expect(!text.contains("secret"))
    }
    var request = HTTPRequest(.get, "https://host/")
    RequestSigner(service: "s3", region: "us-east-1").sign(&request, credentials, at: day)
    #expect(!request.redactor.clean("very secret and also secret").contains("secret"))
    #expect(!request.headers.map(\.description).joined().contains("also secret"))
  }
}
