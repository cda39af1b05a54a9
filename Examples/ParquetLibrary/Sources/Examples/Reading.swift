import Parquet
import Records

// docs: open
func describe(_ path: String) throws {
  let file = try ParquetFile(FileSource(path))
  print("\(file.rowCount) rows")
  for field in file.schema.fields {
    print("\(field.name): \(field.type)\(field.isNullable ? "" : ", required")")
  }
}
// docs: end

// docs: columns
func total(_ path: String) throws -> Int64 {
  let file = try ParquetFile(FileSource(path))
  let reader = try file.reader(columns: ["price"])
  var hundredths: Int64 = 0
  while let batch = try reader.next() {
    guard case .int32(let prices) = batch.columns[0].values else { continue }
    for price in prices { hundredths += Int64(price) }  // a null's slot holds 0
  }
  return hundredths
}
// docs: end

// docs: filter
func expensive(_ path: String) throws -> [String] {
  let file = try ParquetFile(FileSource(path))
  let reader = try file.reader(
    columns: ["id", "customer"],
    filter: [
      Predicate("price", .greater, .decimal(4900, scale: 2)), Predicate("customer", .isNotNull),
    ])
  var rows: [String] = []
  while let batch = try reader.next() {
    for row in 0..<batch.rowCount {
      rows.append("\(batch.columns[0][row].text) \(batch.columns[1][row].text)")
    }
  }
  return rows
}
// docs: end

// docs: lists
func articles(_ path: String) throws -> [[String]] {
  let reader = try ParquetFile(FileSource(path)).reader()
  var baskets: [[String]] = []
  while let batch = try reader.next() {
    guard case .list(let offsets, let lines) = batch.columns[0].values,
      case .structure(let fields) = lines.values
    else { continue }
    for row in 0..<batch.rowCount {
      // A null row and an empty one both hold no element; `isNull` tells them apart.
      let elements = Int(offsets[row])..<Int(offsets[row + 1])
      baskets.append(elements.map { fields[0][$0].text })
    }
  }
  return baskets
}
// docs: end

// docs: errors
func tryToRead(_ path: String) {
  do throws(ParquetError) {
    _ = try ParquetFile(MemorySource([UInt8]("not at all".utf8)))
  } catch {
    switch error.kind {
    case .notParquet: print("another kind of file: \(error.message)")
    case .transferFailed: print("the disk failed: \(String(describing: error.cause))")
    default: print(error)  // says where: byte, row group, column, page
    }
  }
}
// docs: end

// docs: memory
func readWithLittle(_ path: String) throws -> Int {
  var options = ReadOptions()
  options.memoryByteCountMax = 16 << 20
  options.batchRowCountMax = 1000
  options.threads = 1
  let reader = try ParquetFile(FileSource(path), options: options).reader()
  var rowCount = 0
  while let batch = try reader.next() { rowCount += batch.rowCount }
  return rowCount
}
// docs: end
