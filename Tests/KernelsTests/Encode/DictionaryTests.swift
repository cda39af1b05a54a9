import Kernels
import Testing

@Suite struct ValueDictionaryTests {
  /// Encodes in pieces of odd sizes and checks against a dictionary of the standard library.
  private func check<Number: FixedWidthInteger & BitwiseCopyable>(
    _ layout: ValueDictionary.Layout, _ values: [Number]
  ) {
    let dictionary = ValueDictionary(layout, pageBytesMax: 1 << 24)
    var indices = ByteBuffer()
    var start = 0
    for step in [1, 15, 16, 17, 1000, Int.max] {
      let end = min(values.count, step == Int.max ? values.count : start + step)
      let done = dictionary.encode(values.span.extracting(start..<end).bytes, into: &indices)
      #expect(done == end - start)
      start = end
    }
    var known: [Number: UInt32] = [:]
    var entries: [Number] = []
    let expected = values.map { value -> UInt32 in
      if let index = known[value] { return index }
      known[value] = UInt32(entries.count)
      entries.append(value)
      return UInt32(entries.count - 1)
    }
    #expect(dictionary.entryCount == entries.count)
    #expect(numbers(indices) == expected)
    var page = ByteBuffer()
    page.append(entries.span.bytes)
    var found = ByteBuffer()
    dictionary.withPage { found.append($0) }
    #expect(found.array() == page.array())
    var spelled = ByteBuffer()
    indices.withBytes { dictionary.spell($0, into: &spelled) }
    var plain = ByteBuffer()
    plain.append(values.span.bytes)
    #expect(spelled.array() == plain.array())
  }

  private func numbers(_ buffer: borrowing ByteBuffer) -> [UInt32] {
    buffer.withBytes { bytes in
      (0..<bytes.byteCount / 4).map { bytes.unsafeLoad(fromByteOffset: $0 * 4, as: UInt32.self) }
    }
  }

  @Test(arguments: [1, 3, 500, 9_000, 60_000])
  func numbersOfAnyCardinality(distinct: Int) {
    var random = EncodeRandom(UInt64(distinct))
    let count = 50_003
    // Spread over all bits, the low ones alone, the high ones alone.
    for spread in [0x9E37_79B9_7F4A_7C15, 1, 1 << 44] as [UInt64] {
      let seeds = (0..<count).map { _ in UInt64(random.below(distinct)) &* spread }
      check(.fixed64, seeds)
      check(.fixed32, seeds.map { UInt32(truncatingIfNeeded: $0 ^ $0 >> 32) })
    }
    check(.fixed64, Array(repeating: UInt64(0), count: 2000))
  }

  @Test(arguments: [1, 2, 3, 5, 8, 9, 16, 17, 40])
  func fixedBytesOfAnyWidth(width: Int) {
    var random = EncodeRandom(UInt64(width))
    let pool = (0..<700).map { _ in (0..<width).map { _ in UInt8(random.below(4)) } }
    let values = (0..<5000).map { _ in pool[random.below(pool.count)] }
    let dictionary = ValueDictionary(.fixed(width: width), pageBytesMax: 1 << 20)
    var indices = ByteBuffer()
    let bytes = values.flatMap { $0 }
    #expect(dictionary.encode(bytes.span.bytes, into: &indices) == values.count)
    #expect(dictionary.entryCount == Set(values).count)
    var spelled = ByteBuffer()
    indices.withBytes { dictionary.spell($0, into: &spelled) }
    #expect(spelled.array() == bytes)
  }

  @Test func byteStringsOfAnyLength() {
    var random = EncodeRandom(5)
    // Texts that differ only in one place, of all lengths around the steps of the hash.
    let pool = (0..<3000).map { number -> [UInt8] in
      var text = [UInt8](repeating: 0x61, count: number % 70)
      if !text.isEmpty { text[random.below(text.count)] = UInt8(random.below(3) + 0x62) }
      return text
    }
    let texts = (0..<20_000).map { _ in pool[random.below(pool.count)] }
    let (views, buffer) = viewed(texts)
    let dictionary = ValueDictionary(.views, pageBytesMax: 1 << 20)
    var indices = ByteBuffer()
    let done = dictionary.encode(
      views: views.span.bytes, in: buffer.span.bytes, into: &indices)
    #expect(done == texts.count)
    #expect(dictionary.entryCount == Set(texts).count)
    var spelled = ByteBuffer()
    indices.withBytes { dictionary.spell($0, into: &spelled) }
    var plain = ByteBuffer()
    plain.appendPlain(views: views.span.bytes, in: buffer.span.bytes)
    #expect(spelled.array() == plain.array())
    let expected = texts.flatMap { text in
      (0..<4).map { UInt8(truncatingIfNeeded: text.count >> ($0 * 8)) } + text
    }
    #expect(plain.array() == expected)
  }

  /// Views as `Records.ByteView` has them.
  private func viewed(_ texts: [[UInt8]]) -> ([UInt32], [UInt8]) {
    var words: [UInt32] = []
    var buffer: [UInt8] = []
    for text in texts {
      words += [0, UInt32(buffer.count), UInt32(text.count)]
      buffer += text
    }
    return (words, buffer)
  }

  /// At its limit the dictionary takes no more, and what it gave out stays right.
  @Test func theLimitHolds() {
    let numbers = (0..<10_000).map { UInt64($0) }
    let dictionary = ValueDictionary(.fixed64, pageBytesMax: 8 * 3000 + 7)
    var indices = ByteBuffer()
    #expect(dictionary.encode(numbers.span.bytes, into: &indices) == 3000)
    #expect(dictionary.entryCount == 3000 && dictionary.pageByteCount == 24_000)

    let texts = (0..<1000).map { Array("entry \($0)".utf8) }
    let (views, buffer) = viewed(texts)
    let small = ValueDictionary(.views, pageBytesMax: 500)
    indices.removeAll()
    let done = small.encode(views: views.span.bytes, in: buffer.span.bytes, into: &indices)
    #expect(done == small.entryCount && small.pageByteCount <= 500)
    #expect(small.pageByteCount + 4 + texts[done].count > 500)
    let none = ValueDictionary(.views, pageBytesMax: 5)
    #expect(none.encode(views: views.span.bytes, in: buffer.span.bytes, into: &indices) == 0)
  }
}
