/// How a stream learns which of its rows are gone from the source.
public struct Deletions: Hashable, Sendable {
  /// The column of the stream that marks a row as deleted: one that is neither null, false nor 0.
  public var column: String?
  /// How often the keys of the source are compared with those of the table; nil: never.
  public var compareSeconds: Double?
  /// The columns that identify a row, as the batches name them.
  public var key: [String]
  /// Why the keys cannot be compared at this time, in words; nil where they can. Known after
  /// `plan`.
  public var waits: String?

  public init(
    column: String? = nil, compareSeconds: Double? = nil, key: [String] = [], waits: String? = nil
  ) {
    self.column = column
    self.compareSeconds = compareSeconds
    self.key = key
    self.waits = waits
  }
}

extension StreamSession {
  /// Knows nothing of deleted rows.
  public var deletions: Deletions { Deletions() }

  public func keys(_ options: ReadOptions) throws(ConnectorError) -> any BatchReader {
    throw ConnectorError(
      .misconfigured, "the source cannot list the keys of its rows",
      remedy: "Take `deletes` out of the stream.")
  }
}
