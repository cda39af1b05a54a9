import Kernels
import Testing

@Suite struct CompareBytesTests {
  /// All pairs of short strings over few letters, at different places of their arrays.
  @Test func ordersAsUnsignedBytes() {
    var texts: [[UInt8]] = [[]]
    for length in 1...3 {
      for code in 0..<27 where code < [3, 9, 27][length - 1] {
        texts.append((0..<length).map { [0, 127, 255][code / [1, 3, 9][$0] % 3] })
      }
    }
    for a in texts {
      for b in texts {
        let order = compareBytes([9] + a, 1..<1 + a.count, [7, 7] + b, 2..<2 + b.count)
        let expected = a == b ? 0 : a.lexicographicallyPrecedes(b) ? -1 : 1
        #expect(order.signum() == expected, "\(a) and \(b)")
      }
    }
  }
}
