import Parquet

/// Thrift structures (the footer, page headers, indexes), and the texts that keys come in.
enum MetadataFuzz {
  static func run(_ input: inout FuzzInput) {
    let kind = input.number(below: 6)
    let bytes = input.rest()
    switch kind {
    case 0: footer(bytes)
    case 1:
      guard let parsed = try? PageHeader.parse(bytes, range: 0..<bytes.count) else { return }
      require(parsed.end <= bytes.count, "the header ends behind the bytes")
      require(
        parsed.header.compressedSize >= 0 && parsed.header.uncompressedSize >= 0, "negative sizes")
    case 2: _ = try? ColumnIndex(parsing: bytes)
    case 3: _ = try? OffsetIndex(parsing: bytes)
    case 4: _ = try? DecryptionKeys(parsing: String(decoding: bytes, as: UTF8.self))
    default:
      var keys = DecryptionKeys()
      try? keys.addKeyMaterial(parsing: String(decoding: bytes, as: UTF8.self))
    }
  }

  /// What was parsed is written and parsed again; then it is opened as the footer of a file
  /// without data.
  private static func footer(_ bytes: [UInt8]) {
    guard let metadata = try? FileMetaData(parsing: bytes) else { return }
    let written = metadata.footer
    guard let again = try? FileMetaData(parsing: written) else {
      return require(false, "what was written cannot be parsed")
    }
    // A NaN in geospatial statistics is unequal to itself, so bytes are compared.
    require(again.footer == written, "what was parsed and written is not what was parsed before")
    FileFuzz.run(FileFuzz.file(data: [], footer: bytes))
  }

  static func seeds(ofFile bytes: [UInt8]) -> [[UInt8]] {
    guard let file = try? ParquetFile(MemorySource(bytes)), file.footerOffset < bytes.count - 8
    else { return [] }
    var seeds = [[0] + Array(bytes[file.footerOffset..<bytes.count - 8])]
    for column in file.metadata.rowGroups.first?.columns.prefix(3) ?? [] {
      func add(_ kind: UInt8, _ offset: Int64?, _ length: Int?) {
        guard let offset, let start = Int(exactly: offset), let length, start >= 0, length >= 0,
          start <= bytes.count, length <= bytes.count - start
        else { return }
        seeds.append([kind] + Array(bytes[start..<start + length]))
      }
      add(1, column.metaData?.dataPageOffset, 64)
      add(1, column.metaData?.dictionaryPageOffset, 32)
      add(2, column.columnIndexOffset, column.columnIndexLength.map(Int.init))
      add(3, column.offsetIndexOffset, column.offsetIndexLength.map(Int.init))
    }
    return seeds.filter { $0.count < 8192 }
  }
}
