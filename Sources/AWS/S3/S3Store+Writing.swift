internal import Base
internal import HTTPClient
public import Storage

extension S3Store {
  /// The version is the ETag: equal bytes have equal versions.
  @discardableResult
  public func put(_ key: String, _ bytes: [UInt8], if condition: PutCondition) throws(StorageError)
    -> ObjectInfo
  {
    try ObjectKey.validate(key)
    let sent = try calling(key) { () throws(AWSError) in
      try bucket.send("PutObject", .put, key) { options in
        options.body = HTTPBody(bytes)
        options.isChecksummed = true
        options.headers = [
          HTTPHeader("Content-Type", "application/octet-stream"),
          HTTPHeader("x-amz-checksum-crc32", Hashing.crc32(HTTPBody(bytes))),
        ]
        switch condition {
        case .always: break
        case .absent: options.headers.append(HTTPHeader("If-None-Match", "*"))
        case .matches(let version):
          options.headers.append(HTTPHeader("If-Match", ETag.quoted(version)))
        }
        // 404: there is nothing that could match.
        if condition != .always { options.acceptedStatuses = [404, 409, 412] }
        options.retriesConflicts = true
        options.countsAttempts = condition != .always
      }
    }
    if sent.response.isSuccess {
      return ObjectInfo(
        key: key, byteCount: bytes.count, version: ETag.bare(sent.response.header("etag")),
        modified: sent.response.head.date ?? settings.client.clock.now)
    }
    // An earlier attempt may have been the one that wrote, and its answer got lost.
    if sent.retries > 0, let info = try info(key), info.byteCount == bytes.count,
      try read(key) == bytes
    {
      return info
    }
    throw .conflicting(key, condition)
  }

  public func delete(_ keys: [String]) throws(StorageError) {
    for key in keys { try ObjectKey.validate(key) }
    var rest = keys[...]
    while !rest.isEmpty {
      try deleteBatch(Array(rest.prefix(1000)))
      rest = rest.dropFirst(1000)
    }
  }

  /// Objects that the store fails to remove for a reason that may pass are tried again.
  private func deleteBatch(_ keys: [String]) throws(StorageError) {
    var left = keys
    for attempt in 0... {
      let errors = try deleteOnce(left)
      guard let first = errors.first else { return }
      let passing = errors.filter {
        ["InternalError", "SlowDown", "ServiceUnavailable"].contains($0.code)
      }
      if passing.count < errors.count || attempt >= settings.client.retriesMax {
        let worst = errors.first { error in !passing.contains { $0.key == error.key } } ?? first
        throw StorageError(
          worst.code == "AccessDenied" ? .denied : .failed,
          "the object could not be removed: \(worst.code) \(worst.message.prefix(200))"
            + (errors.count > 1 ? ", and \(errors.count - 1) more" : ""),
          remedy: worst.code == "AccessDenied" ? "Allow s3:DeleteObject." : "Try again.",
          place: bucket.place(worst.key), isRetryable: !passing.isEmpty)
      }
      left = passing.map(\.key)
      settings.client.clock.sleep(
        seconds: min(settings.client.longestWaitSeconds, 0.1 * Double(attempt + 1)))
    }
  }

  private func deleteOnce(_ keys: [String]) throws(StorageError) -> [(
    key: String, code: String, message: String
  )] {
    let objects = keys.map {
      "<Object><Key>\(XMLText.escape(bucket.location.fullKey($0)))</Key></Object>"
    }
    let body = Array(
      ("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Delete xmlns=\"\(Self.namespace)\">"
        + "<Quiet>true</Quiet>\(objects.joined())</Delete>").utf8)
    let root = try calling(keys.first) { () throws(AWSError) in
      let answer = try bucket.send("DeleteObjects", .post, nil) { options in
        options.query = [("delete", "")]
        options.body = HTTPBody(body)
        options.headers = [
          HTTPHeader("Content-Type", "application/xml"),
          HTTPHeader("Content-MD5", Hashing.base64(Hashing.md5(body))),
        ]
        options.mayFailInSuccess = true
      }
      return try bucket.document(answer, "DeleteObjects")
    }
    return root.all("Error").compactMap { error in
      let code = error.text(of: "Code") ?? ""
      if code == "NoSuchKey" { return nil }
      let full = error.text(of: "Key") ?? ""
      return (bucket.location.key(of: full) ?? full, code, error.text(of: "Message") ?? "")
    }
  }

  static let namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

  /// Copies and then deletes: what is cut off between the two leaves both, and moving again ends
  /// it.
  public func move(_ key: String, to target: String) throws(StorageError) {
    try ObjectKey.validate(key)
    try ObjectKey.validate(target)
    if key.utf8.elementsEqual(target.utf8) {
      if try info(key) == nil { throw .noObject(key) }
      return
    }
    guard let source = try info(key) else {
      if try info(target) != nil { return }
      throw .noObject(key)
    }
    if source.byteCount > settings.copyBytesMax {
      try copyInParts(source, to: target)
    } else {
      try calling(key) { () throws(AWSError) in
        _ = try bucket.send("CopyObject", .put, target) { options in
          options.headers = [copySource(key)]
          options.mayFailInSuccess = true
        }
      }
    }
    guard let copy = try info(target), copy.byteCount == source.byteCount else {
      throw StorageError(
        .failed, "the copy is not there or not as long as what was copied", remedy: "Try again.",
        place: bucket.place(target), isRetryable: true)
    }
    try delete([key])
  }

  func copySource(_ key: String) -> HTTPHeader {
    let full = PercentEncoding.encode(bucket.location.fullKey(key), keeping: "/")
    return HTTPHeader("x-amz-copy-source", "/\(bucket.location.bucket)/\(full)")
  }
}
