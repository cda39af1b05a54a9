/// Why a source could not do what it was asked.
public struct ConnectorError: Error, Sendable, CustomStringConvertible {
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The config asks for what cannot be: a setting, a format, a secret that is not set.
    case misconfigured
    /// The source does not answer.
    case unreachable
    /// It answers, but not to us: a password, a permission.
    case denied
    /// A table, column, path or endpoint does not exist.
    case notFound
    /// The source said something that it should not have: a malformed answer, a broken file.
    case malformed
    /// Reading broke off; trying again may work.
    case interrupted
    /// Going on could lose or double rows: a changed cursor, a cursor that went backwards.
    case refused
    /// It took longer than the stream's timeout, or a person stopped it.
    case cancelled
  }

  public var kind: Kind
  /// What was found and what was expected.
  public var message: String
  /// What to do next.
  public var remedy: String
  /// The source, stream, file, line, column or URL it is about.
  public var place: String?
  /// Whether the same call may succeed later without anyone mending anything.
  public var isRetryable: Bool
  public var cause: String?
  /// Whether the session has learnt what to leave out: the rows that the split gave are to be thrown
  /// away, and the split read anew at once, by `StreamSession.read`.
  public var readsSplitAnew = false

  public init(
    _ kind: Kind, _ message: String, remedy: String, place: String? = nil,
    isRetryable: Bool? = nil, cause: String? = nil
  ) {
    self.kind = kind
    self.message = message
    self.remedy = remedy
    self.place = place
    self.isRetryable = isRetryable ?? (kind == .unreachable || kind == .interrupted)
    self.cause = cause
  }

  public var description: String {
    (place.map { "\($0): " } ?? "") + message + (cause.map { " (\($0))" } ?? "")
  }
}
