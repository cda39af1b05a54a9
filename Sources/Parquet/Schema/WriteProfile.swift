public import Records

/// Which readers a file is for.
public enum WriteProfile: String, Hashable, Sendable, CaseIterable {
  /// What Athena, Spark, Redshift Spectrum, Trino, DuckDB and polars all read: version 1 pages,
  /// PLAIN and dictionary encoding, no unsigned types, microseconds.
  case lake
  /// For our own reader and modern ones: every type as it is, every encoding.
  case max
}

extension WriteProfile {
  /// The type that values of a type are stored as. `max` stores every type as it is.
  ///
  /// `lake`:
  ///
  /// | of | as | because |
  /// |---|---|---|
  /// | uint8, uint16, uint32 | int16, int32, int64 | Hive and Athena know no unsigned numbers |
  /// | uint64 | decimal(20,0) | nothing narrower holds it |
  /// | float16 | float32 | |
  /// | timestamp(ns) | timestamp(us), rounded down | Athena refuses nanoseconds |
  /// | time | int64, microseconds | Athena has no TIME in files; durations may pass a day |
  /// | uuid | string | a catalog calls it string |
  /// | fixedBinary | binary | a catalog knows only that |
  /// | json | string | polars reads texts marked as JSON as bytes |
  public func storedType(of type: DataType) -> DataType {
    switch type {
    case .list(let element): return .list(storedField(element))
    case .structure(let fields): return .structure(fields.map(storedField))
    case .map(let key, let value): return .map(key: storedField(key), value: storedField(value))
    default: return self == .max ? type : Self.lakeType(of: type)
    }
  }

  public func storedField(_ field: Field) -> Field {
    Field(
      field.name, storedType(of: field.type), isNullable: field.isNullable, comment: field.comment)
  }

  /// The schema of the files that rows of a schema are written to.
  public func storedSchema(of schema: Schema) -> Schema {
    Schema(schema.fields.map(storedField))
  }

  private static func lakeType(of type: DataType) -> DataType {
    switch type {
    case .uint8: .int16
    case .uint16: .int32
    case .uint32: .int64
    case .uint64: .decimal(precision: 20, scale: 0)
    case .float16: .float32
    case .timestamp(.nanoseconds, let isUTC): .timestamp(.microseconds, isUTC: isUTC)
    case .time: .int64
    case .uuid, .json: .string
    case .fixedBinary: .binary
    default: type
    }
  }
}
