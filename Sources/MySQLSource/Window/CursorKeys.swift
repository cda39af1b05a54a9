internal import Base
internal import Records

/// The cursor values of a batch as whole numbers: times in microseconds, whatever their column.
struct CursorKeys {
  private let columns: [[Int128]]
  private let isNull: [Bitmap?]

  init(_ cursors: [Column]) {
    columns = cursors.map(Self.numbers)
    isNull = cursors.map(\.validity)
  }

  private static func numbers(_ column: Column) -> [Int128] {
    switch (column.values, column.type) {
    case (.int32(let values), .date):
      values.map { Int128($0) * Int128(CivilTime.microsecondsPerDay) }
    case (.int32(let values), .uint32): values.map { Int128(UInt32(bitPattern: $0)) }
    case (.int32(let values), _): values.map { Int128($0) }
    case (.int64(let values), .uint64): values.map { Int128(UInt64(bitPattern: $0)) }
    case (.int64(let values), _): values.map { Int128($0) }
    case (.int128(let values), _): values
    // No cursor is of another type.
    default: Array(repeating: 0, count: column.count)
    }
  }

  /// The values of one column.
  subscript(column: Int) -> [Int128] { columns[column] }

  func tuple(_ row: Int) -> [Int128] { columns.map { $0[row] } }

  /// Whether a row lacks one of the values.
  func isNull(_ row: Int) -> Bool { isNull.contains { $0.map { !$0[row] } ?? false } }

  /// Negative, 0 or positive where the row's tuple is below, at or above the other.
  func compare(_ row: Int, _ other: [Int128]) -> Int {
    for (column, value) in zip(columns, other) where column[row] != value {
      return column[row] < value ? -1 : 1
    }
    return 0
  }
}

/// A part of the cursor's range that is open at the top.
enum CursorBound {
  case nothing, everything
  case from([Int128])
  case above([Int128])

  func contains(_ keys: CursorKeys, _ row: Int) -> Bool {
    switch self {
    case .nothing: false
    case .everything: true
    case .from(let tuple): keys.compare(row, tuple) >= 0
    case .above(let tuple): keys.compare(row, tuple) > 0
    }
  }
}
