internal import Base
internal import Records

extension ParquetFile {
  /// The footer: row groups, and of each column chunk its encodings, codec, sizes, statistics and
  /// indexes; why columns are encoded as they are; key-value metadata and encryption.
  public func metaReport() -> Report {
    let reasons = EncodingReasons(self)
    var text = summaryText()
    var groups: [JSONValue] = []
    for (index, group) in metadata.rowGroups.enumerated() {
      let chunks = parquetSchema.leaves.map { ChunkReport(self, rowGroup: index, leaf: $0) }
      text += "\n" + groupText(index, group, chunks)
      groups.append(
        .object([
          "rows": .integer(group.rowCount), "bytes": .integer(group.totalByteSize),
          "compressed_bytes": .integer(Self.storedByteCount(chunks)),
          "sorting_columns": .array((group.sortingColumns ?? []).map(sortingJSON)),
          "columns": .array(chunks.map(\.json)),
        ]))
    }
    text += Self.text(reasons)
    let json: JSONValue = .object([
      "version": .integer(Int64(metadata.version)), "created_by": .init(metadata.createdBy),
      "rows": .init(rowCount), "bytes": .init(source.byteCount),
      "footer_bytes": .init(source.byteCount - footerOffset),
      "encryption": encryptionJSON, "row_groups": .array(groups),
      "encoding_reasons": .object(
        reasons.entries.map { entry in
          JSONValue.Member(
            key: entry.path,
            value: .object([
              "encoding": .string(entry.encoding), "reason": .string(entry.reason),
              "noted_by_writer": .boolean(reasons.areNoted),
            ]))
        }),
      "key_values": .object(
        (metadata.keyValues ?? []).map { JSONValue.Member(key: $0.key, value: .init($0.value)) }),
    ])
    return Report(json: json, text: text)
  }

  private static func storedByteCount(_ chunks: [ChunkReport]) -> Int64 {
    chunks.reduce(0) { $0 &+ ($1.chunk?.totalCompressedSize ?? 0) }
  }

  // MARK: For people

  private func summaryText() -> String {
    var text = "rows        \(Units.describe(count: rowCount))\n"
    text += "row groups  \(metadata.rowGroups.count)\n"
    text += "columns     \(parquetSchema.leaves.count)\n"
    text += "size        \(Units.describe(bytes: source.byteCount))\n"
    text += "footer      \(Units.describe(bytes: source.byteCount - footerOffset))\n"
    if let writer = metadata.createdBy { text += "written by  \(writer)\n" }
    if let name = encryptionName { text += "encryption  \(name)\n" }
    for pair in metadata.keyValues ?? [] {
      let value = (pair.value ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
      text += "key         \(ChunkReport.clipped(pair.key, 30)) = "
      text += value.count > 64 ? "\(value.prefix(63))…\n" : "\(value)\n"
    }
    return text
  }

  private func groupText(_ index: Int, _ group: RowGroup, _ chunks: [ChunkReport]) -> String {
    var text = "row group \(index): \(Units.describe(count: Int(clamping: group.rowCount))) rows, "
    text += "\(Units.describe(bytes: Int(clamping: Self.storedByteCount(chunks)))) stored, "
    text += "\(Units.describe(bytes: Int(clamping: group.totalByteSize))) before compression\n"
    if let columns = group.sortingColumns, !columns.isEmpty {
      let order = columns.map { column in
        name(column) + (column.isDescending ? " descending" : "")
          + (column.isNullsFirst ? " nulls first" : " nulls last")
      }
      text += "sorted by \(order.joined(separator: ", "))\n"
    }
    var storage = TextTable(ChunkReport.storageHeader, rightAligned: ChunkReport.storageNumbers)
    var values = TextTable(ChunkReport.valuesHeader, rightAligned: ChunkReport.valuesNumbers)
    for chunk in chunks {
      storage.add(chunk.storageCells)
      values.add(chunk.valuesCells)
    }
    return text + storage.text + "\n" + values.text
  }

  private static func text(_ reasons: EncodingReasons) -> String {
    guard !reasons.entries.isEmpty else { return "" }
    var table = TextTable(["column", "encoding", "why"])
    for entry in reasons.entries {
      table.add([
        ChunkReport.clipped(entry.path, 26), ChunkReport.clipped(entry.encoding, 24),
        entry.reason.count > 66 ? "\(entry.reason.prefix(65))…" : entry.reason,
      ])
    }
    let origin = reasons.areNoted ? "as the writer noted" : "as row group 0 shows"
    return "\nencodings, \(origin)\n" + table.text
  }

  // MARK: Parts

  private func name(_ column: SortingColumn) -> String {
    let index = Int(column.columnIndex)
    guard parquetSchema.leaves.indices.contains(index) else { return "column \(index)" }
    return parquetSchema.leaves[index].name
  }

  private func sortingJSON(_ column: SortingColumn) -> JSONValue {
    .object([
      "column": .string(name(column)), "descending": .boolean(column.isDescending),
      "nulls_first": .boolean(column.isNullsFirst),
    ])
  }

  private var cipherName: String? {
    decryption.map { $0.algorithm.cipher == .aesGCM ? "AES_GCM_V1" : "AES_GCM_CTR_V1" }
  }

  private var encryptionName: String? {
    cipherName.map { name in
      switch footerProtection {
      case .none: name
      case .signed: "\(name), footer plain and signed (its key was not given: not checked)"
      case .verified: "\(name), footer plain, its signature is right"
      case .encrypted: "\(name), footer encrypted"
      }
    }
  }

  private var encryptionJSON: JSONValue {
    guard let cipherName, let algorithm = decryption?.algorithm else { return .null }
    return .object([
      "algorithm": .string(cipherName), "footer": .string(footerProtection.rawValue),
      "aad_prefix_stored": .boolean(algorithm.aadPrefix != nil),
      "aad_prefix_to_supply": .boolean(algorithm.suppliesAADPrefix ?? false),
    ])
  }
}
