internal import Base
public import Parquet
public import Storage

/// A Parquet file in a store, read in ranges.
public struct StoredFile: ByteSource {
  public let key: String
  public let byteCount: Int
  private let store: any ObjectStore

  /// - Throws: `.storage` where there is no such file.
  public init(_ key: String, in store: any ObjectStore) throws(LakeError) {
    self.key = key
    self.store = store
    let info: ObjectInfo?
    do { info = try store.info(key) } catch { throw LakeError(error) }
    guard let info else {
      throw LakeError(
        StorageError(
          .notFound, "there is no such file", remedy: "Check its name.",
          place: "\(store.location)/\(key)"))
    }
    byteCount = info.byteCount
  }

  public func read(_ range: Range<Int>) throws -> [UInt8] { try store.read(key, range: range) }
}
