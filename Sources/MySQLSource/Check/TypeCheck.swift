internal import Connector
internal import Records

/// Columns that become something else in the lake than their type's name says.
struct TypeCheck {
  let relation: Relation
  let table: TableFacts

  /// An ENUM with more values than one byte counts.
  private static let enumValuesMany = 255

  /// One finding for each kind of change, the columns its subject: equal ones of many tables are
  /// said once.
  var findings: [Finding] {
    var texts: [String] = []
    var columns: [String: [String]] = [:]
    for field in relation.schema.fields {
      guard let column = table[field.name], let text = Self.change(column, field.type) else {
        continue
      }
      if columns[text] == nil { texts.append(text) }
      columns[text, default: []].append(field.name)
    }
    var findings = texts.map { text in
      Finding(
        .note, text, code: "type_changes", subject: columns[text]?.joined(separator: ", "))
    }
    let unnameable = table.columns.filter { column in
      !column.isNameable && relation.schema.fields.contains { $0.name == column.name }
    }
    if !unnameable.isEmpty {
      findings.append(
        Finding(
          .error, "the lake has no columns with control characters in their names",
          remedy: "Name them under `exclude`, or rename them.", code: "column_name",
          subject: unnameable.map(\.name.debugDescription).joined(separator: ", ")))
    }
    let invisible = table.columns.filter(\.isInvisible).map(\.name)
    if !invisible.isEmpty {
      findings.append(
        Finding(
          .note, "invisible columns are left out", remedy: "`columns:` takes what it names.",
          code: "invisible_columns", subject: invisible.joined(separator: ", ")))
    }
    return findings
  }

  private static func change(_ column: TableFacts.Column, _ type: DataType) -> String? {
    switch (column.kind, type) {
    case ("bigint", .uint64): "BIGINT UNSIGNED becomes decimal(20,0)"
    case ("bit", _): column.length == 64 ? "BIT(64) becomes decimal(20,0)" : "BIT becomes a number"
    case ("decimal", .string): "DECIMAL of more than 38 digits becomes text"
    case ("time", _): "TIME becomes a number of microseconds"
    case ("enum", _):
      // Values hold no unescaped quotes: two stand around each, and a comma between.
      column.type.count { $0 == "," } + 1 > enumValuesMany
        ? "ENUM of more than \(enumValuesMany) values becomes text" : nil
    case ("geometry", _), ("point", _), ("linestring", _), ("polygon", _), ("multipoint", _),
      ("multilinestring", _), ("multipolygon", _), ("geometrycollection", _), ("geomcollection", _):
      "shapes become WKB bytes, without their SRID"
    default: nil
    }
  }
}
