public import Base

/// How far a stream has been read: a typed high-water mark and what it needs to be exact.
///
/// Small: what grows with the source (one entry a file) goes into the ledger.
public struct Bookmark: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable {
    /// A time column's mark, or an API's closed time window.
    case time
    case integer
    /// Several columns together.
    case tuple
    /// Files and offsets; they are in the ledger.
    case files
    /// A cursor or id that only the source understands.
    case opaque
    /// Everything is read every time.
    case full
  }

  public var kind: Kind
  /// The mark for people, and for comparing two bookmarks for equality by eye.
  public var mark: String
  /// The connector's own record of it; the only part it reads back.
  public var state: JSONValue

  public init(kind: Kind, mark: String, state: JSONValue = .null) {
    self.kind = kind
    self.mark = mark
    self.state = state
  }

  public var json: JSONValue {
    ["kind": .string(kind.rawValue), "mark": .string(mark), "state": state]
  }

  public init?(json: JSONValue) {
    guard let kind = json["kind"]?.string.flatMap(Kind.init(rawValue:)),
      let mark = json["mark"]?.string
    else { return nil }
    self.init(kind: kind, mark: mark, state: json["state"] ?? .null)
  }
}

/// What a split did to the stream's bookmark.
public struct Advance: Sendable {
  public var bookmark: Bookmark
  public var ledger: [LedgerChange]
  /// Rows read but not kept, and why: `duplicates 12`, `rejected 3`. For the report.
  public var counts: [String: Int]
  /// Whether this must be committed even where no row came: it changes what later runs read.
  public var isSignificant: Bool
  /// Where everything is read every time: the source says that all is as it was, and gave no rows.
  public var isUnchanged = false

  public init(
    bookmark: Bookmark, ledger: [LedgerChange] = [], counts: [String: Int] = [:],
    isSignificant: Bool = false
  ) {
    self.bookmark = bookmark
    self.ledger = ledger
    self.counts = counts
    self.isSignificant = isSignificant
  }
}

/// One entry of a stream's ledger set, or removed where `value` is nil.
public struct LedgerChange: Hashable, Sendable {
  public var key: String
  public var value: JSONValue?

  public init(key: String, value: JSONValue?) {
    self.key = key
    self.value = value
  }
}

/// What a stream remembers about each of many things, as of its bookmark: read-only here, changed
/// only by commits.
public protocol Ledger: Sendable {
  func value(of key: String) throws(ConnectorError) -> JSONValue?

  /// Goes through all entries in the order of their keys (bytewise), one in memory at a time.
  func forEachEntry(_ body: (_ key: String, _ value: JSONValue) throws(ConnectorError) -> Void)
    throws(ConnectorError)

  /// What became of an entry: the stream's version of each commit that changed it, ascending, and
  /// what it was then; nil: removed.
  func history(of key: String) throws(ConnectorError) -> [(version: Int, value: JSONValue?)]
}

extension Ledger {
  /// All entries in the order of their keys (bytewise).
  public func entries() throws(ConnectorError) -> [(key: String, value: JSONValue)] {
    var entries: [(key: String, value: JSONValue)] = []
    try forEachEntry { key, value throws(ConnectorError) in entries.append((key, value)) }
    return entries
  }
}

/// A ledger held in memory, for first runs and tests.
public struct MemoryLedger: Ledger {
  private let values: [String: JSONValue]
  private var version = 0
  private var changes: [String: [(version: Int, value: JSONValue?)]] = [:]

  public init(_ values: [String: JSONValue] = [:]) { self.values = values }

  public func value(of key: String) throws(ConnectorError) -> JSONValue? { values[key] }

  public func forEachEntry(
    _ body: (_ key: String, _ value: JSONValue) throws(ConnectorError) -> Void
  ) throws(ConnectorError) {
    let keys = values.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    for key in keys {
      if let value = values[key] { try body(key, value) }
    }
  }

  public func history(of key: String) throws(ConnectorError) -> [(version: Int, value: JSONValue?)]
  {
    changes[key] ?? []
  }

  /// The ledger after a commit with these changes.
  public func applying(_ changes: [LedgerChange]) -> MemoryLedger {
    var values = values
    for change in changes { values[change.key] = change.value }
    var after = MemoryLedger(values)
    after.version = version + 1
    after.changes = self.changes
    for change in changes {
      after.changes[change.key, default: []].append((after.version, change.value))
    }
    return after
  }
}
