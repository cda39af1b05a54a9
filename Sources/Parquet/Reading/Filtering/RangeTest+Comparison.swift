internal import Kernels

extension Predicate.Comparison {
  /// Which orders of a value against the operand meet the comparison.
  var orders: ValueTests.Orders {
    switch self {
    case .equal: .equal
    case .notEqual: [.less, .greater]
    case .less: .less
    case .lessOrEqual: [.less, .equal]
    case .greater: .greater
    case .greaterOrEqual: [.greater, .equal]
    case .isNull, .isNotNull: []
    }
  }

  /// The comparison with a number as a test of a range.
  /// - Parameters:
  ///   - floor: the number, or the greatest one of the type below it.
  ///   - isExact: whether it is the number itself.
  ///   - before: the next lower number; nil where there is none.
  private func range<Bound>(
    floor: Bound, isExact: Bool, limits: (low: Bound, high: Bound), before: Bound?, after: Bound?
  ) -> RangeTest<Bound> {
    // Bounds that nothing lies between.
    let nothing = RangeTest(limits.high, limits.low)
    let upToFloor = RangeTest(limits.low, floor)
    let behindFloor = after.map { RangeTest($0, limits.high) } ?? nothing
    switch self {
    case .equal: return isExact ? RangeTest(floor, floor) : nothing
    case .notEqual:
      return isExact
        ? RangeTest(floor, floor, isOutside: true) : RangeTest(limits.low, limits.high)
    case .less:
      if !isExact { return upToFloor }
      return before.map { RangeTest(limits.low, $0) } ?? nothing
    case .lessOrEqual: return upToFloor
    case .greater: return behindFloor
    case .greaterOrEqual: return isExact ? RangeTest(floor, limits.high) : behindFloor
    case .isNull, .isNotNull: return nothing
    }
  }

  /// As a test of integers of a type.
  func range<Bound: FixedWidthInteger & BitwiseCopyable & Sendable>(
    floor: Int128, isExact: Bool, in type: Bound.Type
  ) -> RangeTest<Bound> {
    let all = RangeTest(Bound.min, Bound.max)
    let nothing = RangeTest(Bound.max, Bound.min)
    if floor < Int128(Bound.min) {
      // Every value is greater.
      return orders.contains(.greater) ? all : nothing
    }
    guard let bound = Bound(exactly: floor) else { return orders.contains(.less) ? all : nothing }
    return range(
      floor: bound, isExact: isExact, limits: (.min, .max),
      before: bound > .min ? bound - 1 : nil, after: bound < .max ? bound + 1 : nil)
  }

  /// As a test of floating-point numbers.
  func range(floor: Double, isExact: Bool) -> RangeTest<Double> {
    range(
      floor: floor, isExact: isExact, limits: (-.infinity, .infinity),
      before: floor > -.infinity ? floor.nextDown : nil,
      after: floor < .infinity ? floor.nextUp : nil)
  }
}
