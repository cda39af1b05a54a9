@testable import Kernels
import Testing

private let lengths = [1, 2, 15, 16, 17, 31, 32, 33, 64, 100, 1001]

@Suite struct ValueRangeTests {
  @Test(arguments: lengths)
  func numbers(count: Int) {
    var random = EncodeRandom(UInt64(count))
    for _ in 0..<20 {
      let words = (0..<count).map { _ in random.next() }
      let i64 = words.map { Int64(bitPattern: $0) }
      #expect(ValueRange.int64(i64.span.bytes) == i64.min()!...i64.max()!)
      #expect(ValueRange.uint64(words.span.bytes) == words.min()!...words.max()!)
      let i32 = words.map { Int32(truncatingIfNeeded: $0) }
      #expect(ValueRange.int32(i32.span.bytes) == i32.min()!...i32.max()!)
      let u32 = words.map { UInt32(truncatingIfNeeded: $0) }
      #expect(ValueRange.uint32(u32.span.bytes) == u32.min()!...u32.max()!)
      let doubles = i64.map { Double($0) }
      #expect(ValueRange.double(doubles.span.bytes) == doubles.min()!...doubles.max()!)
      let floats = i32.map { Float($0) }
      #expect(ValueRange.float(floats.span.bytes) == floats.min()!...floats.max()!)
    }
  }

  @Test func nanCountsForNothing() {
    for count in lengths {
      for position in 0..<min(count, 40) {
        var doubles = (0..<count).map { Double($0) }
        doubles[position] = .nan
        let rest = doubles.filter { !$0.isNaN }
        let expected = rest.isEmpty ? nil : rest.min()!...rest.max()!
        #expect(ValueRange.double(doubles.span.bytes) == expected)
        let floats = doubles.map { Float($0) }
        #expect(
          ValueRange.float(floats.span.bytes)
            == expected.map { Float($0.lowerBound)...Float($0.upperBound) })
      }
    }
    #expect(ValueRange.double([Double.infinity].span.bytes) == .infinity...(.infinity))
    #expect(ValueRange.int32([Int32]().span.bytes) == nil)
    #expect(ValueRange.float([Float.nan, .nan].span.bytes) == nil)
  }

  @Test func viewsByBytes() {
    var random = EncodeRandom(1)
    for _ in 0..<300 {
      let texts = (0..<random.below(40) + 1).map { _ -> [UInt8] in
        // Prefixes in common beyond 8 bytes, zeros, bytes above 0x7F.
        let prefix = [[], [1, 2, 3, 4, 5, 6, 7, 8], [0, 0, 0]][random.below(3)] as [UInt8]
        return prefix
          + (0..<random.below(12)).map { _ in UInt8([0, 1, 0x7F, 0x80, 0xFF][random.below(5)]) }
      }
      var words: [UInt32] = []
      var buffer: [UInt8] = []
      for text in texts {
        words += [0, UInt32(buffer.count), UInt32(text.count)]
        buffer += text
      }
      let found = ValueRange.views(words.span.bytes, in: buffer.span.bytes)
      let least = texts.min { $0.lexicographicallyPrecedes($1) }
      let most = texts.max { $0.lexicographicallyPrecedes($1) }
      #expect(found.map { texts[$0.least] } == least)
      #expect(found.map { texts[$0.most] } == most)
    }
    #expect(ValueRange.views([UInt32]().span.bytes, in: [UInt8]().span.bytes) == nil)
    #expect(
      ValueRange.views([UInt32](repeating: 0, count: 3).span.bytes, in: [UInt8]().span.bytes)! == (
        0, 0
      ))
  }

  @Test func fixedBytesSignedAndNot() {
    let numbers: [Int16] = [5, -3, 300, -300, 0, 127, 128, -129]
    let bytes = numbers.flatMap {
      [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)]
    }
    let signed = ValueRange.fixed(bytes.span.bytes, width: 2, isSigned: true)
    #expect(signed.map { numbers[$0.least] } == -300)
    #expect(signed.map { numbers[$0.most] } == 300)
    let unsigned = ValueRange.fixed(bytes.span.bytes, width: 2, isSigned: false)
    #expect(unsigned.map { numbers[$0.least] } == 0)
    #expect(unsigned.map { numbers[$0.most] } == -3)
    #expect(ValueRange.fixed([UInt8]().span.bytes, width: 2, isSigned: true) == nil)
  }
}

@Suite struct CompactionTests {
  @Test(arguments: [1, 3, 4, 8, 9, 12, 16])
  func everyWidth(width: Int) {
    var random = EncodeRandom(UInt64(width))
    for count in [0, 1, 63, 64, 65, 128, 300, 1000] {
      for density in [0, 1, 5, 50, 99, 100] {
        let start = random.below(130)
        var words = [UInt64](repeating: 0, count: (start + count + 63) / 64)
        var kept: [Int] = []
        for index in 0..<count where random.below(100) < density {
          words[(start + index) / 64] |= 1 << UInt64((start + index) % 64)
          kept.append(index)
        }
        let bytes = (0..<count * width).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        var buffer = ByteBuffer()
        let found = buffer.appendCompacted(
          bytes.span.bytes, width: width, validity: words, from: start)
        #expect(found == kept.count)
        #expect(buffer.array() == kept.flatMap { bytes[$0 * width..<($0 + 1) * width] })
      }
    }
  }

  @Test func wideNumbersAsBigEndian() {
    let numbers: [Int128] = [0, 1, -1, 255, -256, 1 << 70, -(1 << 70)]
    for width in 9...16 {
      var buffer = ByteBuffer()
      buffer.appendBigEndian(int128s: numbers.span.bytes, width: width)
      let expected = numbers.flatMap { number in
        (0..<width).reversed().map { UInt8(truncatingIfNeeded: number >> Int128($0 * 8)) }
      }
      #expect(buffer.array() == expected)
    }
  }
}

@Suite struct ChecksumTests {
  @Test func knownValue() {
    #expect(Checksum.crc32(Array("123456789".utf8).span.bytes) == 0xCBF4_3926)
    #expect(Checksum.crc32([UInt8]().span.bytes) == 0)
  }

  @Test func wideAndPortableAgree() {
    var random = EncodeRandom(4)
    let bytes = (0..<3000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    for count in Array(0..<300) + [1000, 2999] {
      for start in [0, 1, 5] where start <= count {
        let part = bytes.span.extracting(start..<count).bytes
        let crc = Checksum.crc32(part)
        #expect(crc == Checksum.crc32Portable(part))
        #expect(crc == reference(bytes[start..<count]))
        let half = (start + count) / 2
        let first = Checksum.crc32(bytes.span.extracting(start..<half).bytes)
        #expect(Checksum.crc32(bytes.span.extracting(half..<count).bytes, after: first) == crc)
      }
    }
  }

  private func reference(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
  }
}

@Suite struct ByteBufferTests {
  @Test func growsAndKeepsItsBytes() {
    var buffer = ByteBuffer()
    var expected: [UInt8] = []
    for number in 0..<2000 {
      buffer.append(UInt8(truncatingIfNeeded: number))
      buffer.append(littleEndian: UInt32(number))
      expected.append(UInt8(truncatingIfNeeded: number))
      expected += (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
    buffer.append(repeating: 9, count: 3)
    buffer.store(littleEndian: 0x0403_0201, at: 0)
    expected += [9, 9, 9]
    expected.replaceSubrange(0..<4, with: [1, 2, 3, 4])
    #expect(buffer.array() == expected)
    #expect(buffer.array(behind: [7, 8]) == [7, 8] + expected)
    buffer.truncate(to: 4)
    #expect(buffer.array() == [1, 2, 3, 4])
    let capacity = buffer.capacity
    buffer.removeAll()
    #expect(buffer.count == 0 && buffer.capacity == capacity)
    buffer.shrink(to: 10)
    #expect(buffer.capacity == 10)
  }
}
