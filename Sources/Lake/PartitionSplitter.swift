internal import Base
public import Records
public import Storage

/// Splits batches by partition.
public struct PartitionSplitter: Sendable {
  public let spec: PartitionSpec

  public init(_ spec: PartitionSpec) { self.spec = spec }

  /// The batch's rows by partition, each without the columns that became partition columns;
  /// partitions in the order of their first row, rows in their own.
  /// Complexity: O(rows), and no copy where all rows are of one partition.
  public func split(_ batch: Batch) throws(LakeError) -> [(
    partition: [PartitionValue], rows: Batch
  )] {
    if spec.fields.isEmpty { return [([], batch)] }
    let stripped = strip(batch)
    if batch.rowCount == 0 { return [] }
    var groups = [Int32](repeating: 0, count: batch.rowCount)
    var values: [[PartitionValue]] = [[]]
    for field in spec.fields { try refine(&groups, &values, by: field, in: batch) }
    if values.count == 1 { return [(values[0], stripped)] }
    var rows = [[Int32]](repeating: [], count: values.count)
    for (row, group) in groups.enumerated() { rows[Int(group)].append(Int32(row)) }
    return zip(values, rows).map { ($0, stripped.gather($1)) }
  }

  private func strip(_ batch: Batch) -> Batch {
    let schema = spec.fileSchema(batch.schema)
    if schema.fields.count == batch.schema.fields.count { return batch }
    let columns = schema.fields.compactMap { batch[$0.name] }
    return Batch(schema: schema, columns: columns, rowCount: batch.rowCount)
  }

  /// Splits each group further by one field's value.
  private func refine(
    _ groups: inout [Int32], _ values: inout [[PartitionValue]], by field: PartitionField,
    in batch: Batch
  ) throws(LakeError) {
    _ = try field.field(in: batch.schema)
    guard let column = batch[field.column] else { return }
    let codes = field.codes(of: column)
    var ids: [Code: Int32] = [:]
    var refined: [[PartitionValue]] = []
    var last: (code: Code, id: Int32)?
    for row in 0..<groups.count {
      let code = Code(group: groups[row], value: column.isNull(row) ? nil : codes[row])
      if let last, last.code == code {
        groups[row] = last.id
        continue
      }
      var id = ids[code] ?? -1
      if id < 0 {
        id = Int32(refined.count)
        ids[code] = id
        let text = code.value.map { _ in field.text(of: column, row: row, code: codes[row]) }
        refined.append(values[Int(code.group)] + [PartitionValue(name: field.name, text: text)])
      }
      groups[row] = id
      last = (code, id)
    }
    values = refined
  }

  private struct Code: Hashable {
    var group: Int32
    var value: Int64?
  }
}
