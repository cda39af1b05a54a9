internal import Base
public import Records

/// One column that a table is split by: a column of its rows, or a part of a time.
public struct PartitionField: Hashable, Sendable {
  public enum Transform: String, Hashable, Sendable, CaseIterable {
    case identity, year, month, day, hour
  }

  public var column: String
  public var transform: Transform

  public init(column: String, transform: Transform = .identity) {
    self.column = column
    self.transform = transform
  }

  /// Parses `country` or `day(created_at)`.
  public init?(parsing text: String) {
    let text = text.filter { $0 != " " }
    guard let open = text.firstIndex(of: "(") else {
      if text.isEmpty || text.contains(")") { return nil }
      self.init(column: text)
      return
    }
    let name = String(text[..<open])
    let inner = text[text.index(after: open)...]
    guard inner.hasSuffix(")"), inner.count > 1, name != "identity",
      let transform = Transform(rawValue: name)
    else { return nil }
    self.init(column: String(inner.dropLast()), transform: transform)
  }

  /// The partition column: `country`, `created_at_day`.
  public var name: String {
    transform == .identity ? column.lowercased() : "\(column.lowercased())_\(transform.rawValue)"
  }

  /// Whether the rows' own column becomes the partition column and leaves the files.
  public var replacesColumn: Bool { transform == .identity }

  /// The partition column's field in the table.
  /// - Throws: `.partition` where the rows lack the column or its type cannot be split by.
  public func field(in schema: Schema) throws(LakeError) -> Field {
    guard let source = schema[column] else {
      throw LakeError(
        .partition, "the rows have no column '\(column)' to partition by",
        remedy: nearestName(to: column, among: schema.names).map { "Did you mean '\($0)'?" }
          ?? "Its columns: \(schema.names.joined(separator: ", ")).")
    }
    switch (transform, source.type) {
    case (.identity, .int8), (.identity, .int16), (.identity, .int32), (.identity, .int64),
      (.identity, .uint8), (.identity, .uint16), (.identity, .uint32), (.identity, .date),
      (.identity, .string), (.identity, .boolean):
      return Field(name, source.type)
    case (.year, .date), (.year, .timestamp): return Field(name, .int32)
    case (.month, .date), (.month, .timestamp): return Field(name, .string)
    case (.day, .date), (.day, .timestamp): return Field(name, .date)
    case (.hour, .timestamp): return Field(name, .string)
    default:
      throw LakeError(
        .partition,
        "\(transform == .identity ? column : "\(transform.rawValue)(\(column))") cannot partition: the column is \(source.type)",
        remedy:
          "Partition by a whole number, a date, a short text, or by year, month, day or hour of a time."
      )
    }
  }
}

/// The columns that a table is split by, in the order of its folders.
public struct PartitionSpec: Hashable, Sendable {
  public var fields: [PartitionField]

  public init(_ fields: [PartitionField]) { self.fields = fields }

  /// The columns that the files keep: all but those that became partition columns.
  public func fileSchema(_ schema: Schema) -> Schema {
    Schema(
      schema.fields.filter { field in
        !fields.contains { $0.replacesColumn && $0.column == field.name }
      })
  }

  /// The table's columns: those of the files, then the partition columns.
  public func tableSchema(_ schema: Schema) throws(LakeError) -> Schema {
    var result = fileSchema(schema)
    for field in fields {
      let column = try field.field(in: schema)
      if result[column.name] != nil {
        throw LakeError(
          .partition, "the partition column '\(column.name)' is also a column of the rows",
          remedy: "Partition by another column or part of a time.")
      }
      result.fields.append(column)
    }
    return result
  }
}
