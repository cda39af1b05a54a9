internal import Records

/// Checks that the rows of a row group are sorted as its metadata say.
///
/// Columns in lists are left out, and what lies behind them in the order: their rows have no one
/// value.
struct SortingVerification {
  private let file: ParquetFile
  private let rowGroup: Int
  private let keys: [Key]

  private struct Key {
    let leaf: LeafColumn
    let order: SortingColumn
  }

  /// - Throws: `.corrupt` where a sorting column is none of the schema.
  init(_ file: ParquetFile, rowGroup: Int) throws(ParquetError) {
    self.file = file
    self.rowGroup = rowGroup
    var keys: [Key] = []
    for order in file.metadata.rowGroups[rowGroup].sortingColumns ?? [] {
      guard file.parquetSchema.leaves.indices.contains(Int(order.columnIndex)) else {
        throw ParquetError(
          .corrupt,
          "sorted by column \(order.columnIndex), there are \(file.parquetSchema.leaves.count)",
          at: .init(offset: file.footerOffset, rowGroup: rowGroup))
      }
      let leaf = file.parquetSchema.leaves[Int(order.columnIndex)]
      guard leaf.maxRepetitionLevel == 0, leaf.primitiveType != .int96 else { break }
      keys.append(Key(leaf: leaf, order: order))
    }
    self.keys = keys
  }

  /// - Returns: the first row that is out of order; nil where all are in order.
  func problem() throws(ParquetError) -> ParquetError? {
    guard !keys.isEmpty else { return nil }
    var options = file.options
    options.threads = 1
    let names = keys.map { $0.leaf.path[0] }
    let unique = names.enumerated().filter { names.firstIndex(of: $0.element) == $0.offset }
    let reader = try file.reader(columns: unique.map(\.element), rowGroups: [rowGroup])
    var before: [OrderedValue?]?
    var row = 0
    while let batch = try reader.next() {
      let columns = try keys.map { (key) throws(ParquetError) in try Self.column(key.leaf, batch) }
      for index in 0..<batch.rowCount {
        let values = zip(keys, columns).map { OrderedValue($1, row: index, leaf: $0.leaf) }
        if let previous = before, let key = disorder(previous, values) {
          return finding(key, row: row)
        }
        before = values
        row += 1
      }
    }
    return nil
  }

  private func finding(_ key: Key, row: Int) -> ParquetError {
    let index = try? file.offsetIndex(rowGroup: rowGroup, leaf: key.leaf)
    let page = index?.pageLocations.lastIndex { $0.firstRowIndex <= Int64(row) }
    let chunk = try? file.chunk(rowGroup: rowGroup, leaf: key.leaf)
    let offset = page.flatMap { index?.pageLocations[$0].offset } ?? chunk?.dataPageOffset
    return ParquetError(
      .corrupt,
      "row \(row) is not behind the one before it, which the sorting columns say",
      at: .init(
        offset: offset.flatMap { Int(exactly: $0) }, rowGroup: rowGroup, column: key.leaf.name,
        page: page))
  }

  /// The leaf's own column, below the structs around it.
  private static func column(_ leaf: LeafColumn, _ batch: Batch) throws(ParquetError) -> [Column] {
    guard let top = batch[leaf.path[0]] else {
      throw ParquetError(.corrupt, "the sorting column is missing", at: .init(column: leaf.name))
    }
    var path = [top]
    for name in leaf.path.dropFirst() {
      guard let outer = path.last, case .structure(let fields) = outer.type,
        case .structure(let children) = outer.values,
        let index = fields.firstIndex(where: { $0.name == name })
      else {
        throw ParquetError(.corrupt, "the sorting column is missing", at: .init(column: leaf.name))
      }
      path.append(children[index])
    }
    return path
  }

  /// The key that decides that two rows are in the wrong order; nil where they are in order.
  private func disorder(_ before: [OrderedValue?], _ after: [OrderedValue?]) -> Key? {
    for (index, key) in keys.enumerated() {
      let order: Int
      switch (before[index], after[index]) {
      case (nil, nil): continue
      case (nil, _): order = key.order.isNullsFirst ? -1 : 1
      case (_, nil): order = key.order.isNullsFirst ? 1 : -1
      case (let a?, let b?):
        // Where values that are not numbers belong is not said.
        guard let compared = a.compared(to: b) else { return nil }
        order = key.order.isDescending ? -compared : compared
      }
      if order > 0 { return key }
      if order < 0 { return nil }
    }
    return nil
  }
}

extension OrderedValue {
  /// A value of a column of batches.
  /// - Parameter path: the column, behind the structs that it is in.
  /// - Returns: nil where it is null or has no order.
  fileprivate init?(_ path: [Column], row: Int, leaf: LeafColumn) {
    guard let column = path.last, !path.contains(where: { $0.isNull(row) }) else { return nil }
    switch column.values {
    case .boolean(let bits): self = .integer(bits[row] ? 1 : 0)
    case .int32(let numbers):
      self = .integer(
        leaf.isUnsigned ? Int128(UInt32(bitPattern: numbers[row])) : Int128(numbers[row]))
    case .int64(let numbers):
      self = .integer(
        leaf.isUnsigned && leaf.primitiveType == .int64
          ? Int128(UInt64(bitPattern: numbers[row])) : Int128(numbers[row]))
    case .int128(let numbers): self = .integer(numbers[row])
    case .float(let numbers): self = .double(Double(numbers[row]))
    case .double(let numbers): self = .double(numbers[row])
    case .bytes(let column): self = .bytes(column[row])
    case .fixedBytes(let width, let bytes): self = .bytes(bytes[row * width..<(row + 1) * width])
    case .list, .structure, .map: return nil
    }
  }
}
