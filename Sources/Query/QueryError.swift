/// Why a query gave no answer.
public struct QueryError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The query engine is not installed.
    case engineNotFound
    /// The engine does not start, or cannot be set up.
    case engineUnusable
    /// The engine died or found a defect of its own.
    case engineCrashed
    /// The SQL text is not SQL.
    case syntax
    /// The statement does more than read, or reads what is not in the lake.
    case refused
    case unknownTable
    case unknownColumn
    /// Anything else that the engine finds wrong with the query or its values.
    case invalid
    /// A file of a table cannot be read.
    case unreadable
    case outOfMemory
    case cancelled
  }

  public var kind: Kind
  /// What was found and what was expected.
  public var message: String
  /// What to do next.
  public var remedy: String
  /// The table, file, program or place in the text; nil where the query as a whole is meant.
  public var place: String?
  public var isRetryable: Bool
  /// The engine's own words.
  public var cause: String?

  public init(
    _ kind: Kind, _ message: String, remedy: String, place: String? = nil,
    isRetryable: Bool = false, cause: String? = nil
  ) {
    self.kind = kind
    self.message = message
    self.remedy = remedy
    self.place = place
    self.isRetryable = isRetryable
    self.cause = cause
  }

  public var description: String { (place.map { "\($0): " } ?? "") + message }
}
