internal import Storage

extension StorageError {
  /// What went wrong in S3, in the words of stores.
  /// - Parameter place: `s3://bucket/key`.
  init(_ error: AWSError, place: String) {
    let kind: Kind
    switch error.kind {
    case .credentials, .denied: kind = .denied
    case .configuration: kind = .invalid
    // Without its bucket there is no store.
    case .notFound: kind = error.code == "NoSuchBucket" ? .unreachable : .notFound
    case .conflict: kind = .conflict
    case .throttled, .unavailable, .unreachable:
      kind = error.status == 507 ? .full : .unreachable
    case .rejected where error.code == "QuotaExceeded": kind = .full
    case .rejected, .malformed, .cancelled: kind = .failed
    }
    self.init(
      kind, error.message, remedy: error.remedy, place: place, isRetryable: error.isRetryable,
      cause: nil)
  }
}
