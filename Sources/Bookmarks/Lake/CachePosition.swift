internal import Base
internal import GRDB

/// How much of the lake's log is folded into a cache.
struct CachePosition {
  /// Of the last entry; 0 where there is none.
  var sequence: Int
  var entry: String?

  init(_ db: GRDB.Database) throws {
    sequence = try LogTables.meta("sequence", in: db).flatMap(Int.init) ?? 0
    entry = try LogTables.meta("entry", in: db)
  }
}

extension LogTables {
  /// Folds the next entry in.
  func apply(_ entry: LogEntry, in db: GRDB.Database) throws {
    for operation in entry.operations { try apply(operation, at: entry.sequence, in: db) }
    try Self.setMeta("sequence", String(entry.sequence), db)
    try Self.setMeta("entry", entry.id, db)
  }
}
