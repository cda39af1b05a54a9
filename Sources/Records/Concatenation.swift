extension Column {
  /// The rows of several columns of one type, one after the other. Texts are shared, not copied.
  /// - Returns: nil where a list would have more than 2³¹ − 1 elements below it.
  /// - Complexity: O(rows + buffers of texts).
  public static func concatenating(_ columns: [Column], type: DataType) -> Column? {
    if columns.count == 1 { return columns[0] }
    let count = columns.reduce(0) { $0 + $1.count }
    guard let values = Values.concatenating(columns, type) else { return nil }
    var validity: Bitmap?
    if columns.contains(where: { $0.validity != nil }) {
      var bits = Bitmap()
      for column in columns {
        if let part = column.validity {
          bits.append(part)
        } else {
          bits.append(repeating: true, count: column.count)
        }
      }
      validity = bits
    }
    return Column(type: type, count: count, validity: validity, values: values)
  }
}

extension Batch {
  /// The rows of several batches of one schema, one after the other.
  /// - Returns: nil where a list would have more than 2³¹ − 1 elements below it.
  public static func concatenating(_ batches: [Batch], schema: Schema) -> Batch? {
    if batches.count == 1 { return batches[0] }
    var columns: [Column] = []
    for (index, field) in schema.fields.enumerated() {
      guard
        let column = Column.concatenating(batches.map { $0.columns[index] }, type: field.type)
      else { return nil }
      columns.append(column)
    }
    return Batch(
      schema: schema, columns: columns, rowCount: batches.reduce(0) { $0 + $1.rowCount })
  }
}

extension Bitmap {
  /// Appends the bits of another. Complexity: O(other.count / 64).
  public mutating func append(_ other: Bitmap) {
    let shift = UInt64(length & 63)
    if shift == 0 {
      storage += other.storage
    } else {
      for word in other.storage {
        storage[storage.count - 1] |= word << shift
        storage.append(word >> (64 - shift))
      }
    }
    length += other.length
    let wordCount = (length + 63) / 64
    if storage.count > wordCount { storage.removeLast(storage.count - wordCount) }
  }
}

extension Column.Values {
  fileprivate static func concatenating(_ columns: [Column], _ type: DataType) -> Column.Values? {
    switch type.physicalType {
    case .boolean:
      var bits = Bitmap()
      for case .boolean(let part) in columns.lazy.map(\.values) { bits.append(part) }
      return .boolean(bits)
    case .int32:
      return .int32(joined(columns) { if case .int32(let part) = $0 { part } else { nil } })
    case .int64:
      return .int64(joined(columns) { if case .int64(let part) = $0 { part } else { nil } })
    case .int128:
      return .int128(joined(columns) { if case .int128(let part) = $0 { part } else { nil } })
    case .float:
      return .float(joined(columns) { if case .float(let part) = $0 { part } else { nil } })
    case .double:
      return .double(joined(columns) { if case .double(let part) = $0 { part } else { nil } })
    case .bytes: return .bytes(texts(columns))
    case .fixedBytes(let width):
      return .fixedBytes(
        width: width,
        joined(columns) { if case .fixedBytes(_, let part) = $0 { part } else { nil } })
    case .list, .structure, .map: return nested(columns, type)
    }
  }

  private static func joined<T>(_ columns: [Column], _ part: (Column.Values) -> [T]?) -> [T] {
    var result: [T] = []
    let parts = columns.compactMap { part($0.values) }
    result.reserveCapacity(parts.reduce(0) { $0 + $1.count })
    for part in parts { result += part }
    return result
  }

  private static func texts(_ columns: [Column]) -> ByteColumn {
    var views: [ByteView] = []
    views.reserveCapacity(columns.reduce(0) { $0 + $1.count })
    var buffers: [[UInt8]] = []
    for case .bytes(let part) in columns.lazy.map(\.values) {
      let first = UInt32(buffers.count)
      if first == 0 {
        views += part.views
      } else {
        for view in part.views {
          views.append(
            ByteView(buffer: view.buffer + first, offset: view.offset, length: view.length))
        }
      }
      buffers += part.buffers
    }
    return ByteColumn(views: views, buffers: buffers)
  }

  private static func nested(_ columns: [Column], _ type: DataType) -> Column.Values? {
    switch type {
    case .list(let element):
      var all: [Int32] = [0]
      var children: [Column] = []
      for case .list(let offsets, let child) in columns.lazy.map(\.values) {
        guard append(offsets, to: &all) else { return nil }
        children.append(used(child, offsets))
      }
      return Column.concatenating(children, type: element.type).map { .list(offsets: all, $0) }
    case .map(let key, let value):
      var all: [Int32] = [0]
      var keys: [Column] = []
      var values: [Column] = []
      for case .map(let offsets, let keyPart, let valuePart) in columns.lazy.map(\.values) {
        guard append(offsets, to: &all) else { return nil }
        keys.append(used(keyPart, offsets))
        values.append(used(valuePart, offsets))
      }
      guard let allKeys = Column.concatenating(keys, type: key.type),
        let allValues = Column.concatenating(values, type: value.type)
      else { return nil }
      return .map(offsets: all, keys: allKeys, values: allValues)
    case .structure(let fields):
      var children: [Column] = []
      for (index, field) in fields.enumerated() {
        let parts = columns.compactMap { column -> Column? in
          if case .structure(let children) = column.values { children[index] } else { nil }
        }
        guard let child = Column.concatenating(parts, type: field.type) else { return nil }
        children.append(child)
      }
      return .structure(children)
    default: return nil
    }
  }

  /// The elements that the offsets reach.
  private static func used(_ child: Column, _ offsets: [Int32]) -> Column {
    let range = Int(offsets.first ?? 0)..<Int(offsets.last ?? 0)
    return range == 0..<child.count ? child : child.slice(range)
  }

  private static func append(_ offsets: [Int32], to all: inout [Int32]) -> Bool {
    guard let first = offsets.first, let last = offsets.last, let end = all.last else {
      return true
    }
    guard !end.addingReportingOverflow(last - first).overflow else { return false }
    for offset in offsets.dropFirst() { all.append(end + (offset - first)) }
    return true
  }
}
