internal import Base
internal import Compression
internal import Records

extension ParquetFile {
  /// The footer: row groups, and of each column chunk its encodings, codec, sizes, statistics and
  /// indexes.
  public func metaReport() -> Report {
    var text = "rows        \(Units.describe(count: rowCount))\n"
    text += "row groups  \(metadata.rowGroups.count)\n"
    text += "columns     \(parquetSchema.leaves.count)\n"
    text += "size        \(Units.describe(bytes: source.byteCount))\n"
    text += "footer      \(Units.describe(bytes: source.byteCount - footerOffset))\n"
    if let writer = metadata.createdBy { text += "written by  \(writer)\n" }
    var groups: [JSONValue] = []
    for (index, group) in metadata.rowGroups.enumerated() {
      text += "\nrow group \(index): \(Units.describe(count: Int(clamping: group.rowCount))) rows, "
      text += "\(Units.describe(bytes: Int(clamping: group.totalByteSize))) before compression\n"
      var table = TextTable(
        [
          "column", "type", "encodings", "codec", "values", "nulls", "stored", "raw", "ratio",
          "min", "max", "indexes",
        ], rightAligned: [4, 5, 6, 7, 8])
      var columns: [JSONValue] = []
      for (leaf, chunk) in zip(parquetSchema.leaves, group.columns) {
        table.add(Self.cells(leaf, chunk))
        columns.append(Self.json(leaf, chunk))
      }
      text += table.text
      groups.append(
        .object([
          "rows": .integer(group.rowCount), "bytes": .integer(group.totalByteSize),
          "columns": .array(columns),
        ]))
    }
    let pairs = (metadata.keyValues ?? []).map {
      JSONValue.Member(key: $0.key, value: .init($0.value))
    }
    let json: JSONValue = .object([
      "version": .integer(Int64(metadata.version)), "created_by": .init(metadata.createdBy),
      "rows": .init(rowCount), "bytes": .init(source.byteCount),
      "footer_bytes": .init(source.byteCount - footerOffset), "row_groups": .array(groups),
      "key_values": .object(pairs),
    ])
    return Report(json: json, text: text)
  }

  private static func codecName(_ chunk: ColumnMetaData) -> String {
    chunk.codec?.name ?? "codec \(chunk.codecNumber)"
  }

  /// How many times smaller the chunk is than its pages before compression.
  private static func ratio(_ chunk: ColumnMetaData) -> Double? {
    guard chunk.totalCompressedSize > 0 else { return nil }
    let ratio = Double(chunk.totalUncompressedSize) / Double(chunk.totalCompressedSize)
    return (ratio * 100).rounded() / 100
  }

  private static func indexNames(_ column: ColumnChunk) -> [String] {
    var names: [String] = []
    if column.columnIndexOffset != nil { names.append("column") }
    if column.offsetIndexOffset != nil { names.append("offset") }
    if column.metaData?.bloomFilterOffset != nil { names.append("bloom") }
    return names
  }

  private static func cells(_ leaf: LeafColumn, _ column: ColumnChunk) -> [String] {
    guard let chunk = column.metaData else { return [leaf.name, "encrypted"] }
    let statistics = chunk.statistics
    return [
      leaf.name, "\(leaf.dataType)", chunk.encodings.map(\.description).joined(separator: ","),
      codecName(chunk), String(chunk.valueCount), statistics?.nullCount.map { String($0) } ?? "",
      Units.describe(bytes: Int(clamping: chunk.totalCompressedSize)),
      Units.describe(bytes: Int(clamping: chunk.totalUncompressedSize)),
      ratio(chunk).map { "\($0)" } ?? "",
      StatisticText.text(statistics?.min ?? statistics?.deprecatedMin, leaf),
      StatisticText.text(statistics?.max ?? statistics?.deprecatedMax, leaf),
      indexNames(column).joined(separator: ","),
    ]
  }

  private static func json(_ leaf: LeafColumn, _ column: ColumnChunk) -> JSONValue {
    guard let chunk = column.metaData else {
      return .object(["path": .string(leaf.name), "encrypted": true])
    }
    var statistics = JSONValue.null
    if let found = chunk.statistics {
      statistics = .object([
        "min": StatisticText.json(found.min ?? found.deprecatedMin, leaf),
        "max": StatisticText.json(found.max ?? found.deprecatedMax, leaf),
        "nulls": found.nullCount.map { .integer($0) } ?? .null,
        "distinct": found.distinctCount.map { .integer($0) } ?? .null,
        "nans": found.nanCount.map { .integer($0) } ?? .null,
        "min_exact": found.isMinExact.map { .boolean($0) } ?? .null,
        "max_exact": found.isMaxExact.map { .boolean($0) } ?? .null,
      ])
    }
    let start = min(chunk.dataPageOffset, chunk.dictionaryPageOffset ?? chunk.dataPageOffset)
    return .object([
      "path": .string(leaf.name), "type": .string("\(leaf.dataType)"),
      "encodings": .array(chunk.encodings.map { .string($0.description) }),
      "codec": .string(codecName(chunk)), "values": .integer(chunk.valueCount),
      "offset": .integer(start), "compressed_bytes": .integer(chunk.totalCompressedSize),
      "uncompressed_bytes": .integer(chunk.totalUncompressedSize),
      "ratio": ratio(chunk).map { .double($0) } ?? .null, "statistics": statistics,
      "indexes": .array(indexNames(column).map { .string($0) }),
    ])
  }
}
