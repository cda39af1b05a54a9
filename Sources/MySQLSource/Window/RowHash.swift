internal import Base
internal import Records

/// A row's non-null (name, value) pairs in 128 bits: a row keeps its hash when a column is added,
/// moved or widened.
///
/// The hashes of the pairs are added up, so their order does not matter. Equal hashes are taken
/// for equal rows; among a million rows two different ones collide once in 10^26 windows.
typealias RowHash = Hash128

extension RowHash {
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
      seeds = schema.fields.map { RowHash(Array($0.name.utf8)[...]) }
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
      return RowHash(words: UInt64(bitPattern: value), value < 0 ? .max : 0, seed: seed)
    case .int64(let values):
      let isNegative = column.type != .uint64 && values[row] < 0
      return RowHash(words: UInt64(bitPattern: values[row]), isNegative ? .max : 0, seed: seed)
    case .int128(let values):
      let value = UInt128(bitPattern: values[row])
      return RowHash(
        words: UInt64(truncatingIfNeeded: value), UInt64(truncatingIfNeeded: value >> 64),
        seed: seed)
    case .float(let values):
      return RowHash(words: Double(values[row]).bitPattern, 1, seed: seed)
    case .double(let values): return RowHash(words: values[row].bitPattern, 1, seed: seed)
    case .bytes(let values): return RowHash(values[row], seed: seed)
    case .boolean, .fixedBytes, .list, .structure, .map:
      return RowHash(Array(column[row].text.utf8)[...], seed: seed)
    }
  }
}
