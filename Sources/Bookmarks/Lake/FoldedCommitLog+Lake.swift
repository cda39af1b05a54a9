public import Base
public import GRDB
public import Storage

extension FoldedCommitLog {
  /// Opens the log that is kept in the lake itself, and folds in what is new.
  /// - Parameters:
  ///   - cachePath: the cache of this machine; where nothing can be written there, one that ends
  ///     with the process.
  ///   - newID: the log's name where the lake has none yet.
  ///   - prepare: makes the tables that catalog changes are applied to.
  /// - Throws: `.foreign` where the lake's log is kept elsewhere, or has lost what this machine
  ///   has seen of it.
  public init(
    inLake store: any ObjectStore, cachePath: String?, clock: WallClock, randomness: Randomness,
    owner: LeaseOwner, newID: String,
    prepare: @escaping @Sendable (GRDB.Database) throws -> Void,
    applyCatalogChange: @escaping CatalogApplier
  ) throws(BookmarksError) {
    try self.init(
      inLake: store, cachePath: cachePath, clock: clock, randomness: randomness, owner: owner,
      newID: newID, settings: LakeJournal.Settings(), prepare: prepare,
      applyCatalogChange: applyCatalogChange)
  }

  init(
    inLake store: any ObjectStore, cachePath: String?, clock: WallClock, randomness: Randomness,
    owner: LeaseOwner, newID: String, settings: LakeJournal.Settings,
    prepare: @escaping @Sendable (GRDB.Database) throws -> Void,
    applyCatalogChange: @escaping CatalogApplier
  ) throws(BookmarksError) {
    let marker: LakeMarker?
    do { marker = try LakeMarker(in: store) } catch { throw BookmarksError(error) }
    if let marker, marker.kind != .lake {
      throw BookmarksError(
        .foreign,
        "the lake belongs to \(marker.description), and lake.state says that it is in the lake",
        remedy: "Set lake.state to that file, or choose another lake.", place: store.location)
    }
    let cache = try LakeCache.open(cachePath, of: store, log: marker?.log, prepare: prepare)
    tables = LogTables(
      database: cache.database, location: cachePath ?? "the cache of the lake's log",
      isCache: true, applyCatalogChange: applyCatalogChange)
    self.clock = clock
    self.owner = owner
    let id = marker?.log ?? newID
    if cache.log == nil {
      try tables.write { db in try LogTables.setMeta("id", id, db) }
    }
    let lake = LakeJournal(
      store: store, tables: tables, id: id, isMarked: marker != nil, clock: clock,
      randomness: randomness, owner: owner, settings: settings)
    journal = lake
    try lake.checkSeen()
    try lake.catchUp()
  }
}

extension FoldedCommitLog {
  /// The name that the entries of a lake's log give it.
  /// - Throws: `.notFound` where there are none.
  public static func name(inLake store: any ObjectStore) throws(BookmarksError) -> String {
    let bytes: [UInt8]?
    do { bytes = try store.readIfPresent(LogEntry.key(1)) } catch { throw BookmarksError(error) }
    guard let bytes else {
      throw BookmarksError(
        .notFound, "there is no commit log in the lake", remedy: "A run begins one.",
        place: store.location)
    }
    return try LogEntry(bytes, sequence: 1).log
  }
}

extension LakeJournal {
  /// Refuses a log that has lost entries which this machine has folded in, and one whose marker
  /// is lost.
  func checkSeen() throws(BookmarksError) {
    let position = try tables.read { db in try CachePosition(db) }
    if position.sequence == 0 {
      if isMarked { return }
      guard try read(1) == nil else {
        throw BookmarksError(
          .foreign, "the lake has a commit log, but the marker that names it is gone",
          remedy: "'tidemark state adopt' writes it again; nothing else is missing.",
          place: store.location + "/" + LakeMarker.key)
      }
      return
    }
    let entry = try read(position.sequence)
    guard entry?.id != position.entry else { return }
    throw BookmarksError(
      .foreign,
      entry == nil
        ? "the lake's log ends before entry \(position.sequence), which this machine has seen"
        : "entry \(position.sequence) of the lake's log is another than this machine has seen",
      remedy:
        "The lake was set back or its entries were removed: restore them. To go on with what the lake says now, 'tidemark state adopt'.",
      place: location)
  }
}
