/// Columnar rows in memory, immutable: the one form in which data moves between stages.
public struct Batch: Sendable {
  public let schema: Schema
  public let columns: [Column]
  public let rowCount: Int

  /// - Precondition: one column a field, of its type, each with `rowCount` rows.
  public init(schema: Schema, columns: [Column], rowCount: Int) {
    precondition(columns.count == schema.fields.count)
    precondition(columns.allSatisfy { $0.count == rowCount })
    self.schema = schema
    self.columns = columns
    self.rowCount = rowCount
  }

  public subscript(name: String) -> Column? { schema.index(of: name).map { columns[$0] } }

  /// Bytes of column memory.
  public var byteCount: Int { columns.reduce(0) { $0 + $1.byteCount } }
}
