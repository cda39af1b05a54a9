internal import Kernels
internal import Records

extension LeafValues {
  /// What decodes a leaf column to answers, a byte a slot: 1 where a value is there and meets the
  /// tests. Of conditions on nulls alone nothing is decoded.
  static func testing(
    _ condition: LeafCondition, options: ReadOptions, budget: MemoryBudget
  ) throws(ParquetError) -> LeafValues {
    guard case .tests(let tests) = condition.content else { return SlotCounting() }
    let leaf = condition.leaf
    switch leaf.dataType.physicalType {
    case .boolean: return BooleanAnswers(integerTests(tests))
    case .int32:
      let decoder: TypedValues<Int32>.MakeDecoder = integers(leaf, options, budget)
      return leaf.isUnsigned
        ? answers(decoder, integerTests(tests).map(unsigned32))
        : answers(decoder, integerTests(tests).map(signed32))
    case .int64:
      let decoder: TypedValues<Int64>.MakeDecoder = integers(leaf, options, budget)
      return leaf.isUnsigned
        ? answers(decoder, integerTests(tests).map(unsigned64))
        : answers(decoder, integerTests(tests).map(signed64))
    case .int128:
      return answers(integers(leaf, options, budget), integerTests(tests).map(signed128))
    case .float:
      return answers(
        floats(leaf), doubleRanges(tests).map(single))
    case .double:
      return answers(
        same, doubleRanges(tests).map(double))
    case .bytes: return textAnswers(leaf, tests, options, budget)
    case .fixedBytes(let width):
      return answers(
        { (page, encoding) throws(ParquetError) in
          try fixedBytes(page, encoding, width: width)
        },
        byteTests(tests).map { bytes, orders in
          { ValueTests.append($0.span, width: width, against: bytes, orders, to: &$1) }
        })
    case .list, .structure, .map:
      throw ParquetError(.unsupported, "a leaf of a nested type", at: .init(column: leaf.name))
    }
  }

  // MARK: Tests by type

  /// A comparison with an integer.
  struct IntegerTest {
    let comparison: Predicate.Comparison
    let floor: Int128
    let isExact: Bool

    func range<Bound: FixedWidthInteger & BitwiseCopyable & Sendable>(
      in type: Bound.Type
    ) -> RangeTest<Bound> {
      comparison.range(floor: floor, isExact: isExact, in: type)
    }
  }

  private static func integerTests(_ tests: [LeafCondition.Test]) -> [IntegerTest] {
    tests.compactMap { test in
      guard case .integer(let floor, let isExact) = test.operand else { return nil }
      return IntegerTest(comparison: test.comparison, floor: floor, isExact: isExact)
    }
  }

  private static func doubleRanges(_ tests: [LeafCondition.Test]) -> [RangeTest<Double>] {
    tests.compactMap { test in
      guard case .double(let floor, let isExact) = test.operand else { return nil }
      return test.comparison.range(floor: floor, isExact: isExact)
    }
  }

  private static func byteTests(
    _ tests: [LeafCondition.Test]
  ) -> [([UInt8], ValueTests.Orders)] {
    tests.compactMap { test in
      guard case .bytes(let bytes) = test.operand else { return nil }
      return (bytes, test.comparison.orders)
    }
  }

  private static func signed32(_ test: IntegerTest) -> TestingDecoder<Int32>.Test {
    let range = test.range(in: Int32.self)
    return { ValueTests.append($0.span, range, to: &$1) }
  }

  private static func unsigned32(_ test: IntegerTest) -> TestingDecoder<Int32>.Test {
    let range = test.range(in: UInt32.self)
    return { ValueTests.append($0.span, range, to: &$1) }
  }

  private static func signed64(_ test: IntegerTest) -> TestingDecoder<Int64>.Test {
    let range = test.range(in: Int64.self)
    return { ValueTests.append($0.span, range, to: &$1) }
  }

  private static func unsigned64(_ test: IntegerTest) -> TestingDecoder<Int64>.Test {
    let range = test.range(in: UInt64.self)
    return { ValueTests.append($0.span, range, to: &$1) }
  }

  private static func signed128(_ test: IntegerTest) -> TestingDecoder<Int128>.Test {
    let range = test.range(in: Int128.self)
    return { ValueTests.append($0.span, range, to: &$1) }
  }

  private static func single(_ range: RangeTest<Double>) -> TestingDecoder<Float>.Test {
    { ValueTests.append($0.span, range, to: &$1) }
  }

  private static func double(_ range: RangeTest<Double>) -> TestingDecoder<Double>.Test {
    { ValueTests.append($0.span, range, to: &$1) }
  }

  // MARK: Answers

  private static func answers<Source: BitwiseCopyable & Sendable>(
    _ makeDecoder: @escaping TypedValues<Source>.MakeDecoder, _ tests: [TestingDecoder<Source>.Test]
  ) -> LeafValues {
    TypedValues<UInt8>(
      zero: 0,
      makeDecoder: { (page, encoding) throws(ParquetError) in
        TestingDecoder(try makeDecoder(page, encoding), tests: tests)
      }, makeIndices: indices, wrap: { .fixedBytes(width: 1, $0) })
  }

  private static func textAnswers(
    _ leaf: LeafColumn, _ tests: [LeafCondition.Test], _ options: ReadOptions,
    _ budget: MemoryBudget
  ) -> LeafValues {
    let buffers = ViewBuffers(budget: budget)
    let isText = options.validatesText && leaf.dataType != .binary
    let tests = byteTests(tests).map { text, orders -> TestingDecoder<ByteView>.Test in
      { views, output in
        // What one call decodes lies in one buffer.
        let bytes = buffers.buffers[views.first.map { Int($0.buffer) } ?? 0]
        ValueTests.append(
          views: views.span, in: bytes.span, against: text, orders,
          to: &output)
      }
    }
    return TypedValues<UInt8>(
      zero: 0,
      makeDecoder: { (page, encoding) throws(ParquetError) in
        TestingDecoder(
          try views(page, encoding, buffers, isText: isText), tests: tests,
          onBlock: { buffers.beginBatch() })
      },
      makeDictionaryDecoder: { (page, _) throws(ParquetError) in
        buffers.setDictionary(page.bytes)
        return TestingDecoder(
          DictionaryViews(page, buffers: buffers, isText: isText), tests: tests)
      }, makeIndices: indices, wrap: { .fixedBytes(width: 1, $0) })
  }
}

/// Stands for values that nobody asks for: the slots are counted, nothing is decoded.
final class SlotCounting: LeafValues {
  override func setDictionary(_ page: DictionaryPage) -> Int { 0 }
  override func beginPage(_ page: PageBytes, encoding: Encoding) {}
  override func endPage() {}
  override func beginBatch(slotCount: Int) {}
  override func append(dense: Int, slots: Int, validity: [UInt64], from first: Int) {}
  override func skip(dense: Int) {}
  override func finish() -> Column.Values { .fixedBytes(width: 1, []) }
  override var slotByteCount: Int { 0 }
}

/// Booleans against conditions.
final class BooleanAnswers: LeafValues {
  private let inner = BooleanValues()
  /// The answers for false and for true.
  private let answers: [UInt8]
  private var output: [UInt8] = []

  init(_ tests: [LeafValues.IntegerTest]) {
    answers = [Int32(0), 1].map { bit in
      tests.allSatisfy { test in
        let range = test.range(in: Int32.self)
        return (range.low <= bit && bit <= range.high) != range.isOutside
      } ? 1 : 0
    }
  }

  override var slotByteCount: Int { 1 }

  override func setDictionary(_ page: DictionaryPage) throws(ParquetError) -> Int {
    try inner.setDictionary(page)
  }

  override func beginPage(_ page: PageBytes, encoding: Encoding) throws(ParquetError) {
    try inner.beginPage(page, encoding: encoding)
  }

  override func endPage() throws(DecodeError) { try inner.endPage() }
  override func beginBatch(slotCount: Int) { output = [] }

  override func append(
    dense: Int, slots: Int, validity: [UInt64], from first: Int
  ) throws(DecodeError) {
    inner.beginBatch(slotCount: dense)
    try inner.append(dense: dense, slots: dense, validity: [], from: 0)
    guard case .boolean(let bits) = inner.finish() else { return }
    output.reserve(forAppending: slots)
    output.append(addingCapacity: slots) { output in
      for index in 0..<dense { output.append(answers[bits[index] ? 1 : 0]) }
      output.spreadLast(dense: dense, over: slots, validity: validity, from: first)
    }
  }

  override func skip(dense: Int) throws(DecodeError) { try inner.skip(dense: dense) }

  override func finish() -> Column.Values {
    defer { output = [] }
    return .fixedBytes(width: 1, output)
  }
}
