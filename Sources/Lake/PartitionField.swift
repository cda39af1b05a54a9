internal import Base
public import Records

/// One column that a table is split by: a column of its rows, or what a transform makes of it.
/// The transforms mean what they mean to Iceberg.
public struct PartitionField: Hashable, Sendable {
  public enum Transform: Hashable, Sendable {
    case identity
    case year, month, day, hour
    /// One of this many numbers, by the hash of the value.
    case bucket(count: Int)
    /// Numbers down to a multiple of the width; texts and bytes cut to as many characters or bytes.
    case truncate(width: Int)

    /// The name in a config, and at the end of the partition column's name.
    var names: (config: String, suffix: String) {
      switch self {
      case .identity: ("identity", "")
      case .year: ("year", "_year")
      case .month: ("month", "_month")
      case .day: ("day", "_day")
      case .hour: ("hour", "_hour")
      case .bucket: ("bucket", "_bucket")
      case .truncate: ("truncate", "_trunc")
      }
    }

    /// Its number, where it has one.
    var parameter: Int? {
      switch self {
      case .bucket(let count): count
      case .truncate(let width): width
      default: nil
      }
    }
  }

  public var column: String
  public var transform: Transform

  public init(column: String, transform: Transform = .identity) {
    self.column = column
    self.transform = transform
  }

  /// Parses `country`, `day(created_at)`, `bucket(16, id)` or `truncate(10, name)`.
  public init?(parsing text: String) {
    let text = text.filter { $0 != " " }
    guard let open = text.firstIndex(of: "(") else {
      if text.isEmpty || text.contains(")") { return nil }
      self.init(column: text)
      return
    }
    let inner = text[text.index(after: open)...]
    guard inner.hasSuffix(")") else { return nil }
    let parts = inner.dropLast().split(
      separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
    guard let column = parts.last, !column.isEmpty else { return nil }
    let number = parts.count == 2 ? Int(parts[0]) : nil
    guard parts.count == 1 || (number.map { (1...1_000_000).contains($0) } ?? false) else {
      return nil
    }
    switch (text[..<open], number) {
    case ("year", nil): self.init(column: String(column), transform: .year)
    case ("month", nil): self.init(column: String(column), transform: .month)
    case ("day", nil): self.init(column: String(column), transform: .day)
    case ("hour", nil): self.init(column: String(column), transform: .hour)
    case ("bucket", let count?):
      self.init(column: String(column), transform: .bucket(count: count))
    case ("truncate", let width?):
      self.init(column: String(column), transform: .truncate(width: width))
    default: return nil
    }
  }

  /// As a config writes it.
  public var text: String {
    if transform == .identity { return column }
    let number = transform.parameter.map { "\($0)," } ?? ""
    return "\(transform.names.config)(\(number)\(column))"
  }

  /// The partition column: `country`, `created_at_day`, `id_bucket`.
  public var name: String { column.lowercased() + transform.names.suffix }

  /// Whether the name of the partition column leaves open how it is made.
  public var hasParameter: Bool { transform.parameter != nil }

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
    case (.bucket, let type) where Self.canBucket(type): return Field(name, .int32)
    case (.truncate, .int8), (.truncate, .int16), (.truncate, .int32), (.truncate, .int64),
      (.truncate, .uint8), (.truncate, .uint16), (.truncate, .uint32), (.truncate, .decimal),
      (.truncate, .string):
      return Field(name, source.type)
    // In hexadecimal: folders have names of text.
    case (.truncate, .binary): return Field(name, .string)
    default:
      throw LakeError(
        .partition, "\(text) cannot partition: the column is \(source.type)",
        remedy:
          "Partition by a whole number, a date, a short text, by year, month, day or hour of a time, or by bucket or truncate of a number or text."
      )
    }
  }
}

extension PartitionField {
  private static func canBucket(_ type: DataType) -> Bool {
    switch type {
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .decimal, .date, .time,
      .timestamp, .string, .binary, .fixedBinary, .uuid:
      true
    default: false
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
