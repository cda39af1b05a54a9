internal import Base
internal import Storage

/// What a commit must remember of a staged object to publish it: the upload and its parts.
struct StagedToken: Hashable {
  var upload: String
  /// nil for an upload that was found and not written by us: it can only be discarded.
  var parts: [S3Upload.Part]?

  var text: String {
    guard let parts else { return JSONValue.object(["upload": .string(upload)]).text() }
    return JSONValue.object([
      "upload": .string(upload), "etags": .array(parts.map { .string($0.etag) }),
      "crc32": .array(parts.map { .string($0.checksum) }),
    ]).text()
  }

  init(upload: String, parts: [S3Upload.Part]?) {
    self.upload = upload
    self.parts = parts
  }

  /// - Throws: `.invalid` where it is none.
  init(_ staged: StagedObject) throws(StorageError) {
    let root = try? JSONValue(parsing: staged.token)
    guard let upload = root?["upload"]?.string, !upload.isEmpty else {
      throw StorageError(
        .invalid, "what is recorded of the staged object is no upload to S3",
        remedy: "The commit was staged in another store: check lake.root.", place: staged.key)
    }
    self.upload = upload
    guard let etags = root?["etags"]?.array else {
      parts = nil
      return
    }
    let sums = root?["crc32"]?.array ?? []
    parts = etags.enumerated().map { index, etag in
      S3Upload.Part(
        etag: etag.string ?? "", checksum: index < sums.count ? sums[index].string ?? "" : "")
    }
  }
}
