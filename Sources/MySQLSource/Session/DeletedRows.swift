internal import Base
internal import Connector
internal import Records

/// What a stream's settings say of deleted rows, against the columns that there are.
struct DeletedRows: Sendable {
  /// The column that marks them.
  let column: String?
  /// The columns that identify a row; empty where nothing asks for them.
  let key: [String]
  let compareSeconds: Double?

  /// - Throws: where a column is missing or nothing identifies a row.
  init(_ settings: StreamSettings, _ relation: Relation) throws(ConnectorError) {
    compareSeconds = settings.compareSeconds
    column = try settings.deletedColumn.map { (name) throws(ConnectorError) in
      if let found = relation.columns(named: [name])?.first { return found }
      throw Self.missing(name, "deletes.column", settings, relation)
    }
    guard compareSeconds != nil else {
      key = []
      return
    }
    let names = settings.key.isEmpty ? relation.table?.primaryKey ?? [] : settings.key
    if names.isEmpty {
      throw ConnectorError(
        .misconfigured,
        "`deletes.compare` compares keys, and "
          + (relation.table == nil ? "a query has none" : "the table has no primary key"),
        remedy: "Add `key: [COLUMN]` to the stream: the columns that identify a row.",
        place: settings.name)
    }
    for name in names where relation.columns(named: [name]) == nil {
      throw Self.missing(name, settings.key.isEmpty ? "the primary key" : "key", settings, relation)
    }
    key = relation.columns(named: names) ?? []
  }

  private static func missing(
    _ name: String, _ where: String, _ settings: StreamSettings, _ relation: Relation
  ) -> ConnectorError {
    ConnectorError(
      .notFound, "`\(`where`)` names a column `\(name)` that the stream does not read",
      remedy: nearestName(to: name, among: relation.schema.names).map { "Did you mean `\($0)`?" }
        ?? "Columns of the stream: \(relation.schema.names.joined(separator: ", ")).",
      place: settings.name)
  }
}

/// All rows, whatever their cursor: moves no bookmark.
final class KeyProgress: WindowProgress {
  func keep(
    cursors: [Column], columns: [Column], schema: Schema, rowCount: Int
  ) throws(ConnectorError) -> [Int32]? { nil }

  func finish() throws(ConnectorError) -> Advance {
    Advance(bookmark: Bookmark(kind: .opaque, mark: ""))
  }
}
