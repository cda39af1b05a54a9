extension Batch {
  /// The rows as those of a wider schema: columns by name in its order, types widened, columns
  /// that the rows lack null. Nil where the schema does not hold the rows.
  public func widened(to target: Schema) -> Batch? {
    if schema == target { return self }
    var result: [Column] = []
    for field in target.fields {
      if let column = self[field.name] {
        guard let wide = column.widened(to: field.type) else { return nil }
        result.append(wide)
      } else {
        guard field.isNullable || rowCount == 0 else { return nil }
        result.append(.nulls(field.type, count: rowCount))
      }
    }
    return Batch(schema: target, columns: result, rowCount: rowCount)
  }
}

extension Column {
  /// The same values as a type that holds them all, as `DataType.widened` names it by any rule; nil
  /// where this type's values do not fit.
  /// Complexity: O(count).
  public func widened(to target: DataType) -> Column? {
    if type == target { return self }
    switch (type, target) {
    case (.json, .string), (.string, .json): return retyped(target, values)
    case (.float16, .float32): return retyped(target, values)
    case (.timestamp(let from, let isUTC), .timestamp(let to, let otherUTC)) where isUTC == otherUTC:
      return scaled(target, by: to.perSecond / from.perSecond)
    case (.time(let from), .time(let to)):
      return scaled(target, by: to.perSecond / from.perSecond)
    case (.date, .timestamp(let unit, _)):
      return scaled(target, by: 86_400 * unit.perSecond)
    case (.list, .list), (.map, .map), (.structure, .structure): return nested(target)
    case (_, .string), (_, .json): return asText(target)
    case (_, .float64): return asDouble()
    default: return asExact(target)
    }
  }

  private func retyped(_ type: DataType, _ values: Values) -> Column {
    Column(type: type, count: count, validity: validity, values: values)
  }

  /// Whole numbers times a factor, as 64 bits; nil where one leaves them.
  private func scaled(_ target: DataType, by factor: Int64) -> Column? {
    guard factor > 0 else { return nil }
    var result: [Int64] = []
    result.reserveCapacity(count)
    func append(_ value: Int64) -> Bool {
      let (product, overflow) = value.multipliedReportingOverflow(by: factor)
      result.append(product)
      return !overflow
    }
    switch values {
    case .int32(let values): for value in values where !append(Int64(value)) { return nil }
    case .int64(let values): for value in values where !append(value) { return nil }
    default: return nil
    }
    return retyped(target, .int64(result))
  }

  private func asDouble() -> Column? {
    if case .float(let values) = values {
      return retyped(.float64, .double(values.map(Double.init)))
    }
    guard let (numbers, scale) = unscaled() else { return nil }
    var divisor = 1.0
    for _ in 0..<scale { divisor *= 10 }
    return retyped(.float64, .double(numbers.map { Double($0) / divisor }))
  }

  /// Integers and decimals as wider ones.
  private func asExact(_ target: DataType) -> Column? {
    guard let (numbers, scale) = unscaled() else { return nil }
    var factor: Int128 = 1
    switch target {
    case .decimal(_, let targetScale):
      guard targetScale >= scale, targetScale <= 38 else { return nil }
      for _ in scale..<targetScale { factor *= 10 }
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64:
      guard scale == 0 else { return nil }
    default: return nil
    }
    var wide: [Int128] = []
    wide.reserveCapacity(count)
    for number in numbers {
      let (product, overflow) = number.multipliedReportingOverflow(by: factor)
      if overflow || !target.holds(product) { return nil }
      wide.append(product)
    }
    switch target.physicalType {
    case .int32: return retyped(target, .int32(wide.map { Int32(truncatingIfNeeded: $0) }))
    case .int64: return retyped(target, .int64(wide.map { Int64(truncatingIfNeeded: $0) }))
    case .int128: return retyped(target, .int128(wide))
    default: return nil
    }
  }

  /// Exact numbers without their point; nil for any other type.
  private func unscaled() -> (numbers: [Int128], scale: Int)? {
    var scale = 0
    switch type {
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64: break
    case .decimal(_, let digits): scale = digits
    default: return nil
    }
    switch values {
    case .int32(let values) where type == .uint32:
      return (values.map { Int128(UInt32(bitPattern: $0)) }, scale)
    case .int32(let values): return (values.map { Int128($0) }, scale)
    case .int64(let values) where type == .uint64:
      return (values.map { Int128(UInt64(bitPattern: $0)) }, scale)
    case .int64(let values): return (values.map { Int128($0) }, scale)
    case .int128(let values): return (values, scale)
    default: return nil
    }
  }

  private func nested(_ target: DataType) -> Column? {
    switch (values, type, target) {
    case (.list(let offsets, let child), .list, .list(let element)):
      guard let wide = child.widened(to: element.type) else { return nil }
      return retyped(target, .list(offsets: offsets, wide))
    case (.map(let offsets, let keys, let values), .map, .map(let key, let value)):
      guard let wideKeys = keys.widened(to: key.type),
        let wideValues = values.widened(to: value.type)
      else { return nil }
      return retyped(target, .map(offsets: offsets, keys: wideKeys, values: wideValues))
    case (.structure(let children), .structure(let fields), .structure(let targetFields)):
      let inner = Batch(schema: Schema(fields), columns: children, rowCount: count)
      // A null structure has null members, whatever they are declared to be.
      let nullable = targetFields.map { Field($0.name, $0.type, comment: $0.comment) }
      guard let wide = inner.widened(to: Schema(nullable)) else { return nil }
      return retyped(target, .structure(wide.columns))
    default: return nil
    }
  }
}

extension DataType {
  /// Whether an exact type has room for an unscaled number.
  fileprivate func holds(_ number: Int128) -> Bool {
    switch self {
    case .int8: Int8(exactly: number) != nil
    case .int16: Int16(exactly: number) != nil
    case .int32: Int32(exactly: number) != nil
    case .int64: Int64(exactly: number) != nil
    case .uint8: UInt8(exactly: number) != nil
    case .uint16: UInt16(exactly: number) != nil
    case .uint32: UInt32(exactly: number) != nil
    case .uint64: UInt64(exactly: number) != nil
    case .decimal(let precision, _): number.magnitude < Self.powerOfTen(precision)
    default: false
    }
  }

  private static func powerOfTen(_ digits: Int) -> UInt128 {
    var power: UInt128 = 1
    for _ in 0..<min(max(digits, 0), 38) { power *= 10 }
    return power
  }
}
