import Compression
import Parquet
import Records

/// Whole files: opened, read with everything in it printed (variants are decoded by that), read in
/// part, verified and reported on.
enum FileFuzz {
  static func run(_ bytes: [UInt8]) {
    var options = ReadOptions()
    options.memoryByteCountMax = FuzzTarget.memoryByteCountMax
    options.batchByteCountMax = 1 << 20
    options.checksChecksums = false
    // Files that are not encrypted are read as if there were no keys.
    options.decryption = keys
    let source = MemorySource(bytes)
    guard let file = try? ParquetFile(source, options: options) else { return }
    readAll(file)
    readPart(file)
    _ = file.verify().report
    _ = file.metaReport()
    _ = file.schemaReport()
    _ = try? file.pagesReport()
    for leaf in file.parquetSchema.leaves.prefix(4) {
      for rowGroup in file.metadata.rowGroups.indices.prefix(2) {
        _ = try? file.bloomFilter(rowGroup: rowGroup, leaf: leaf)?.mayContain([1, 2, 3, 4])
      }
    }
  }

  /// The keys of the Apache conformance files.
  private static let keys: DecryptionKeys = {
    let column = Array("1234567890123450".utf8)
    return DecryptionKeys(
      footer: Array("0123456789012345".utf8), columns: ["double_field": column],
      byMetadata: [Array("kc1".utf8): column], aadPrefix: Array("tester".utf8),
      lookup: { _ in Array("1234567890123451".utf8) })
  }()

  /// Prints no more than some batches: what there is to find is in decoding.
  static func readAll(_ file: ParquetFile) {
    guard let reader = try? file.reader() else { return }
    let printer = RowPrinter(for: reader)
    var batchesLeft = 64
    while batchesLeft > 0, let batch = try? reader.next() {
      batchesLeft -= 1
      check(batch)
      _ = try? printer.lines(of: batch.slice(0..<min(batch.rowCount, 512)))
    }
  }

  private static func readPart(_ file: ParquetFile) {
    guard let reader = try? file.reader(rows: 3..<60) else { return }
    var batchesLeft = 8
    var rowCount = 0
    while batchesLeft > 0, let batch = try? reader.next() {
      check(batch)
      rowCount += batch.rowCount
      batchesLeft -= 1
    }
    require(rowCount <= 57, "\(rowCount) rows where 57 were asked for")
  }

  /// What every batch promises: views within buffers, offsets that ascend and end with the child.
  static func check(_ batch: Batch) {
    for column in batch.columns {
      require(column.count == batch.rowCount, "a column of another length than its batch")
      check(column)
    }
  }

  private static func check(_ column: Column) {
    func offsets(_ offsets: [Int32], _ children: [Column]) {
      require(offsets.count == column.count + 1, "\(offsets.count) offsets for \(column.count)")
      require(offsets.first == 0, "offsets begin with \(offsets.first ?? -1)")
      require(zip(offsets, offsets.dropFirst()).allSatisfy { $0 <= $1 }, "offsets descend")
      for child in children {
        require(Int(offsets[column.count]) == child.count, "a child of another length")
        check(child)
      }
    }
    switch column.values {
    case .boolean(let bits): require(bits.count == column.count, "booleans")
    case .int32(let values): require(values.count == column.count, "int32")
    case .int64(let values): require(values.count == column.count, "int64")
    case .int128(let values): require(values.count == column.count, "int128")
    case .float(let values): require(values.count == column.count, "float")
    case .double(let values): require(values.count == column.count, "double")
    case .fixedBytes(let width, let bytes):
      require(bytes.count == width * column.count, "fixed bytes")
    case .bytes(let bytes):
      require(bytes.count == column.count, "byte strings")
      for view in bytes.views where view.length > 0 {
        require(Int(view.buffer) < bytes.buffers.count, "a view into no buffer")
        require(
          Int(view.offset) + Int(view.length) <= bytes.buffers[Int(view.buffer)].count,
          "a view past its buffer")
      }
    case .list(let starts, let child): offsets(starts, [child])
    case .map(let starts, let keys, let values): offsets(starts, [keys, values])
    case .structure(let children):
      for child in children {
        require(child.count == column.count, "a field of another length")
        check(child)
      }
    }
  }

  static func file(data: [UInt8], footer: [UInt8]) -> [UInt8] {
    let length = (0..<4).map { UInt8(truncatingIfNeeded: footer.count >> (8 * $0)) }
    return Array("PAR1".utf8) + data + footer + length + Array("PAR1".utf8)
  }

  // MARK: Seeds

  /// Files of our own writer: every type, in both profiles, with several codecs.
  static var seeds: [[UInt8]] {
    var seeds: [[UInt8]] = []
    for profile in WriteProfile.allCases {
      for codec in [Codec.none, .snappy, .zstd] {
        var options = WriteOptions(codec: codec, profile: profile)
        options.pageRowsMax = 5
        options.writesChecksums = false
        for schema in sampleSchemas {
          guard let bytes = try? write(sample(schema, rows: 13), options) else { continue }
          seeds.append(bytes)
        }
      }
    }
    return seeds
  }

  static func write(_ batch: Batch, _ options: WriteOptions) throws -> [UInt8] {
    let sink = MemorySink()
    let writer = try ParquetWriter(schema: batch.schema, options: options, sink: sink)
    try writer.write(batch)
    _ = try writer.finish()
    return sink.bytes
  }

  private static let sampleSchemas: [[DataType]] = [
    [.boolean, .int32, .int64], [.float32, .float64, .decimal(precision: 25, scale: 3)],
    [.string, .binary, .fixedBinary(width: 3)],
    [.list(Field("element", .int32))],
    [.structure([Field("x", .int64), Field("y", .list(Field("element", .string)))])],
    [.map(key: Field("key", .string, isNullable: false), value: Field("value", .float64))],
  ]

  private static func sample(_ types: [DataType], rows: Int) -> Batch {
    let fields = types.enumerated().map { Field("c\($0)", $1) }
    return Batch(
      schema: Schema(fields), columns: types.map { column($0, rows: rows) }, rowCount: rows)
  }

  private static func column(_ type: DataType, rows: Int) -> Column {
    let validity = Bitmap((0..<rows).map { $0 % 4 != 3 })
    let numbers = (0..<rows).map { $0 % 4 == 3 ? 0 : $0 / 2 }
    let offsets = (0...rows).map { Int32($0 - ($0 + 1) / 4) }
    let children = Int(offsets[rows])
    let values: Column.Values =
      switch type.physicalType {
      case .boolean: .boolean(Bitmap(numbers.map { $0 % 2 == 1 }))
      case .int32: .int32(numbers.map(Int32.init))
      case .int64: .int64(numbers.map { (number: Int) in Int64(number) })
      case .int128: .int128(numbers.map { (number: Int) in Int128(number) })
      case .float: .float(numbers.map { (number: Int) in Float(number) / 3 })
      case .double: .double(numbers.map { (number: Int) in Double(number) / 3 })
      case .bytes:
        .bytes(ByteColumn(numbers.map { (number: Int) in number == 0 ? "" : "text \(number)" }))
      case .fixedBytes(let width):
        .fixedBytes(width: width, numbers.flatMap { Array(repeating: UInt8($0), count: width) })
      case .list, .structure, .map:
        switch type {
        case .list(let element):
          .list(offsets: offsets, column(element.type, rows: children))
        case .structure(let fields): .structure(fields.map { column($0.type, rows: rows) })
        case .map(let key, let value):
          .map(
            offsets: offsets,
            keys: Column(
              type: key.type, count: children, values: column(key.type, rows: children).values),
            values: column(value.type, rows: children))
        default: .boolean(Bitmap())
        }
      }
    return Column(type: type, count: rows, validity: validity, values: values)
  }
}
