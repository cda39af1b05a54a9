import Compression
import Parquet
import Records

// docs: write
func writeOrders(to path: String) throws {
  let schema = Schema([
    Field("id", .int64, isNullable: false),
    Field("customer", .string),
    Field("price", .decimal(precision: 9, scale: 2)),
  ])
  let writer = try ParquetWriter(schema: schema, sink: FileSink(path))
  for day in 0..<3 {
    var ids = FixedBuilder<Int64>()
    var customers = BytesBuilder()
    var prices = FixedBuilder<Int32>()
    for number in 0..<1000 {
      ids.append(Int64(day * 1000 + number))
      if number % 10 == 0 { customers.appendNull() } else { customers.append("c\(number % 50)") }
      prices.append(Int32(number) * 5)  // in hundredths
    }
    let columns = [
      ids.finish(.int64), customers.finish(.string),
      prices.finish(.decimal(precision: 9, scale: 2)),
    ]
    try writer.write(Batch(schema: schema, columns: columns, rowCount: 1000))
  }
  let file = try writer.finish()
  print("\(file.rowCount) rows in \(file.metaData.rowGroups.count) row group")
}
// docs: end

// docs: nested
func writeBaskets(to path: String) throws {
  let line = DataType.structure([Field("article", .string), Field("count", .int32)])
  let schema = Schema([Field("lines", .list(Field("element", line)))])
  // Three baskets: two lines, none, and no basket at all.
  let lines = Column(
    type: line, count: 2,
    values: .structure([
      Column(type: .string, count: 2, values: .bytes(ByteColumn(["tea", "milk"]))),
      Column(type: .int32, count: 2, values: .int32([1, 3])),
    ]))
  let baskets = Column(
    type: schema.fields[0].type, count: 3, validity: Bitmap([true, true, false]),
    values: .list(offsets: [0, 2, 2, 2], lines))
  let writer = try ParquetWriter(schema: schema, sink: FileSink(path))
  try writer.write(Batch(schema: schema, columns: [baskets], rowCount: 3))
  _ = try writer.finish()
}
// docs: end

// docs: options
func options() -> WriteOptions {
  var options = WriteOptions(codec: .zstd, level: 9, profile: .max)
  options.rowGroupRowsMax = 122_880
  options.encodings = ["id": .deltaBinaryPacked]
  options.bloomFilters = ["customer"]
  options.threads = 2
  return options
}
// docs: end

// docs: rewrite
func rewrite(_ source: String, to target: String) throws {
  let rewriter = try ParquetRewriter(
    ParquetFile(FileSource(source)), options: RewriteOptions(options()))
  for note in rewriter.notes { print(note) }
  let file = try rewriter.run(to: FileSink(target))
  print("\(file.rowCount) rows rewritten")
}
// docs: end
