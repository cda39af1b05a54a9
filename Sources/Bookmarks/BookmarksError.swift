internal import Storage

/// Why the commit log could not do what it was asked.
public struct BookmarksError: Error, Sendable, CustomStringConvertible {
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Another run holds the stream.
    case leaseHeld
    /// Another run has taken the stream over; nothing of this run can be committed any more.
    case leaseLost
    /// The stream is at another version than the one that was expected.
    case conflict
    /// No such stream, run or version.
    case notFound
    /// The state belongs to another lake, or the lake to another state.
    case foreign
    /// The state cannot be opened or written.
    case unreachable
    /// The state says what it cannot say.
    case corrupt
  }

  public var kind: Kind
  public var message: String
  public var remedy: String
  public var place: String?
  public var cause: String?

  public init(
    _ kind: Kind, _ message: String, remedy: String, place: String? = nil, cause: String? = nil
  ) {
    self.kind = kind
    self.message = message
    self.remedy = remedy
    self.place = place
    self.cause = cause
  }

  public var isRetryable: Bool { kind == .unreachable }

  public var description: String {
    (place.map { "\($0): " } ?? "") + message + (cause.map { " (\($0))" } ?? "")
  }
}

extension BookmarksError {
  /// The store that a log is kept in could not do its part.
  init(_ error: StorageError) {
    let kind: Kind =
      switch error.kind {
      case .unreachable, .denied, .full, .failed, .invalid: .unreachable
      case .conflict: .conflict
      case .notFound, .outOfRange: .corrupt
      }
    self.init(kind, error.message, remedy: error.remedy, place: error.place, cause: error.cause)
  }
}
