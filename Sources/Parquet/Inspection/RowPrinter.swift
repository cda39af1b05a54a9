internal import Base
public import Records

/// Prints rows as JSON Lines: one object a row, keys in the order of the columns.
///
/// | type | as |
/// |---|---|
/// | integers | numbers |
/// | floats of any width | their double value; `"NaN"`, `"Infinity"`, `"-Infinity"` |
/// | decimals | strings with their scale: `"12.50"` |
/// | binary, fixed binary | base64 |
/// | date | `"2026-11-21"` |
/// | timestamp | `"2026-11-21T07:34:00.5Z"`, `Z` only where it is adjusted to UTC |
/// | time | `"07:34:00.500000"`, nine digits for nanoseconds |
/// | uuid | `"f81d4fae-7dec-11d0-a765-00a0c91e6bf6"` |
/// | list, struct | array, object |
/// | map | array of `{"key":…,"value":…}` |
/// | variant | its JSON |
public struct RowPrinter: Sendable {
  private let keys: [[UInt8]]
  private let shapes: [PrintedShape]

  /// Prints batches of a schema.
  public init(schema: Schema) {
    keys = schema.fields.map { PrintedShape.key($0.name) }
    shapes = schema.fields.map { PrintedShape($0.type) }
  }

  /// Prints the batches of a reader, whose file says which structs are variants.
  public init(for reader: ParquetReader) {
    keys = reader.schema.fields.map { PrintedShape.key($0.name) }
    shapes = reader.nodes.map { PrintedShape($0, reader.file.parquetSchema.elements) }
  }

  /// All rows of a batch, each with a newline.
  /// - Precondition: the batch has the schema's columns.
  /// - Throws: where a variant's bytes cannot be understood.
  public func lines(of batch: Batch) throws(ParquetError) -> [UInt8] {
    var columns: [PrintedColumn] = []
    for (shape, column) in zip(shapes, batch.columns) {
      columns.append(try PrintedColumn(shape, column))
    }
    var output: [UInt8] = []
    for row in 0..<batch.rowCount {
      output.append(UInt8(ascii: "{"))
      for (index, column) in columns.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        output += keys[index]
        try JSONText.append(column, row, to: &output)
      }
      output.append(UInt8(ascii: "}"))
      output.append(UInt8(ascii: "\n"))
    }
    return output
  }
}
