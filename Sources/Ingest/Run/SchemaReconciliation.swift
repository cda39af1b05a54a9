internal import Base
internal import Records

/// Brings what a source yields and what a table has together, by the stream's policy; before
/// anything is staged.
struct SchemaReconciliation {
  let settings: StreamSettings

  /// The rows' columns that the table takes, and the table's columns after them.
  func reconcile(_ batch: Batch, with table: Schema?, place: String) throws(IngestError)
    -> (rows: Batch, table: Schema)
  {
    guard let table else {
      try checkNames(batch.schema, place)
      return (batch, batch.schema)
    }
    if batch.schema == table { return (batch, table) }
    let rows = settings.newColumn == .ignore ? dropNewColumns(batch, table) : batch
    let added = rows.schema.fields.filter { table[$0.name] == nil }
    if settings.newColumn == .fail, let column = added.first {
      throw IngestError(
        .refused, "the source has a new column '\(column.name)' (\(column.type))",
        remedy: "Set schema.new_column to add or ignore, or drop the column at the source.",
        place: place)
    }
    if !added.isEmpty { try checkNames(Schema(table.fields + added), place) }
    for field in rows.schema.fields {
      guard let old = table[field.name], old.type != field.type else { continue }
      guard let wide = old.type.widened(with: field.type) else {
        throw IngestError(
          .refused,
          "the column '\(field.name)' changed from \(old.type) to \(field.type), and no type holds both",
          remedy: "Reset the stream to load the table anew: tidemark bookmark reset \(place).",
          place: place)
      }
      if !settings.mayWiden && wide != old.type {
        throw IngestError(
          .refused, "the column '\(field.name)' changed from \(old.type) to \(field.type)",
          remedy: "Set schema.type_change to widen, or change the column back.", place: place)
      }
    }
    guard let after = table.widened(with: rows.schema) else {
      throw IngestError(
        .refused, "the source's columns no longer fit the table's",
        remedy: "Reset the stream to load the table anew: tidemark bookmark reset \(place).",
        place: place)
    }
    return (rows, after)
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
