internal import Base
internal import Lake
internal import Records

/// Brings what a source yields and what a table has together, by the stream's policy; before
/// anything is staged.
struct SchemaReconciliation {
  let settings: StreamSettings
  /// What the table is split by.
  var partition = PartitionSpec([])
  /// Whether a column's type was found out from its values.
  var isInferred: (_ column: String) -> Bool = { _ in false }

  /// The rows as the table takes them in, and the table's columns after them.
  ///
  /// The rows get all the table's columns, in its types: those that the source has no more are
  /// null. Files that were written before are another matter (`TableRevision`).
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
    guard let type = field.type.widened(with: other.type, rule(field.name)) else {
      return problem(remedy(field.type, other.type))
    }
    if type != field.type && settings.typeChange == .fail {
      return problem("set schema.type_change to widen")
    }
    if !field.type.isReadable(as: type), let split = partition.split(by: field.name, turning: type)
    {
      return problem(
        "the table is split by \(split.text), which its rows would no longer agree with: "
          + "reset the stream")
    }
    wide.type = type
    return .success(wide)
  }

  private func rule(_ column: String) -> WideningRule {
    if isInferred(column) { return .inferred }
    return WideningRule(
      makesTimesOfDates: settings.typeChange == .widenTime, makesText: settings.makesText)
  }

  private func remedy(_ before: DataType, _ after: DataType) -> String {
    if before.widened(with: after, .inferred) == nil {
      return "no type holds both: change it back, or reset the stream"
    }
    let timesOfDates = WideningRule(makesTimesOfDates: true, makesText: false)
    if before.widened(with: after, timesOfDates) != nil {
      return "set schema.type_change to widen_time"
    }
    return "only text holds both: change it back, set schema.otherwise to text, or reset the stream"
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
        "Nothing was kept. Change the source or the policy; 'tidemark bookmark reset \(place)' loads the table anew with the columns as they are.",
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

extension PartitionSpec {
  /// What no longer splits the table as it does where a column changes its type so that files have
  /// to be written anew. Text and midnight name the folders that numbers and dates do.
  fileprivate func split(by column: String, turning type: DataType) -> PartitionField? {
    fields.first { field in
      guard field.column == column else { return false }
      switch field.transform {
      case .bucket, .truncate: return true
      case .identity, .year, .month, .day, .hour:
        return (try? field.field(in: Schema([Field(column, type)]))) == nil
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
