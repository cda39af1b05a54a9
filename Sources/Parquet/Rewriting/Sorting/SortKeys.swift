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

  /// Bytes that a prefix holds: a number and its mark of nulls, and most pairs of such.
  private static let prefixByteCount = 16

  /// The first bytes as a number that orders as they do; zeros behind a shorter key, which changes
  /// no order since no key is the beginning of another.
  func prefix(_ row: Int) -> UInt128 {
    let start = starts[row]
    let end = min(start + Self.prefixByteCount, starts[row + 1])
    var high: UInt64 = 0
    var low: UInt64 = 0
    for index in start..<min(end, start + 8) { high = high << 8 | UInt64(bytes[index]) }
    high <<= UInt64(8 * max(0, 8 - (end - start)))
    for index in min(end, start + 8)..<end { low = low << 8 | UInt64(bytes[index]) }
    low <<= UInt64(8 * min(8, 16 - (end - start)))
    return UInt128(high) << 64 | UInt128(low)
  }

  /// Below, at or above 0; for keys whose prefixes are equal.
  func compareRest(_ row: Int, _ other: SortKeys, _ otherRow: Int) -> Int {
    let start = starts[row] + Self.prefixByteCount
    let otherStart = other.starts[otherRow] + Self.prefixByteCount
    // Equal prefixes, of which one is a whole key: the other is it too.
    guard start < starts[row + 1], otherStart < other.starts[otherRow + 1] else { return 0 }
    return compareBytes(
      bytes, start..<starts[row + 1], other.bytes, otherStart..<other.starts[otherRow + 1])
  }

  /// The rows in the order of their keys; rows of equal keys keep theirs.
  func sortedRows() -> [Int32] {
    struct Entry {
      var prefix: UInt128
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
