import Compression
@testable import Parquet
import Records

/// Pages of one column chunk, with the metadata that they need to be decoded.
///
///     type | shape | codec | flags | rows, 2 bytes | dictionary: count, length, bytes
///     then pages: form | encoding | count | length, 2 bytes | bytes
enum PageFuzz {
  private struct Kind {
    let type: PrimitiveType
    var length: Int32?
    var logical: LogicalType?
  }

  private static let kinds: [Kind] = [
    Kind(type: .boolean), Kind(type: .int32), Kind(type: .int64), Kind(type: .int96),
    Kind(type: .float), Kind(type: .double), Kind(type: .byteArray),
    Kind(type: .fixedLengthByteArray, length: 5), Kind(type: .byteArray, logical: .string),
    Kind(type: .fixedLengthByteArray, length: 16, logical: .uuid),
    Kind(type: .fixedLengthByteArray, length: 2, logical: .float16),
    Kind(type: .fixedLengthByteArray, length: 11, logical: .decimal(precision: 24, scale: 2)),
    Kind(type: .byteArray, logical: .decimal(precision: 30, scale: 5)),
    Kind(type: .int32, logical: .decimal(precision: 7, scale: 2)),
    Kind(type: .int64, logical: .decimal(precision: 7, scale: 2)),
    Kind(type: .int32, logical: .integer(bitWidth: 8, isSigned: true)),
    Kind(type: .int32, logical: .integer(bitWidth: 16, isSigned: false)),
    Kind(type: .int64, logical: .integer(bitWidth: 64, isSigned: false)),
    Kind(type: .int64, logical: .timestamp(.nanoseconds, isUTC: true)),
    Kind(type: .int32, logical: .time(.milliseconds, isUTC: false)),
    Kind(type: .fixedLengthByteArray, length: 12), Kind(type: .byteArray, logical: .json),
    Kind(type: .byteArray, logical: .geometry(crs: nil)),
  ]

  private static let encodings: [Encoding] = [
    .plain, .rleDictionary, .plainDictionary, .rle, .deltaBinaryPacked, .deltaLengthByteArray,
    .deltaByteArray, .byteStreamSplit, .bitPacked,
  ]

  private static let codecs: [Codec] = [.none, .snappy, .gzip, .zstd, .brotli, .lz4Raw, .lz4]

  static func run(_ input: inout FuzzInput) {
    let kind = input.element(kinds)
    let shape = Int(input.byte() % 5)
    let codec = input.element(codecs)
    let flags = input.byte()
    let rows = Int64(input.wide())
    // Damaged compressed bytes, or sound ones of damaged content.
    let compressor = flags & 1 == 0 ? try? Compressor(codec) : nil
    var data: [UInt8] = []
    var offset: Int64 = 4
    var dictionaryOffset: Int64?
    if flags & 2 != 0 {
      dictionaryOffset = 4
      let count = input.byte()
      let content = input.take(input.wide())
      let body = stored(content, compressor)
      let claimed = compressor == nil && codec != .none ? content.count * 4 : content.count
      data += headerBytes(
        .dictionary, claimed, body.count,
        .dictionary(DictionaryPageHeader(valueCount: Int32(count), encoding: .plain)))
      data += body
      offset = Int64(data.count) + 4
    }
    var values: Int64 = 0
    while !input.isAtEnd {
      let (bytes, count) = page(&input, compressor, codec)
      data += bytes
      values += Int64(count)
      if flags & 4 == 0 || data.count > 1 << 16 { break }
    }
    let (elements, path) = schema(kind, shape)
    var metadata = ColumnMetaData(
      type: kind.type, encodings: [.plain], path: path, codec: codec,
      valueCount: flags & 8 == 0 ? values : rows, totalUncompressedSize: Int64(data.count),
      totalCompressedSize: Int64(data.count), dataPageOffset: offset)
    metadata.dictionaryPageOffset = dictionaryOffset
    let isFlat = shape < 2
    let group = RowGroup(
      columns: [ColumnChunk(metaData: metadata)], totalByteSize: Int64(data.count),
      rowCount: isFlat && flags & 16 == 0 ? metadata.valueCount : rows)
    let footer = FileMetaData(schema: elements, rowCount: group.rowCount, rowGroups: [group]).footer
    FileFuzz.run(FileFuzz.file(data: data, footer: footer))
  }

  private static func page(
    _ input: inout FuzzInput, _ compressor: Compressor?, _ codec: Codec
  ) -> (bytes: [UInt8], count: Int) {
    let form = input.byte()
    let encoding = input.element(encodings)
    let count = form & 2 == 0 ? Int(input.byte()) : input.wide() << Int(form >> 5)
    if form & 1 == 0 {
      let content = input.take(input.wide())
      let body = stored(content, compressor)
      let claimed = compressor == nil && codec != .none ? content.count * 4 : content.count
      let levels = form & 4 == 0 ? Encoding.rle : .bitPacked
      return (
        headerBytes(
          .data, claimed, body.count,
          .data(
            DataPageHeader(
              valueCount: Int32(count), encoding: encoding, definitionLevelEncoding: levels,
              repetitionLevelEncoding: levels))) + body, count
      )
    }
    let repetition = input.take(input.number(below: 64))
    let definition = input.take(input.number(below: 64))
    let nulls = form & 8 == 0 ? 0 : Int32(input.byte())
    let content = input.take(input.wide())
    let body = repetition + definition + stored(content, compressor)
    let header = DataPageHeaderV2(
      valueCount: Int32(count), nullCount: nulls, rowCount: Int32(min(count, Int(input.byte()))),
      encoding: encoding, definitionLevelsByteCount: Int32(definition.count),
      repetitionLevelsByteCount: Int32(repetition.count), isCompressed: form & 16 == 0)
    let claimed =
      (compressor == nil && codec != .none ? content.count * 4 : content.count)
      + repetition.count + definition.count
    return (headerBytes(.dataV2, claimed, body.count, .dataV2(header)) + body, count)
  }

  private static func stored(_ content: [UInt8], _ compressor: Compressor?) -> [UInt8] {
    guard let compressor else { return content }
    return (try? compressor.compress(content)) ?? content
  }

  private static func headerBytes(
    _ type: PageType, _ uncompressed: Int, _ compressed: Int, _ body: PageHeader.Body
  ) -> [UInt8] {
    PageHeader(
      type: type, uncompressedSize: Int32(clamping: uncompressed),
      compressedSize: Int32(clamping: compressed), body: body
    ).serialized()
  }

  private static func schema(_ kind: Kind, _ shape: Int) -> ([SchemaElement], [String]) {
    func leaf(_ name: String, _ repetition: Repetition) -> SchemaElement {
      SchemaElement(
        name: name, type: kind.type, typeLength: kind.length, repetition: repetition,
        logicalType: kind.logical)
    }
    func list(_ name: String) -> [SchemaElement] {
      [
        SchemaElement(name: name, repetition: .optional, childCount: 1, logicalType: .list),
        SchemaElement(name: "list", repetition: .repeated, childCount: 1),
      ]
    }
    let root = SchemaElement(name: "schema", childCount: 1)
    switch shape {
    case 0: return ([root, leaf("a", .required)], ["a"])
    case 1: return ([root, leaf("a", .optional)], ["a"])
    case 2: return ([root, leaf("a", .repeated)], ["a"])
    case 3:
      return ([root] + list("a") + [leaf("element", .optional)], ["a", "list", "element"])
    default:
      return (
        [root] + list("a") + list("element") + [leaf("element", .optional)],
        ["a", "list", "element", "list", "element"]
      )
    }
  }

  // MARK: Seeds

  /// One page of each type and encoding, with the bytes of some values.
  static var seeds: [[UInt8]] {
    var seeds: [[UInt8]] = []
    let bodies: [[UInt8]] = [
      (0..<64).map { UInt8($0) },
      [1, 3, 0b10, 0, 0, 0, 0, 0],
      [128, 1, 4, 8, 2, 2, 0, 0, 0, 0, 0, 0, 0],
      [4, 0, 0, 0, 1, 2, 3, 4, 2, 0, 0, 0, 5, 6],
      [2, 0, 0, 0, 16, 1, 2, 0, 0, 0, 16, 0, 7, 0, 0, 0],
    ]
    for kind in kinds.indices {
      for (encoding, codec) in encodings.indices.map({ ($0, $0 % codecs.count) }) {
        for shape in 0..<5 {
          let body = bodies[(kind + encoding + shape) % bodies.count]
          let flags: UInt8 = encoding == 1 ? 2 : 0
          var seed: [UInt8] = [UInt8(kind), UInt8(shape), UInt8(codec), flags, 4, 0]
          if flags & 2 != 0 { seed += [4, 32, 0] + [UInt8](repeating: 1, count: 32) }
          let isV2 = (kind + encoding) % 2 == 1
          seed += [isV2 ? 1 : 0, UInt8(encoding), 4]
          if isV2 { seed += shape > 1 ? [2, 8, 0, 2, 8, 1] : [0, shape == 1 ? 2 : 0] }
          if isV2, shape == 1 { seed += [8, 1] }
          seed += [UInt8(body.count), 0] + body
          seeds.append(seed)
        }
      }
    }
    return seeds
  }

  /// The first bytes of pages of real files, behind each choice of flags.
  static func seeds(ofFile bytes: [UInt8]) -> [[UInt8]] {
    guard let file = try? ParquetFile(MemorySource(bytes)) else { return [] }
    var seeds: [[UInt8]] = []
    for column in file.metadata.rowGroups.first?.columns.prefix(4) ?? [] {
      guard let chunk = column.metaData, let codec = chunk.codec,
        let codecIndex = codecs.firstIndex(of: codec),
        let kind = kinds.firstIndex(where: { $0.type == chunk.type }),
        let start = Int(exactly: chunk.dataPageOffset), start >= 0, start < bytes.count,
        let (header, end) = try? PageHeader.parse(bytes, range: start..<bytes.count),
        let size = Int(exactly: header.compressedSize), size <= 2048, end + size <= bytes.count,
        case .data(let data) = header.body,
        let encoding = encodings.firstIndex(of: data.encoding)
      else { continue }
      let isNullable = file.parquetSchema.elements.contains { $0.repetition == .optional }
      seeds.append(
        [UInt8(kind), isNullable ? 1 : 0, UInt8(codecIndex), 1, 0, 0, 0, UInt8(encoding)]
          + [UInt8(clamping: data.valueCount), UInt8(size & 255), UInt8(size >> 8)]
          + Array(bytes[end..<end + size]))
    }
    return seeds
  }
}
