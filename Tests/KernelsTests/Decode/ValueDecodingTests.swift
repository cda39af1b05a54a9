import Kernels
import Testing

private struct View: BitwiseCopyable, Equatable {
  var buffer: UInt32
  var offset: UInt32
  var length: UInt32
}

@Suite struct ValueDecodingTests {
  private func kind(_ body: () throws -> Void) -> DecodeError.Kind? {
    do {
      try body()
      return nil
    } catch {
      return (error as? DecodeError)?.kind
    }
  }

  // MARK: Deltas

  private func decodeDelta64(_ bytes: [UInt8], count: Int, piece: Int) throws -> [Int64] {
    var decoder = try DeltaDecoder(bytes.span, range: 0..<bytes.count)
    var result: [Int64] = []
    while result.count < count {
      let step = min(piece, count - result.count)
      try result.append(addingCapacity: step) { output in
        try decoder.decode(bytes.span, count: step, into: &output)
      }
    }
    try decoder.checkEnd()
    return result
  }

  @Test(arguments: 0...64)
  func deltasOfEveryWidth(width: Int) throws {
    var random = SeededRandom(UInt64(width))
    for count in [0, 1, 2, 32, 33, 128, 129, 130, 1000] {
      let values = random.values(count, bits: width).map { Int64(bitPattern: $0) }
      for (blockSize, miniblocks) in [(128, 4), (256, 1), (1024, 32), (8, 1)] {
        let bytes = ReferenceCoding.delta(values, blockSize: blockSize, miniblocks: miniblocks)
        for piece in [1, 7, 5000] {
          #expect(try decodeDelta64(bytes, count: count, piece: piece) == values)
        }
        let decoder = try DeltaDecoder(bytes.span, range: 0..<bytes.count)
        #expect(try decoder.endPosition(bytes.span) == bytes.count)
      }
    }
  }

  @Test(arguments: 0...32)
  func deltasOf32Bits(width: Int) throws {
    var random = SeededRandom(UInt64(width))
    let values = random.values(777, bits: width).map { Int32(truncatingIfNeeded: $0) }
    for bits in [32, 64] {
      let bytes = ReferenceCoding.delta(values.map { Int64($0) }, bits: bits)
      var decoder = try DeltaDecoder(bytes.span, range: 0..<bytes.count)
      var result: [Int32] = []
      for step in [1, 100, 600, 76] {
        try result.append(addingCapacity: step) { output in
          try decoder.decode(bytes.span, count: step, into: &output)
        }
      }
      #expect(result == values)
      var skipper = try DeltaDecoder(bytes.span, range: 0..<bytes.count)
      try skipper.skip(bytes.span, count: 401)
      #expect(try skipper.endPosition(bytes.span) == bytes.count)
      var tail: [Int32] = []
      try tail.append(addingCapacity: 376) { output in
        try skipper.decode(bytes.span, count: 376, into: &output)
      }
      #expect(tail == Array(values.suffix(376)))
    }
  }

  @Test func refusesDeltaHeadersThatLie() {
    func decode(_ bytes: [UInt8], _ count: Int) -> DecodeError.Kind? {
      kind { _ = try decodeDelta64(bytes, count: count, piece: 1000) }
    }
    #expect(decode([], 0) == .truncated)
    #expect(decode([0x80], 0) == .truncated)
    #expect(decode([0, 1, 1, 0], 1) == .deltaHeader)
    #expect(decode([0x80, 1, 0, 1, 0], 1) == .deltaHeader)
    #expect(decode([0x80, 1, 3, 1, 0], 1) == .deltaHeader)
    #expect(decode([12, 3, 1, 0], 1) == .deltaHeader)
    #expect(decode([UInt8](repeating: 0x80, count: 11), 1) == .deltaHeader)
    // 2⁶⁴ − 1 values.
    let many = ReferenceCoding.varint(.max)
    #expect(decode([0x80, 1, 4] + many + [0], 1) == .deltaHeader)
    // A width of 65, missing widths, missing bytes, values that are left over.
    #expect(decode([8, 1, 3, 0, 0, 65] + [UInt8](repeating: 0, count: 99), 3) == .bitWidth)
    #expect(decode([8, 1, 3, 0, 0], 3) == .truncated)
    #expect(decode([8, 1, 3, 0, 0, 9, 1], 3) == .truncated)
    #expect(decode([8, 1, 3, 0, 0, 0], 2) == .tooManyValues)
    #expect(decode([8, 1, 3, 0, 0, 0], 4) == .truncated)
    #expect(decode([8, 1, 3, 0, 0, 0], 3) == nil)
  }

  // MARK: Byte strings

  private let texts = (0..<600).map {
    Array("text \($0 / 3)".utf8) + [UInt8](repeating: 65, count: $0 % 7)
  }

  private func strings(_ views: [View], _ bytes: [UInt8]) -> [[UInt8]] {
    views.map { Array(bytes[Int($0.offset)..<Int($0.offset + $0.length)]) }
  }

  @Test func plainByteStrings() throws {
    let bytes = texts.flatMap { text in
      (0..<4).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text
    }
    var range = 0..<bytes.count
    var views: [View] = []
    try PlainDecoding.skipViews(bytes.span, in: &range, count: 300)
    for step in [0, 1, 299] {
      try views.append(addingCapacity: step) { output in
        try PlainDecoding.decodeViews(bytes.span, in: &range, count: step, buffer: 3, into: &output)
      }
    }
    #expect(range.isEmpty)
    #expect(strings(views, bytes) == Array(texts.suffix(300)))
    #expect(views.allSatisfy { $0.buffer == 3 })
    for bad: [UInt8] in [[1], [2, 0, 0, 0, 1], [0xFF, 0xFF, 0xFF, 0xFF, 1], []] {
      var range = 0..<bad.count
      #expect(
        kind {
          try views.append(addingCapacity: 1) { output in
            try PlainDecoding.decodeViews(bad.span, in: &range, count: 1, buffer: 0, into: &output)
          }
        } == .truncated)
    }
  }

  @Test func deltaLengthByteStrings() throws {
    let bytes = ReferenceCoding.deltaLengths(texts)
    var decoder = try DeltaLengthDecoder(bytes.span, range: 0..<bytes.count)
    try decoder.skip(bytes.span, count: 20)
    var views: [View] = []
    for step in [1, 579] {
      try views.append(addingCapacity: step) { output in
        try decoder.decodeViews(bytes.span, count: step, buffer: 0, into: &output)
      }
    }
    try decoder.checkEnd()
    #expect(strings(views, bytes) == Array(texts.dropFirst(20)))
    for lengths: [Int64] in [[-1], [5, -3], [1 << 31], [3, 99]] {
      let bad = ReferenceCoding.delta(lengths) + [1, 2, 3, 4, 5]
      #expect(
        kind {
          var decoder = try DeltaLengthDecoder(bad.span, range: 0..<bad.count)
          try decoder.skip(bad.span, count: lengths.count)
        } != nil)
    }
  }

  @Test func deltaByteStrings() throws {
    let bytes = ReferenceCoding.deltaBytes(texts)
    var decoder = try DeltaBytesDecoder(bytes.span, range: 0..<bytes.count)
    var result: [[UInt8]] = []
    for step in [0, 1, 99, 500] {
      let (values, lengths) = try decoder.decode(bytes.span, count: step, byteCountMax: 1 << 20)
      var position = 0
      for length in lengths {
        result.append(Array(values[position..<position + Int(length)]))
        position += Int(length)
      }
    }
    try decoder.checkEnd()
    #expect(result == texts)

    func decode(_ prefixes: [Int64], _ suffixes: [[UInt8]], max: Int = 1000) -> DecodeError.Kind? {
      let bytes = ReferenceCoding.delta(prefixes) + ReferenceCoding.deltaLengths(suffixes)
      return kind {
        var decoder = try DeltaBytesDecoder(bytes.span, range: 0..<bytes.count)
        _ = try decoder.decode(bytes.span, count: prefixes.count, byteCountMax: max)
      }
    }
    #expect(decode([0, 2], [[1, 2], [3]]) == nil)
    #expect(decode([1], [[1]]) == .length)
    #expect(decode([0, 3], [[1, 2], [3]]) == .length)
    #expect(decode([0, -1], [[1, 2], [3]]) == .length)
    #expect(decode([0], [[1], [2]]) == .deltaHeader)
    // A bomb: each value repeats all of the one before.
    #expect(
      decode([0] + (1..<200).map { Int64($0) }, [[UInt8]](repeating: [1], count: 200)) == .memory)
  }

  // MARK: Fixed widths

  @Test(arguments: [1, 2, 3, 4, 5, 8, 12, 16])
  func byteStreamsOfEveryWidth(width: Int) throws {
    var random = SeededRandom(UInt64(width))
    for total in [0, 1, 15, 16, 17, 100] {
      let values = random.bytes(total * width)
      var streams: [UInt8] = [7]
      for place in 0..<width { streams += (0..<total).map { values[$0 * width + place] } }
      for first in [0, 1, total / 2] where first <= total {
        var result: [UInt8] = []
        try result.append(addingCapacity: (total - first) * width) { output in
          try ByteStreamSplitDecoding.decodeBytes(
            streams.span, range: 1..<streams.count, width: width, first: first,
            count: total - first, into: &output)
        }
        #expect(result == Array(values.dropFirst(first * width)))
      }
      #expect(
        kind {
          var result: [UInt8] = []
          try result.append(addingCapacity: (total + 1) * width) { output in
            try ByteStreamSplitDecoding.decodeBytes(
              streams.span, range: 1..<streams.count, width: width, first: 0, count: total + 1,
              into: &output)
          }
        } == .truncated)
    }
  }

  @Test func plainNumbers() throws {
    let bytes: [UInt8] = [9, 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]
    var result: [Int32] = []
    try result.append(addingCapacity: 2) { output in
      try PlainDecoding.decode(bytes.span, from: 1, count: 2, into: &output)
    }
    #expect(result == [1, -1])
    for (from, count) in [(1, 3), (9, 1), (10, 0), (2, 2), (0, Int.max)] {
      #expect(
        kind {
          try result.append(addingCapacity: 3) { output in
            try PlainDecoding.decode(bytes.span, from: from, count: count, into: &output)
          }
        } == .truncated)
    }
    var bits = DecodedBits(capacity: 0)
    #expect(kind { try bits.append(bytes.span, fromBit: 1, count: 72) } == .truncated)
    #expect(kind { try bits.append(bytes.span, fromBit: 1, count: 71) } == nil)
  }

  @Test(arguments: 1...20)
  func bigEndianIntegers(width: Int) throws {
    var random = SeededRandom(UInt64(width))
    let numbers = (0..<50).map { _ in
      Int64(bitPattern: random.next()) >> Int64(64 - min(width, 8) * 8)
    }
    let bytes = numbers.flatMap { number in
      (0..<width).reversed().map { UInt8(truncatingIfNeeded: Int128(number) >> Int128(8 * $0)) }
    }
    func decode<Number: FixedWidthInteger & SignedInteger & BitwiseCopyable>(
      as type: Number.Type
    ) throws -> [Number] {
      var result: [Number] = []
      try result.append(addingCapacity: 50) { output in
        try NumberConversions.decodeBigEndian(
          bytes.span, from: 0, width: width, count: 50, into: &output)
      }
      return result
    }
    #expect(try decode(as: Int64.self) == numbers)
    #expect(try decode(as: Int128.self) == numbers.map { Int128($0) })
    if numbers.allSatisfy({ Int32(exactly: $0) != nil }) {
      #expect(try decode(as: Int32.self) == numbers.map { Int32(truncatingIfNeeded: $0) })
    } else {
      #expect(kind { _ = try decode(as: Int32.self) } == .range)
    }
    let tooWide: [UInt8] = [0, 0x80, 0, 0, 0]
    #expect(bigEndian(tooWide, 5) as Int32? == nil)
    #expect(bigEndian(tooWide, 5) as Int64? == 1 << 31)
    #expect(bigEndian(tooWide, 0) as Int64? == 0)
  }

  @Test func halfPrecision() {
    for bits in UInt16.min...UInt16.max {
      let mine = NumberConversions.half(bits)
      let sign: Float = bits & 0x8000 == 0 ? 1 : -1
      let exponent = Int(bits >> 10 & 0x1F)
      let fraction = Float(bits & 0x3FF)
      if exponent == 31 {
        #expect(fraction == 0 ? mine == sign * .infinity : mine.isNaN)
      } else {
        let expected =
          exponent == 0
          ? fraction * 0x1p-24
          : (1 + fraction / 1024) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
        if mine != sign * expected { Issue.record("\(bits): \(mine), expected \(sign * expected)") }
      }
    }
  }

  @Test func int96Timestamps() throws {
    func decode(day: UInt32, nanoseconds: UInt64, perSecond: Int64) throws -> Int64 {
      let bytes =
        (0..<8).map { UInt8(truncatingIfNeeded: nanoseconds >> UInt64(8 * $0)) }
        + (0..<4).map { UInt8(truncatingIfNeeded: day >> UInt32(8 * $0)) }
      var result: [Int64] = []
      try result.append(addingCapacity: 1) { output in
        try NumberConversions.decodeInt96(
          bytes.span, from: 0, count: 1, perSecond: perSecond, into: &output)
      }
      return result[0]
    }
    #expect(try decode(day: 2_440_588, nanoseconds: 1, perSecond: 1_000_000_000) == 1)
    #expect(
      try decode(day: 2_440_587, nanoseconds: 999, perSecond: 1_000_000_000) == -86_399_999_999_001)
    #expect(try decode(day: 2_440_589, nanoseconds: 1999, perSecond: 1_000_000) == 86_400_000_001)
    #expect(try decode(day: 2_440_588, nanoseconds: .max, perSecond: 1_000_000) == -1)
    // The year 290000, as Spark wraps it.
    let wrapped = UInt64(bitPattern: -32_512_400_000_000)
    #expect(
      try decode(day: 0xF9B0_ABA8, nanoseconds: wrapped, perSecond: 1_000_000)
        > 9_000_000_000_000_000_000)
    #expect(
      kind { _ = try decode(day: 0x7FFF_FFFF, nanoseconds: 0, perSecond: 1_000_000_000) } == .range)
    #expect(
      kind {
        _ = try decode(day: 2_440_588 + 106_751, nanoseconds: .max >> 1, perSecond: 1_000_000_000)
      } == .range)
  }

  private func isUTF8(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    TextValidation.isUTF8(bytes.span, range)
  }

  private func isASCII(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    TextValidation.isASCII(bytes.span, range)
  }

  private func bigEndian<Number: FixedWidthInteger & SignedInteger>(
    _ bytes: [UInt8], _ byteCount: Int
  ) -> Number? {
    NumberConversions.bigEndian(bytes.span, from: 0, byteCount: byteCount)
  }

  @Test func utf8() {
    let good = [
      "", "a", "grün", "€", "𝄞", "abcdefghijklmnopü", "\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}",
    ]
    for text in good {
      let bytes = Array(text.utf8)
      #expect(isUTF8(bytes, 0..<bytes.count))
      #expect(isASCII(bytes, 0..<bytes.count) == bytes.allSatisfy { $0 < 0x80 })
      for end in 0..<bytes.count {
        let cut = String(validating: bytes[..<end], as: UTF8.self) != nil
        #expect(isUTF8(bytes, 0..<end) == cut)
      }
    }
    // Every sequence of two bytes, and of three with a continuation at the end.
    for first in 0...255 as ClosedRange<UInt8> {
      for second in 0...255 as ClosedRange<UInt8> {
        for tail: [UInt8] in [[], [0x80], [0xBF, 0x80]] {
          let bytes = [first, second] + tail
          let expected = String(validating: bytes, as: UTF8.self) != nil
          if isUTF8(bytes, 0..<bytes.count) != expected {
            Issue.record("\(bytes), expected \(expected)")
          }
        }
      }
    }
    for place in 0..<150 {
      var bytes = [UInt8](repeating: 65, count: 150)
      bytes[place] = 0xFF
      #expect(!isASCII(bytes, 0..<150))
      #expect(!isUTF8(bytes, 0..<150))
      #expect(isASCII(bytes, place + 1..<150))
    }
  }

  @Test func survivesRandomBytes() {
    var random = SeededRandom(5)
    for _ in 0..<3000 {
      let bytes = random.bytes(Int(random.next() % 60))
      let count = Int(random.next() % 400)
      _ = kind { _ = try decodeDelta64(bytes, count: count, piece: 33) }
      _ = kind {
        var decoder = try DeltaLengthDecoder(bytes.span, range: 0..<bytes.count)
        try decoder.skip(bytes.span, count: count)
      }
      _ = kind {
        var decoder = try DeltaBytesDecoder(bytes.span, range: 0..<bytes.count)
        _ = try decoder.decode(bytes.span, count: count, byteCountMax: 100_000)
      }
    }
  }
}
