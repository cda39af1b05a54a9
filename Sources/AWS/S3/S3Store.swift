public import HTTPClient
public import Storage

/// A bucket of S3, or of a store that speaks like it, as an object store.
///
/// A staged object is a multipart upload whose parts are all there and which is not completed yet:
/// durable, and invisible to every reader. Publishing completes it. See DESIGN.md.
public final class S3Store: ObjectStore {
  public struct Settings: Sendable {
    public var endpoint: String?
    public var region: String?
    /// nil decides by the endpoint and the bucket.
    public var isPathStyle: Bool?
    /// The profile of AWS's shared files; nil: `AWS_PROFILE`, or none.
    public var profile: String?
    /// A part of an upload; S3 takes none below 5 MiB but the last.
    public var partBytes = 8 << 20
    /// Parts that are sent at a time.
    public var uploadsMax = 4
    /// Larger objects are copied in parts.
    public var copyBytesMax = 5 << 30
    public var client = AWSClient.Settings()

    public init() {}

    /// Lets uploads hold as many bytes in memory: parts on their way, and one that waits.
    public mutating func bound(uploadBytes: Int) {
      partBytes = uploadBytes >= 40 << 20 ? 8 << 20 : 5 << 20
      uploadsMax = max(1, min(8, uploadBytes / partBytes - 1))
    }
  }

  let bucket: S3Bucket
  let settings: Settings
  let uploads: UploadPool
  /// The credentials, for others who read the store.
  private let credentials: any CredentialSource

  public var location: String { bucket.location.description }

  /// Finds region, endpoint and credentials as AWS's own tools do, where the settings say nothing.
  /// Nothing is asked of the store yet.
  /// - Throws: `.invalid`.
  public convenience init(
    _ location: String, _ settings: Settings = Settings(),
    environment: AWSEnvironment = .system, session: HTTPSession? = nil
  ) throws(StorageError) {
    let place = try S3Location(location)
    let session = session ?? Self.makeSession(settings)
    let search = CredentialSearch(
      environment, profile: settings.profile, session: session, clock: settings.client.clock,
      randomness: settings.client.randomness)
    var settings = settings
    settings.endpoint = settings.endpoint ?? search.endpoint(of: "s3")
    settings.region = settings.region ?? search.region
    settings.isPathStyle = settings.isPathStyle ?? Self.isPathStyle(search)
    try self.init(place, settings, credentials: search.source(), session: session)
  }

  public init(
    _ location: S3Location, _ settings: Settings, credentials: any CredentialSource,
    session: HTTPSession
  ) throws(StorageError) {
    let region = settings.region ?? "us-east-1"
    guard AWSRegion.isValid(region) else {
      throw StorageError(
        .invalid, "'\(region)' is no region", remedy: "Write one such as eu-central-1.",
        place: location.description)
    }
    let endpoint = try S3Endpoint(
      custom: settings.endpoint, isPathStyle: settings.isPathStyle, bucket: location.bucket)
    let client = AWSClient(
      session: session, credentials: credentials, region: region, settings: settings.client)
    bucket = S3Bucket(client: client, location: location, endpoint: endpoint)
    self.settings = settings
    self.credentials = credentials
    uploads = UploadPool(threads: settings.uploadsMax, bytesMax: settings.partBytes)
  }

  private static func makeSession(_ settings: Settings) -> HTTPSession {
    var http = HTTPSession.Settings()
    http.connectionsPerHost = max(16, settings.uploadsMax + 4)
    http.clock = settings.client.clock
    http.randomness = settings.client.randomness
    http.proxy = .environment(AWSEnvironment.processVariable)
    return HTTPSession(http)
  }

  private static func isPathStyle(_ search: CredentialSearch) -> Bool? {
    switch search.setting("s3.addressing_style") {
    case "path": true
    case "virtual": false
    default: nil
    }
  }

  /// How others reach the same store with the same rights.
  public struct Access: Sendable {
    public var region: String
    public var credentials: AWSCredentials
    /// `host:port`; nil for AWS.
    public var endpoint: String?
    public var usesTLS: Bool
    public var isPathStyle: Bool
  }

  public func access() throws(StorageError) -> Access {
    let found = try calling(nil) { () throws(AWSError) in try credentials.credentials() }
    let custom = bucket.endpoint.hostAndPort
    return Access(
      region: bucket.client.region, credentials: found, endpoint: custom?.host,
      usesTLS: custom?.usesTLS ?? true, isPathStyle: bucket.endpoint.isPathStyle)
  }

  /// Runs calls and says of failures which object they are about.
  func calling<Result>(_ key: String?, _ body: () throws(AWSError) -> Result)
    throws(StorageError) -> Result
  {
    do throws(AWSError) { return try body() } catch {
      throw StorageError(error, place: key.map(bucket.place) ?? location)
    }
  }
}
