internal import Base
internal import HTTPClient
public import Storage

/// What sources need of buckets that others write.
extension S3Store {
  /// A page of a listing.
  public struct Page: Sendable {
    public var objects: [ObjectInfo] = []
    /// What keys go on with up to the next `/`, which is their last character; only of listings by
    /// folder.
    public var folders: [String] = []
    /// Objects whose keys are no paths, which cannot be read.
    public var oddKeys = 0
    var next: String?

    public init() {}
  }

  /// Visits the objects whose keys start with a prefix, page by page in the store's order. The next
  /// page is on its way while one is visited.
  /// - Parameters:
  ///   - byFolder: whether objects with a `/` behind the prefix are left out, and the folders that
  ///     they lie in are named instead.
  ///   - visit: returns false to end the listing.
  public func listPages(
    _ prefix: String, byFolder: Bool, _ visit: (Page) -> Bool
  ) throws(StorageError) {
    let channel = BoundedChannel<Result<Page, StorageError>>(bytesMax: 2)
    WorkerThread("list") { [self] in
      defer { channel.finish() }
      var token: String?
      while true {
        do throws(StorageError) {
          let page = try page(prefix, token, byFolder: byFolder, skipsOddKeys: true)
          guard page.next != token || token == nil else { throw endless() }
          token = page.next
          guard channel.send(.success(page), bytes: 1), token != nil else { return }
        } catch {
          _ = channel.send(.failure(error), bytes: 1)
          return
        }
      }
    }
    defer { channel.close() }
    while let page = channel.receive() {
      guard visit(try page.get()) else { return }
    }
  }

  /// A range of an object, and the id of the version that it is of, where the bucket keeps versions.
  public struct RangeRead: Sendable {
    public var bytes: [UInt8]
    public var versionID: String?

    public init(_ bytes: [UInt8], versionID: String? = nil) {
      self.bytes = bytes
      self.versionID = versionID
    }
  }

  /// Reads a range of one version of an object.
  /// - Parameters:
  ///   - version: its ETag.
  ///   - versionID: asks for that version also where it is no longer the latest.
  /// - Throws: `.conflict` where the object has another version by now, `.notFound` where it is
  ///   gone, `.outOfRange` where it is shorter.
  public func read(
    _ key: String, range: Range<Int>, version: String, versionID: String? = nil
  ) throws(StorageError) -> RangeRead {
    if range.isEmpty { return RangeRead([]) }
    try ObjectKey.validate(key)
    let answer = try calling(key) { () throws(AWSError) in
      try bucket.send("GetObject", .get, key) { options in
        options.headers = [
          HTTPHeader("Range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)"),
          HTTPHeader("If-Match", ETag.quoted(version)),
        ]
        if let versionID { options.query = [("versionId", versionID)] }
        options.responseBytesMax = .max
        options.acceptedStatuses = [404, 412, 416]
      }
    }
    let body = answer.response.body
    // Objects from before versions were kept have the id "null", which the next one takes over.
    let id = answer.response.header("x-amz-version-id").flatMap { $0 == "null" ? nil : $0 }
    switch answer.response.status {
    case 404: throw .noObject(key)
    case 412: throw .conflicting(key, .matches(version: version))
    case 416: throw .outOfRange(key, range)
    case 200:
      guard range.upperBound <= body.count else { throw .outOfRange(key, range) }
      return RangeRead(Array(body[range]), versionID: id)
    default:
      guard body.count == range.count else { throw .outOfRange(key, range) }
      return RangeRead(body, versionID: id)
    }
  }
}
