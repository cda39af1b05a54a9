internal import Base

extension ParquetFile {
  /// Every page: its type, encoding, place, sizes, rows and nulls.
  /// - Parameter columns: dotted paths of leaf columns; all where nil.
  /// - Throws: what reading the pages throws.
  public func pagesReport(columns: [String]? = nil) throws(ParquetError) -> Report {
    var table = TextTable(
      [
        "group", "column", "page", "type", "encoding", "offset", "stored", "raw", "values", "rows",
        "nulls", "crc",
      ], rightAligned: [0, 2, 5, 6, 7, 8, 9, 10])
    var pages: [JSONValue] = []
    for rowGroup in metadata.rowGroups.indices {
      for leaf in parquetSchema.leaves where columns?.contains(leaf.name) ?? true {
        do throws(ParquetError) {
          let walker = try PageWalker(self, rowGroup: rowGroup, leaf: leaf, options: options)
          while let visit = try walker.next() {
            let (cells, json) = Self.describe(visit, rowGroup: rowGroup, leaf: leaf)
            table.add(cells)
            pages.append(json)
          }
        } catch {
          throw error.at(rowGroup: rowGroup, column: leaf.name)
        }
      }
    }
    return Report(json: .object(["pages": .array(pages)]), text: table.text)
  }

  private static func describe(
    _ visit: PageWalker.Visit, rowGroup: Int, leaf: LeafColumn
  ) -> ([String], JSONValue) {
    let header = visit.page.header
    var encoding: Encoding?
    var valueCount: Int?
    switch header.body {
    case .data(let data): (encoding, valueCount) = (data.encoding, Int(data.valueCount))
    case .dataV2(let data): (encoding, valueCount) = (data.encoding, Int(data.valueCount))
    case .dictionary(let data): (encoding, valueCount) = (data.encoding, Int(data.valueCount))
    case .index, .unknown: break
    }
    let content = visit.content
    func text(_ number: Int?) -> String { number.map { String($0) } ?? "" }
    let cells = [
      String(rowGroup), leaf.name, String(visit.ordinal), header.type.description,
      encoding?.description ?? "", String(visit.page.offset), String(header.compressedSize),
      String(header.uncompressedSize), text(valueCount), text(content?.rowCount),
      text(content?.nullCount), header.crc == nil ? "" : "ok",
    ]
    let json: JSONValue = .object([
      "row_group": .init(rowGroup), "column": .string(leaf.name), "page": .init(visit.ordinal),
      "type": .string(header.type.description), "encoding": .init(encoding?.description),
      "offset": .init(visit.page.offset), "header_bytes": .init(visit.page.headerByteCount),
      "compressed_bytes": .init(Int(header.compressedSize)),
      "uncompressed_bytes": .init(Int(header.uncompressedSize)), "values": .init(valueCount),
      "rows": .init(content?.rowCount), "nulls": .init(content?.nullCount),
      "crc": header.crc.map { .integer(Int64($0)) } ?? .null,
    ])
    return (cells, json)
  }
}
