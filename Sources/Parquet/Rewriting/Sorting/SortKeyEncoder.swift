internal import Base
internal import Records

/// Turns the columns that rows are sorted by into one byte string a row, whose order as bytes is
/// the order of the rows.
///
///     null?  value                          of each key in turn
///     00     80 00 00 07                    7: big-endian, the sign flipped
///     00     61 62 00 FF 63 00 00           "ab\0c": zeros escaped, two zeros at the end
///     01                                    null
///
/// Descending values are complemented; nulls are not, so that they stay last. No key is the
/// beginning of another.
struct SortKeyEncoder {
  private struct Part {
    /// The numbers of the column, then of the fields in structs below it.
    var place: [Int]
    var type: DataType
    var isDescending: Bool
    /// Bytes of a value; nil where it varies.
    var width: Int?
  }

  private let parts: [Part]

  /// - Throws: `.schemaMismatch` where there is no such column, or it has no order.
  init(_ keys: [SortKey], schema: Schema) throws(ParquetError) {
    var parts: [Part] = []
    for key in keys {
      guard let (place, type) = Self.find(key.column[...], in: schema.fields) else {
        let near = nearestName(to: key.column, among: schema.names)
        throw ParquetError(
          .schemaMismatch,
          "there is no column \(key.column) to sort by"
            + (near.map { "; the nearest is \($0)" } ?? ""))
      }
      guard !type.isNested else {
        throw ParquetError(
          .schemaMismatch, "rows can not be sorted by \(type)", at: .init(column: key.column))
      }
      parts.append(
        Part(place: place, type: type, isDescending: key.isDescending, width: Self.width(type)))
    }
    self.parts = parts
  }

  /// A name is taken whole before its dots are looked at.
  private static func find(_ path: Substring, in fields: [Field]) -> (place: [Int], DataType)? {
    if let index = fields.firstIndex(where: { $0.name == path }) {
      return ([index], fields[index].type)
    }
    for (index, field) in fields.enumerated() where path.hasPrefix(field.name + ".") {
      guard case .structure(let children) = field.type else { continue }
      let rest = path.dropFirst(field.name.count + 1)
      if let (place, type) = find(rest, in: children) { return ([index] + place, type) }
    }
    return nil
  }

  private static func width(_ type: DataType) -> Int? {
    switch type.physicalType {
    case .boolean: 1
    case .int32, .float: 4
    case .int64, .double: 8
    case .int128: 16
    case .fixedBytes(let width): width
    case .bytes, .list, .structure, .map: nil
    }
  }

  // MARK: Encoding

  /// The keys of a batch's rows.
  func keys(of batch: Batch) -> SortKeys {
    let columns = parts.map { Self.column($0.place, in: batch) }
    var lengths = [Int](repeating: parts.count, count: batch.rowCount)
    for (part, column) in zip(parts, columns) { Self.addLengths(part, column, &lengths) }
    var keys = SortKeys(lengths: lengths)
    var cursors = Array(keys.starts.dropLast())
    for (part, column) in zip(parts, columns) {
      Self.write(part, column, to: &keys.bytes, at: &cursors)
    }
    return keys
  }

  /// The leaf, with the nulls of the structs above it.
  private static func column(_ place: [Int], in batch: Batch) -> (Column, above: [Bitmap]) {
    var column = batch.columns[place[0]]
    var above: [Bitmap] = []
    for index in place.dropFirst() {
      if let validity = column.validity { above.append(validity) }
      guard case .structure(let children) = column.values else { break }
      column = children[index]
    }
    return (column, above)
  }

  private static func isNull(_ column: (Column, above: [Bitmap]), _ row: Int) -> Bool {
    column.0.isNull(row) || column.above.contains { !$0[row] }
  }

  private static func addLengths(
    _ part: Part, _ column: (Column, above: [Bitmap]), _ lengths: inout [Int]
  ) {
    for row in lengths.indices where !isNull(column, row) {
      if let width = part.width {
        lengths[row] += width
      } else if case .bytes(let texts) = column.0.values {
        let zeros = texts[row].reduce(0) { $0 + ($1 == 0 ? 1 : 0) }
        lengths[row] += Int(texts.views[row].length) + zeros + 2
      }
    }
  }

  private static func write(
    _ part: Part, _ column: (Column, above: [Bitmap]), to bytes: inout [UInt8],
    at cursors: inout [Int]
  ) {
    let mask: UInt8 = part.isDescending ? 0xFF : 0
    func each(_ body: (Int, inout Int, inout [UInt8]) -> Void) {
      for row in cursors.indices {
        if isNull(column, row) {
          bytes[cursors[row]] = 1
          cursors[row] += 1
        } else {
          bytes[cursors[row]] = 0
          cursors[row] += 1
          body(row, &cursors[row], &bytes)
        }
      }
    }
    switch column.0.values {
    case .boolean(let bits):
      each { put(bits[$0] ? UInt8(1) : 0, mask, &$2, &$1) }
    case .int32(let values):
      let flip: UInt32 = part.type == .uint32 ? 0 : 1 << 31
      each { put(UInt32(bitPattern: values[$0]) ^ flip, mask, &$2, &$1) }
    case .int64(let values):
      let flip: UInt64 = part.type == .uint64 ? 0 : 1 << 63
      each { put(UInt64(bitPattern: values[$0]) ^ flip, mask, &$2, &$1) }
    case .int128(let values):
      each { put(UInt128(bitPattern: values[$0]) ^ (1 << 127), mask, &$2, &$1) }
    case .float(let values):
      each { put(ordered(Double(values[$0])).float, mask, &$2, &$1) }
    case .double(let values):
      each { put(ordered(values[$0]).double, mask, &$2, &$1) }
    case .bytes(let texts):
      each { row, cursor, bytes in
        for byte in texts[row] {
          put(byte, mask, &bytes, &cursor)
          if byte == 0 { put(UInt8(0xFF), mask, &bytes, &cursor) }
        }
        put(UInt16(0), mask, &bytes, &cursor)
      }
    case .fixedBytes(let width, let values):
      each { row, cursor, bytes in
        for byte in values[row * width..<(row + 1) * width] { put(byte, mask, &bytes, &cursor) }
      }
    case .list, .structure, .map: break
    }
  }

  /// Big-endian.
  private static func put<T: FixedWidthInteger & UnsignedInteger>(
    _ value: T, _ mask: UInt8, _ bytes: inout [UInt8], _ cursor: inout Int
  ) {
    var shift = T.bitWidth
    while shift > 0 {
      shift -= 8
      bytes[cursor] = UInt8(truncatingIfNeeded: value >> T(shift)) ^ mask
      cursor += 1
    }
  }

  /// Bits that order as the numbers do: all that are not numbers alike, above infinity.
  private static func ordered(_ value: Double) -> (double: UInt64, float: UInt32) {
    if value.isNaN { return (.max, .max) }
    let bits = value.bitPattern
    let narrow = Float(value).bitPattern
    return (
      bits >> 63 == 0 ? bits | 1 << 63 : ~bits, narrow >> 31 == 0 ? narrow | 1 << 31 : ~narrow
    )
  }
}
