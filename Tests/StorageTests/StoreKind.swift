import AWS
import Base
import Foundation
import HTTPClient
import S3Server
import Storage
import Testing

/// The stores that must behave alike.
enum StoreKind: CaseIterable, CustomTestStringConvertible {
  case memory, local, faultlessFaulty, s3, moto

  var testDescription: String { "\(self)" }

  /// - Returns: a new, empty store, and what keeps it alive.
  func make() throws -> (store: any ObjectStore, keeper: AnyObject?) {
    switch self {
    case .memory: return (MemoryStore(), nil)
    case .local:
      let folder = try TestFolder()
      return (try LocalStore(root: folder.path + "/lake"), folder)
    case .faultlessFaulty: return (FaultyStore(MemoryStore(), seed: 1, Faults()), nil)
    case .s3: return (try S3Suite.seaweedFS.get().makeStore(), nil)
    case .moto: return (try S3Suite.moto.get().makeStore(), nil)
    }
  }

  /// S3's version is the hash of the bytes.
  var tellsEqualBytesApart: Bool { !isS3 }
  /// S3 knows neither whose an upload is nor how long, and takes several for one key.
  var knowsWhatIsStaged: Bool { !isS3 }
  /// SeaweedFS makes a folder of what stands before a backslash.
  var takesBackslashes: Bool { self != .s3 }

  /// moto answers 500 to the completion of an upload that was ended.
  var tellsEndedUploads: Bool { self != .moto }
  /// moto has no place for line ends.
  var takesLineEnds: Bool { self != .moto }

  private var isS3: Bool { self == .s3 || self == .moto }
}

/// One bucket of a server, and a folder of it for each test.
private struct S3Suite {
  static let seaweedFS = Result<S3Suite, any Error> {
    let server = try S3Server.shared.get()
    try server.makeBucket("suites")
    return S3Suite(endpoint: server.endpoint, session: HTTPSession())
  }

  static let moto = Result<S3Suite, any Error> {
    let server = try MotoServer.shared.get()
    try server.makeBucket("suites")
    return S3Suite(endpoint: server.endpoint, session: HTTPSession())
  }

  let endpoint: String
  let session: HTTPSession

  func makeStore() throws -> S3Store {
    var settings = S3Store.Settings()
    settings.endpoint = endpoint
    settings.region = S3Server.region
    let credentials = AWSCredentials(
      accessKeyID: S3Server.accessKey, secretKey: S3Server.secretKey)
    return try S3Store(
      S3Location("s3://suites/\(UUID().uuidString)"), settings,
      credentials: FixedCredentials(credentials), session: session)
  }
}

/// The kind of error that a call throws; nil where it throws none.
func kind(_ body: () throws(StorageError) -> Void) -> StorageError.Kind? {
  do {
    try body()
    return nil
  } catch {
    return error.kind
  }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

extension ObjectStore {
  func keys(_ prefix: String = "") throws(StorageError) -> [String] {
    try objects(prefix).map(\.key)
  }

  func stageAll(_ key: String, owner: String, _ text: String) throws(StorageError) -> StagedObject {
    let writer = try stage(key, owner: owner)
    try writer.write(bytes(text))
    return try writer.finish()
  }
}
