public import Base
internal import Connector
public import GRDB
internal import Records

/// The commit log: what it means is in its tables (`LogTables`), what makes it last in its journal
/// (a SQLite file, or entries in the lake).
public struct FoldedCommitLog: CommitLog {
  let tables: LogTables
  let journal: any Journal
  let clock: WallClock
  let owner: LeaseOwner

  /// Opens the log that is kept in a SQLite database, creating what is missing: bookmarks and
  /// catalog change are in one transaction.
  /// - Parameters:
  ///   - location: for messages.
  ///   - newID: the log's name where it is new.
  ///   - applyCatalogChange: writes a commit's catalog change in the same transaction.
  public init(
    database: any DatabaseWriter, location: String, clock: WallClock, owner: LeaseOwner,
    newID: String, applyCatalogChange: @escaping CatalogApplier
  ) throws(BookmarksError) {
    tables = LogTables(
      database: database, location: location, applyCatalogChange: applyCatalogChange)
    self.clock = clock
    self.owner = owner
    let id = try tables.write { db in
      try LogTables.create(db)
      if let id = try LogTables.meta("id", in: db) { return id }
      try LogTables.setMeta("id", newID, db)
      return newID
    }
    journal = SQLiteJournal(id: id, tables: tables, clock: clock)
  }

  /// Lets go of the file, whole: nothing of it is in files beside it any more.
  public func close() throws(BookmarksError) {
    try Self.translating(location) { try tables.database.close() }
  }

  /// Where the catalog's tables lie beside the log's own.
  public var database: any DatabaseReader { tables.database }

  public var id: String { journal.id }
  public var location: String { journal.location }

  /// What others have decided is looked for before, at most once a second.
  func read<T>(_ body: (GRDB.Database) throws -> T) throws(BookmarksError) -> T {
    try journal.refresh(isUrgent: false)
    return try tables.read(body)
  }

  public func append(_ commit: Commit, under lease: Lease) throws(BookmarksError) {
    try journal.decide { _ in ([.append(commit, under: lease)], ()) }
  }

  public func markPublished(_ commit: Commit) throws(BookmarksError) {
    // Where it is lost, the files are in place, and the commit is published again.
    try journal.decide(outlasting: .kill) { db in
      let isPublished = try Bool.fetchOne(
        db, sql: "SELECT published FROM commit_log WHERE id = ?", arguments: [commit.id])
      if isPublished == true { return ([], ()) }
      return ([.markPublished(stream: commit.stream, version: commit.version)], ())
    }
  }

  public func changeCatalog(_ change: JSONValue) throws(BookmarksError) {
    try journal.decide { _ in ([.changeCatalog(change)], ()) }
  }

  public func refresh() throws(BookmarksError) { try journal.refresh(isUrgent: true) }

  /// Runs database work; its errors become ours.
  public static func translating<T>(_ location: String, _ body: () throws -> T)
    throws(BookmarksError) -> T
  {
    do {
      return try body()
    } catch let error as BookmarksError {
      throw error
    } catch let error as DatabaseError {
      throw Self.translate(error, location)
    } catch {
      throw BookmarksError(
        .corrupt, "the commit could not be recorded: \(error)",
        remedy: "Nothing was changed. Run again; if it stays, report it with this message.",
        place: location)
    }
  }

  private static func translate(_ error: DatabaseError, _ location: String) -> BookmarksError {
    let cause = error.message ?? "SQLite code \(error.resultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      return BookmarksError(
        .corrupt, "the state file is damaged or no SQLite database",
        remedy: "Restore it from a backup; nothing was changed.", place: location, cause: cause)
    case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN, .SQLITE_AUTH:
      return BookmarksError(
        .unreachable, "the state file cannot be opened for writing",
        remedy: "Check that its folder exists and that this user may write there.",
        place: location, cause: cause)
    case .SQLITE_FULL:
      return BookmarksError(
        .unreachable, "no room is left for the state file",
        remedy: "Make room on its disk and run again; nothing was lost.", place: location,
        cause: cause)
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return BookmarksError(
        .unreachable, "the state file stayed locked by another process",
        remedy: "Wait for the other run to end and run again.", place: location, cause: cause)
    default:
      return BookmarksError(
        .unreachable, "the state file could not be read or written",
        remedy: "Check its disk and run again; nothing was changed.", place: location,
        cause: cause)
    }
  }
}
