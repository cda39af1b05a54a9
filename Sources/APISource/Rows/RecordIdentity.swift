internal import Base
internal import Formats

/// Says which records are the same one, come twice.
struct RecordIdentity: Sendable {
  private let key: [JSONPath]
  private let by: JSONPath?

  /// - Parameters:
  ///   - key: the columns that identify a row; without any its whole content does.
  ///   - progress: of a record by time, the time is part of it: one that changed is a new version.
  init(key: [String], progress: Progress) {
    self.key = key.compactMap { try? JSONPath(parsing: $0) }
    if case .time(let time) = progress { by = time.path } else { by = nil }
  }

  func fingerprint(_ record: JSONCursor) -> Fingerprint {
    var result = Fingerprint()
    for path in key {
      // A record without its key is known by its content, as if there were no key.
      guard let value = record.value(at: path), !value.isNull else {
        return Fingerprint(record.text)
      }
      result.add(value.text)
    }
    if key.isEmpty { return Fingerprint(record.text) }
    if let by, let value = record.value(at: by) { result.add(value.text) }
    return result
  }
}
