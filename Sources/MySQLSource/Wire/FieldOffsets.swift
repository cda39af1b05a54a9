/// Where each value of a block's rows begins.
///
///     offsets[column × rows + row]   from the start of the block; `null` where there is none
///
/// One pass over the rows checks that every value lies within its row; the conversions behind it
/// go column by column and check nothing of that again.
struct FieldOffsets: ~Copyable {
  static let null: UInt32 = .max

  private(set) var rowCount = 0
  private let columnCount: Int
  private var offsets: UnsafeMutableBufferPointer<UInt32>
  /// Whether any row has a null in the column.
  private(set) var hasNulls: [Bool]

  init(columnCount: Int) {
    self.columnCount = columnCount
    offsets = .init(start: nil, count: 0)
    hasNulls = Array(repeating: false, count: columnCount)
  }

  deinit { offsets.deallocate() }

  /// The offsets of one column.
  func column(_ index: Int) -> UnsafePointer<UInt32> {
    // Allocated by `scan`, which comes before.
    UnsafePointer(offsets.baseAddress.unsafelyUnwrapped + index * rowCount)
  }

  /// Finds the values of all rows.
  ///
  /// - Parameters:
  ///   - block: the rows; at least `RowBlock.padding` bytes follow them.
  ///   - widths: [columnCount] bytes of a value, 0 where it tells its length.
  /// - Returns: the first row that is not what the protocol says; nil where all are.
  /// - Complexity: O(rows × columns).
  mutating func scan(
    _ block: UnsafeRawPointer, byteCount: Int, rowCount: Int, widths: UnsafePointer<Int>
  ) -> Int? {
    let wanted = max(1, rowCount * columnCount)
    if offsets.count < wanted {
      offsets.deallocate()
      offsets = .allocate(capacity: wanted)
    }
    self.rowCount = rowCount
    for column in 0..<columnCount { hasNulls[column] = false }
    guard let base = offsets.baseAddress else { return 0 }
    var position = 0
    let bitmapBytes = (columnCount + 9) / 8
    for row in 0..<rowCount {
      guard byteCount - position >= 5 + bitmapBytes else { return row }
      let length = Int(
        UInt32(littleEndian: block.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
      let end = position + 4 + length
      guard length > bitmapBytes, end <= byteCount else { return row }
      let bitmap = block + position + 5
      let first = position + 5 + bitmapBytes
      let reached =
        Self.isAllZero(bitmap, bitmapBytes)
        ? plain(block, from: first, end: end, row: row, widths: widths, base)
        : withNulls(block, bitmap, from: first, end: end, row: row, widths: widths, base)
      guard reached == end else { return row }
      position = end
    }
    return position == byteCount ? nil : rowCount
  }

  @inline(__always)
  private static func isAllZero(_ bitmap: UnsafeRawPointer, _ count: Int) -> Bool {
    // Eight bytes can be read: the padding follows the last row.
    if count <= 8 {
      let word = UInt64(littleEndian: bitmap.loadUnaligned(as: UInt64.self))
      return word << UInt64(64 - count * 8) == 0
    }
    for index in 0..<count where bitmap.load(fromByteOffset: index, as: UInt8.self) != 0 {
      return false
    }
    return true
  }

  /// - Returns: where the row's values end; beyond `end` where they do not fit.
  @inline(__always)
  private func plain(
    _ block: UnsafeRawPointer, from start: Int, end: Int, row: Int, widths: UnsafePointer<Int>,
    _ base: UnsafeMutablePointer<UInt32>
  ) -> Int {
    var position = start
    var target = base + row
    for column in 0..<columnCount {
      target.pointee = UInt32(truncatingIfNeeded: position)
      target += rowCount
      let width = widths[column]
      position =
        width != 0 ? position &+ width : Self.behindValue(block, at: position, end: end)
      if position > end { return .max }
    }
    return position
  }

  private mutating func withNulls(
    _ block: UnsafeRawPointer, _ bitmap: UnsafeRawPointer, from start: Int, end: Int, row: Int,
    widths: UnsafePointer<Int>, _ base: UnsafeMutablePointer<UInt32>
  ) -> Int {
    var position = start
    var target = base + row
    for column in 0..<columnCount {
      let bit = column + 2
      if bitmap.load(fromByteOffset: bit >> 3, as: UInt8.self) >> UInt8(bit & 7) & 1 != 0 {
        target.pointee = Self.null
        hasNulls[column] = true
      } else {
        target.pointee = UInt32(truncatingIfNeeded: position)
        let width = widths[column]
        position =
          width != 0 ? position &+ width : Self.behindValue(block, at: position, end: end)
        if position > end { return .max }
      }
      target += rowCount
    }
    return position
  }

  /// Where a value with a length ends; beyond `end` where it does not fit.
  @inline(__always)
  private static func behindValue(_ block: UnsafeRawPointer, at position: Int, end: Int) -> Int {
    let first = block.load(fromByteOffset: position, as: UInt8.self)
    if first < 251 { return position &+ 1 &+ Int(first) }
    return behindLongValue(block, at: position, end: end)
  }

  @inline(never)
  private static func behindLongValue(
    _ block: UnsafeRawPointer, at position: Int, end: Int
  ) -> Int {
    guard position < end else { return .max }
    let (length, width) = lengthOf(block, at: position)
    let (behind, overflow) = (position + width).addingReportingOverflow(Int(clamping: length))
    return overflow || width == 0 ? .max : behind
  }

  /// A length and the bytes that it takes itself (0 where it is none). Reads up to 9 bytes.
  @inline(__always)
  static func lengthOf(_ block: UnsafeRawPointer, at position: Int) -> (length: UInt64, width: Int)
  {
    let first = block.load(fromByteOffset: position, as: UInt8.self)
    if first < 251 { return (UInt64(first), 1) }
    let word = UInt64(
      littleEndian: block.loadUnaligned(fromByteOffset: position + 1, as: UInt64.self))
    switch first {
    case 252: return (word & 0xFFFF, 3)
    case 253: return (word & 0xFF_FFFF, 4)
    case 254: return (word, 9)
    default: return (0, 0)
    }
  }
}
