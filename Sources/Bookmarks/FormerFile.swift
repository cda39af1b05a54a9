public import Base
public import Storage

/// A file that was part of a table and is not any more.
public struct FormerFile: Hashable, Sendable {
  public enum Place: String, Hashable, Sendable {
    /// Out of readers' sight, in its table's `_retired`.
    case retired
    /// Still under its own key, because its partition moved elsewhere.
    case left
    /// Deleted: it cannot come back.
    case gone
  }

  public var file: DataFile
  public var place: Place
  /// The version that took it out, the last time.
  public var removedVersion: Int
  /// When that was.
  public var removedAt: Instant
}
