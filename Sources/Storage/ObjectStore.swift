public import Base

/// Objects under keys: what a lake, a log folder or a state lies in. Safe for several threads.
///
/// A key is a path of UTF-8 names joined by `/`, relative to the store's root, without a leading
/// `/`, without empty names, `.` or `..`. Objects appear whole or not at all.
public protocol ObjectStore: Sendable {
  /// The root for people: a folder or `s3://bucket/prefix`.
  var location: String { get }

  /// - Throws: `.notFound`, or `.outOfRange` where the object is shorter.
  func read(_ key: String, range: Range<Int>?) throws(StorageError) -> [UInt8]

  /// nil where there is no such object.
  func info(_ key: String) throws(StorageError) -> ObjectInfo?

  /// Visits the objects whose keys start with `prefix`, in bytewise order of their keys; staged
  /// objects are not among them.
  func list(_ prefix: String, _ visit: (ObjectInfo) throws(StorageError) -> Void)
    throws(StorageError)

  /// Writes a small object durably.
  /// - Throws: `.conflict` where the condition does not hold.
  @discardableResult
  func put(_ key: String, _ bytes: [UInt8], if condition: PutCondition) throws(StorageError)
    -> ObjectInfo

  /// Removes objects; those that are not there are no error.
  func delete(_ keys: [String]) throws(StorageError)

  /// Moves an object. Moving again after it has moved is no error.
  /// - Throws: `.notFound` where neither is there.
  func move(_ key: String, to target: String) throws(StorageError)

  /// Begins an object that stays invisible until it is published.
  /// - Parameter owner: whose it is: a name without `/`, one for each commit.
  func stage(_ key: String, owner: String) throws(StorageError) -> any StagedWriter

  /// Makes a staged object visible under its key. Publishing again is no error.
  /// - Throws: `.notFound` where the staged data has vanished and no object of its size is there.
  func publish(_ staged: StagedObject) throws(StorageError)

  /// Removes staged data; where it is gone already, that is no error.
  func discard(_ staged: StagedObject) throws(StorageError)

  /// Everything staged under the prefix and not yet published, finished or not.
  func listStaged(_ prefix: String) throws(StorageError) -> [StagedObject]

  /// Removes the folders below a prefix that hold nothing, where the store has folders at all:
  /// what a killed process left of an object's removal.
  /// - Parameter prefix: of whole names.
  func removeEmptyFolders(_ prefix: String) throws(StorageError)
}

extension ObjectStore {
  /// A store without folders has no empty ones.
  public func removeEmptyFolders(_ prefix: String) throws(StorageError) {}
}

public enum PutCondition: Hashable, Sendable {
  case always
  case absent
  case matches(version: String)
}

public struct ObjectInfo: Hashable, Sendable {
  public var key: String
  public var byteCount: Int
  /// Changes whenever the object's bytes do: an ETag, or inode, size and time of a file.
  public var version: String
  public var modified: Instant

  public init(key: String, byteCount: Int, version: String, modified: Instant) {
    self.key = key
    self.byteCount = byteCount
    self.version = version
    self.modified = modified
  }
}

/// An object that is being staged. One thread uses it.
public protocol StagedWriter: AnyObject {
  /// Bytes that were written and are still held in memory.
  var bufferedBytes: Int { get }

  func write(_ bytes: [UInt8]) throws(StorageError)

  /// Makes what was written durable, though still invisible.
  func finish() throws(StorageError) -> StagedObject

  /// Gives up and removes what was written. May be called at any time, also twice.
  func abandon()
}

extension StagedWriter {
  public var bufferedBytes: Int { 0 }
}

/// An object that is durable but invisible; a plain value, so that a commit can record it.
public struct StagedObject: Hashable, Sendable, Codable {
  /// The key that it will have.
  public var key: String
  /// Empty where it was listed and the store does not know it.
  public var owner: String
  /// Where the store keeps it meanwhile: a hidden path, an upload id.
  public var token: String
  /// 0 where it was listed and the store does not know it.
  public var byteCount: Int

  public init(key: String, owner: String, token: String, byteCount: Int) {
    self.key = key
    self.owner = owner
    self.token = token
    self.byteCount = byteCount
  }
}

/// Why a store could not do what it was asked.
public struct StorageError: Error, Sendable, CustomStringConvertible {
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case notFound
    /// A conditional write found another state.
    case conflict
    case outOfRange
    /// The store does not answer.
    case unreachable
    /// It answers, but not to us.
    case denied
    /// No room is left.
    case full
    /// The key or location cannot be used.
    case invalid
    /// Anything else that the system reports.
    case failed
  }

  public var kind: Kind
  public var message: String
  public var remedy: String
  /// The key or path.
  public var place: String
  public var isRetryable: Bool
  /// The system's own words.
  public var cause: String?

  public init(
    _ kind: Kind, _ message: String, remedy: String, place: String, isRetryable: Bool? = nil,
    cause: String? = nil
  ) {
    self.kind = kind
    self.message = message
    self.remedy = remedy
    self.place = place
    self.isRetryable = isRetryable ?? (kind == .unreachable)
    self.cause = cause
  }

  public var description: String { "\(place): \(message)" + (cause.map { " (\($0))" } ?? "") }
}
