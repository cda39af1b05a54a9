internal import Base
internal import Records

/// Brings what a source yields and what a table has together, by the stream's policy; before
/// anything is staged.
struct SchemaReconciliation {
  let settings: StreamSettings

  /// The rows as the table takes them in, and the table's columns after them.
  ///
  /// The rows get all the table's columns, in its types: those that the source has no more are
  /// null. Files that were written before stay as they are; readers take the table's types.
  /// - Throws: `.refused` with every column that does not fit and what can be done.
  func reconcile(_ batch: Batch, with table: Schema?, place: String) throws(IngestError)
    -> (rows: Batch, table: Schema)
  {
    guard let table else {
      try checkNames(batch.schema, place)
      return (batch, batch.schema)
    }
    if batch.schema == table { return (batch, table) }
    let rows = settings.newColumn == .ignore ? dropNewColumns(batch, table) : batch
    var problems: [ColumnProblem] = []
    let after = widen(table, with: rows.schema, &problems)
    if !problems.isEmpty { throw refusal(problems, place) }
    let added = rows.schema.fields.filter { table[$0.name] == nil }
    if !added.isEmpty { try checkNames(after, place) }
    // What is required in the table but not in these rows was found to be nullable above.
    guard let converted = rows.widened(to: after) else {
      throw IngestError(
        .refused, "a value of the source does not fit the table's column, which is wider",
        remedy: "Reset the stream to load the table anew: tidemark bookmark reset \(place).",
        place: place)
    }
    return (converted, after)
  }

  /// The table's columns with those of the rows: in the table's order, then the new ones.
  private func widen(_ table: Schema, with rows: Schema, _ problems: inout [ColumnProblem])
    -> Schema
  {
    var fields: [Field] = []
    for var field in table.fields {
      if let other = rows[field.name] {
        switch widen(field, with: other) {
        case .success(let wide): field = wide
        case .failure(let problem): problems.append(problem)
        }
      } else {
        field.isNullable = true
      }
      fields.append(field)
    }
    for var field in rows.fields where table[field.name] == nil {
      if settings.newColumn == .fail {
        problems.append(
          ColumnProblem(
            name: field.name, before: nil, after: field.type,
            remedy: "set schema.new_column to add or ignore"))
      }
      field.isNullable = true
      fields.append(field)
    }
    return Schema(fields)
  }

  private func widen(_ field: Field, with other: Field) -> Result<Field, ColumnProblem> {
    func problem(_ remedy: String) -> Result<Field, ColumnProblem> {
      .failure(
        ColumnProblem(name: field.name, before: field.type, after: other.type, remedy: remedy))
    }
    var wide = field
    wide.isNullable = field.isNullable || other.isNullable
    wide.comment = other.comment ?? field.comment
    if field.type == other.type { return .success(wide) }
    if let type = field.type.widened(with: other.type) {
      if type != field.type && settings.typeChange == .fail {
        return problem("set schema.type_change to widen")
      }
      wide.type = type
      return .success(wide)
    }
    switch (field.type, other.type) {
    case (.date, .timestamp(let unit, let isUTC)), (.timestamp(let unit, let isUTC), .date):
      guard settings.typeChange == .widenTime else {
        return problem("set schema.type_change to widen_time")
      }
      wide.type = .timestamp(unit, isUTC: isUTC)
      return .success(wide)
    default:
      return problem(
        "no type holds both: change it back, or declare the column where the source takes 'columns', "
          + "and reset the stream")
    }
  }

  private func refusal(_ problems: [ColumnProblem], _ place: String) -> IngestError {
    let cells =
      [["column", "was", "is", "what to do"]]
      + problems.map { problem in
        [
          problem.name, problem.before.map { "\($0)" } ?? "–", "\(problem.after)", problem.remedy,
        ]
      }
    let widths = (0..<3).map { column in cells.map { $0[column].count }.max() ?? 0 }
    let lines = cells.map { row in
      let padded = zip(row, widths).map { text, width in
        text + String(repeating: " ", count: width - text.count)
      }
      return "\n  " + (padded + [row[3]]).joined(separator: "  ")
    }
    return IngestError(
      .refused,
      "the source's columns changed in a way that the table may not take in:\(lines.joined())",
      remedy:
        "Nothing was staged. Change the source or the policy; 'tidemark bookmark reset \(place)' loads the table anew with the columns as they are.",
      place: place)
  }

  private func dropNewColumns(_ batch: Batch, _ table: Schema) -> Batch {
    let kept = batch.schema.fields.indices.filter { table[batch.schema.fields[$0].name] != nil }
    if kept.count == batch.columns.count { return batch }
    return Batch(
      schema: Schema(kept.map { batch.schema.fields[$0] }), columns: kept.map { batch.columns[$0] },
      rowCount: batch.rowCount)
  }

  /// Engines fold names to lower case, so two that differ only in case would be one.
  private func checkNames(_ schema: Schema, _ place: String) throws(IngestError) {
    var seen: [String: String] = [:]
    for field in schema.fields {
      if let other = seen.updateValue(field.name, forKey: field.name.lowercased()) {
        throw IngestError(
          .refused, "the columns '\(other)' and '\(field.name)' differ only in case",
          remedy:
            "Rename one of them at the source, or leave one out; the catalog folds names to lower case.",
          place: place)
      }
    }
  }
}

/// A column that the table may not take in as it is now.
private struct ColumnProblem: Error {
  var name: String
  /// nil where the table has no such column.
  var before: DataType?
  var after: DataType
  var remedy: String
}
