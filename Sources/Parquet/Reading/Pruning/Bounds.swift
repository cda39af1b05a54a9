internal import Records

/// What statistics say of the values of a chunk or page.
struct Bounds {
  var min: OrderedValue?
  var max: OrderedValue?
  var isMinExact = false
  var isMaxExact = false
  /// Nil where it is not known.
  var nullCount: Int64?
  var isAllNull = false
  /// Whether there may be floating-point values that are not numbers, which bounds leave out.
  var mayHaveNaN = false

  /// What a column chunk's statistics say.
  init(_ chunk: ColumnMetaData, leaf: LeafColumn, order: ColumnOrder?) {
    mayHaveNaN = Self.isFloating(leaf.dataType)
    guard let statistics = chunk.statistics else { return }
    nullCount = statistics.nullCount
    if let nulls = statistics.nullCount, nulls >= chunk.valueCount { isAllNull = true }
    if statistics.nanCount == 0 { mayHaveNaN = false }
    guard Self.isKnown(order) else { return }
    if statistics.min != nil || statistics.max != nil {
      min = statistics.min.flatMap { OrderedValue(statistic: $0, leaf: leaf) }
      max = statistics.max.flatMap { OrderedValue(statistic: $0, leaf: leaf) }
      isMinExact = statistics.isMinExact ?? false
      isMaxExact = statistics.isMaxExact ?? false
    } else if !leaf.isUnsigned, leaf.primitiveType.byteCount != nil {
      // The deprecated fields compare signed, which is right for signed numbers alone.
      min = statistics.deprecatedMin.flatMap { OrderedValue(statistic: $0, leaf: leaf) }
      max = statistics.deprecatedMax.flatMap { OrderedValue(statistic: $0, leaf: leaf) }
    }
  }

  /// What a column index says of one page.
  init(_ index: ColumnIndex, page: Int, leaf: LeafColumn, order: ColumnOrder?) {
    mayHaveNaN = Self.isFloating(leaf.dataType)
    nullCount = index.nullCounts?[page]
    if index.nullPages[page] {
      isAllNull = true
      return
    }
    if let counts = index.nanCounts, page < counts.count, counts[page] == 0 { mayHaveNaN = false }
    guard Self.isKnown(order) else { return }
    min = OrderedValue(statistic: index.minValues[page], leaf: leaf)
    max = OrderedValue(statistic: index.maxValues[page], leaf: leaf)
  }

  private static func isKnown(_ order: ColumnOrder?) -> Bool {
    switch order {
    case nil, .typeDefined, .ieee754Total: true
    case .int96Timestamp, .unknown: false
    }
  }

  private static func isFloating(_ type: DataType) -> Bool {
    switch type {
    case .float16, .float32, .float64: true
    default: false
    }
  }

  /// Whether a row with such values may meet the condition.
  /// - Parameter value: what to compare with; nil where it does not compare exactly.
  func mayMatch(_ comparison: Predicate.Comparison, _ value: OrderedValue?) -> Bool {
    switch comparison {
    case .isNull: return nullCount != 0 || isAllNull
    case .isNotNull: return !isAllNull
    default: break
    }
    if isAllNull { return false }
    guard let value else { return true }
    let toMin = min.flatMap { value.compared(to: $0) }
    let toMax = max.flatMap { value.compared(to: $0) }
    // What is not a number counts as greater than all numbers with many engines, so an upper
    // bound leaves nothing out where there may be some.
    switch comparison {
    case .equal: return (toMin ?? 0) >= 0 && (toMax ?? 0) <= 0
    case .less: return (toMin ?? 1) > 0
    case .lessOrEqual: return (toMin ?? 0) >= 0
    case .greater: return mayHaveNaN || (toMax ?? -1) < 0
    case .greaterOrEqual: return mayHaveNaN || (toMax ?? 0) <= 0
    case .notEqual:
      return mayHaveNaN || !(toMin == 0 && toMax == 0 && isMinExact && isMaxExact)
    case .isNull, .isNotNull: return true
    }
  }
}
