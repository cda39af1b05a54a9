import Kernels
import Testing

private let lengths = [1, 2, 7, 8, 9, 31, 32, 33, 63, 64, 65, 100, 255, 1000]

@Suite struct HybridEncodingTests {
  /// Random values, runs of every length between them.
  private func values(_ count: Int, width: Int, _ random: inout EncodeRandom) -> [UInt32] {
    let mask = UInt32.max >> (32 - UInt32(width))
    var values: [UInt32] = []
    while values.count < count {
      let value = UInt32(truncatingIfNeeded: random.next()) & mask
      let run = random.below(3) == 0 ? random.below(100) + 1 : 1
      values += Array(repeating: value, count: min(run, count - values.count))
    }
    return values
  }

  @Test(arguments: 1...32)
  func everyWidthAndLength(width: Int) {
    var random = EncodeRandom(UInt64(width))
    for length in lengths {
      for _ in 0..<4 {
        let values = values(length, width: width, &random)
        var buffer = ByteBuffer()
        buffer.appendHybrid32(values.span.bytes, bitWidth: width)
        #expect(referenceHybrid(buffer.array(), width: width, count: length) == values)
        guard width <= 8 else { continue }
        let narrow = values.map { UInt8(truncatingIfNeeded: $0) }
        var second = ByteBuffer()
        second.appendHybrid8(narrow.span.bytes, bitWidth: width)
        #expect(referenceHybrid(second.array(), width: width, count: length) == values)
      }
    }
  }

  @Test func bitsOfEveryLength() {
    var random = EncodeRandom(9)
    for length in lengths + [511, 512, 513, 5000] {
      for _ in 0..<8 {
        let values = values(length, width: 1, &random)
        var words = [UInt64](repeating: 0, count: (length + 63) / 64)
        for (index, value) in values.enumerated() {
          words[index / 64] |= UInt64(value) << (index % 64)
        }
        var bits = PackedBits()
        bits.append(words, range: 0..<length)
        var buffer = ByteBuffer()
        buffer.appendHybrid(bits)
        #expect(referenceHybrid(buffer.array(), width: 1, count: length) == values)
      }
    }
  }

  @Test func runsTakeFewBytes() {
    var buffer = ByteBuffer()
    buffer.appendHybrid32([UInt32](repeating: 5, count: 1_000_000).span.bytes, bitWidth: 17)
    #expect(buffer.count == 6)
    buffer.removeAll()
    buffer.appendRun(of: 3, count: 200, bitWidth: 2)
    #expect(buffer.array() == [0x90, 0x03, 3])
    // Bits that are all one, to a length that is no multiple of 8.
    var bits = PackedBits()
    bits.append(repeating: true, count: 1003)
    buffer.removeAll()
    buffer.appendHybrid(bits)
    #expect(buffer.array() == [0xD6, 0x0F, 1])
  }

  @Test func nothingGivesNothing() {
    var buffer = ByteBuffer()
    buffer.appendHybrid32([UInt32]().span.bytes, bitWidth: 3)
    buffer.appendHybrid(PackedBits())
    #expect(buffer.count == 0)
  }
}

@Suite struct PackedBitsTests {
  @Test func bitsAreAppendedAtAnyOffset() {
    var random = EncodeRandom(3)
    let source = (0..<40).map { _ in random.next() }
    let mask = (0..<40).map { _ in random.next() }
    func bit(_ words: [UInt64], _ index: Int) -> Bool { words[index / 64] >> (index % 64) & 1 == 1 }
    for _ in 0..<200 {
      var bits = PackedBits()
      var expected: [Bool] = []
      for _ in 0..<5 {
        let start = random.below(1200)
        let range = start..<start + random.below(900)
        switch random.below(4) {
        case 0:
          let ones = bits.append(source, range: range)
          #expect(ones == range.count { bit(source, $0) })
          #expect(ones == BitCount.ones(source, range: range))
          expected += range.map { bit(source, $0) }
        case 1:
          let kept = bits.append(source, range: range, where: mask)
          #expect(kept == BitCount.ones(mask, range: range))
          expected += range.filter { bit(mask, $0) }.map { bit(source, $0) }
        case 2:
          bits.append(repeating: range.lowerBound % 2 == 0, count: range.count)
          expected += range.map { _ in range.lowerBound % 2 == 0 }
        default:
          let levels = range.map { UInt8($0 % 5) }
          bits.append(levels: levels.span, atLeast: 3)
          expected += levels.map { $0 >= 3 }
        }
      }
      #expect(bits.count == expected.count)
      let found = bits.withBytes { bytes in
        expected.indices.map { index in
          bytes.unsafeLoad(fromByteOffset: index / 8, as: UInt8.self) >> (index % 8) & 1 == 1
        }
      }
      #expect(found == expected)
      let start = expected.count / 3
      #expect(bits.onesCount(from: start) == expected[start...].count { $0 })
    }
  }
}
