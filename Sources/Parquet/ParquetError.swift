/// Why a Parquet file could not be read or written.
public struct ParquetError: Error, Sendable, CustomStringConvertible {
  public enum Kind: Hashable, Sendable, CaseIterable {
    /// The bytes are no Parquet file at all.
    case notParquet
    /// The file or a part of it ends too early.
    case truncated
    /// Bytes that break the format.
    case corrupt
    /// A checksum does not fit its page.
    case checksumMismatch
    /// The format allows it, this module does not do it.
    case unsupported
    /// More memory, depth or count than the caller allows.
    case limitExceeded
    /// Data that do not fit the schema, or a schema that Parquet can not hold.
    case schemaMismatch
    /// A part of the file is encrypted and the key is missing or wrong.
    case encrypted
    /// The caller's source or sink of bytes failed; see `cause`.
    case transferFailed
    /// The object was used after it had finished or failed.
    case closed
  }

  /// Where in the file; what is not known is nil.
  public struct Place: Hashable, Sendable {
    /// Bytes from the start of the file, or of the part that was being parsed.
    public var offset: Int?
    public var rowGroup: Int?
    /// The dotted path of the column.
    public var column: String?
    public var page: Int?

    public init(
      offset: Int? = nil, rowGroup: Int? = nil, column: String? = nil, page: Int? = nil
    ) {
      self.offset = offset
      self.rowGroup = rowGroup
      self.column = column
      self.page = page
    }
  }

  public var kind: Kind
  /// What was found and what was expected.
  public var message: String
  public var place: Place
  public var cause: (any Error)?
  /// What to do next, where more is known than the kind tells.
  private var advice: String?

  public init(
    _ kind: Kind, _ message: String, at place: Place = Place(), cause: (any Error)? = nil,
    remedy: String? = nil
  ) {
    self.kind = kind
    self.message = message
    self.place = place
    self.cause = cause
    advice = remedy
  }

  /// The same error with what is known of the place filled in; what it said itself stays.
  public func at(
    offset: Int? = nil, rowGroup: Int? = nil, column: String? = nil, page: Int? = nil
  ) -> ParquetError {
    var error = self
    error.place.offset = place.offset ?? offset
    error.place.rowGroup = place.rowGroup ?? rowGroup
    error.place.column = place.column ?? column
    error.place.page = place.page ?? page
    return error
  }

  /// Whether trying the same again may help.
  public var isRetryable: Bool { kind == .transferFailed }

  /// What to do next.
  public var remedy: String {
    if let advice { return advice }
    return switch kind {
    case .notParquet: "give a file that begins and ends with PAR1"
    case .truncated: "fetch or write the file again: its end is missing"
    case .corrupt, .checksumMismatch: "restore the file from its source; it is damaged"
    case .unsupported: "rewrite the file with common encodings and codecs"
    case .limitExceeded: "raise the memory budget if the file is trusted"
    case .schemaMismatch: "make the schema and the data agree"
    case .encrypted: "supply the key and the AAD prefix that the file was written with"
    case .transferFailed: "see to the storage, then try again"
    case .closed: "open a new reader or writer"
    }
  }

  /// Place and message, for those who say the remedy in their own way.
  public var summary: String {
    var parts: [String] = []
    if let column = place.column { parts.append("column \(column)") }
    if let rowGroup = place.rowGroup { parts.append("row group \(rowGroup)") }
    if let page = place.page { parts.append("page \(page)") }
    if let offset = place.offset { parts.append("byte \(offset)") }
    let where_ = parts.isEmpty ? "" : parts.joined(separator: ", ") + ": "
    let because = cause.map { " (\($0))" } ?? ""
    return "parquet: \(where_)\(message)\(because)"
  }

  /// What was found, where, and what to do next, once.
  public var description: String { "\(summary); \(remedy)" }
}
