internal import Base
internal import Kernels
internal import Records

/// One column of a block under conversion: where its values lie, and what went wrong.
struct ColumnConversion {
  let block: UnsafeRawPointer
  let offsets: UnsafePointer<UInt32>
  let rowCount: Int
  let hasNulls: Bool

  /// Rows whose date is none.
  var noDateRows: [Int] = []
  /// The first row whose value is not what the column's type says.
  var malformedRow: Int?

  init(block: UnsafeRawPointer, offsets: UnsafePointer<UInt32>, rowCount: Int, hasNulls: Bool) {
    self.block = block
    self.offsets = offsets
    self.rowCount = rowCount
    self.hasNulls = hasNulls
  }

  /// Which rows have a value; nil where all have.
  func validity() -> Bitmap? {
    guard hasNulls || !noDateRows.isEmpty else { return nil }
    var words: [UInt64] = []
    words.reserveCapacity((rowCount + 63) / 64)
    for start in stride(from: 0, to: rowCount, by: 64) {
      var word: UInt64 = 0
      for bit in 0..<min(64, rowCount - start) where offsets[start + bit] != FieldOffsets.null {
        word |= 1 << UInt64(bit)
      }
      words.append(word)
    }
    for row in noDateRows { words[row >> 6] &= ~(1 << UInt64(row & 63)) }
    return Bitmap(words: words, count: rowCount)
  }

  /// Values that need no more than a load.
  @inline(__always)
  func loaded<Value: BitwiseCopyable & AdditiveArithmetic>(
    _ load: (UnsafeRawPointer) -> Value
  ) -> [Value] {
    Array(unsafeUninitializedCapacity: rowCount) { output, count in
      if hasNulls {
        for row in 0..<rowCount {
          let offset = offsets[row]
          output.initializeElement(
            at: row, to: offset == FieldOffsets.null ? .zero : load(block + Int(offset)))
        }
      } else {
        for row in 0..<rowCount {
          output.initializeElement(at: row, to: load(block + Int(offsets[row])))
        }
      }
      count = rowCount
    }
  }

  /// Values whose text or bytes may be no value of the type.
  @inline(__always)
  mutating func parsed<Value: BitwiseCopyable & AdditiveArithmetic>(
    _ parse: (UnsafeRawPointer) -> Value?
  ) -> [Value] {
    var malformed: Int?
    let values = [Value](unsafeUninitializedCapacity: rowCount) { output, count in
      for row in 0..<rowCount {
        let offset = offsets[row]
        var value = Value.zero
        if offset != FieldOffsets.null {
          if let parsed = parse(block + Int(offset)) {
            value = parsed
          } else if malformed == nil {
            malformed = row
          }
        }
        output.initializeElement(at: row, to: value)
      }
      count = rowCount
    }
    if malformedRow == nil { malformedRow = malformed }
    return values
  }

  /// Calendar values; those that are no date are noted and 0.
  @inline(__always)
  mutating func calendar<Value: FixedWidthInteger & BitwiseCopyable>(
    _ read: (UnsafeRawPointer) -> CalendarFields.Outcome
  ) -> [Value] {
    var malformed: Int?
    var noDates: [Int] = []
    let values = [Value](unsafeUninitializedCapacity: rowCount) { output, count in
      for row in 0..<rowCount {
        let offset = offsets[row]
        var value: Value = 0
        if offset != FieldOffsets.null {
          switch read(block + Int(offset)) {
          case .value(let read): value = Value(truncatingIfNeeded: read)
          case .noDate: noDates.append(row)
          case .malformed: if malformed == nil { malformed = row }
          }
        }
        output.initializeElement(at: row, to: value)
      }
      count = rowCount
    }
    if malformedRow == nil { malformedRow = malformed }
    noDateRows += noDates
    return values
  }

  /// Decimals of up to 18 digits, parsed from them.
  /// - Parameter bound: above all that the column's digits can make.
  @inline(__always)
  mutating func decimals<Value: FixedWidthInteger & BitwiseCopyable>(
    scale: Int, below bound: Int128
  ) -> [Value] {
    let bound = UInt64(clamping: bound)
    return parsed { value -> Value? in
      let count = Int(value.load(as: UInt8.self))
      return ParseTextDecimal.int64(value + 1, count: count, scale: scale)
        .flatMap { $0.magnitude < bound ? Value(exactly: $0) : nil }
    }
  }

  mutating func wideDecimals(scale: Int, below bound: Int128) -> [Int128] {
    parsed { value -> Int128? in
      let count = Int(value.load(as: UInt8.self))
      return ParseTextDecimal.int128(value + 1, count: count, scale: scale)
        .flatMap { -bound < $0 && $0 < bound ? $0 : nil }
    }
  }

  /// BIT values: up to eight bytes, the highest first.
  mutating func bits() -> [Int64] {
    parsed { value -> Int64? in
      let count = Int(value.load(as: UInt8.self))
      if count > 8 { return nil }
      var bits: UInt64 = 0
      for index in 0..<count {
        bits = bits << 8 | UInt64(value.load(fromByteOffset: 1 + index, as: UInt8.self))
      }
      return Int64(bitPattern: bits)
    }
  }
}
