import AWS
import Base
import HTTPClient
import S3Server
import Storage
import Testing

/// What a real server cannot be made to do, done by a proxy before it.
@Suite struct S3FaultTests {
  private func proxied(
    _ faults: [FaultyProxy.Fault], _ configure: (inout S3Store.Settings) -> Void = { _ in }
  ) throws -> (store: S3Store, proxy: FaultyProxy) {
    let proxy = try makeProxy()
    try proxy.fail(faults)
    return (try makeStore(proxy.endpoint, configure), proxy)
  }

  private func stage(_ store: S3Store, _ key: String, _ bytes: [UInt8]) throws -> StagedObject {
    let writer = try store.stage(key, owner: "o")
    try writer.write(bytes)
    return try writer.finish()
  }

  @Test func knowsItsOwnPutAgain() throws {
    let (store, _) = try proxied([.init("lose", "PUT", times: 2)])
    let first = try store.put("log/1", Array("mine".utf8), if: .absent)
    #expect(try store.info("log/1")?.version == first.version)
    #expect(failure { try store.put("log/1", Array("other".utf8), if: .absent) }?.kind == .conflict)
    let (again, _) = try proxied([.init("lose", "PUT", skip: 1)])
    let old = try again.put("n", [1])
    _ = try again.put("n", [2], if: .matches(version: old.version))
    #expect(try again.read("n") == [2])
  }

  @Test func doesNotTakeAnothersPutForItsOwn() throws {
    let (store, _) = try proxied([.init("reset", "PUT", skip: 1)])
    try store.put("log/1", Array("theirs".utf8))
    #expect(
      failure { try store.put("log/1", Array("mine!!".utf8), if: .absent) }?.kind == .conflict)
  }

  @Test func publishesOnceWhateverGetsLost() throws {
    for faults in [
      [FaultyProxy.Fault("lose", "POST", match: "uploadId=", times: 3)],
      [.init("truncate", "POST", match: "uploadId=")], [.init("reset", "POST", match: "uploadId=")],
      [
        .init(
          "answer", "POST", match: "uploadId=", times: 2, status: 200,
          body: "\n  <?xml version=\"1.0\"?><Error><Code>InternalError</Code></Error>")
      ],
      [
        .init("lose", "POST", match: "uploadId="),
        .init(
          "answer", "POST", match: "uploadId=", status: 404,
          body: "<Error><Code>NoSuchUpload</Code></Error>"),
      ],
    ] {
      let (store, _) = try proxied(faults)
      let staged = try stage(store, "raw/t/x", Array("hello".utf8))
      try store.publish(staged)
      #expect(try store.read("raw/t/x") == Array("hello".utf8))
      #expect(try store.listStaged("").isEmpty)
      try store.publish(staged)
    }
  }

  @Test func leavesNoUploadThatNobodyKnows() throws {
    let (store, _) = try proxied([.init("lose", "POST", match: "uploads=", times: 2)])
    let staged = try stage(store, "raw/t/x", [1, 2, 3])
    #expect(try store.listStaged("").count == 1)
    try store.publish(staged)
    #expect(try store.listStaged("").isEmpty)
  }

  @Test func sendsPartsAgain() throws {
    let bytes = noise(6 << 20)
    let (store, _) = try proxied([
      .init("lose", "PUT", match: "partNumber=1"), .init("reset", "PUT", match: "partNumber=2"),
      .init(
        "answer", "PUT", match: "partNumber=2", status: 400,
        body: "<Error><Code>RequestTimeout</Code></Error>"),
    ]) { $0.partBytes = 5 << 20 }
    try store.publish(try stage(store, "raw/t/x", bytes))
    #expect(try store.read("raw/t/x") == bytes)
  }

  @Test func readsTruncatedAnswersAgain() throws {
    let (store, proxy) = try proxied([])
    let bytes = noise(300_000)
    try store.put("x", bytes)
    for match in ["/x", "list-type", "uploads="] {
      try proxy.fail([.init("truncate", "GET", match: match, times: 2)])
      #expect(try store.read("x") == bytes)
      #expect(try store.keys() == ["x"])
      #expect(try store.listStaged("").isEmpty)
    }
  }

  @Test func outlastsStorms() throws {
    let slowDown = "<Error><Code>SlowDown</Code><Message>Reduce your request rate</Message></Error>"
    let (store, proxy) = try proxied([.init("answer", times: 6, status: 503, body: slowDown)])
    try store.put("x", [1])
    try proxy.fail([.init("answer", times: 1000, status: 503, body: slowDown)])
    let error = failure { try store.put("x", [2]) }
    #expect(error?.kind == .unreachable)
    #expect(error?.isRetryable == true)
    #expect(error?.message.contains("503 SlowDown: Reduce your request rate") == true)
    #expect(try proxy.requests().count == 9)
  }

  @Test func saysWhenNobodyAnswers() throws {
    let store = try makeStore("http://127.0.0.1:9") { $0.client = impatient(retries: 1) }
    let error = failure { _ = try store.read("x") }
    #expect(error?.kind == .unreachable)
    #expect(error?.message.contains("127.0.0.1:9") == true)
    #expect(error?.remedy.isEmpty == false)
  }

  @Test(arguments: [
    (301, "<Error><Code>PermanentRedirect</Code></Error>", "x-amz-bucket-region"),
    (307, "<Error><Code>TemporaryRedirect</Code></Error>", "x-amz-bucket-region"),
    (
      400, "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>", "x"
    ), (400, "", "x-amz-bucket-region"),
  ])
  func goesToTheRegion(_ status: Int, _ body: String, _ header: String) throws {
    let (store, proxy) = try proxied([
      .init("answer", status: status, headers: [header: "eu-west-1"], body: body)
    ])
    for _ in 0..<2 { #expect(failure { _ = try store.read("none") }?.kind == .notFound) }
    let regions = try proxy.requests().compactMap { $0.headers["Authorization"] }.map {
      $0.contains("/eu-west-1/s3/")
    }
    #expect(regions == [false, true, true])
    // A region becomes part of a host's name.
    try proxy.fail([
      .init("answer", times: 9, status: 301, headers: ["x-amz-bucket-region": "evil.example/"])
    ])
    #expect(failure { _ = try store.info("none") }?.kind == .invalid)
  }

  @Test func takesTheServersClock() throws {
    let hour = Instant(seconds: WallClock.system.now.seconds + 3600)
    let (store, proxy) = try proxied([
      .init(
        "answer", status: 403, headers: ["Date": HTTPDate.text(hour)],
        body: "<Error><Code>RequestTimeTooSkewed</Code></Error>"),
      .init("answer", times: 9, status: 404),
    ])
    #expect(failure { _ = try store.read("x") }?.kind == .notFound)
    let dates = try proxy.requests().compactMap { $0.headers["X-Amz-Date"] }
    #expect(dates.count == 2)
    let expected = HTTPDate.text(hour).split(separator: " ")[4].prefix(2)
    #expect(dates.last?.dropFirst(9).prefix(2) == expected)
    // HEAD is refused without a word.
    let (mute, other) = try proxied([
      .init("answer", status: 403, headers: ["Date": HTTPDate.text(hour)]),
      .init("answer", times: 9, status: 404),
    ])
    #expect(try mute.info("x") == nil)
    #expect(try other.requests().count == 2)
  }

  @Test func getsNewCredentials() throws {
    let proxy = try makeProxy()
    try proxy.fail([
      .init(
        "answer", match: "/\(Bucket.name)", status: 400,
        body: "<Error><Code>ExpiredToken</Code></Error>"),
      .init("answer", match: "/\(Bucket.name)", times: 9, status: 404),
    ])
    let environment = machine([
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(proxy.endpoint)/_meta/container",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN": "a token", "AWS_ENDPOINT_URL": proxy.endpoint,
    ])
    let store = try S3Store("s3://\(Bucket.name)/x", environment: environment, session: session)
    #expect(try store.info("none") == nil)
    let tokens = try proxy.requests().compactMap { $0.headers["X-Amz-Security-Token"] }
    #expect(tokens.count == 2 && tokens[0] != tokens[1])
  }

  @Test func movesOnceWhateverGetsLost() throws {
    for fault in [
      FaultyProxy.Fault("lose", "PUT", match: "/b"),
      .init(
        "answer", "PUT", match: "/b", status: 200, body: "<Error><Code>InternalError</Code></Error>"
      ),
      .init("lose", "POST", match: "delete"), .init("truncate", "PUT", match: "/b"),
    ] {
      let (store, proxy) = try proxied([])
      try store.put("a", [1, 2, 3])
      try proxy.fail([fault])
      try store.move("a", to: "b")
      #expect(try store.keys() == ["b"])
    }
  }

  @Test func saysWhichObjectsStay() throws {
    let refused =
      "<DeleteResult><Error><Key>f/b</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>"
    let (store, proxy) = try proxied([
      .init("answer", "POST", match: "delete", status: 200, body: refused)
    ])
    let error = failure { try store.delete(["a", "b"]) }
    #expect(error?.kind == .denied)
    #expect(error?.place.hasSuffix("f/b") == true)
    let busy = "<DeleteResult><Error><Key>k</Key><Code>InternalError</Code></Error></DeleteResult>"
    try proxy.fail([.init("answer", "POST", match: "delete", status: 200, body: busy)])
    try store.delete(["k"])
  }

  @Test(arguments: [
    "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
    "<ListBucketResult><Contents><Key>x</Key></Contents></ListBucketResult>", "not xml", "",
    "<ListBucketResult><Contents><Key>x</Key><Size>many</Size></Contents></ListBucketResult>",
  ])
  func refusesListingsThatAreNone(_ body: String) throws {
    let (store, _) = try proxied([.init("answer", times: 99, status: 200, body: body)])
    #expect(failure { _ = try store.keys() }?.kind == .failed)
  }

  @Test func endsListingsThatDoNot() throws {
    let page =
      "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></ListBucketResult>"
    let (store, _) = try proxied([.init("answer", times: 99, status: 200, body: page)])
    #expect(failure { _ = try store.keys() }?.kind == .failed)
    let uploads = "<R><IsTruncated>true</IsTruncated><NextKeyMarker>t</NextKeyMarker></R>"
    let (other, _) = try proxied([.init("answer", times: 99, status: 200, body: uploads)])
    #expect(failure { _ = try other.listStaged("") }?.kind == .failed)
  }
}
