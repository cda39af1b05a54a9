public import GRDB

extension EmbeddedCatalog {
  /// Of the tables below; rises when they change.
  static let formatVersion = 1

  /// Makes the catalog's tables where they are missing. May be called on every opening.
  /// - Throws: `.incompatible` where a newer Tidemark made them.
  public static func migrate(_ db: Database) throws(CatalogError) {
    try translating {
      try db.execute(
        sql: "CREATE TABLE IF NOT EXISTS catalog_format (version INTEGER NOT NULL)")
      let found = try Int.fetchOne(db, sql: "SELECT max(version) FROM catalog_format")
      guard let found else {
        try db.execute(sql: tables)
        return try db.execute(
          sql: "INSERT INTO catalog_format VALUES (?)", arguments: [formatVersion])
      }
      if found > formatVersion {
        throw CatalogError(
          .incompatible,
          "the catalog has format \(found); this Tidemark knows \(formatVersion) and older",
          remedy: "use the Tidemark that wrote it, or a newer one", place: "catalog")
      }
    }
  }

  /// A partition without a descriptor has that of its table. Descriptors of partitions that have
  /// their own are kept once for all that share them, without the location.
  private static let tables = """
    CREATE TABLE catalog_database (
      name TEXT PRIMARY KEY,
      body TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE catalog_table (
      id INTEGER PRIMARY KEY,
      database TEXT NOT NULL REFERENCES catalog_database (name),
      name TEXT NOT NULL,
      version INTEGER NOT NULL,
      body TEXT NOT NULL,
      UNIQUE (database, name)
    ) STRICT;

    CREATE TABLE catalog_table_version (
      table_id INTEGER NOT NULL REFERENCES catalog_table (id) ON DELETE CASCADE,
      version INTEGER NOT NULL,
      body TEXT NOT NULL,
      PRIMARY KEY (table_id, version)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE catalog_descriptor (
      id INTEGER PRIMARY KEY,
      table_id INTEGER NOT NULL REFERENCES catalog_table (id) ON DELETE CASCADE,
      body TEXT NOT NULL,
      UNIQUE (table_id, body)
    ) STRICT;

    CREATE TABLE catalog_partition (
      table_id INTEGER NOT NULL REFERENCES catalog_table (id) ON DELETE CASCADE,
      key BLOB NOT NULL,
      location TEXT,
      descriptor_id INTEGER,
      parameters TEXT,
      created INTEGER NOT NULL,
      PRIMARY KEY (table_id, key)
    ) STRICT, WITHOUT ROWID;
    """
}
