internal import Connector

/// What happens in a table and does not move its cursor.
enum BlindSpots {
  static func finding(_ cursor: CursorColumn, _ table: TableFacts?) -> Finding {
    let deleted = table?.readableColumns.filter { NameRole.isDeleted($0.name) }.map(\.name) ?? []
    let column = table?[cursor.name]
    let isArrival =
      !cursor.isTime
      || column.map { !$0.isSetOnUpdate && !NameRole.isUpdated($0.name) } ?? false
    if isArrival {
      return Finding(
        .note, "the cursor moves with new rows: updates and deletes are not seen",
        remedy: "For rows that change, go by a time of the last change (ON UPDATE"
          + " CURRENT_TIMESTAMP).",
        code: "sees_new_rows_only", subject: cursor.name)
    }
    return Finding(
      .note,
      "not seen: rows that are deleted, and changes that leave the cursor as it is (bulk loads with"
        + " old times, updates that set it)",
      remedy: deleted.isEmpty
        ? "`bookmark reset` reads the table anew."
        : "Deleted rows are marked, and queries can leave"
          + " them out.",
      code: "deletes_not_seen", subject: deleted.isEmpty ? nil : deleted.joined(separator: ", "))
  }
}
