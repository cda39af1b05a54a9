internal import Base

/// Why columns are encoded as they are: as the writer noted it, or as the metadata show it.
struct EncodingReasons {
  struct Entry {
    let path: String
    let encoding: String
    let reason: String
  }

  let entries: [Entry]
  /// Whether the writer said so itself.
  let areNoted: Bool

  init(_ file: ParquetFile) {
    if let text = file.metadata.value(forKey: EncodingReport.key),
      let report = EncodingReport(parsing: text)
    {
      areNoted = true
      entries = report.entries.map {
        Entry(path: $0.path, encoding: $0.encoding.description, reason: $0.reason)
      }
      return
    }
    areNoted = false
    var entries: [Entry] = []
    if !file.metadata.rowGroups.isEmpty {
      for leaf in file.parquetSchema.leaves {
        guard let chunk = ChunkReport(file, rowGroup: 0, leaf: leaf).chunk else { continue }
        entries.append(
          Entry(
            path: leaf.name, encoding: ChunkReport.encodingsText(chunk),
            reason: Self.reason(chunk)))
      }
    }
    self.entries = entries
  }

  /// What the metadata tell of how the encoding came about.
  private static func reason(_ chunk: ColumnMetaData) -> String {
    let dictionaries: Set<Encoding> = [.plainDictionary, .rleDictionary]
    let hasDictionary =
      (chunk.dictionaryPageOffset ?? 0) > 0
      || chunk.encodings.contains(where: dictionaries.contains)
    guard hasDictionary else { return "no dictionary" }
    var size = ""
    if let start = chunk.dictionaryPageOffset, start > 0, start < chunk.dataPageOffset {
      size = " of \(Units.describe(bytes: Int(clamping: chunk.dataPageOffset - start))) stored"
    }
    let pages = (chunk.encodingStats ?? []).filter { $0.pageType != .dictionary }
    guard !pages.isEmpty else { return "a dictionary\(size); pages are not counted" }
    func count(_ isWanted: (Encoding) -> Bool) -> Int {
      pages.reduce(0) { $0 + (isWanted($1.encoding) ? Int($1.count) : 0) }
    }
    let with = count(dictionaries.contains)
    let without = count { !dictionaries.contains($0) }
    switch (with, without) {
    case (0, _): return "the dictionary\(size) is not used by any page"
    case (_, 0): return "all pages use the dictionary\(size)"
    default:
      return "the dictionary\(size) became too large after \(with) of \(with + without) pages"
    }
  }
}
