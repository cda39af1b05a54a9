internal import Base
internal import Bookmarks
internal import Connector
internal import Lake
internal import Parquet
internal import Records
internal import Storage

/// The keys in a table's files, each with the version of the stream that brought its row.
struct TableKeys {
  let workspace: Workspace
  /// The key's columns.
  let schema: Schema
  let budget: MemoryBudget
  let checkCancelled: () throws -> Void

  /// - Parameter body: gets batches of the key's columns and the versions of their rows.
  func read(_ file: DataFile, _ body: ([Column], [Int]) throws -> Void) throws {
    let stored = try StoredFile(file.key, in: workspace.store)
    let parquet = try ParquetFile(stored, options: reading)
    guard parquet.rowCount == file.rowCount else {
      throw IngestError(
        .failed, "the file has \(parquet.rowCount) rows, the log says \(file.rowCount)",
        remedy: "Nothing was changed. Look whether something else wrote to the lake.",
        place: file.key)
    }
    let there = schema.names.filter { parquet.schema[$0] != nil }
    var origins = Origins(file)
    if there.isEmpty {
      // All of them are in the names of the file's folders.
      try body(columns(of: nil, count: file.rowCount, file), origins.take(file.rowCount))
      return
    }
    let reader = try parquet.reader(columns: there)
    while let batch = try reader.next() {
      try checkCancelled()
      try body(
        columns(of: batch, count: batch.rowCount, file), origins.take(batch.rowCount))
    }
  }

  private var reading: Parquet.ReadOptions {
    var options = Parquet.ReadOptions()
    options.batchByteCountMax = budget.batchBytes
    options.windowByteCount = 256 << 10
    options.memoryByteCountMax = max(budget.readerBytes, 16 << 20)
    return options
  }

  private func columns(of batch: Batch?, count: Int, _ file: DataFile) throws -> [Column] {
    try schema.fields.map { field in
      if let value = file.partition.first(where: { $0.name == field.name }) {
        return try Self.constant(value, field, count: count, place: file.key)
      }
      guard let column = batch?[field.name] else { return .nulls(field.type, count: count) }
      guard let wide = column.widened(to: field.type) else {
        throw IngestError(
          .refused,
          "the key's column '\(field.name)' is \(column.type) in a file, and \(field.type) now",
          remedy: "Reset the stream to load the table anew, or take `deletes` out.",
          place: file.key)
      }
      return wide
    }
  }

  /// A column whose value is in the name of the file's folder.
  private static func constant(
    _ value: PartitionValue, _ field: Field, count: Int, place: String
  ) throws -> Column {
    guard let text = value.text else { return .nulls(field.type, count: count) }
    let number: Int64? =
      switch field.type {
      case .date: CivilTime.parse(text).map { $0 / CivilTime.microsecondsPerDay }
      case .boolean: text == "true" ? 1 : 0
      case .uint64: UInt64(text).map { Int64(bitPattern: $0) }
      default: Int64(text)
      }
    switch (field.type, field.type.physicalType, number) {
    case (.string, _, _):
      var builder = BytesBuilder(capacity: count)
      for _ in 0..<count { builder.append(text) }
      return builder.finish(.string)
    case (.boolean, _, let number?):
      return Column(
        type: .boolean, count: count,
        values: .boolean(Bitmap(repeating: number == 1, count: count)))
    case (.decimal, _, _), (.timestamp, _, _), (.time, _, _): break
    case (_, .int32, let number?):
      return Column(
        type: field.type, count: count,
        values: .int32(Array(repeating: Int32(truncatingIfNeeded: number), count: count)))
    case (_, .int64, let number?):
      return Column(
        type: field.type, count: count, values: .int64(Array(repeating: number, count: count)))
    default: break
    }
    throw IngestError(
      .refused,
      "the table is split by '\(field.name)', a \(field.type), which is part of the key",
      remedy: "Split the table by another column, or take `deletes` out.", place: place)
  }
}

/// Which version brought each row of a file, in row order.
private struct Origins {
  private let runs: [RowOrigin]
  private var index = 0
  private var used = 0

  init(_ file: DataFile) { runs = file.origins }

  mutating func take(_ count: Int) -> [Int] {
    var versions: [Int] = []
    versions.reserveCapacity(count)
    while versions.count < count, index < runs.count {
      let run = runs[index]
      let taken = min(count - versions.count, run.rowCount - used)
      versions.append(contentsOf: repeatElement(run.version, count: taken))
      used += taken
      if used == run.rowCount {
        index += 1
        used = 0
      }
    }
    // The log knows every row's; what it did not know would count as the oldest.
    versions.append(contentsOf: repeatElement(1, count: count - versions.count))
    return versions
  }
}
