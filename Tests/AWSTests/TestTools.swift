import AWS
import Base
import Foundation
import HTTPClient
import S3Server
import Storage
import Synchronization

/// A machine made of a dictionary of variables and one of files.
func machine(_ variables: [String: String] = [:], files: [String: String] = [:]) -> AWSEnvironment {
  let variables = variables.merging(["HOME": "/home/me"]) { given, _ in given }
  return AWSEnvironment(
    variable: { variables[$0] }, readFile: { files[$0].map { Array($0.utf8) } })
}

let session = HTTPSession()

let credentials = AWSCredentials(accessKeyID: S3Server.accessKey, secretKey: S3Server.secretKey)

/// Servers live until the tests have ended, whoever forgets them.
let servers = Mutex<[FaultyProxy]>([])

func makeProxy() throws -> FaultyProxy {
  let proxy = try FaultyProxy(before: Bucket.shared.get().endpoint)
  servers.withLock { $0.append(proxy) }
  return proxy
}

/// Retries at once: for tests.
func impatient(retries: Int = 8) -> AWSClient.Settings {
  var settings = AWSClient.Settings()
  settings.retriesMax = retries
  settings.firstWaitSeconds = 0.01
  settings.longestWaitSeconds = 0.2
  return settings
}

/// A folder of its own in the bucket of the shared server.
func makeStore(
  _ endpoint: String? = nil, folder: String = UUID().uuidString,
  _ configure: (inout S3Store.Settings) -> Void = { _ in }
) throws -> S3Store {
  var settings = S3Store.Settings()
  settings.endpoint = try endpoint ?? Bucket.shared.get().endpoint
  settings.region = S3Server.region
  settings.client = impatient()
  configure(&settings)
  return try S3Store(
    S3Location("s3://\(Bucket.name)/\(folder)"), settings,
    credentials: FixedCredentials(credentials), session: session)
}

enum Bucket {
  static let name = "aws-tests"
  static let shared = Result<S3Server, any Error> {
    let server = try S3Server.shared.get()
    try server.makeBucket(name)
    return server
  }
}

extension ObjectStore {
  func keys(_ prefix: String = "") throws -> [String] { try objects(prefix).map(\.key) }
}

/// What a call throws.
func failure(_ body: () throws -> Void) -> StorageError? {
  do { try body() } catch { return error as? StorageError }
  return nil
}

/// Bytes that are not the same anywhere.
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var state = seed
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return UInt8(truncatingIfNeeded: state >> 56)
  }
}
