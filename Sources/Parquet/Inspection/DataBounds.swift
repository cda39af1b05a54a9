internal import Records

/// The least and greatest of values as they were decoded, for comparison with what statistics
/// promise.
struct DataBounds {
  var min: OrderedValue?
  var max: OrderedValue?

  /// Nil bounds where there are no values, or the column has no order.
  init(_ values: Column.Values, leaf: LeafColumn) {
    switch values {
    case .boolean(let bits):
      let ones = bits.onesCount
      if bits.count > 0 {
        min = .integer(ones == bits.count ? 1 : 0)
        max = .integer(ones > 0 ? 1 : 0)
      }
    case .int32(let numbers):
      if leaf.isUnsigned {
        set(numbers.lazy.map { UInt32(bitPattern: $0) })
      } else {
        set(numbers)
      }
    case .int64(let numbers):
      if leaf.primitiveType == .int96 { return }
      if leaf.isUnsigned, leaf.primitiveType == .int64 {
        set(numbers.lazy.map { UInt64(bitPattern: $0) })
      } else {
        set(numbers)
      }
    case .int128(let numbers): set(numbers)
    case .float(let numbers): setFloating(numbers.lazy.map { Double($0) })
    case .double(let numbers): setFloating(numbers)
    case .bytes(let column): setBytes((0..<column.count).lazy.map { column[$0] })
    case .fixedBytes(let width, let bytes):
      guard width > 0 else { return }
      setBytes(
        stride(from: 0, to: bytes.count - width + 1, by: width).lazy.map { bytes[$0..<$0 + width] })
    case .list, .structure, .map: break
    }
  }

  private mutating func set<Number: BinaryInteger>(_ numbers: some Sequence<Number>) {
    guard let least = numbers.min(), let greatest = numbers.max() else { return }
    min = .integer(Int128(least))
    max = .integer(Int128(greatest))
  }

  private mutating func setFloating(_ numbers: some Sequence<Double>) {
    var least = Double.infinity
    var greatest = -Double.infinity
    var isEmpty = true
    for number in numbers where !number.isNaN {
      isEmpty = false
      least = Swift.min(least, number)
      greatest = Swift.max(greatest, number)
    }
    guard !isEmpty else { return }
    min = .double(least)
    max = .double(greatest)
  }

  private mutating func setBytes(_ values: some Sequence<ArraySlice<UInt8>>) {
    guard let least = values.min(by: { $0.lexicographicallyPrecedes($1) }),
      let greatest = values.max(by: { $0.lexicographicallyPrecedes($1) })
    else { return }
    min = .bytes(least)
    max = .bytes(greatest)
  }

  /// Takes in the bounds of more values.
  mutating func formUnion(_ other: DataBounds) {
    if let theirs = other.min, min.flatMap({ $0.compared(to: theirs) }) ?? 1 > 0 { min = theirs }
    if let theirs = other.max, max.flatMap({ $0.compared(to: theirs) }) ?? -1 < 0 { max = theirs }
  }

  init() {}
}
