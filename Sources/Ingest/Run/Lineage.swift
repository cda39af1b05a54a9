internal import Base
internal import Records

/// The columns that say where a row came from.
struct Lineage {
  static let commitColumn = "_commit"
  static let timeColumn = "_ingested_at"
  let commit: String
  let at: Instant

  init(commit: String, at: Instant) {
    self.commit = commit
    self.at = at
  }

  func extend(_ batch: Batch) -> Batch {
    let count = batch.rowCount
    let text = Array(commit.utf8)
    let view = ByteView(offset: 0, length: UInt32(text.count))
    let time = DataType.timestamp(.microseconds, isUTC: true)
    let columns = [
      Column(
        type: .string, count: count,
        values: .bytes(ByteColumn(views: Array(repeating: view, count: count), buffers: [text]))),
      Column(
        type: time, count: count,
        values: .int64(Array(repeating: at.microseconds, count: count))),
    ]
    let fields = [
      Field(Self.commitColumn, .string, isNullable: false),
      Field(Self.timeColumn, time, isNullable: false),
    ]
    return Batch(
      schema: Schema(batch.schema.fields + fields), columns: batch.columns + columns,
      rowCount: count)
  }
}
