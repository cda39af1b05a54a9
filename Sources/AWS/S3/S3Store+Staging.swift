internal import Base
internal import HTTPClient
public import Storage

extension S3Store {
  public func stage(_ key: String, owner: String) throws(StorageError) -> any StagedWriter {
    try ObjectKey.validate(key)
    try ObjectKey.validate(owner: owner)
    let upload = try calling(key) { () throws(AWSError) in try S3Upload.create(bucket, key) }
    return S3Writer(upload, owner: owner, pool: uploads, partBytes: settings.partBytes)
  }

  public func publish(_ staged: StagedObject) throws(StorageError) {
    try ObjectKey.validate(staged.key)
    let token = try StagedToken(staged)
    guard let parts = token.parts, !parts.isEmpty else { throw .noObject(staged.key) }
    let upload = S3Upload(bucket: bucket, key: staged.key, id: token.upload)
    if let there = try head(staged.key) {
      guard isSame(there, staged, parts) else {
        let isOpen = try calling(staged.key) { () throws(AWSError) in
          try S3Upload.list(bucket, staged.key).contains { $0.id == upload.id }
        }
        throw isOpen ? .conflicting(staged.key, .absent) : .noObject(staged.key)
      }
      // Completed before; or the same bytes from another upload, and ours is still open.
      try calling(staged.key) { () throws(AWSError) in try upload.abort() }
      return
    }
    do throws(AWSError) {
      try upload.complete(parts)
    } catch {
      guard ["NoSuchUpload", "InvalidPart", "NoSuchKey"].contains(error.code ?? "") else {
        throw StorageError(error, place: bucket.place(staged.key))
      }
      // Completed by an attempt whose answer was lost, or vanished.
      guard let there = try head(staged.key), isSame(there, staged, parts) else {
        throw .noObject(staged.key)
      }
    }
  }

  /// Whether the object is the one that was staged: by size, and by the ETag that S3 gives an
  /// object made of such parts. Under some encryptions an ETag says nothing but how many parts.
  private func isSame(_ there: Head, _ staged: StagedObject, _ parts: [S3Upload.Part]) -> Bool {
    guard there.info.byteCount == staged.byteCount else { return false }
    if there.info.version == S3Upload.etag(of: parts) { return true }
    return there.isETagOpaque && there.info.version.hasSuffix("-\(parts.count)")
  }

  public func discard(_ staged: StagedObject) throws(StorageError) {
    try ObjectKey.validate(staged.key)
    let token = try StagedToken(staged)
    try calling(staged.key) { () throws(AWSError) in
      try S3Upload(bucket: bucket, key: staged.key, id: token.upload).abort()
    }
  }

  /// The owner of an upload is not known to S3 and empty, and so is its size.
  public func listStaged(_ prefix: String) throws(StorageError) -> [StagedObject] {
    try ObjectKey.validate(prefix: prefix)
    let found = try calling(nil) { () throws(AWSError) in try S3Upload.list(bucket, prefix) }
    return found.filter { upload in
      // What others upload under keys that cannot be ours is none of our business.
      upload.key.utf8.starts(with: prefix.utf8)
        && (try? ObjectKey.validate(upload.key)) != nil
    }.map { upload in
      StagedObject(
        key: upload.key, owner: "", token: StagedToken(upload: upload.id, parts: nil).text,
        byteCount: 0)
    }.sorted { a, b in
      a.key.utf8.elementsEqual(b.key.utf8)
        ? a.token < b.token : a.key.utf8.lexicographicallyPrecedes(b.key.utf8)
    }
  }

  /// Copies an object that is too large for one copy, part by part.
  func copyInParts(_ source: ObjectInfo, to target: String) throws(StorageError) {
    try calling(target) { () throws(AWSError) in
      let upload = try S3Upload.create(bucket, target)
      do throws(AWSError) {
        try upload.complete(try copiedParts(source, upload))
      } catch {
        try? upload.abort()
        throw error
      }
    }
  }

  private func copiedParts(_ source: ObjectInfo, _ upload: S3Upload)
    throws(AWSError) -> [S3Upload.Part]
  {
    let size = min(settings.copyBytesMax, max(512 << 20, source.byteCount / 9_999 + 1))
    let header = copySource(source.key)
    var results: [UploadResult<S3Upload.Part>] = []
    for start in stride(from: 0, to: source.byteCount, by: size) {
      let number = results.count + 1
      let range = "bytes=\(start)-\(min(start + size, source.byteCount) - 1)"
      results.append(
        uploads.submit(bytes: 0) { [bucket] () throws(AWSError) in
          let answer = try bucket.send("UploadPartCopy", .put, upload.key) { options in
            options.query = [("partNumber", String(number)), ("uploadId", upload.id)]
            options.headers = [
              header, HTTPHeader("x-amz-copy-source-range", range),
              // The object may not change while it is copied.
              HTTPHeader("x-amz-copy-source-if-match", ETag.quoted(source.version)),
            ]
            options.mayFailInSuccess = true
          }
          let root = try bucket.document(answer, "UploadPartCopy")
          return S3Upload.Part(
            etag: ETag.bare(root.text(of: "ETag")),
            checksum: root.text(of: "ChecksumCRC32") ?? "")
        })
    }
    var parts: [S3Upload.Part] = []
    var failure: AWSError?
    // All must have ended before the upload may be given up.
    for result in results {
      switch result.wait() {
      case .success(let part): parts.append(part)
      case .failure(let error): failure = failure ?? error
      }
    }
    if let failure { throw failure }
    return parts
  }
}
