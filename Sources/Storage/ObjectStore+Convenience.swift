extension ObjectStore {
  /// The whole object.
  public func read(_ key: String) throws(StorageError) -> [UInt8] {
    try read(key, range: nil)
  }

  /// The whole object; nil where there is none.
  public func readIfPresent(_ key: String) throws(StorageError) -> [UInt8]? {
    do {
      return try read(key, range: nil)
    } catch {
      guard error.kind == .notFound else { throw error }
      return nil
    }
  }

  /// Writes a small object durably, whatever was there.
  @discardableResult
  public func put(_ key: String, _ bytes: [UInt8]) throws(StorageError) -> ObjectInfo {
    try put(key, bytes, if: .always)
  }

  /// The objects whose keys start with `prefix`, all in memory: for folders known to be small.
  public func objects(_ prefix: String) throws(StorageError) -> [ObjectInfo] {
    var found: [ObjectInfo] = []
    try list(prefix) { (info) throws(StorageError) in found.append(info) }
    return found
  }
}
