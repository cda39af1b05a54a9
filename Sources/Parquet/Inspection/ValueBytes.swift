internal import Records

/// The values of a page as bloom filters see them: in PLAIN encoding, without lengths.
enum ValueBytes {
  /// - Parameter body: called for each value until it returns false.
  /// - Returns: false where the values are read as something else than they are stored as.
  static func forEach(
    _ values: Column.Values, leaf: LeafColumn, _ body: ([UInt8]) -> Bool
  ) -> Bool {
    switch (values, leaf.primitiveType) {
    case (.int32(let numbers), .int32): visit(numbers, 4, body) { UInt64(UInt32(bitPattern: $0)) }
    case (.int64(let numbers), .int64): visit(numbers, 8, body) { UInt64(bitPattern: $0) }
    case (.float(let numbers), .float): visit(numbers, 4, body) { UInt64($0.bitPattern) }
    case (.double(let numbers), .double): visit(numbers, 8, body) { $0.bitPattern }
    case (.int32(let numbers), .fixedLengthByteArray):
      visitBigEndian(numbers, leaf.typeLength, body)
    case (.int64(let numbers), .fixedLengthByteArray):
      visitBigEndian(numbers, leaf.typeLength, body)
    case (.int128(let numbers), .fixedLengthByteArray):
      visitBigEndian(numbers, leaf.typeLength, body)
    case (.bytes(let column), .byteArray), (.bytes(let column), .fixedLengthByteArray):
      for row in 0..<column.count where !body(Array(column[row])) { return true }
    case (.fixedBytes(let width, let bytes), .fixedLengthByteArray) where width > 0:
      for start in stride(from: 0, to: bytes.count - width + 1, by: width)
      where !body(Array(bytes[start..<start + width])) { return true }
    default: return false
    }
    return true
  }

  private static func visit<Number>(
    _ numbers: some Sequence<Number>, _ byteCount: Int, _ body: ([UInt8]) -> Bool,
    bits: (Number) -> UInt64
  ) {
    for number in numbers {
      let bits = bits(number)
      let bytes = (0..<byteCount).map { UInt8(truncatingIfNeeded: bits >> UInt64(8 * $0)) }
      if !body(bytes) { return }
    }
  }

  private static func visitBigEndian<Number: FixedWidthInteger>(
    _ numbers: some Sequence<Number>, _ byteCount: Int, _ body: ([UInt8]) -> Bool
  ) {
    for number in numbers {
      let bytes = (0..<byteCount).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
      if !body(bytes) { return }
    }
  }
}
