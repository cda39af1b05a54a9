internal import AWS
internal import Base
internal import Connector
internal import Storage

/// What a stream needs of a bucket that others write.
protocol ObjectBucket: Sendable {
  /// `s3://bucket`
  var location: String { get }

  func listPages(_ prefix: String, byFolder: Bool, _ visit: (S3Store.Page) -> Bool)
    throws(StorageError)

  func read(_ key: String, range: Range<Int>, version: String, versionID: String?)
    throws(StorageError) -> S3Store.RangeRead
}

extension S3Store: ObjectBucket {}

/// The bucket of a source, and how it is reached where AWS's own settings do not say it.
struct BucketAddress: Hashable, Sendable {
  var location: String
  var endpoint: String?
  var region: String?
  var profile: String?
  var isPathStyle: Bool?

  init(bucket: String, _ options: ConfigValue?) {
    location = "s3://" + bucket
    endpoint = options?["endpoint"]?.string
    region = options?["region"]?.string
    profile = options?["profile"]?.string
    isPathStyle = options?["path_style"]?.boolean
  }

  /// Asks nothing of the store yet.
  /// - Parameter isPatient: whether a store that does not answer is asked for long.
  func open(_ context: SourceContext, isPatient: Bool) throws(ConnectorError) -> any ObjectBucket {
    var settings = S3Store.Settings()
    settings.endpoint = endpoint
    settings.region = region
    settings.profile = profile
    settings.isPathStyle = isPathStyle
    settings.client.clock = context.clock
    settings.client.randomness = context.randomness
    if !isPatient { settings.client.retriesMax = 2 }
    do {
      return try S3Store(
        location, settings,
        environment: AWSEnvironment(variable: context.environment, readFile: AWSEnvironment.read))
    } catch { throw ConnectorError(error) }
  }
}

extension ConnectorError {
  /// What went wrong in a bucket.
  init(_ error: StorageError) {
    let kind: Kind =
      switch error.kind {
      case .unreachable: .unreachable
      case .denied: .denied
      case .notFound: .notFound
      case .invalid: .misconfigured
      case .conflict, .outOfRange, .full, .failed: .interrupted
      }
    self.init(
      kind, error.message, remedy: error.remedy, place: error.place,
      isRetryable: error.isRetryable, cause: error.cause)
  }
}
