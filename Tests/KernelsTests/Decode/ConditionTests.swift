import Kernels
import Testing

/// Tests of values against the comparisons that they stand for.
@Suite struct ConditionTests {
  private func answers(
    _ count: Int, _ body: (inout OutputSpan<UInt8>) -> Void
  ) -> [Bool] {
    var output: [UInt8] = []
    output.append(addingCapacity: count) { body(&$0) }
    return output.map { $0 == 1 }
  }

  private func meets<Bound: Comparable>(_ value: Bound, _ test: RangeTest<Bound>) -> Bool {
    test.isOutside ? value < test.low || value > test.high : value >= test.low && value <= test.high
  }

  @Test(arguments: [0, 1, 7, 64, 65, 333])
  func ranges(count: Int) {
    var random = SeededRandom(UInt64(count))
    let wide = (0..<count).map { _ in Int64(bitPattern: random.next()) >> 60 }
    let narrow = wide.map { Int32($0) }
    let long = wide.map { Int128($0) << 70 }
    let doubles = wide.map { $0 == 3 ? Double.nan : Double($0) / 2 }
    let floats = doubles.map { Float($0) }
    for (low, high) in [(-3, 4), (0, 0), (5, -5), (-100, 100)] as [(Int64, Int64)] {
      for isOutside in [false, true] {
        let test = RangeTest(low, high, isOutside: isOutside)
        #expect(
          answers(count) { ValueTests.append(wide.span, test, to: &$0) }
            == wide.map { meets($0, test) })
        let test32 = RangeTest(Int32(low), Int32(high), isOutside: isOutside)
        #expect(
          answers(count) { ValueTests.append(narrow.span, test32, to: &$0) }
            == narrow.map { meets($0, test32) })
        let test128 = RangeTest(Int128(low) << 70, Int128(high) << 70, isOutside: isOutside)
        #expect(
          answers(count) { ValueTests.append(long.span, test128, to: &$0) }
            == long.map { meets($0, test128) })
        let unsigned = RangeTest(
          UInt64(bitPattern: low), UInt64(bitPattern: high), isOutside: isOutside)
        #expect(
          answers(count) { ValueTests.append(wide.span, unsigned, to: &$0) }
            == wide.map { meets(UInt64(bitPattern: $0), unsigned) })
        let unsigned32 = RangeTest(
          UInt32(truncatingIfNeeded: low), UInt32(truncatingIfNeeded: high), isOutside: isOutside)
        #expect(
          answers(count) { ValueTests.append(narrow.span, unsigned32, to: &$0) }
            == narrow.map { meets(UInt32(bitPattern: $0), unsigned32) })
        let floating = RangeTest(Double(low), Double(high), isOutside: isOutside)
        #expect(
          answers(count) { ValueTests.append(doubles.span, floating, to: &$0) }
            == doubles.map { meets($0, floating) })
        #expect(
          answers(count) { ValueTests.append(floats.span, floating, to: &$0) }
            == doubles.map { meets($0, floating) })
      }
    }
  }

  private static let orders: [ValueTests.Orders] = [
    .less, .equal, .greater, [.less, .equal], [.greater, .equal], [.less, .greater],
  ]

  private func meets(_ a: [UInt8], _ b: [UInt8], _ orders: ValueTests.Orders) -> Bool {
    if a == b { return orders.contains(.equal) }
    return orders.contains(a.lexicographicallyPrecedes(b) ? .less : .greater)
  }

  @Test(arguments: orders)
  func byteStrings(orders: ValueTests.Orders) {
    var random = SeededRandom(5)
    let texts = (0..<300).map { _ in
      (0..<Int(random.next() % 5)).map { _ in UInt8(truncatingIfNeeded: random.next() % 3) &- 1 }
    }
    let bytes = [9, 9] + texts.joined()
    var offset: UInt32 = 2
    let views = texts.map { text -> (UInt32, UInt32, UInt32) in
      defer { offset += UInt32(text.count) }
      return (7, offset, UInt32(text.count))
    }
    for operand in [[], [0], [255], [0, 1, 0], [255, 255, 255, 255, 255]] as [[UInt8]] {
      let words = views.flatMap { [$0.0, $0.1, $0.2] }
      let wordsOfThree = stride(from: 0, to: words.count, by: 3).map { place in
        Words(buffer: words[place], offset: words[place + 1], length: words[place + 2])
      }
      #expect(
        answers(texts.count) {
          ValueTests.append(
            views: wordsOfThree.span, in: bytes.span, against: operand, orders, to: &$0)
        } == texts.map { meets($0, operand, orders) })
      let fixed = bytes.dropLast(bytes.count % 3)
      let flat = Array(fixed)
      #expect(
        answers(flat.count / 3) {
          ValueTests.append(flat.span, width: 3, against: operand, orders, to: &$0)
        }
          == stride(from: 0, to: flat.count, by: 3).map {
            meets(Array(flat[$0..<$0 + 3]), operand, orders)
          })
    }
  }

  private struct Words: BitwiseCopyable {
    var buffer: UInt32
    var offset: UInt32
    var length: UInt32
  }

  /// Structures: a bool, a number, a text, a list, another structure.
  @Test func structuresAreFound() {
    let structure: [UInt8] = [
      0x11, 0x15, 0x80, 0x01, 0x18, 0x02, 0x61, 0x62, 0x19, 0x25, 0x02, 0x04, 0x1C, 0x11, 0x00,
      0x00,
    ]
    let bytes = [0xFF] + structure + structure + [0x00, 0x77]
    let found = ThriftScanning.structures(bytes.span, in: 1..<bytes.count, count: 3)
    #expect(found?.offsets == [0, 16, 32])
    #expect(found?.end == bytes.count - 1)
    let none = ThriftScanning.structures(bytes.span, in: 1..<bytes.count, count: 0)
    #expect(none?.end == 1)
    for end in 1..<bytes.count - 1 {
      let cut = ThriftScanning.structures(bytes.span, in: 1..<end, count: 3)
      #expect(cut?.end == nil)
    }
    // Nested without end, a map, a type that there is none of, a number of 11 bytes.
    let bad: [[UInt8]] = [
      [UInt8](repeating: 0x1C, count: 100), [0x1B, 0x00, 0x00], [0x1E, 0x00],
      [0x16] + [UInt8](repeating: 0x80, count: 10) + [0x01, 0x00], [0x19, 0xFC, 0xFF, 0xFF, 0x7F],
    ]
    for bytes in bad {
      let refused = ThriftScanning.structures(bytes.span, in: 0..<bytes.count, count: 1)
      #expect(refused?.end == nil)
    }
  }
}
