internal import Base
internal import Records

extension ChunkReport {
  /// Everything that the metadata say of the chunk.
  var json: JSONValue {
    guard let chunk else {
      return .object([
        "path": .string(leaf.name), "type": .string("\(leaf.dataType)"), "encrypted": true,
        "key": .init(key),
      ])
    }
    var members: [JSONValue.Member] = []
    func add(_ key: String, _ value: JSONValue?) {
      members.append(.init(key: key, value: value ?? .null))
    }
    func integer(_ number: Int64?) -> JSONValue? { number.map { JSONValue.integer($0) } }
    add("path", .string(leaf.name))
    add("type", .string("\(leaf.dataType)"))
    add("physical_type", .string(chunk.type.text))
    add("logical_type", .init(leaf.logicalType?.text))
    add("encodings", .array(chunk.encodings.map { JSONValue.string($0.description) }))
    add("pages", chunk.encodingStats.map { JSONValue.array($0.map { Self.pages($0) }) })
    add("codec", .string(Self.codecName(chunk)))
    add("values", .integer(chunk.valueCount))
    add(
      "offset",
      .integer(min(chunk.dataPageOffset, chunk.dictionaryPageOffset ?? chunk.dataPageOffset)))
    add("data_page_offset", .integer(chunk.dataPageOffset))
    add("dictionary_page_offset", integer(chunk.dictionaryPageOffset))
    add("compressed_bytes", .integer(chunk.totalCompressedSize))
    add("uncompressed_bytes", .integer(chunk.totalUncompressedSize))
    add("ratio", Self.ratio(chunk).map { JSONValue.double($0) })
    add("statistics", statistics(chunk))
    add("size_statistics", chunk.sizeStatistics.map { Self.sizes($0) })
    add("geospatial_statistics", chunk.geospatialStatistics.map { Self.geospatial($0) })
    add("indexes", .array(indexes.map { JSONValue.string($0.name) }))
    add("index_places", indexPlaces)
    add(
      "key_values",
      .object((chunk.keyValues ?? []).map { .init(key: $0.key, value: .init($0.value)) }))
    add("encrypted", .boolean(key != nil))
    add("key", .init(key))
    return .object(members)
  }

  private var indexPlaces: JSONValue {
    .object(
      indexes.map { index -> JSONValue.Member in
        let byteCount = index.byteCount.map { JSONValue.integer(Int64($0)) } ?? .null
        return .init(
          key: index.name, value: .object(["offset": .integer(index.offset), "bytes": byteCount]))
      })
  }

  private func statistics(_ chunk: ColumnMetaData) -> JSONValue {
    guard let found = chunk.statistics else { return .null }
    return .object([
      "min": StatisticText.json(found.min ?? found.deprecatedMin, leaf),
      "max": StatisticText.json(found.max ?? found.deprecatedMax, leaf),
      "nulls": found.nullCount.map { .integer($0) } ?? .null,
      "distinct": found.distinctCount.map { .integer($0) } ?? .null,
      "nans": found.nanCount.map { .integer($0) } ?? .null,
      "min_exact": found.isMinExact.map { .boolean($0) } ?? .null,
      "max_exact": found.isMaxExact.map { .boolean($0) } ?? .null,
    ])
  }

  private static func pages(_ stats: PageEncodingStats) -> JSONValue {
    .object([
      "type": .string(stats.pageType.description),
      "encoding": .string(stats.encoding.description), "count": .integer(Int64(stats.count)),
    ])
  }

  private static func sizes(_ sizes: SizeStatistics) -> JSONValue {
    func list(_ numbers: [Int64]?) -> JSONValue {
      numbers.map { .array($0.map { .integer($0) }) } ?? .null
    }
    return .object([
      "unencoded_byte_array_bytes": sizes.unencodedByteArrayBytes.map { .integer($0) } ?? .null,
      "repetition_levels": list(sizes.repetitionLevelHistogram),
      "definition_levels": list(sizes.definitionLevelHistogram),
    ])
  }

  private static func geospatial(_ statistics: GeospatialStatistics) -> JSONValue {
    func number(_ value: Double?) -> JSONValue { value.map { .double($0) } ?? .null }
    let box = statistics.boundingBox.map { box -> JSONValue in
      .object([
        "xmin": number(box.xMin), "xmax": number(box.xMax), "ymin": number(box.yMin),
        "ymax": number(box.yMax), "zmin": number(box.zMin), "zmax": number(box.zMax),
        "mmin": number(box.mMin), "mmax": number(box.mMax),
      ])
    }
    return .object([
      "bbox": box ?? .null,
      "types": statistics.types.map { .array($0.map { .integer(Int64($0)) }) } ?? .null,
    ])
  }
}
