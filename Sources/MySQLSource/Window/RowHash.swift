internal import Base
internal import Records

/// A row's non-null (name, value) pairs in 128 bits: a row keeps its hash when a column is added,
/// moved or widened.
///
/// The hashes of the pairs are added up, so their order does not matter. Equal hashes are taken
/// for equal rows; among a million rows two different ones collide once in 10^26 windows.
struct RowHash: Hashable, Comparable, Sendable {
  var high: UInt64
  var low: UInt64

  static let zero = RowHash(high: 0, low: 0)

  static func < (a: RowHash, b: RowHash) -> Bool {
    a.high != b.high ? a.high < b.high : a.low < b.low
  }

  mutating func add(_ other: RowHash) {
    let (sum, carry) = low.addingReportingOverflow(other.low)
    low = sum
    high = high &+ other.high &+ (carry ? 1 : 0)
  }

  /// Hashes rows of one batch.
  struct Hasher {
    private let columns: [Column]
    private let seeds: [RowHash]

    init(_ columns: [Column], _ schema: Schema) {
      self.columns = columns
      seeds = schema.fields.map { RowHash.hash(Array($0.name.utf8)[...], seed: .zero) }
    }

    /// The hash of one value alone, in hexadecimal.
    func cell(_ column: Int, _ row: Int) -> String {
      String(RowHash.hash(of: columns[column], row, seed: seeds[column]).low, radix: 16)
    }

    func hash(_ row: Int) -> RowHash {
      var result = RowHash.zero
      for (column, seed) in zip(columns, seeds) where !column.isNull(row) {
        result.add(RowHash.hash(of: column, row, seed: seed))
      }
      return result
    }
  }

  private static func hash(of column: Column, _ row: Int, seed: RowHash) -> RowHash {
    switch column.values {
    case .int32(let values):
      let value =
        column.type == .uint32 ? Int64(UInt32(bitPattern: values[row])) : Int64(values[row])
      return hash(words: UInt64(bitPattern: value), value < 0 ? .max : 0, seed: seed)
    case .int64(let values):
      let isNegative = column.type != .uint64 && values[row] < 0
      return hash(words: UInt64(bitPattern: values[row]), isNegative ? .max : 0, seed: seed)
    case .int128(let values):
      let value = UInt128(bitPattern: values[row])
      return hash(
        words: UInt64(truncatingIfNeeded: value), UInt64(truncatingIfNeeded: value >> 64),
        seed: seed)
    case .float(let values):
      return hash(words: Double(values[row]).bitPattern, 1, seed: seed)
    case .double(let values): return hash(words: values[row].bitPattern, 1, seed: seed)
    case .bytes(let values): return hash(values[row], seed: seed)
    case .boolean, .fixedBytes, .list, .structure, .map:
      return hash(Array(column[row].text.utf8)[...], seed: seed)
    }
  }

  /// MurmurHash3 x64 128 (Austin Appleby, public domain) over 16 bytes.
  private static func hash(words first: UInt64, _ second: UInt64, seed: RowHash) -> RowHash {
    var state = RowHash(high: seed.low, low: seed.high)
    state.mix(first, second)
    return state.finished(count: 16)
  }

  private static func hash(_ bytes: ArraySlice<UInt8>, seed: RowHash) -> RowHash {
    var state = RowHash(high: seed.low, low: seed.high)
    var index = bytes.startIndex
    while bytes.endIndex - index >= 16 {
      state.mix(word(bytes, index, 8), word(bytes, index + 8, 8))
      index += 16
    }
    let left = bytes.endIndex - index
    if left > 0 {
      state.mix(word(bytes, index, min(8, left)), left > 8 ? word(bytes, index + 8, left - 8) : 0)
    }
    return state.finished(count: UInt64(bytes.count))
  }

  private static func word(_ bytes: ArraySlice<UInt8>, _ start: Int, _ count: Int) -> UInt64 {
    var result: UInt64 = 0
    for index in 0..<count { result |= UInt64(bytes[start + index]) << UInt64(8 * index) }
    return result
  }

  private mutating func mix(_ first: UInt64, _ second: UInt64) {
    let c1: UInt64 = 0x87c3_7b91_1142_53d5
    let c2: UInt64 = 0x4cf5_ad43_2745_937f
    high ^= Self.rotated(first &* c1, 31) &* c2
    high = (Self.rotated(high, 27) &+ low) &* 5 &+ 0x52dc_e729
    low ^= Self.rotated(second &* c2, 33) &* c1
    low = (Self.rotated(low, 31) &+ high) &* 5 &+ 0x3849_5ab5
  }

  private func finished(count: UInt64) -> RowHash {
    var a = high ^ count
    var b = low ^ count
    a = a &+ b
    b = b &+ a
    a = Self.avalanche(a)
    b = Self.avalanche(b)
    a = a &+ b
    b = b &+ a
    return RowHash(high: a, low: b)
  }

  private static func avalanche(_ value: UInt64) -> UInt64 {
    var value = value
    value ^= value >> 33
    value &*= 0xff51_afd7_ed55_8ccd
    value ^= value >> 33
    value &*= 0xc4ce_b9fe_1a85_ec53
    return value ^ value >> 33
  }

  private static func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 {
    value << count | value >> (64 - count)
  }
}
