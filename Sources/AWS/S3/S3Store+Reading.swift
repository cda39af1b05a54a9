internal import Base
internal import HTTPClient
public import Storage

extension S3Store {
  public func read(_ key: String, range: Range<Int>?) throws(StorageError) -> [UInt8] {
    try ObjectKey.validate(key)
    guard let range else {
      let answer = try calling(key) { () throws(AWSError) in
        try bucket.send("GetObject", .get, key) { options in
          options.responseBytesMax = .max
          options.acceptedStatuses = [404]
        }
      }
      if answer.response.status == 404 { throw .noObject(key) }
      return answer.response.body
    }
    // There is no way to ask for no bytes.
    if range.isEmpty || range.lowerBound < 0 {
      guard let info = try info(key) else { throw .noObject(key) }
      if range.lowerBound < 0 || range.upperBound > info.byteCount { throw .outOfRange(key, range) }
      return []
    }
    let answer = try calling(key) { () throws(AWSError) in
      try bucket.send("GetObject", .get, key) { options in
        options.headers = [
          HTTPHeader("Range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")
        ]
        options.responseBytesMax = .max
        options.acceptedStatuses = [404, 416]
      }
    }
    switch answer.response.status {
    case 404: throw .noObject(key)
    case 416: throw .outOfRange(key, range)
    case 200:
      // A store that knows no ranges sends the whole object.
      guard range.upperBound <= answer.response.body.count else { throw .outOfRange(key, range) }
      return Array(answer.response.body[range])
    default:
      guard answer.response.body.count == range.count else { throw .outOfRange(key, range) }
      return answer.response.body
    }
  }

  public func info(_ key: String) throws(StorageError) -> ObjectInfo? {
    try head(key)?.info
  }

  struct Head {
    var info: ObjectInfo
    /// Whether the ETag says nothing of the content.
    var isETagOpaque: Bool
  }

  func head(_ key: String) throws(StorageError) -> Head? {
    try ObjectKey.validate(key)
    return try calling(key) { () throws(AWSError) -> Head? in
      let answer = try bucket.send("HeadObject", .head, key) { $0.acceptedStatuses = [404] }
      if answer.response.status == 404 { return nil }
      let head = answer.response.head
      guard let length = head.header("content-length").flatMap({ Int($0) }), length >= 0 else {
        throw bucket.malformed("HeadObject", "does not say how long the object is")
      }
      let encryption = head.header("x-amz-server-side-encryption") ?? ""
      return Head(
        info: ObjectInfo(
          key: key, byteCount: length, version: ETag.bare(head.header("etag")),
          modified: head.header("last-modified").flatMap { HTTPDate.parse($0) }
            ?? Instant(microseconds: 0)),
        isETagOpaque: encryption.hasPrefix("aws:kms")
          || head.header("x-amz-server-side-encryption-customer-algorithm") != nil)
    }
  }

  /// Streams the pages of AWS's own listing, which comes in order. Other stores list folder by
  /// folder, which is another order: there the whole listing is held and sorted.
  /// - Throws: `.invalid` for an object whose key is no path: it could never be read.
  public func list(_ prefix: String, _ visit: (ObjectInfo) throws(StorageError) -> Void)
    throws(StorageError)
  {
    try ObjectKey.validate(prefix: prefix)
    let isOrdered = bucket.endpoint.custom == nil
    var held: [ObjectInfo] = []
    var last: ObjectInfo?
    var token: String?
    repeat {
      let page = try page(prefix, token, byFolder: false, skipsOddKeys: false)
      for info in page.objects {
        guard isOrdered else {
          held.append(info)
          continue
        }
        if let last, !last.key.utf8.lexicographicallyPrecedes(info.key.utf8) {
          throw StorageError(
            .failed, "the store does not list its objects in order", remedy: "Report it.",
            place: bucket.place(info.key))
        }
        last = info
        try visit(info)
      }
      guard page.next != token || token == nil else { throw endless() }
      token = page.next
    } while token != nil
    held.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    for info in held { try visit(info) }
  }

  func endless() -> StorageError {
    StorageError(
      .failed, "the store's listing does not end", remedy: "Check the endpoint.", place: location)
  }

  /// - Parameters:
  ///   - byFolder: whether folders are named instead of what lies in them.
  ///   - skipsOddKeys: whether keys that are no paths are counted instead of an error.
  func page(
    _ prefix: String, _ token: String?, byFolder: Bool, skipsOddKeys: Bool
  ) throws(StorageError) -> Page {
    let root = try calling(nil) { () throws(AWSError) in
      let answer = try bucket.send("ListObjectsV2", .get, nil) { options in
        options.query = [
          ("list-type", "2"), ("encoding-type", "url"),
          ("prefix", bucket.location.listingPrefix(prefix)),
        ]
        if byFolder { options.query.append(("delimiter", "/")) }
        if let token { options.query.append(("continuation-token", token)) }
      }
      return try bucket.document(answer, "ListObjectsV2")
    }
    var page = Page()
    let isEncoded = root.text(of: "EncodingType") == "url"
    func decoded(_ text: String) -> String? {
      let full = isEncoded ? PercentDecoding.decode(text, plusIsSpace: true) : text
      return bucket.location.key(of: full)
    }
    for entry in root.children {
      if entry.name == "CommonPrefixes" {
        if let folder = entry.text(of: "Prefix").flatMap(decoded) { page.folders.append(folder) }
        continue
      }
      guard entry.name == "Contents" else { continue }
      guard let text = entry.text(of: "Key"), let size = entry.text(of: "Size").flatMap({ Int($0) })
      else {
        throw StorageError(
          bucket.malformed("ListObjectsV2", "has an object without key or size"), place: location)
      }
      guard let key = decoded(text) else { continue }
      do throws(StorageError) {
        guard try isListed(key, size) else { continue }
      } catch {
        guard skipsOddKeys else { throw error }
        page.oddKeys += 1
        continue
      }
      page.objects.append(
        ObjectInfo(
          key: key, byteCount: size, version: ETag.bare(entry.text(of: "ETag")),
          modified: entry.text(of: "LastModified").flatMap { Instant($0) }
            ?? Instant(microseconds: 0)))
    }
    let isTruncated = root.text(of: "IsTruncated") == "true"
    page.next = isTruncated ? root.text(of: "NextContinuationToken") : nil
    guard !isTruncated || page.next?.isEmpty == false else {
      throw StorageError(
        bucket.malformed("ListObjectsV2", "does not say how the listing goes on"), place: location)
    }
    return page
  }

  private func isListed(_ key: String, _ size: Int) throws(StorageError) -> Bool {
    // What other tools make to show a folder.
    if key.isEmpty || (key.hasSuffix("/") && size == 0) { return false }
    do throws(StorageError) {
      try ObjectKey.validate(key)
      return true
    } catch {
      if key.split(separator: "/").contains("\(ObjectKey.stagedFolder)"[...]) { return false }
      throw error
    }
  }
}

extension S3Location {
  /// The start of the keys whose own keys in the store start so.
  func listingPrefix(_ prefix: String) -> String {
    self.prefix.isEmpty ? prefix : "\(self.prefix)/\(prefix)"
  }
}
