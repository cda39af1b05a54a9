public import Base
public import Storage

/// The small object in a lake that names its commit log, so that neither is taken for another's.
public struct LakeMarker: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable {
    case sqlite
    case lake
  }

  /// The log's name.
  public var log: String
  public var kind: Kind
  /// Where the log is kept, as it was when the lake was marked: `/srv/etl/.tidemark/state.db`.
  public var location: String
  public var host: String
  public var createdAt: Instant?
  /// Commits that the log held when that was last noted here: a log with fewer is an older one.
  public var commitCount: Int

  public static let key = "_tidemark/log.json"

  public init(
    log: String, kind: Kind, location: String, host: String, createdAt: Instant?,
    commitCount: Int = 0
  ) {
    self.log = log
    self.kind = kind
    self.location = location
    self.host = host
    self.createdAt = createdAt
    self.commitCount = commitCount
  }

  /// The lake's marker; nil where it has none.
  public init?(in store: any ObjectStore) throws(StorageError) {
    guard let bytes = try store.readIfPresent(Self.key) else { return nil }
    let json = (try? JSONValue(parsing: bytes)) ?? .null
    self.init(
      log: json["log"]?.string ?? "?",
      kind: json["kind"]?.string.flatMap(Kind.init(rawValue:)) ?? .sqlite,
      location: json["kept_in"]?.string ?? "", host: json["host"]?.string ?? "",
      createdAt: json["created_at"]?.string.flatMap { Instant($0) },
      commitCount: Int(json["commits"]?.integer ?? 0))
  }

  /// - Throws: `.conflict` where the condition does not hold.
  public func put(in store: any ObjectStore, if condition: PutCondition) throws(StorageError) {
    let json: JSONValue = [
      "log": .string(log), "kind": .string(kind.rawValue), "kept_in": .string(location),
      "host": .string(host), "created_at": .init(createdAt?.description),
      "commits": .init(commitCount),
      "what":
        "This folder is written by Tidemark; the commit log of this name says what its tables consist of.",
    ]
    try store.put(Self.key, Array((json.text(indented: true) + "\n").utf8), if: condition)
  }

  /// Where the log is, in words: `the log 3f2a, kept in /srv/state.db on etl-1`.
  public var description: String {
    switch kind {
    case .lake: "the log \(log), kept in the lake"
    case .sqlite:
      "the log \(log)" + (location.isEmpty ? "" : ", kept in \(location) on \(host)")
    }
  }
}

extension LakeMarker {
  /// Marks the lake, unless it is marked already.
  /// - Returns: the marker that the lake has now.
  public func claim(_ store: any ObjectStore) throws(StorageError) -> LakeMarker {
    if let found = try LakeMarker(in: store) { return found }
    do {
      try put(in: store, if: .absent)
      return self
    } catch {
      // Somebody else was first, or the answer was lost: then it is there.
      guard error.kind == .conflict, let found = try LakeMarker(in: store) else { throw error }
      return found
    }
  }
}
