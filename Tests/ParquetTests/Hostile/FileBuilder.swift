import Compression

@testable import Parquet

/// Puts Parquet files together piece by piece, right or wrong.
struct FileBuilder {
  struct Page {
    var header: PageHeader
    var body: [UInt8]
  }

  struct Chunk {
    var type: PrimitiveType
    var path: [String]
    var pages: [Page]
    var valueCount: Int64
    var codec = Codec.none
    var hasDictionary = false
    var statistics: Statistics?
    var adjust: (inout ColumnMetaData) -> Void = { _ in }
  }

  var elements: [SchemaElement]
  /// Row groups of chunks.
  var groups: [(rowCount: Int64, chunks: [Chunk])]
  var adjust: (inout FileMetaData) -> Void = { _ in }

  func bytes() -> [UInt8] {
    var bytes = Array("PAR1".utf8)
    var rowGroups: [RowGroup] = []
    for group in groups {
      var columns: [ColumnChunk] = []
      for chunk in group.chunks {
        let start = bytes.count
        var dataStart = start
        var rawCount = 0
        for (index, page) in chunk.pages.enumerated() {
          if index == 1, chunk.hasDictionary { dataStart = bytes.count }
          let header = page.header.serialized()
          bytes += header + page.body
          rawCount += header.count + Int(page.header.uncompressedSize)
        }
        var metadata = ColumnMetaData(
          type: chunk.type, encodings: [.plain], path: chunk.path, codec: chunk.codec,
          valueCount: chunk.valueCount, totalUncompressedSize: Int64(rawCount),
          totalCompressedSize: Int64(bytes.count - start), dataPageOffset: Int64(dataStart))
        if chunk.hasDictionary { metadata.dictionaryPageOffset = Int64(start) }
        metadata.statistics = chunk.statistics
        chunk.adjust(&metadata)
        columns.append(ColumnChunk(metaData: metadata))
      }
      rowGroups.append(RowGroup(columns: columns, totalByteSize: 0, rowCount: group.rowCount))
    }
    var metadata = FileMetaData(
      schema: elements, rowCount: groups.reduce(0) { $0 &+ $1.rowCount }, rowGroups: rowGroups)
    adjust(&metadata)
    return Self.finish(bytes, footer: metadata.footer)
  }

  static func finish(_ bytes: [UInt8], footer: [UInt8]) -> [UInt8] {
    bytes + footer + littleEndian(UInt32(footer.count), 4) + Array("PAR1".utf8)
  }

  static func littleEndian(_ value: some BinaryInteger, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  // MARK: Pieces

  static func root(_ childCount: Int32) -> SchemaElement {
    SchemaElement(name: "schema", childCount: childCount)
  }

  static func data(
    _ body: [UInt8], count: Int32, encoding: Encoding = .plain, raw: Int? = nil
  ) -> Page {
    Page(
      header: PageHeader(
        type: .data, uncompressedSize: Int32(raw ?? body.count), compressedSize: Int32(body.count),
        body: .data(DataPageHeader(valueCount: count, encoding: encoding))), body: body)
  }

  static func dataV2(
    repetition: [UInt8] = [], definition: [UInt8] = [], _ values: [UInt8], count: Int32,
    nulls: Int32 = 0, rows: Int32? = nil, encoding: Encoding = .plain, raw: Int? = nil,
    isCompressed: Bool = false
  ) -> Page {
    let body = repetition + definition + values
    return Page(
      header: PageHeader(
        type: .dataV2, uncompressedSize: Int32(raw ?? body.count),
        compressedSize: Int32(body.count),
        body: .dataV2(
          DataPageHeaderV2(
            valueCount: count, nullCount: nulls, rowCount: rows ?? count, encoding: encoding,
            definitionLevelsByteCount: Int32(definition.count),
            repetitionLevelsByteCount: Int32(repetition.count), isCompressed: isCompressed))),
      body: body)
  }

  static func dictionary(_ body: [UInt8], count: Int32, encoding: Encoding = .plain) -> Page {
    Page(
      header: PageHeader(
        type: .dictionary, uncompressedSize: Int32(body.count), compressedSize: Int32(body.count),
        body: .dictionary(DictionaryPageHeader(valueCount: count, encoding: encoding))), body: body)
  }

  /// The levels of a version 1 page: their length, then one repeated run a level.
  static func levels(_ runs: [(level: UInt8, count: UInt8)]) -> [UInt8] {
    let body = runs.flatMap { [$0.count << 1, $0.level] }
    return littleEndian(UInt32(body.count), 4) + body
  }

  static func int32s(_ values: [Int32]) -> [UInt8] { values.flatMap { littleEndian($0, 4) } }

  static func strings(_ values: [String]) -> [UInt8] {
    values.flatMap { littleEndian($0.utf8.count, 4) + Array($0.utf8) }
  }

  // MARK: Files of one column

  /// A file of one leaf column `a`.
  static func single(
    _ type: PrimitiveType = .int32, _ repetition: Repetition = .required, pages: [Page],
    rows: Int64, values: Int64? = nil, typeLength: Int32? = nil, logical: LogicalType? = nil,
    codec: Codec = .none, hasDictionary: Bool = false,
    adjust: @escaping (inout ColumnMetaData) -> Void = { _ in }
  ) -> FileBuilder {
    let element = SchemaElement(
      name: "a", type: type, typeLength: typeLength, repetition: repetition, logicalType: logical)
    let chunk = Chunk(
      type: type, path: ["a"], pages: pages, valueCount: values ?? rows, codec: codec,
      hasDictionary: hasDictionary, adjust: adjust)
    return FileBuilder(elements: [root(1), element], groups: [(rows, [chunk])])
  }

  /// A file of one optional list `a` of optional int32, three levels deep.
  static func list(pages: [Page], rows: Int64, values: Int64) -> FileBuilder {
    let elements = [
      root(1),
      SchemaElement(name: "a", repetition: .optional, childCount: 1, logicalType: .list),
      SchemaElement(name: "list", repetition: .repeated, childCount: 1),
      SchemaElement(name: "element", type: .int32, repetition: .optional),
    ]
    let chunk = Chunk(
      type: .int32, path: ["a", "list", "element"], pages: pages, valueCount: values)
    return FileBuilder(elements: elements, groups: [(rows, [chunk])])
  }
}

/// What reading all of a file gives.
enum Outcome: Equatable {
  case rows([String])
  case failure(ParquetError.Kind)
}

extension Outcome {
  init(reading bytes: [UInt8], options: ReadOptions = ReadOptions()) {
    self = Self.read(bytes, options: options).0
  }

  static func read(
    _ bytes: [UInt8], options: ReadOptions = ReadOptions(), columns: [String]? = nil,
    predicates: [Predicate] = [], rows: Range<Int>? = nil
  ) -> (Outcome, ParquetError?) {
    do throws(ParquetError) {
      let file = try ParquetFile(MemorySource(bytes), options: options)
      let reader = try file.reader(columns: columns, predicates: predicates, rows: rows)
      let printer = RowPrinter(for: reader)
      var lines: [String] = []
      while let batch = try reader.next() {
        let text = String(decoding: try printer.lines(of: batch), as: UTF8.self)
        lines += text.split(separator: "\n").map(String.init)
      }
      return (.rows(lines), nil)
    } catch {
      return (.failure(error.kind), error)
    }
  }
}
