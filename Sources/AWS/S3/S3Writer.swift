internal import Base
internal import HTTPClient
internal import Storage

/// Writes a staged object: cuts what comes into parts and has the store's pool send them.
///
///     write ─▶ [ the part that fills ] ─▶ pool ─▶ S3     finish: the last part, then wait for all
final class S3Writer: StagedWriter {
  private let upload: S3Upload
  private let pool: UploadPool
  private let owner: String
  private let partBytes: Int
  private let cancellation = Cancellation()

  private var pending: [ArraySlice<UInt8>] = []
  private var pendingCount = 0
  private var byteCount = 0
  private var parts: [UploadResult<S3Upload.Part>] = []
  private var result: StagedObject?
  private var isClosed = false
  private var isAbandoned = false

  init(_ upload: S3Upload, owner: String, pool: UploadPool, partBytes: Int) {
    self.upload = upload
    self.owner = owner
    self.pool = pool
    self.partBytes = partBytes
  }

  var bufferedBytes: Int { pendingCount }

  /// The bytes of a part. They double every 900 parts, so that the 10,000 that S3 takes hold
  /// whatever an object may have (5 TiB), and all parts of an ordinary one are alike.
  static func partBytes(_ number: Int, first: Int) -> Int {
    min(first << min((number - 1) / 900, 16), 5 << 30)
  }

  func write(_ bytes: [UInt8]) throws(StorageError) {
    if isClosed { throw .closedWriter(upload.key) }
    for part in parts.suffix(64) {
      if case .failure(let error) = part.current { throw failure(error) }
    }
    if bytes.isEmpty { return }
    pending.append(bytes[...])
    pendingCount += bytes.count
    byteCount += bytes.count
    while true {
      let wanted = Self.partBytes(parts.count + 1, first: partBytes)
      if pendingCount < wanted { return }
      send(take(wanted))
    }
  }

  private func take(_ count: Int) -> HTTPBody {
    var segments: [ArraySlice<UInt8>] = []
    var left = count
    var used = 0
    while left > 0, used < pending.count {
      let segment = pending[used]
      if segment.count <= left {
        segments.append(segment)
        left -= segment.count
        used += 1
      } else {
        segments.append(segment.prefix(left))
        pending[used] = segment.dropFirst(left)
        left = 0
      }
    }
    pending.removeFirst(used)
    pendingCount -= count - left
    return HTTPBody(segments: segments)
  }

  private func send(_ body: HTTPBody) {
    let number = parts.count + 1
    parts.append(
      pool.submit(bytes: body.count) { [upload, cancellation] () throws(AWSError) in
        try upload.send(number, body, cancellation)
      })
  }

  func finish() throws(StorageError) -> StagedObject {
    if let result { return result }
    if isClosed { throw .closedWriter(upload.key) }
    isClosed = true
    // An object without bytes is one part without any.
    if pendingCount > 0 || parts.isEmpty { send(take(pendingCount)) }
    var sent: [S3Upload.Part] = []
    for part in parts {
      switch part.wait() {
      case .success(let part): sent.append(part)
      case .failure(let error):
        abandon()
        throw failure(error)
      }
    }
    parts = []
    let staged = StagedObject(
      key: upload.key, owner: owner, token: StagedToken(upload: upload.id, parts: sent).text,
      byteCount: byteCount)
    result = staged
    return staged
  }

  func abandon() {
    if isAbandoned { return }
    isAbandoned = true
    isClosed = true
    pending = []
    pendingCount = 0
    cancellation.cancel("the upload was given up")
    // A part that arrives after the end of its upload would stay for ever.
    for part in parts { _ = part.wait() }
    parts = []
    // What cannot be ended now is found by `listStaged` later.
    try? upload.abort()
  }

  deinit { if result == nil { abandon() } }

  private func failure(_ error: AWSError) -> StorageError {
    StorageError(error, place: upload.bucket.place(upload.key))
  }
}
