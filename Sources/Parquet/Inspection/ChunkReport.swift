internal import Base
internal import Compression
internal import Records

/// What there is to say about one column chunk.
struct ChunkReport {
  let leaf: LeafColumn
  private let column: ColumnChunk
  /// Nil where the metadata are encrypted and their key is not at hand.
  let chunk: ColumnMetaData?

  init(_ file: ParquetFile, rowGroup: Int, leaf: LeafColumn) {
    self.leaf = leaf
    column = file.metadata.rowGroups[rowGroup].columns[leaf.index]
    if column.cryptoMetaData == nil {
      chunk = column.metaData
    } else {
      chunk =
        (try? file.metadata(of: column, rowGroup: rowGroup, leaf: leaf)) ?? column.metaData
    }
  }

  // MARK: Parts

  /// `footer key`, or which key of its own; nil where the chunk is not encrypted.
  var key: String? {
    switch column.cryptoMetaData {
    case nil: nil
    case .footerKey: "footer key"
    case .columnKey(_, let metadata):
      metadata.map { "key \(DecryptionKeys.metadataText($0))" } ?? "own key"
    }
  }

  static func codecName(_ chunk: ColumnMetaData) -> String {
    chunk.codec?.name ?? "codec \(chunk.codecNumber)"
  }

  /// How many times smaller the chunk is than its pages before compression.
  static func ratio(_ chunk: ColumnMetaData) -> Double? {
    guard chunk.totalCompressedSize > 0 else { return nil }
    let ratio = Double(chunk.totalUncompressedSize) / Double(chunk.totalCompressedSize)
    return (ratio * 100).rounded() / 100
  }

  /// The names of the chunk's indexes, with their bytes where the footer tells.
  var indexes: [(name: String, offset: Int64, byteCount: Int32?)] {
    var indexes: [(String, Int64, Int32?)] = []
    if let offset = column.columnIndexOffset {
      indexes.append(("column", offset, column.columnIndexLength))
    }
    if let offset = column.offsetIndexOffset {
      indexes.append(("offset", offset, column.offsetIndexLength))
    }
    if let offset = chunk?.bloomFilterOffset {
      indexes.append(("bloom", offset, chunk?.bloomFilterLength))
    }
    return indexes
  }

  /// The encodings of values, short, with how many pages have each where that is told.
  static func encodingsText(_ chunk: ColumnMetaData) -> String {
    guard let stats = chunk.encodingStats, !stats.isEmpty else {
      let values = chunk.encodings.filter { $0 != .rle && $0 != .bitPacked }
      let shown = values.isEmpty ? chunk.encodings : values
      return shown.map(shortName).joined(separator: " ")
    }
    let pages = stats.filter { $0.pageType != .dictionary }
    return pages.map { "\(shortName($0.encoding))×\($0.count)" }.joined(separator: " ")
  }

  private static func shortName(_ encoding: Encoding) -> String {
    switch encoding {
    case .plain: "PLAIN"
    case .plainDictionary, .rleDictionary: "DICT"
    case .deltaBinaryPacked: "DELTA"
    case .deltaLengthByteArray: "DELTA_LENGTH"
    case .deltaByteArray: "DELTA_BYTES"
    case .byteStreamSplit: "SPLIT"
    default: encoding.description
    }
  }

  static func clipped(_ text: String, _ countMax: Int) -> String {
    guard text.count > countMax else { return text }
    let front = (countMax - 1) / 2
    return "\(text.prefix(front))…\(text.suffix(countMax - 1 - front))"
  }

  // MARK: For people

  static let storageHeader = [
    "column", "type", "codec", "encodings×pages", "values", "stored", "raw", "ratio",
  ]
  static let storageNumbers: Set<Int> = [4, 5, 6, 7]

  var storageCells: [String] {
    let name = Self.clipped(leaf.name, 26)
    guard let chunk else { return [name, Self.clipped("\(leaf.dataType)", 18), "encrypted"] }
    return [
      name, Self.clipped("\(leaf.dataType)", 18), Self.codecName(chunk),
      Self.clipped(Self.encodingsText(chunk), 22),
      Units.describe(count: Int(clamping: chunk.valueCount)),
      Units.describe(bytes: Int(clamping: chunk.totalCompressedSize)),
      Units.describe(bytes: Int(clamping: chunk.totalUncompressedSize)),
      Self.ratio(chunk).map { "\($0)" } ?? "",
    ]
  }

  static let valuesHeader = ["column", "nulls", "min", "max", "text", "indexes and filters"]
  static let valuesNumbers: Set<Int> = [1, 4]

  var valuesCells: [String] {
    let statistics = chunk?.statistics
    let sizes = chunk?.sizeStatistics?.unencodedByteArrayBytes
    var notes = indexes.map { index in
      index.byteCount.map { "\(index.name) \(Units.describe(bytes: Int($0)))" } ?? index.name
    }
    if let box = chunk?.geospatialStatistics?.boundingBox { notes.append(Self.text(box)) }
    if let key { notes.append(key) }
    return [
      Self.clipped(leaf.name, 26),
      statistics?.nullCount.map { Units.describe(count: Int(clamping: $0)) } ?? "",
      Self.clipped(StatisticText.text(statistics?.min ?? statistics?.deprecatedMin, leaf), 20),
      Self.clipped(StatisticText.text(statistics?.max ?? statistics?.deprecatedMax, leaf), 20),
      sizes.map { Units.describe(bytes: Int(clamping: $0)) } ?? "",
      Self.clipped(notes.joined(separator: ", "), 44),
    ]
  }

  private static func text(_ box: BoundingBox) -> String {
    func short(_ number: Double) -> String { "\((number * 100).rounded() / 100)" }
    return "box x \(short(box.xMin))…\(short(box.xMax)) y \(short(box.yMin))…\(short(box.yMax))"
  }
}
