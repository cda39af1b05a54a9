internal import Kernels

/// The keys of some rows, ready to be compared.
struct SortKeys {
  var bytes: [UInt8]
  /// Where each key begins, and where the last ends.
  let starts: [Int]

  init(lengths: [Int]) {
    var starts: [Int] = [0]
    starts.reserveCapacity(lengths.count + 1)
    var end = 0
    for length in lengths {
      end += length
      starts.append(end)
    }
    self.starts = starts
    bytes = Array(repeating: 0, count: end)
  }

  var count: Int { starts.count - 1 }

  /// Bytes of memory.
  var byteCount: Int { bytes.count + starts.count * 8 }

  /// The first eight bytes as a number that orders as they do; zeros behind a shorter key, which
  /// changes no order since no key is the beginning of another.
  func prefix(_ row: Int) -> UInt64 {
    var value: UInt64 = 0
    let end = min(starts[row] + 8, starts[row + 1])
    for index in starts[row]..<end { value = value << 8 | UInt64(bytes[index]) }
    return value << UInt64(8 * (8 - (end - starts[row])))
  }

  /// Below, at or above 0; for keys whose prefixes are equal.
  func compareRest(_ row: Int, _ other: SortKeys, _ otherRow: Int) -> Int {
    let start = min(starts[row] + 8, starts[row + 1])
    let otherStart = min(other.starts[otherRow] + 8, other.starts[otherRow + 1])
    return compareBytes(
      bytes, start..<starts[row + 1], other.bytes, otherStart..<other.starts[otherRow + 1])
  }

  /// The rows in the order of their keys; rows of equal keys keep theirs.
  func sortedRows() -> [Int32] {
    struct Entry {
      var prefix: UInt64
      var row: Int32
    }
    var entries: [Entry] = []
    entries.reserveCapacity(count)
    for row in 0..<count { entries.append(Entry(prefix: prefix(row), row: Int32(row))) }
    entries.sort { a, b in
      if a.prefix != b.prefix { return a.prefix < b.prefix }
      let order = compareRest(Int(a.row), self, Int(b.row))
      return order != 0 ? order < 0 : a.row < b.row
    }
    return entries.map(\.row)
  }
}
