public import Base

/// Answers SQL over the tables of a lake. It reads, and commits nothing.
public protocol QueryEngine: Sendable {
  /// Runs one statement, once, and gives its answer as text, in pieces as they come.
  /// - Parameters:
  ///   - output: takes the next piece; false stops the query, which is then no error.
  ///   - cancellation: ends the query with `.cancelled`.
  func run(
    _ request: QueryRequest, cancellation: Cancellation, output: ([UInt8]) -> Bool
  ) throws(QueryError)
}

/// One statement and what it may read.
public struct QueryRequest: Sendable {
  /// One reading statement: SELECT, WITH, FROM, VALUES, TABLE, DESCRIBE, SHOW, SUMMARIZE,
  /// UNPIVOT, PIVOT with its values listed, or EXPLAIN of these.
  public var sql: String
  public var tables: [QueryTable]
  /// The databases in the order in which unqualified names are looked up in them.
  public var searchPath: [String]
  public var format: QueryFormat
  /// For tables with files under `s3://`.
  public var s3: S3Access?

  /// - Parameter searchPath: by default the databases in the order of `tables`.
  public init(
    sql: String, tables: [QueryTable], searchPath: [String]? = nil,
    format: QueryFormat = .table(rowsMax: 100, width: nil), s3: S3Access? = nil
  ) {
    self.sql = sql
    self.tables = tables
    self.format = format
    self.s3 = s3
    var order: [String] = []
    var seen: Set<String> = []
    for name in (searchPath ?? []) + tables.map(\.database) where seen.insert(name).inserted {
      order.append(name)
    }
    self.searchPath = order
  }
}

/// The form of an answer.
public enum QueryFormat: Hashable, Sendable {
  /// Boxes for people: the first and last rows up to `rowsMax`, the number of rows below.
  /// `width`: columns of the terminal; nil for the engine's choice.
  case table(rowsMax: Int, width: Int?)
  /// RFC 4180 with a header, lines ended by LF, NULL as nothing.
  case csv
  /// An array of objects, one a line. Decimals and integers beyond 64 bits are strings, as are
  /// `NaN`, `Infinity` and `-Infinity`.
  case json
}

/// How an object store is reached.
public struct S3Access: Hashable, Sendable {
  public var region: String
  public var keyID: String
  public var secretKey: String
  public var sessionToken: String?
  /// `host:port` of a store that is not AWS; nil for AWS.
  public var endpoint: String?
  public var usesTLS: Bool
  /// Whether the bucket is part of the path and not of the host's name.
  public var isPathStyle: Bool

  public init(
    region: String, keyID: String, secretKey: String, sessionToken: String? = nil,
    endpoint: String? = nil, usesTLS: Bool = true, isPathStyle: Bool = false
  ) {
    self.region = region
    self.keyID = keyID
    self.secretKey = secretKey
    self.sessionToken = sessionToken
    self.endpoint = endpoint
    self.usesTLS = usesTLS
    self.isPathStyle = isPathStyle
  }
}

/// What a query may use.
public struct QueryLimits: Hashable, Sendable {
  public var memoryBytes: Int
  public var threads: Int
  /// Where intermediate results go that do not fit the memory; a folder of its own is made there
  /// and removed.
  public var temporaryFolder: String

  public init(memoryBytes: Int = 512 << 20, threads: Int = 2, temporaryFolder: String = "/tmp") {
    self.memoryBytes = memoryBytes
    self.threads = threads
    self.temporaryFolder = temporaryFolder
  }
}
