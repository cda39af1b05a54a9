internal import CKernels

/// A range that values are tested against.
public struct RangeTest<Bound: Comparable & BitwiseCopyable & Sendable>: Sendable {
  public var low: Bound
  /// Inclusive; below `low` where nothing is within.
  public var high: Bound
  /// Whether the values sought lie outside the range.
  public var isOutside: Bool

  public init(_ low: Bound, _ high: Bound, isOutside: Bool = false) {
    self.low = low
    self.high = high
    self.isOutside = isOutside
  }
}

/// Tests of values against conditions: one byte a value, 1 where it meets the condition.
public enum ValueTests {
  /// Which orders of a byte string against another meet a condition.
  public struct Orders: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    public static let less = Orders(rawValue: 1)
    public static let equal = Orders(rawValue: 2)
    public static let greater = Orders(rawValue: 4)
  }

  /// Makes room for `count` bytes at the end of the output and lets `body` fill it.
  private static func append(
    _ count: Int, to output: inout OutputSpan<UInt8>, _ body: (UnsafeMutablePointer<UInt8>) -> Void
  ) {
    precondition(output.freeCapacity >= count)
    output.withUnsafeMutableBufferPointer { output, filled in
      guard let base = output.baseAddress else { return }
      body(base + filled)
      filled += count
    }
  }

  public static func append(
    _ values: Span<Int32>, _ test: RangeTest<Int32>, to output: inout OutputSpan<UInt8>
  ) {
    values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      append(values.count, to: &output) {
        tm_test_range_i32(base, values.count, test.low, test.high, test.isOutside, $0)
      }
    }
  }

  public static func append(
    _ values: Span<Int64>, _ test: RangeTest<Int64>, to output: inout OutputSpan<UInt8>
  ) {
    values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      append(values.count, to: &output) {
        tm_test_range_i64(base, values.count, test.low, test.high, test.isOutside, $0)
      }
    }
  }

  /// Bit patterns of unsigned numbers.
  public static func append(
    _ values: Span<Int32>, _ test: RangeTest<UInt32>, to output: inout OutputSpan<UInt8>
  ) {
    values.withUnsafeBufferPointer { values in
      guard let base = UnsafeRawPointer(values.baseAddress) else { return }
      append(values.count, to: &output) {
        tm_test_range_u32(
          base.assumingMemoryBound(to: UInt32.self), values.count, test.low, test.high,
          test.isOutside, $0)
      }
    }
  }

  /// Bit patterns of unsigned numbers.
  public static func append(
    _ values: Span<Int64>, _ test: RangeTest<UInt64>, to output: inout OutputSpan<UInt8>
  ) {
    values.withUnsafeBufferPointer { values in
      guard let base = UnsafeRawPointer(values.baseAddress) else { return }
      append(values.count, to: &output) {
        tm_test_range_u64(
          base.assumingMemoryBound(to: UInt64.self), values.count, test.low, test.high,
          test.isOutside, $0)
      }
    }
  }

  public static func append(
    _ values: Span<Int128>, _ test: RangeTest<Int128>, to output: inout OutputSpan<UInt8>
  ) {
    values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      append(values.count, to: &output) { target in
        withUnsafePointer(to: test.low) { low in
          withUnsafePointer(to: test.high) { high in
            tm_test_range_i128(base, values.count, low, high, test.isOutside, target)
          }
        }
      }
    }
  }

  /// What is not a number meets no condition.
  public static func append(
    _ values: Span<Float>, _ test: RangeTest<Double>, to output: inout OutputSpan<UInt8>
  ) {
    values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      append(values.count, to: &output) {
        tm_test_range_f32(base, values.count, test.low, test.high, test.isOutside, $0)
      }
    }
  }

  /// What is not a number meets no condition.
  public static func append(
    _ values: Span<Double>, _ test: RangeTest<Double>, to output: inout OutputSpan<UInt8>
  ) {
    values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      append(values.count, to: &output) {
        tm_test_range_f64(base, values.count, test.low, test.high, test.isOutside, $0)
      }
    }
  }

  /// Values of `width` bytes one after another.
  public static func append(
    _ values: Span<UInt8>, width: Int, against operand: [UInt8], _ orders: Orders,
    to output: inout OutputSpan<UInt8>
  ) {
    precondition(width > 0)
    let count = values.count / width
    withBase(of: operand) { operandBase in
      values.withUnsafeBufferPointer { values in
        guard let base = values.baseAddress else { return }
        append(count, to: &output) {
          tm_test_fixed(
            base, width, count, operandBase, operand.count, orders.rawValue, $0)
        }
      }
    }
  }

  /// Byte strings as views that all lie in `bytes`; whatever buffer they name.
  ///
  /// - Parameter views: each lies as three 32-bit words: buffer, offset, length.
  /// - Precondition: every view lies within `bytes`.
  public static func append<View: BitwiseCopyable>(
    views: Span<View>, in bytes: Span<UInt8>, against operand: [UInt8], _ orders: Orders,
    to output: inout OutputSpan<UInt8>
  ) {
    precondition(MemoryLayout<View>.stride == 12)
    views.withUnsafeBytes { views in
      appendViews(views, in: bytes, against: operand, orders, to: &output)
    }
  }

  private static func appendViews(
    _ views: UnsafeRawBufferPointer, in bytes: Span<UInt8>, against operand: [UInt8],
    _ orders: Orders, to output: inout OutputSpan<UInt8>
  ) {
    let count = views.count / 12
    guard let words = views.baseAddress?.assumingMemoryBound(to: UInt32.self) else { return }
    for index in 0..<count {
      let end = Int(words[3 * index + 1]) + Int(words[3 * index + 2])
      precondition(end <= bytes.count)
    }
    withBase(of: operand) { operandBase in
      withBase(of: bytes) { base in
        append(count, to: &output) {
          tm_test_views(base, words, count, operandBase, operand.count, orders.rawValue, $0)
        }
      }
    }
  }

  private static func withBase(of bytes: [UInt8], _ body: (UnsafePointer<UInt8>) -> Void) {
    withBase(of: bytes.span, body)
  }

  /// A place also where there are no bytes.
  private static func withBase(of bytes: Span<UInt8>, _ body: (UnsafePointer<UInt8>) -> Void) {
    bytes.withUnsafeBufferPointer { bytes in
      if let base = bytes.baseAddress { return body(base) }
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1) { empty in
        if let base = empty.baseAddress { body(UnsafePointer(base)) }
      }
    }
  }

  /// Keeps the ones of `output` whose byte of `others` is one too, from `first` on.
  public static func intersect(_ output: inout [UInt8], from first: Int, with others: [UInt8]) {
    precondition(first >= 0 && output.count - first == others.count)
    for index in others.indices { output[first + index] &= others[index] }
  }
}
