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
public struct RowPrinter: Sendable {
  private let keys: [[UInt8]]

  public init(schema: Schema) { keys = schema.fields.map { Self.key($0.name) } }

  /// All rows of a batch, each with a newline.
  /// - Precondition: the batch has the schema's columns.
  public func lines(of batch: Batch) -> [UInt8] {
    var output: [UInt8] = []
    for row in 0..<batch.rowCount { append(row, of: batch, to: &output) }
    return output
  }

  /// Appends one row and a newline.
  public func append(_ row: Int, of batch: Batch, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "{"))
    for (index, column) in batch.columns.enumerated() {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      output += keys[index]
      JSONText.append(column, row, to: &output)
    }
    output.append(UInt8(ascii: "}"))
    output.append(UInt8(ascii: "\n"))
  }

  /// `"name":`
  static func key(_ name: String) -> [UInt8] {
    var output: [UInt8] = []
    JSONText.appendString(Array(name.utf8)[...], to: &output)
    output.append(UInt8(ascii: ":"))
    return output
  }
}
