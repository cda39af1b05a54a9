internal import Kernels
internal import Records

/// A column that lines of a format fill.
struct FieldColumn: Hashable {
  var name: String
  var type: DataType
  /// Whether the table has it only from the first value on.
  var isOptional = false

  init(_ name: String, _ type: DataType = .string, isOptional: Bool = false) {
    self.name = name
    self.type = type
    self.isOptional = isOptional
  }

  static func time(_ name: String) -> FieldColumn {
    FieldColumn(name, .timestamp(.microseconds, isUTC: true))
  }

  /// What stands behind the known fields of a line.
  static let extra = FieldColumn("extra", isOptional: true)
}

/// The columns of a format under construction: text, JSON text, int, bigint, double, timestamp.
struct FieldColumns {
  private var columns: [Building] = []
  private(set) var rowCount = 0
  private var block: [UInt8] = []

  var columnCount: Int { columns.count }

  /// - Parameter isKnown: whether the table has it already.
  mutating func add(_ column: FieldColumn, isKnown: Bool) {
    var building = Building(column, isShown: isKnown || !column.isOptional, nulls: rowCount)
    building.begin(block)
    columns.append(building)
  }

  var byteCount: Int { columns.reduce(0) { $0 + $1.byteCount } }

  /// Says in which block the texts that come lie.
  mutating func begin(_ block: [UInt8]) {
    self.block = block
    for index in columns.indices { columns[index].begin(block) }
  }

  /// - Parameter isText: whether the line is UTF-8.
  mutating func append(_ row: FieldRow, isText: Bool, _ bytes: UnsafeBufferPointer<UInt8>) {
    rowCount += 1
    let (slots, copies) = (row.slots, row.copies)
    columns.withUnsafeMutableBufferPointer { columns in
      for index in slots.indices {
        columns[index].append(slots[index], copies, isText: isText, bytes)
      }
    }
  }

  /// The rows; goes on with none, and with the last block.
  mutating func finish() -> Batch {
    var fields: [Field] = []
    var finished: [Column] = []
    for index in columns.indices where columns[index].isShown {
      fields.append(Field(columns[index].column.name, columns[index].column.type))
      finished.append(columns[index].finish(rowCount))
    }
    for index in columns.indices { columns[index].restart() }
    defer { rowCount = 0 }
    return Batch(schema: Schema(fields), columns: finished, rowCount: rowCount)
  }
}

/// One of them.
private struct Building {
  let column: FieldColumn
  var isShown: Bool
  /// Rows at the end that are null and not yet in the column.
  private var nulls: Int
  private var texts = TextColumn()
  private var validity = ColumnBits()
  private var count = 0
  private var integers: [Int64] = []
  private var small: [Int32] = []
  private var doubles: [Double] = []

  init(_ column: FieldColumn, isShown: Bool, nulls: Int) {
    self.column = column
    self.isShown = isShown
    self.nulls = nulls
  }

  var byteCount: Int { isShown ? texts.byteCount + (count + nulls) * 12 : 0 }

  mutating func begin(_ block: [UInt8]) { texts.begin(block) }

  mutating func restart() { nulls = 0 }

  @inline(__always)
  mutating func append(
    _ slot: FieldRow.Slot, _ copies: [UInt8], isText: Bool, _ bytes: UnsafeBufferPointer<UInt8>
  ) {
    if slot.kind == .null {
      nulls += 1
      return
    }
    if nulls > 0 { appendNulls() }
    isShown = true
    switch column.type {
    case .string, .json: append(text: slot, copies, isText: isText, bytes)
    case .int32:
      small.append(Int32(clamping: slot.first))
      validity.append(true)
    case .float64:
      let value = Double(bitPattern: UInt64(bitPattern: slot.first))
      doubles.append(slot.kind == .integer ? Double(slot.first) : value)
      validity.append(true)
    default:
      integers.append(slot.first)
      validity.append(true)
    }
    count += 1
  }

  private mutating func append(
    text slot: FieldRow.Slot, _ copies: [UInt8], isText: Bool, _ bytes: UnsafeBufferPointer<UInt8>
  ) {
    if slot.kind == .copied { return texts.append(copying: copies[slot.range]) }
    let isEscaped = slot.kind == .escaped && scanContains(bytes, slot.range, 0x5C)
    if isText && !isEscaped {
      texts.append(slot.range, true, bytes)
    } else if isEscaped {
      texts.append(copying: scanDecodeEscapes(bytes[slot.range]))
    } else {
      texts.append(copying: scanEscapingNonUTF8(Array(bytes[slot.range])))
    }
  }

  private mutating func appendNulls() {
    switch column.type {
    case .string, .json: texts.appendNulls(nulls)
    case .int32: small.append(contentsOf: repeatElement(0, count: nulls))
    case .float64: doubles.append(contentsOf: repeatElement(0, count: nulls))
    default: integers.append(contentsOf: repeatElement(0, count: nulls))
    }
    if !column.type.isText { validity.append(false, count: nulls) }
    count += nulls
    nulls = 0
  }

  mutating func finish(_ rows: Int) -> Column {
    if nulls > 0 { appendNulls() }
    defer {
      count = 0
      integers.removeAll()
      small.removeAll()
      doubles.removeAll()
    }
    if column.type.isText { return texts.finish(column.type) }
    let values: Column.Values =
      switch column.type {
      case .int32: .int32(small)
      case .float64: .double(doubles)
      default: .int64(integers)
      }
    let valid = validity.take().map { Bitmap(words: $0, count: rows) }
    return Column(type: column.type, count: rows, validity: valid, values: values)
  }
}

extension DataType {
  fileprivate var isText: Bool { self == .string || self == .json }
}
