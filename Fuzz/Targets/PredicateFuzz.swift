import Compression
import Parquet
import Records

/// Conditions on a sound file whose statistics, indexes and bloom filter are made up.
///
///     column | comparison | value, 9 bytes | flags
///     statistics: two byte strings | column index | offset index | bloom filter, lengths before each
enum PredicateFuzz {
  private static let types: [DataType] = [
    .int32, .int64, .string, .float64, .boolean, .decimal(precision: 25, scale: 2), .float32,
    .fixedBinary(width: 4),
  ]

  private static let template: [UInt8] = {
    var options = WriteOptions(codec: .none, profile: .max)
    options.pageRowsMax = 10
    let columns = types.map { column($0) }
    let schema = Schema(types.enumerated().map { Field("c\($0)", $1) })
    let batch = Batch(schema: schema, columns: columns, rowCount: 60)
    return (try? FileFuzz.write(batch, options)) ?? []
  }()

  private static func column(_ type: DataType) -> Column {
    let numbers = 0..<60
    let values: Column.Values =
      switch type.physicalType {
      case .boolean: .boolean(Bitmap(numbers.map { $0 % 2 == 0 }))
      case .int32: .int32(numbers.map(Int32.init))
      case .int64: .int64(numbers.map { (number: Int) in Int64(number) })
      case .int128: .int128(numbers.map { (number: Int) in Int128(number) })
      case .float: .float(numbers.map { (number: Int) in Float(number) })
      case .double: .double(numbers.map { (number: Int) in Double(number) })
      case .bytes: .bytes(ByteColumn(numbers.map { (number: Int) in "\(number)" }))
      case .fixedBytes(let width):
        .fixedBytes(width: width, numbers.flatMap { Array(repeating: UInt8($0), count: width) })
      case .list, .structure, .map: preconditionFailure("flat types only")
      }
    return Column(type: type, count: 60, values: values)
  }

  static func run(_ input: inout FuzzInput) {
    let index = input.number(below: types.count)
    let comparison = input.element(Predicate.Comparison.allCases)
    let value = value(&input, types[index])
    let flags = input.byte()
    let statistics = (input.take(input.number(below: 64)), input.take(input.number(below: 64)))
    let columnIndex = input.take(input.wide())
    let offsetIndex = input.take(input.wide())
    let bloom = input.rest()

    guard let opened = try? ParquetFile(MemorySource(template)) else {
      return require(false, "the template is no file")
    }
    var metadata = opened.metadata
    var data = Array(template[4..<opened.footerOffset])
    func place(_ bytes: [UInt8]) -> (Int64, Int32) {
      defer { data += bytes }
      return (Int64(data.count + 4), Int32(bytes.count))
    }
    var column = metadata.rowGroups[0].columns[index]
    if flags & 1 != 0 {
      column.metaData?.statistics?.min = statistics.0[...]
      column.metaData?.statistics?.max = statistics.1[...]
      column.metaData?.statistics?.deprecatedMin = statistics.1[...]
      column.metaData?.statistics?.nullCount = Int64(Int8(bitPattern: flags))
    }
    if flags & 2 != 0 {
      let (offset, count) = place(columnIndex)
      column.columnIndexOffset = offset
      column.columnIndexLength = count
    }
    if flags & 4 != 0 {
      let (offset, count) = place(offsetIndex)
      column.offsetIndexOffset = offset
      column.offsetIndexLength = count
    }
    if flags & 8 != 0 {
      let (offset, count) = place(bloom)
      column.metaData?.bloomFilterOffset = offset
      column.metaData?.bloomFilterLength = flags & 16 == 0 ? nil : count
    }
    if flags & 32 != 0 { metadata.columnOrders = nil }
    if flags & 64 != 0 { metadata.rowGroups[0].rowCount = 0 }
    metadata.rowGroups[0].columns[index] = column

    var options = ReadOptions()
    options.memoryByteCountMax = FuzzTarget.memoryByteCountMax
    let source = MemorySource(FileFuzz.file(data: data, footer: metadata.footer))
    guard let file = try? ParquetFile(source, options: options) else { return }
    let predicate = Predicate("c\(index)", comparison, value)
    for columns in [nil, ["c\((index + 1) % types.count)"]] {
      count(try? file.reader(columns: columns, predicates: [predicate]))
      count(try? file.reader(columns: columns, filter: [predicate]))
    }
    _ = file.verify().report
    _ = try? file.pagesReport()
  }

  private static func count(_ reader: ParquetReader?) {
    guard let reader else { return }
    var rowCount = 0
    while let batch = try? reader.next() {
      FileFuzz.check(batch)
      rowCount += batch.rowCount
    }
    require(rowCount <= 60, "\(rowCount) rows of 60")
  }

  private static func value(_ input: inout FuzzInput, _ type: DataType) -> Value {
    let bits = (0..<8).reduce(UInt64(0)) { bits, _ in bits << 8 | UInt64(input.byte()) }
    switch input.number(below: 8) {
    case 0: return .integer(Int64(bitPattern: bits))
    case 1: return .unsigned(bits)
    case 2: return .double(Double(bitPattern: bits))
    case 3: return .decimal(Int128(bits) << 40, scale: Int(bits % 64))
    case 4: return .text("\(bits % 100)")
    case 5: return .bytes((0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) })
    case 6: return .boolean(bits % 2 == 0)
    default: return .integer(Int64(bits % 60))
    }
  }

  // MARK: Seeds

  static var seeds: [[UInt8]] { seeds(ofFile: template) }

  /// The indexes and bounds of a real file, laid on each column of ours.
  static func seeds(ofFile bytes: [UInt8]) -> [[UInt8]] {
    guard let file = try? ParquetFile(MemorySource(bytes)) else { return [] }
    var seeds: [[UInt8]] = []
    for (number, column) in (file.metadata.rowGroups.first?.columns ?? []).prefix(8).enumerated() {
      func part(_ offset: Int64?, _ length: Int32?) -> [UInt8] {
        guard let offset, let start = Int(exactly: offset), let length, start >= 4, length > 0,
          start + Int(length) <= bytes.count
        else { return [0, 0] }
        return [UInt8(length & 255), UInt8(length >> 8 & 255)]
          + Array(bytes[start..<start + Int(length)])
      }
      let minimum = Array(column.metaData?.statistics?.min?.prefix(60) ?? [])
      let maximum = Array(column.metaData?.statistics?.max?.prefix(60) ?? [])
      for comparison in 0..<3 {
        seeds.append(
          [UInt8(number), UInt8(comparison * 2)] + [0, 0, 0, 0, 0, 0, 0, 30, 7, 0x0F]
            + [UInt8(minimum.count)] + minimum + [UInt8(maximum.count)] + maximum
            + part(column.columnIndexOffset, column.columnIndexLength)
            + part(column.offsetIndexOffset, column.offsetIndexLength)
            // A header of 32 bytes of bits, then the bits.
            + [0x15, 0x40, 0x1C, 0x1C, 0, 0, 0x1C, 0x1C, 0, 0, 0x1C, 0x1C, 0, 0, 0]
            + [UInt8](repeating: 0x55, count: 32))
      }
    }
    return seeds.filter { $0.count < 4096 }
  }
}
