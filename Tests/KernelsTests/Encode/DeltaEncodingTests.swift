@testable import Kernels
import Testing

@Suite struct DeltaEncodingTests {
  private func bytes(_ fill: (inout ByteBuffer) -> Void) -> [UInt8] {
    var buffer = ByteBuffer()
    // Something in front, and no more room than there must be.
    buffer.append(0xAA)
    fill(&buffer)
    return Array(buffer.array().dropFirst())
  }

  private func plain(_ strings: [[UInt8]]) -> [UInt8] {
    strings.flatMap { string in
      (0..<4).map { UInt8(truncatingIfNeeded: string.count >> ($0 * 8)) } + string
    }
  }

  private static let counts = [0, 1, 2, 31, 32, 33, 34, 64, 128, 129, 130, 257, 1000]

  /// Every width of deltas, whole and partial blocks.
  @Test(arguments: counts)
  func int64s(_ count: Int) {
    var random = SeededRandom(UInt64(count))
    for width in 0...64 {
      var last: Int64 = 17
      let values = random.values(count, bits: width).map { delta -> Int64 in
        last &+= Int64(bitPattern: delta) &- 3
        return last
      }
      let found = bytes { $0.appendDelta(int64s: values.span.bytes) }
      #expect(found == ReferenceCoding.delta(values), "\(count) values, width \(width)")
    }
    let extremes = (0..<count).map { $0 % 3 == 0 ? Int64.min : $0 % 3 == 1 ? Int64.max : 0 }
    #expect(
      bytes { $0.appendDelta(int64s: extremes.span.bytes) } == ReferenceCoding.delta(extremes))
  }

  @Test(arguments: counts)
  func int32s(_ count: Int) throws {
    var random = SeededRandom(UInt64(count))
    for width in 0...32 {
      var last: Int32 = -5
      let values = random.values(count, bits: width).map { delta -> Int32 in
        last &+= Int32(truncatingIfNeeded: delta) &- 3
        return last
      }
      let found = bytes { $0.appendDelta(int32s: values.span.bytes) }
      #expect(try decoded32(found) == values, "\(count) values, width \(width)")
      // No delta takes more bits than the type has.
      #expect(found.count <= 40 + (count + 127) / 128 * 14 + count * 4 + 128)
    }
    let extremes = (0..<count).map { $0 % 2 == 0 ? Int32.min : Int32.max }
    #expect(try decoded32(bytes { $0.appendDelta(int32s: extremes.span.bytes) }) == extremes)
  }

  private func decoded32(_ bytes: [UInt8]) throws -> [Int32] {
    var decoder = try DeltaDecoder(bytes.span, range: 0..<bytes.count)
    let count = decoder.count
    return try [Int32](unsafeUninitializedCapacity: count) { room, initialized in
      var output = OutputSpan(buffer: room, initializedCount: 0)
      try decoder.decode(bytes.span, count: count, into: &output)
      initialized = output.finalize(for: room)
    }
  }

  private func strings(_ count: Int, _ random: inout SeededRandom) -> [[UInt8]] {
    var last: [UInt8] = []
    return (0..<count).map { _ in
      let kept = last.prefix(Int.random(in: 0...(last.count), using: &random))
      last = Array(kept) + random.bytes(Int.random(in: 0...40, using: &random))
      if Int.random(in: 0..<20, using: &random) == 0 { last = [] }
      return last
    }
  }

  @Test(arguments: counts)
  func byteStrings(_ count: Int) {
    var random = SeededRandom(UInt64(count) &+ 99)
    let strings = strings(count, &random)
    let input = plain(strings)
    #expect(
      bytes { $0.appendDeltaLengths(plain: input.span.bytes, count: count) }
        == ReferenceCoding.deltaLengths(strings))
    #expect(
      bytes { $0.appendDeltaStrings(plain: input.span.bytes, count: count) }
        == ReferenceCoding.deltaBytes(strings))
  }

  @Test(arguments: [1, 2, 5, 8, 12, 16, 40])
  func fixedBytes(_ width: Int) {
    var random = SeededRandom(UInt64(width))
    for count in Self.counts {
      var last = random.bytes(width)
      let values = (0..<count).map { _ -> [UInt8] in
        let kept = Int.random(in: 0...width, using: &random)
        last = Array(last.prefix(kept)) + random.bytes(width - kept)
        return last
      }
      let flat = values.flatMap(\.self)
      #expect(
        bytes { $0.appendDeltaStrings(fixed: flat.span.bytes, width: width) }
          == ReferenceCoding.deltaBytes(values))
    }
  }

  @Test(arguments: 1...20)
  func byteStreamSplit(_ width: Int) {
    var random = SeededRandom(UInt64(width))
    for count in Self.counts + [15, 16, 17, 511, 513, 1040] {
      let values = random.bytes(count * width)
      let expected = (0..<width).flatMap { k in (0..<count).map { values[$0 * width + k] } }
      let found = bytes { $0.appendByteStreamSplit(values.span.bytes, width: width) }
      #expect(found == expected, "\(count) values of \(width)")
    }
  }
}

@Suite struct BloomHashesTests {
  private func filter(_ fill: (inout BloomHashes) -> Void) -> [UInt8] {
    var hashes = BloomHashes()
    fill(&hashes)
    var filter = [UInt8](repeating: 0, count: 1024)
    hashes.move(into: &filter)
    #expect(hashes.count == 0)
    return filter
  }

  private func expected(_ values: [[UInt8]]) -> [UInt8] {
    var filter = [UInt8](repeating: 0, count: 1024)
    for value in values { SplitBlockBloom.insert(XXHash64.hash(value.span), into: &filter) }
    return filter
  }

  @Test(arguments: 1...20)
  func fixedWidths(_ width: Int) {
    var random = SeededRandom(UInt64(width))
    let values = (0..<50).map { _ in random.bytes(width) }
    let flat = values.flatMap(\.self)
    #expect(filter { $0.append(flat.span.bytes, width: width) } == expected(values))
  }

  @Test func byteStrings() {
    var random = SeededRandom(5)
    let values = (0..<100).map { random.bytes($0) }
    let plain = values.flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value.count >> ($0 * 8)) } + value
    }
    #expect(filter { $0.append(plain: plain.span.bytes, count: 100) } == expected(values))
    let buffer = values.flatMap(\.self)
    var views: [UInt32] = []
    var offset: UInt32 = 0
    for value in values {
      views += [0, offset, UInt32(value.count)]
      offset += UInt32(value.count)
    }
    #expect(
      filter { $0.append(views: views.span.bytes, in: buffer.span.bytes) } == expected(values))
  }

  @Test func duplicatesGo() {
    var hashes = BloomHashes()
    let values: [UInt64] = [3, 1, 3, 3, 2, 1]
    hashes.append(values.span.bytes, width: 8)
    hashes.removeDuplicates()
    #expect(hashes.count == 3)
    hashes = BloomHashes()
    hashes.removeDuplicates()
    #expect(hashes.count == 0)
  }

  /// A filter of the size that is asked for keeps to its rate.
  @Test(arguments: [0.5, 0.1, 0.01, 0.001])
  func ratesHold(_ rate: Double) {
    var random = SeededRandom(8)
    let count = 20_000
    let size = SplitBlockBloom.byteCount(distinctCount: count, falsePositiveRate: rate)
    #expect(size & (size - 1) == 0)
    let inside = random.values(count, bits: 64)
    var hashes = BloomHashes()
    hashes.append(inside.span.bytes, width: 8)
    var filter = [UInt8](repeating: 0, count: size)
    hashes.move(into: &filter)
    var wrong = 0
    for _ in 0..<count where SplitBlockBloom.mayContain(random.next(), bits: filter.span) {
      wrong += 1
    }
    #expect(Double(wrong) <= Double(count) * rate * 1.3)
    #expect(SplitBlockBloom.byteCount(distinctCount: 1, falsePositiveRate: rate) == 32)
    #expect(SplitBlockBloom.largestByteCount(upTo: 1000) == 512)
  }

  @Test func halfFloatBounds() {
    // -inf, -2, -0, 0, 1, NaN both ways.
    let halves: [UInt16] = [0x3C00, 0x7E00, 0xC000, 0xFE00, 0x8000, 0, 0xFC00]
    let range = ValueRange.half(halves.span.bytes)
    #expect(range?.least == 0xFC00 && range?.most == 0x3C00)
    let nothing: [UInt16] = [0x7E00, 0xFE01]
    let none = ValueRange.half(nothing.span.bytes)
    #expect(none == nil)
    let zeros: [UInt16] = [0, 0x8000]
    let zero = ValueRange.half(zeros.span.bytes)
    #expect(zero?.least == 0x8000 && zero?.most == 0)
  }
}
