internal import Connector

/// What happens in a table and does not move its cursor.
struct BlindSpots {
  let cursor: CursorColumn
  /// nil for a query.
  let table: TableFacts?
  let deletes: ConfigValue?

  var findings: [Finding] {
    var findings = [seesArrivalsOnly ? arrivals : changes].compactMap { $0 }
    let marks = table?.readableColumns.map(\.name).filter(NameRole.isDeleted) ?? []
    if let mark = marks.first, deletes?["column"] == nil {
      findings.append(
        Finding(
          .note, "rows seem to be marked as deleted, and nothing says so to readers",
          remedy: "Add `deletes: {column: \(mark)}` to the stream.", code: "soft_deletes",
          subject: marks.joined(separator: ", ")))
    }
    return findings
  }

  /// Whether the cursor stays where it is when a row changes.
  private var seesArrivalsOnly: Bool {
    if !cursor.isTime { return true }
    guard let column = table?[cursor.name] else { return false }
    return !column.isSetOnUpdate && NameRole.isCreated(column.name)
  }

  private var arrivals: Finding {
    Finding(
      .note, "the cursor moves with new rows only: updates and deletes are not seen",
      remedy: "Where rows change, go by a time of the last change (TIMESTAMP(6) ON UPDATE"
        + " CURRENT_TIMESTAMP(6)).",
      code: "sees_new_rows_only", subject: cursor.name)
  }

  private var changes: Finding? {
    if deletes?["compare"] != nil { return nil }
    return Finding(
      .note,
      "not seen: deleted rows, and changes that leave the cursor as it is (bulk loads with old times,"
        + " updates that set it)",
      remedy:
        "Where rows are deleted, add `deletes: {compare: 1d}`; `bookmark reset` reads all anew.",
      code: "deletes_not_seen")
  }
}
