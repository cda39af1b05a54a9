import APIServer
@testable import APISource
import Base
import Connector
import HTTPClient
import Testing

@Suite struct SignatureTests {
  private func hmac(_ keys: KeyValuePairs<String, ConfigValue> = [:]) -> ConfigValue {
    var entries: [ConfigValue.Entry] = [
      .init(key: "secret_env", value: .string("SECRET")),
      .init(key: "key_id_env", value: .string("KEY")),
      .init(
        key: "sign", value: .string("{method}\n{target}\n{timestamp}\n{body_hash}")),
      .init(
        key: "headers",
        value: .map([
          "X-Signature": .string("{signature}"), "X-Timestamp": .string("{timestamp}"),
          "X-Key-Id": .string("{key_id}"),
        ])),
    ]
    entries += keys.map { .init(key: $0.key, value: $0.value) }
    return .map(["hmac": ConfigValue(.map(entries))])
  }

  private func stream(_ setup: KeyValuePairs<String, JSONValue>, _ auth: ConfigValue) throws
    -> TestStream
  {
    var members: [JSONValue.Member] = [.init(key: "records", value: 35)]
    members += setup.map { .init(key: $0.key, value: $0.value) }
    if !members.contains(where: { $0.key == "date" }) {
      members.append(.init(key: "date", value: "2024-01-10T00:00:00Z"))
    }
    let stream = Paging.cursor.stream(try server().api(.object(members)))
    stream.sourceOptions.append(.init(key: "auth", value: auth))
    stream.environment = ["SECRET": "sh4red secret", "KEY": "key-one"]
    return stream
  }

  private func want(_ more: KeyValuePairs<String, JSONValue> = [:]) -> JSONValue {
    .object(
      [.init(key: "secret", value: "sh4red secret"), .init(key: "key_id", value: "key-one")]
        + more.map { .init(key: $0.key, value: $0.value) })
  }

  /// Checked by Python's own hmac.
  @Test(arguments: ["sha256", "sha1", "sha512"], ["hex", "base64"])
  func requestsAreSigned(_ algorithm: String, _ encoding: String) throws {
    let stream = try stream(
      ["hmac": want(["algorithm": .string(algorithm), "encoding": .string(encoding)])],
      hmac(["algorithm": .string(algorithm), "encoding": .string(encoding)]))
    #expect(try stream.run().ids.count == 35)
    stream.environment["SECRET"] = "another secret"
    try server().change(
      stream.base, [["op": "set", "name": "date", "value": "2030-01-01T00:00:00Z"]])
    let error = try #require(problem { try stream.run() })
    #expect(error.kind == .denied)
    #expect(!"\(error)".contains("another secret"))
  }

  @Test func bodiesAreSigned() throws {
    let stream = try stream(["hmac": want()], hmac())
    stream.options = .map([
      "request": .map([
        "path": .string("/cursor"), "body": .map(["since": .string("{from}"), "q": .string("ä")]),
      ]),
      "records": .string("$.data"), "paginate": Paging.cursor.options, "bookmark": byTime,
    ])
    #expect(try stream.run().ids.count == 35)
  }

  /// The server is an hour ahead: its refusal says so, and the next signature has its time.
  @Test func aClockThatIsOffIsFollowed() throws {
    let stream = try stream(
      ["date": "2024-01-10T01:00:00Z", "hmac": want(["skew": 300])], hmac())
    #expect(try stream.run().ids.count == 35)
    let refused = try server().log(stream.base).count { $0["method"] == "HEAD" }
    #expect(refused == 2)
  }

  @Test(arguments: [
    ("{methud}", "unknown placeholder '{methud}'", "Did you mean '{method}'?"),
    ("{signature}", "unknown placeholder '{signature}'", nil),
    ("{method", "a '{' is never closed", nil),
  ])
  func templatesAreChecked(_ sign: String, _ message: String, _ remedy: String?) {
    let error = problem {
      try SignatureSettings(
        .map([
          "secret_env": .string("S"), "sign": .string(sign),
          "headers": .map(["X-Signature": .string("{signature}")]),
        ]))
    }
    #expect(error?.message == message)
    if let remedy { #expect(error?.remedy == remedy) }
  }

  @Test func aSignatureMustGoSomewhere() {
    let error = problem {
      try SignatureSettings(
        .map([
          "secret_env": .string("S"), "sign": .string("{path}"),
          "headers": .map(["X-Time": .string("{timestamp}")]),
        ]))
    }
    #expect(error?.message == "no header carries the signature")
  }

  /// RFC 4231, test case 2, and the key in other writings.
  @Test(arguments: [
    (nil, "Jefe"), ("hex", "4a656665"), ("base64", "SmVmZQ=="),
  ])
  func aPublishedSignature(_ encoding: String?, _ secret: String) throws {
    var keys: [ConfigValue.Entry] = [
      .init(key: "secret_env", value: .string("SECRET")),
      .init(key: "sign", value: .string("what do ya want for nothing?")),
      .init(key: "headers", value: .map(["X-Signature": .string("v1={signature}")])),
    ]
    if let encoding { keys.append(.init(key: "secret_encoding", value: .string(encoding))) }
    let signature = try RequestSignature(
      SignatureSettings(ConfigValue(.map(keys))),
      SecretReader(environment: { _ in secret }, baseDirectory: "."),
      SourceContext(environment: { _ in nil }))
    var request = HTTPRequest(.get, "http://a.example/")
    try signature.authorize(&request, nil)
    #expect(
      request.headers.first("x-signature")
        == "v1=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    #expect(!"\(request.headers)".contains("5bdcc"))
  }

  @Test func aSecretThatIsNotWhatItShouldBe() {
    for (encoding, secret) in [("hex", "4a6"), ("hex", "zz"), ("base64", "%%%")] {
      let error = problem {
        try RequestSignature(
          SignatureSettings(
            .map([
              "secret_env": .string("S"), "sign": .string("{path}"),
              "secret_encoding": .string(encoding),
              "headers": .map(["X-Signature": .string("{signature}")]),
            ])),
          SecretReader(environment: { _ in secret }, baseDirectory: "."),
          SourceContext(environment: { _ in nil }))
      }
      #expect(error?.message == "the secret of auth.hmac is not \(encoding)")
      #expect(!"\(String(describing: error))".contains(secret))
    }
  }

  /// Checked by AWS's own code.
  @Test func requestsAreSignedForAWS() throws {
    let aws: JSONValue = [
      "key": "AKIDEXAMPLE", "secret": "aws secret", "service": "execute-api",
      "region": "eu-central-1",
    ]
    let auth = ConfigValue.map([
      "sigv4": .map(["service": .string("execute-api"), "region": .string("eu-central-1")])
    ])
    let stream = try stream(["sigv4": aws, "denied": 403], auth)
    stream.environment = [
      "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "aws secret",
      "AWS_EC2_METADATA_DISABLED": "true",
    ]
    #expect(try stream.run().ids.count == 35)
    try server().change(
      stream.base, [["op": "set", "name": "date", "value": "2030-01-01T00:00:00Z"]])
    stream.environment["AWS_SECRET_ACCESS_KEY"] = "another secret"
    let error = try #require(problem { try stream.run() })
    #expect(error.kind == .denied && !"\(error)".contains("another secret"))
  }

  @Test func withoutARegionNothingIsSigned() throws {
    let stream = try stream([:], .map(["sigv4": .map(["service": .string("es")])]))
    stream.environment = ["AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere"]
    #expect(problem { try stream.run() }?.message == "no region is known to sign requests for")
  }
}
