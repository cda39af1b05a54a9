public import Storage

/// Why rows could not become files of the lake.
public struct LakeError: Error, Sendable, CustomStringConvertible {
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The store failed; `storage` says how.
    case storage
    /// The rows cannot be written as Parquet.
    case encoding
    /// A partition column is missing or of a type that cannot be split by.
    case partition
  }

  public var kind: Kind
  public var message: String
  public var remedy: String
  public var place: String?
  public var storage: StorageError?

  public init(_ kind: Kind, _ message: String, remedy: String, place: String? = nil) {
    self.kind = kind
    self.message = message
    self.remedy = remedy
    self.place = place
  }

  public init(_ error: StorageError) {
    self.init(.storage, error.message, remedy: error.remedy, place: error.place)
    storage = error
  }

  public var description: String { (place.map { "\($0): " } ?? "") + message }
}
