/// Why a catalog could not do what it was asked.
public struct CatalogError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case entityNotFound
    case alreadyExists
    case invalidInput
    /// The table is not in the version that the change was made for.
    case concurrentModification
    /// Another process held the catalog for too long.
    case operationTimeout
    /// The catalog was written by a newer Tidemark.
    case incompatible
    /// The catalog's storage is broken, or a defect.
    case internalService
  }

  public var kind: Kind
  /// What was found and what was expected.
  public var message: String
  /// What to do next.
  public var remedy: String
  /// The database, table, partition or column it is about.
  public var place: String
  public var isRetryable: Bool
  public var cause: String?

  public init(
    _ kind: Kind, _ message: String, remedy: String, place: String, isRetryable: Bool? = nil,
    cause: String? = nil
  ) {
    self.kind = kind
    self.message = message
    self.remedy = remedy
    self.place = place
    self.isRetryable = isRetryable ?? (kind == .operationTimeout)
    self.cause = cause
  }

  public var description: String { "\(place): \(message)" + (cause.map { " (\($0))" } ?? "") }
}

extension CatalogError.Kind {
  /// The `__type` by which Glue's clients know the error.
  public var glueName: String {
    switch self {
    case .entityNotFound: "EntityNotFoundException"
    case .alreadyExists: "AlreadyExistsException"
    case .invalidInput: "InvalidInputException"
    case .concurrentModification: "ConcurrentModificationException"
    case .operationTimeout: "OperationTimeoutException"
    case .incompatible, .internalService: "InternalServiceException"
    }
  }
}
