public import Base

/// What clean-up removed, or would.
public struct GarbageReport: Sendable {
  public enum Why: String, Hashable, Sendable, CaseIterable {
    /// Taken back by a rewind, a reset or a full read.
    case retired
    /// Merged into other files.
    case replaced
    /// Staged by a run that was killed.
    case staged
    /// In a table's folder, and no commit names it.
    case unnamed
    /// What a killed process left of a small object.
    case temporary
  }

  public struct Item: Sendable {
    public var key: String
    public var byteCount: Int
    public var why: Why
    /// nil where it is of no stream.
    public var stream: String?
  }

  public var isDryRun: Bool
  public var items: [Item] = []
  /// Streams that a run held, and what is known of that.
  public var skipped: [(stream: String, why: String)] = []

  public var byteCount: Int { items.reduce(0) { $0 + $1.byteCount } }

  /// 5 where streams were held.
  public var exitCode: Int32 { skipped.isEmpty ? 0 : 5 }

  public var json: JSONValue {
    [
      "dry_run": .boolean(isDryRun), "count": .init(items.count), "bytes": .init(byteCount),
      "removed": .array(
        items.map {
          [
            "key": .string($0.key), "bytes": .init($0.byteCount), "why": .string($0.why.rawValue),
            "stream": .init($0.stream),
          ]
        }),
      "skipped": .array(
        skipped.map { ["stream": .string($0.stream), "why": .string($0.why)] }),
    ]
  }
}
