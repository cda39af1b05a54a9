internal import Base
internal import Records

/// A hash over the rows of a table, whatever their order and however they are cut into batches:
/// tells a full read that brought nothing new from one that did. 128 bits.
struct ContentHash {
  private var low: UInt64 = 0
  private var high: UInt64 = 0
  private(set) var rowCount = 0

  mutating func add(_ batch: Batch) {
    var rows = [UInt64](repeating: 0x9E37_79B9_7F4A_7C15, count: batch.rowCount)
    for (field, column) in zip(batch.schema.fields, batch.columns) {
      let name = Self.hash(Array(field.name.utf8)[...])
      Self.mixColumn(column, seed: name, into: &rows)
    }
    for row in rows {
      low &+= row
      high &+= Self.mix(row ^ 0xD6E8_FEB8_6659_FD93)
    }
    rowCount += batch.rowCount
  }

  var text: String { "\(rowCount)-" + String(high, radix: 16) + "-" + String(low, radix: 16) }

  private static func mixColumn(_ column: Column, seed: UInt64, into rows: inout [UInt64]) {
    func add(_ row: Int, _ hash: UInt64) {
      // A null adds nothing, so that a column that came new and empty changes no row.
      if !column.isNull(row) { rows[row] &+= mix(hash ^ seed) }
    }
    switch column.values {
    case .int32(let values):
      for row in rows.indices { add(row, UInt64(bitPattern: Int64(values[row]))) }
    case .int64(let values): for row in rows.indices { add(row, UInt64(bitPattern: values[row])) }
    case .double(let values): for row in rows.indices { add(row, values[row].bitPattern) }
    case .float(let values): for row in rows.indices { add(row, UInt64(values[row].bitPattern)) }
    case .boolean(let bits): for row in rows.indices { add(row, bits[row] ? 1 : 2) }
    case .bytes(let bytes): for row in rows.indices { add(row, hash(bytes[row])) }
    default: for row in rows.indices { add(row, hash(Array(column[row].text.utf8)[...])) }
    }
  }

  /// FNV-1a over 64 bits, mixed at the end.
  private static func hash(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return mix(hash)
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
