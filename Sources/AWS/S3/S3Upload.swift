internal import Base
internal import Foundation
internal import HTTPClient
internal import Storage

/// A multipart upload.
struct S3Upload: Sendable {
  /// A part that is there.
  struct Part: Hashable, Sendable {
    var etag: String
    /// CRC-32 in base64; empty where the store made the part itself and names none.
    var checksum: String
  }

  let bucket: S3Bucket
  let key: String
  let id: String

  /// Begins an upload.
  static func create(_ bucket: S3Bucket, _ key: String) throws(AWSError) -> S3Upload {
    let answer = try bucket.send("CreateMultipartUpload", .post, key) { options in
      options.query = [("uploads", "")]
      options.headers = [
        HTTPHeader("Content-Type", "application/octet-stream"),
        HTTPHeader("x-amz-checksum-algorithm", "CRC32"),
      ]
      options.countsAttempts = true
    }
    guard let id = try bucket.document(answer, "CreateMultipartUpload").text(of: "UploadId"),
      !id.isEmpty
    else { throw bucket.malformed("CreateMultipartUpload", "names no upload") }
    let upload = S3Upload(bucket: bucket, key: key, id: id)
    // An earlier attempt may have begun one whose name nobody learned.
    if answer.retries > 0 { upload.abortOthers() }
    return upload
  }

  /// Best effort: what stays is found by `listStaged`.
  private func abortOthers() {
    guard let all = try? Self.list(bucket, key) else { return }
    for other in all where other.key.utf8.elementsEqual(key.utf8) && other.id != id {
      try? other.abort()
    }
  }

  func send(_ number: Int, _ body: HTTPBody, _ cancellation: Cancellation) throws(AWSError) -> Part
  {
    let checksum = Hashing.crc32(body)
    let answer = try bucket.send("UploadPart", .put, key) { options in
      options.query = [("partNumber", String(number)), ("uploadId", id)]
      options.headers = [HTTPHeader("x-amz-checksum-crc32", checksum)]
      options.body = body
      options.isChecksummed = true
      options.cancellation = cancellation
    }
    let etag = ETag.bare(answer.response.header("etag"))
    guard !etag.isEmpty else { throw bucket.malformed("UploadPart", "has no ETag") }
    return Part(etag: etag, checksum: checksum)
  }

  func complete(_ parts: [Part]) throws(AWSError) {
    let list = parts.enumerated().map { index, part in
      "<Part>"
        + (part.checksum.isEmpty ? "" : "<ChecksumCRC32>\(part.checksum)</ChecksumCRC32>")
        + "<ETag>\(XMLText.escape(ETag.quoted(part.etag)))</ETag>"
        + "<PartNumber>\(index + 1)</PartNumber></Part>"
    }
    let body =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
      + "<CompleteMultipartUpload xmlns=\"\(S3Store.namespace)\">\(list.joined())"
      + "</CompleteMultipartUpload>"
    _ = try bucket.send("CompleteMultipartUpload", .post, key) { options in
      options.query = [("uploadId", id)]
      options.headers = [HTTPHeader("Content-Type", "application/xml")]
      options.body = HTTPBody(body)
      options.mayFailInSuccess = true
      options.retriesConflicts = true
    }
  }

  /// Ends the upload and removes its parts; one that is gone is no error.
  func abort() throws(AWSError) {
    _ = try bucket.send("AbortMultipartUpload", .delete, key) { options in
      options.query = [("uploadId", id)]
      options.acceptedStatuses = [404]
    }
  }

  /// The uploads that are open under the prefix, in the store's order.
  static func list(_ bucket: S3Bucket, _ prefix: String) throws(AWSError) -> [S3Upload] {
    var found: [S3Upload] = []
    var marker: (key: String, id: String)?
    while true {
      let answer = try bucket.send("ListMultipartUploads", .get, nil) { options in
        options.query = [
          ("uploads", ""), ("encoding-type", "url"), ("max-uploads", "1000"),
          ("prefix", bucket.location.listingPrefix(prefix)),
        ]
        if let marker {
          if !marker.key.isEmpty { options.query.append(("key-marker", marker.key)) }
          if !marker.id.isEmpty { options.query.append(("upload-id-marker", marker.id)) }
        }
      }
      let root = try bucket.document(answer, "ListMultipartUploads")
      let isEncoded = root.text(of: "EncodingType") == "url"
      func decoded(_ text: String) -> String {
        isEncoded ? PercentDecoding.decode(text, plusIsSpace: true) : text
      }
      for entry in root.all("Upload") {
        guard let id = entry.text(of: "UploadId"),
          let key = entry.text(of: "Key").map(decoded).flatMap(bucket.location.key)
        else { continue }
        found.append(S3Upload(bucket: bucket, key: key, id: id))
      }
      guard root.text(of: "IsTruncated") == "true" else { return found }
      let next = (
        key: decoded(root.text(of: "NextKeyMarker") ?? ""),
        id: root.text(of: "NextUploadIdMarker") ?? ""
      )
      guard !(next.key.isEmpty && next.id.isEmpty), marker.map({ $0 != next }) ?? true else {
        throw bucket.malformed("ListMultipartUploads", "does not say how the listing goes on")
      }
      marker = next
    }
  }

  /// The ETag that S3 gives an object made of these parts; nil where the parts' are no hashes.
  static func etag(of parts: [Part]) -> String? {
    var all: [UInt8] = []
    for part in parts {
      guard let bytes = Hashing.bytes(hex: part.etag), bytes.count == 16 else { return nil }
      all += bytes
    }
    return "\(Hashing.hex(Hashing.md5(all)))-\(parts.count)"
  }
}
