public import Bookmarks
internal import Catalog
public import Connector
internal import Lake
internal import Parquet
internal import Query
public import Storage

/// Why a command could not do what it was asked; says with which code the program ends.
public struct IngestError: Error, Sendable, CustomStringConvertible {
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The config or the command line asks for what cannot be.
    case configuration
    /// A source, store or catalog cannot be reached.
    case unreachable
    /// Going on could lose or double rows, or somebody else is at work.
    case refused
    /// The work began and failed.
    case failed
    /// A person or a timeout stopped it.
    case cancelled
    /// A defect in Tidemark.
    case defect
  }

  public var kind: Kind
  public var message: String
  public var remedy: String
  public var place: String?
  public var isRetryable: Bool

  public init(
    _ kind: Kind, _ message: String, remedy: String, place: String? = nil,
    isRetryable: Bool = false
  ) {
    self.kind = kind
    self.message = message
    self.remedy = remedy
    self.place = place
    self.isRetryable = isRetryable
  }

  public var description: String { (place.map { "\($0): " } ?? "") + message }

  /// The documented exit code of a command that ends with this error.
  public var exitCode: Int32 {
    switch kind {
    case .configuration: 2
    case .unreachable: 3
    case .failed, .cancelled: 4
    case .refused: 5
    case .defect: 70
    }
  }
}

extension IngestError {
  public init(_ error: ConnectorError) {
    let kind: Kind =
      switch error.kind {
      case .misconfigured, .notFound: .configuration
      case .unreachable, .denied: .unreachable
      case .malformed, .interrupted: .failed
      case .refused: .refused
      case .cancelled: .cancelled
      }
    self.init(
      kind, error.description, remedy: error.remedy, isRetryable: error.isRetryable)
  }

  public init(_ error: StorageError) {
    let kind: Kind =
      switch error.kind {
      case .notFound, .outOfRange, .failed: .failed
      case .conflict: .refused
      case .unreachable, .denied, .full: .unreachable
      case .invalid: .configuration
      }
    self.init(
      kind, error.description, remedy: error.remedy, isRetryable: error.isRetryable)
  }

  public init(_ error: BookmarksError) {
    let kind: Kind =
      switch error.kind {
      case .leaseHeld, .leaseLost, .conflict, .foreign: .refused
      case .notFound: .configuration
      case .unreachable: .unreachable
      case .corrupt: .failed
      }
    self.init(
      kind, error.description, remedy: error.remedy, isRetryable: error.isRetryable)
  }

  /// Any error that reaches Ingest, as one of ours.
  public init(wrapping error: any Error) {
    switch error {
    case let error as IngestError: self = error
    case let error as ConnectorError: self.init(error)
    case let error as StorageError: self.init(error)
    case let error as BookmarksError: self.init(error)
    case let error as CatalogError:
      self.init(.failed, error.description, remedy: error.remedy)
    case let error as QueryError: self.init(error)
    case let error as LakeError:
      self.init(
        error.storage.map(IngestError.init)
          ?? IngestError(.failed, error.description, remedy: error.remedy))
    case let error as ParquetError:
      self.init(.failed, error.summary, remedy: error.remedy)
    default:
      self.init(
        .defect, "an unexpected error: \(error)",
        remedy: "Please report it with the command and this message.")
    }
  }

  private init(_ error: IngestError) { self = error }
}

extension IngestError {
  /// Runs work of a lower layer; its errors become ours.
  public static func wrapping<T>(_ body: () throws -> T) throws(IngestError) -> T {
    do { return try body() } catch { throw IngestError(wrapping: error) }
  }
}
