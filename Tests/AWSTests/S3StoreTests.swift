import Base
import Foundation
import HTTPClient
import S3Server
import Storage
import Testing

@testable import AWS

@Suite struct S3StoreTests {
  @Test func readsPlaces() throws {
    let place = try S3Location("s3://acme-lake/a/b/")
    #expect(place.bucket == "acme-lake")
    #expect(place.prefix == "a/b")
    #expect(place.description == "s3://acme-lake/a/b")
    #expect(try S3Location("s3://acme-lake").prefix == "")
    #expect(place.key(of: "a/b/c") == "c")
    #expect(place.key(of: "a/bc") == nil)
    for wrong in [
      "s3://", "s3:///a", "s3://UPPER/a", "s3://ab/a", "s3a://acme-lake", "/acme-lake",
      "s3://acme_lake/a", "s3://acme..lake/a", "s3://acme-lake/a//b", "s3://acme-lake/../b",
      "s3://-acme/a",
    ] { #expect(failure { _ = try S3Location(wrong) }?.kind == .invalid, "\(wrong)") }
  }

  @Test func knowsWhereBucketsAnswer() throws {
    func url(_ custom: String?, _ isPathStyle: Bool?, _ bucket: String = "lake") throws -> String {
      try S3Endpoint(custom: custom, isPathStyle: isPathStyle, bucket: bucket)
        .url(region: "eu-west-3", bucket: bucket, key: "a b/c+d%=é", query: [("x", "y z")])
    }
    let key = "a%20b/c%2Bd%25%3D%C3%A9?x=y%20z"
    #expect(try url(nil, nil) == "https://lake.s3.eu-west-3.amazonaws.com/\(key)")
    #expect(try url(nil, true) == "https://s3.eu-west-3.amazonaws.com/lake/\(key)")
    #expect(try url(nil, nil, "a.b") == "https://s3.eu-west-3.amazonaws.com/a.b/\(key)")
    #expect(try url("http://host:9000/", nil) == "http://host:9000/lake/\(key)")
    #expect(try url("http://host:9000", false) == "http://lake.host:9000/\(key)")
    #expect(failure { _ = try url("host:9000", nil) }?.kind == .invalid)
    #expect(failure { _ = try url("ftp://host", nil) }?.kind == .invalid)
  }

  @Test func growsPartsWithTheObject() {
    let sizes = (1...10_000).map { S3Writer.partBytes($0, first: 5 << 20) }
    #expect(sizes[0] == 5 << 20 && sizes[899] == 5 << 20 && sizes[900] == 10 << 20)
    #expect(sizes.reduce(0, +) > 5 << 40)
    #expect(sizes.allSatisfy { $0 <= 5 << 30 })
  }

  /// Another's client reads what ours wrote, small and in parts.
  @Test func isReadByOthers() throws {
    let store = try makeStore(folder: "others") { $0.partBytes = 5 << 20 }
    let bytes = noise(17 << 20)
    let writer = try store.stage("raw/t/day=2026-11-21/x y+é=%.parquet", owner: "o")
    for start in stride(from: 0, to: bytes.count, by: 700_001) {
      try writer.write(Array(bytes[start..<min(start + 700_001, bytes.count)]))
      #expect(writer.bufferedBytes < 5 << 20)
    }
    let staged = try writer.finish()
    try store.publish(staged)
    try store.put("small", [1, 2, 3])
    let said = try S3Server.python(
      """
      import hashlib
      s3 = client(sys.argv[1])
      for entry in s3.list_objects_v2(Bucket=sys.argv[2], Prefix="others/")["Contents"]:
          body = s3.get_object(Bucket=sys.argv[2], Key=entry["Key"])["Body"].read()
          print(entry["Key"], len(body), hashlib.sha256(body).hexdigest(), entry["ETag"].strip('"'))
      """, [try Bucket.shared.get().endpoint, Bucket.name])
    let info = try #require(try store.info("raw/t/day=2026-11-21/x y+é=%.parquet"))
    #expect(info.version.hasSuffix("-4"))
    #expect(
      said.contains(
        "others/raw/t/day=2026-11-21/x y+é=%.parquet \(bytes.count) "
          + "\(Hashing.hex(Hashing.sha256(HTTPBody(bytes)))) \(info.version)"))
    #expect(said.contains("others/small 3 "))
    #expect(
      try store.read(info.key, range: 5_000_000..<12_000_000)
        == Array(bytes[5_000_000..<12_000_000]))
  }

  @Test func listsAndDeletesManyPages() throws {
    let store = try makeStore()
    let keys = (0..<1234).map { "many/\(padded($0, 5))" }
    let queue = UploadPool(threads: 8, bytesMax: 1)
    let results = keys.map { key in
      queue.submit(bytes: 1) { () throws(AWSError) in (try? store.put(key, [1])) != nil }
    }
    for result in results { #expect(try result.wait().get()) }
    #expect(try store.keys() == keys)
    try store.delete(keys)
    #expect(try store.keys() == [])
  }

  @Test func copiesLargeObjectsInParts() throws {
    let store = try makeStore { $0.copyBytesMax = 5 << 20 }
    let bytes = noise(12 << 20)
    try store.put("a b/é", bytes)
    try store.move("a b/é", to: "c/d")
    #expect(try store.keys() == ["c/d"])
    #expect(try store.read("c/d") == bytes)
    #expect(try store.info("c/d")?.version.hasSuffix("-3") == true)
  }

  /// The store's own folder is all that it sees of the bucket.
  @Test func staysInItsFolder() throws {
    let outer = try makeStore(folder: "outer")
    let inner = try makeStore(folder: "outer/in")
    try outer.put("inside", [1])
    try inner.put("a/x", [1])
    let writer = try outer.stage("in2/y", owner: "o")
    #expect(try inner.keys() == ["a/x"])
    #expect(try inner.listStaged("").isEmpty)
    #expect(try outer.keys() == ["in/a/x", "inside"])
    writer.abandon()
  }

  @Test func saysWhatIsWrongWithTheKeys() throws {
    let endpoint = try Bucket.shared.get().endpoint
    func attempt(_ key: String, _ secret: String, bucket: String = Bucket.name) throws
      -> StorageError?
    {
      var settings = S3Store.Settings()
      settings.endpoint = endpoint
      settings.client = impatient()
      let store = try S3Store(
        S3Location("s3://\(bucket)/x"), settings,
        credentials: FixedCredentials(AWSCredentials(accessKeyID: key, secretKey: secret)),
        session: session)
      return failure { try store.put("k", [1]) }
    }
    let unknown = try attempt("nobody", "a secret word")
    #expect(unknown?.kind == .denied)
    #expect(unknown?.remedy.contains("'nobody' (from given) is not known there") == true)
    let wrong = try attempt(S3Server.accessKey, "a wrong secret")
    #expect(wrong?.kind == .denied)
    #expect(wrong?.remedy.contains("Check the secret key") == true)
    #expect("\(String(describing: wrong))".contains("a wrong secret") == false)
    let reader = try attempt("reader", "only reads")
    #expect(reader?.kind == .denied)
    #expect(reader?.remedy.contains("s3:PutObject") == true)
    #expect(reader?.place == "s3://\(Bucket.name)/x/k")
  }

  @Test func saysThatThereIsNoBucket() throws {
    var settings = S3Store.Settings()
    settings.endpoint = try Bucket.shared.get().endpoint
    settings.client = impatient()
    let store = try S3Store(
      S3Location("s3://no-such-bucket"), settings, credentials: FixedCredentials(credentials),
      session: session)
    let error = failure { _ = try store.keys() }
    #expect(error?.kind == .unreachable)
    #expect(error?.isRetryable == false)
    #expect(error?.remedy.contains("Create the bucket") == true)
  }

  /// The server is killed and started again in the middle of an upload.
  @Test func outlastsTheServersDeath() throws {
    let server = try S3Server()
    try server.makeBucket(Bucket.name)
    let store = try makeStore(server.endpoint) {
      $0.partBytes = 5 << 20
      $0.client = AWSClient.Settings()
      $0.client.retriesMax = 16
    }
    let bytes = noise(40 << 20)
    let writer = try store.stage("raw/t/x", owner: "o")
    try writer.write(Array(bytes.prefix(20 << 20)))
    server.kill()
    // Who writes waits for the parts on their way, so another brings the server back.
    server.restart(afterSeconds: 1)
    try writer.write(Array(bytes[(20 << 20)...]))
    let staged = try writer.finish()
    server.kill()
    server.restart(afterSeconds: 0)
    try store.publish(staged)
    #expect(try store.read("raw/t/x") == bytes)
    #expect(try store.listStaged("").isEmpty)
    server.stop()
  }
}
