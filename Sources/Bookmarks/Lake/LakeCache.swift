internal import Base
internal import Foundation
internal import GRDB
internal import Storage

/// The SQLite file that a log in the lake is folded into on this machine. Nothing is lost with it.
public struct LakeCache {
  let database: any DatabaseWriter
  /// The lake's log that it belongs to; nil where it is new.
  let log: String?

  /// Opens the cache of a lake's log; one that belongs to another or is damaged is made anew.
  /// - Parameters:
  ///   - path: nil, or where nothing can be written: a file that ends with the process.
  ///   - log: the log's name where the lake has one.
  ///   - prepare: makes the tables of others that operations change.
  static func open(
    _ path: String?, of store: any ObjectStore, log: String?,
    prepare: @Sendable (GRDB.Database) throws -> Void
  ) throws(BookmarksError) -> LakeCache {
    let location = path ?? "a temporary file"
    return try FoldedCommitLog.translating(location) {
      if let path, let database = try openFile(path) {
        if let cache = try use(database, of: store, log: log, path, prepare) { return cache }
        try database.close()
        try remove(path)
        if let database = try openFile(path),
          let cache = try use(database, of: store, log: log, path, prepare)
        {
          return cache
        }
      }
      let database = try DatabaseQueue(path: "", configuration: settings)
      guard let cache = try use(database, of: store, log: log, location, prepare) else {
        throw BookmarksError(
          .unreachable, "no cache of the lake's log can be made",
          remedy: "Give this user a folder for temporary files, by TMPDIR.")
      }
      return cache
    }
  }

  /// nil where the file cannot be written: then there is none.
  private static func openFile(_ path: String) throws -> DatabaseQueue? {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      return try DatabaseQueue(path: path, configuration: settings)
    } catch let error as DatabaseError {
      switch error.resultCode {
      case .SQLITE_CORRUPT, .SQLITE_NOTADB:
        try remove(path)
        return try DatabaseQueue(path: path, configuration: settings)
      case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM: return nil
      default: throw error
      }
    } catch is CocoaError {
      return nil
    }
  }

  /// nil where it is damaged, or the cache of another log.
  private static func use(
    _ database: DatabaseQueue, of store: any ObjectStore, log: String?, _ path: String,
    _ prepare: @Sendable (GRDB.Database) throws -> Void
  ) throws -> LakeCache? {
    do {
      return try database.write { db in
        let isNew = try !db.tableExists("meta")
        try LogTables.create(db)
        if isNew {
          try LogTables.setMeta("kind", "cache", db)
          try LogTables.setMeta("store", store.location, db)
          try prepare(db)
          return LakeCache(database: database, log: nil)
        }
        guard try LogTables.meta("kind", in: db) == "cache" else {
          throw BookmarksError(
            .foreign, "the file for the cache holds a commit log of its own",
            remedy: "Move it away, or set lake.state to it if it is this lake's log.", place: path)
        }
        guard try LogTables.meta("store", in: db) == store.location,
          try LogTables.meta("id", in: db) == log
        else { return nil }
        try prepare(db)
        return LakeCache(database: database, log: log)
      }
    } catch let error as DatabaseError
      where [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR].contains(error.resultCode)
    {
      return nil
    }
  }

  /// Removes a cache, or any SQLite file with what belongs to it.
  public static func remove(_ path: String) throws {
    for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
      try FileManager.default.removeItem(atPath: path + suffix)
    }
  }

  private static let settings: GRDB.Configuration = {
    var settings = GRDB.Configuration()
    settings.busyMode = .timeout(15)
    settings.prepareDatabase { db in
      // What the power takes from a cache is read again from the lake.
      try db.execute(
        sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -4096;")
    }
    return settings
  }()
}
