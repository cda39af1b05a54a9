import Kernels
import Testing

@Suite struct HybridDecoderTests {
  /// Decodes in pieces of the given sizes, over and over.
  private func decode(
    _ bytes: [UInt8], range: Range<Int>, width: Int, count: Int, pieces: [Int]
  ) throws -> [UInt32] {
    var decoder = try HybridDecoder(bitWidth: width, range: range)
    var result: [UInt32] = []
    var piece = 0
    while result.count < count {
      let step = min(pieces[piece % pieces.count], count - result.count)
      try result.append(addingCapacity: step) { output in
        try decoder.decode(bytes.span, count: step, into: &output)
      }
      piece += 1
    }
    try decoder.checkEnd()
    return result
  }

  @Test(arguments: 0...32)
  func decodesWhatTheReferenceEncodes(width: Int) throws {
    var random = SeededRandom(UInt64(width))
    for count in [0, 1, 2, 7, 8, 9, 31, 64, 100, 513, 2000] {
      // Narrow values now and then, so that there are runs.
      let values = random.values(count, bits: width).map { random.next() % 3 == 0 ? $0 : 0 }
      let runs = ReferenceCoding.hybrid(values, width: width, &random)
      for (before, after) in [(0, 0), (3, 0), (5, 40)] {
        let bytes =
          [UInt8](repeating: 0xFF, count: before) + runs
          + [UInt8](repeating: 0xFF, count: after)
        for pieces in [[count + 1], [1], [3, 100, 5], [700]] {
          let decoded = try decode(
            bytes, range: before..<before + runs.count, width: width, count: count, pieces: pieces)
          #expect(decoded == values.map(UInt32.init))
        }
      }
    }
  }

  @Test(arguments: [1, 3, 9, 17])
  func skipsLikeItDecodes(width: Int) throws {
    var random = SeededRandom(7)
    let values = random.values(1000, bits: width)
    let bytes = ReferenceCoding.hybrid(values, width: width, &random)
    for skipped in [0, 1, 8, 77, 999, 1000] {
      var decoder = try HybridDecoder(bitWidth: width, range: 0..<bytes.count)
      try decoder.skip(bytes.span, count: skipped)
      var result: [UInt32] = []
      try result.append(addingCapacity: 1000) { output in
        try decoder.decode(bytes.span, count: 1000 - skipped, into: &output)
      }
      #expect(result == values.dropFirst(skipped).map(UInt32.init))
    }
  }

  @Test func gathersFromADictionary() throws {
    var random = SeededRandom(1)
    for width in 1...12 {
      let dictionary = (0..<1 << width).map { Int64($0) * 1_000_003 }
      let triples = dictionary.map { Triple(a: UInt32($0 & 0xFF), b: 1, c: UInt32(width)) }
      let wide = dictionary.map { Int128($0) << 40 }
      let narrow = dictionary.map { Int32(truncatingIfNeeded: $0) }
      let indices = random.values(1777, bits: width).map { random.next() % 3 == 0 ? $0 : 1 }
      let bytes = [UInt8(width)] + ReferenceCoding.hybrid(indices, width: width, &random)
      func gather<Value: BitwiseCopyable>(_ from: [Value]) throws -> [Value] {
        var decoder = try HybridDecoder(indicesIn: 0..<bytes.count, of: bytes.span)
        var result: [Value] = []
        for step in [1, 776, 1000] {
          try result.append(addingCapacity: step) { output in
            try decoder.gather(bytes.span, count: step, from: from.span, into: &output)
          }
        }
        try decoder.checkEnd()
        return result
      }
      #expect(try gather(dictionary) == indices.map { dictionary[Int($0)] })
      #expect(try gather(narrow) == indices.map { narrow[Int($0)] })
      #expect(try gather(wide) == indices.map { wide[Int($0)] })
      #expect(try gather(triples) == indices.map { triples[Int($0)] })
    }
  }

  @Test(arguments: [1, 2, 3, 5, 12, 16])
  func gathersBytes(entryWidth: Int) throws {
    var random = SeededRandom(2)
    let dictionary = random.bytes(entryWidth * 32)
    let indices = random.values(700, bits: 5).map { random.next() % 3 == 0 ? $0 : 4 }
    let bytes = [5] + ReferenceCoding.hybrid(indices, width: 5, &random)
    var decoder = try HybridDecoder(indicesIn: 0..<bytes.count, of: bytes.span)
    var result: [UInt8] = []
    try result.append(addingCapacity: 700 * entryWidth) { output in
      try decoder.gatherBytes(
        bytes.span, count: 700, width: entryWidth, from: dictionary.span, into: &output)
    }
    let expected = indices.flatMap { index in
      dictionary[Int(index) * entryWidth..<(Int(index) + 1) * entryWidth]
    }
    #expect(result == expected)
  }

  private func failure(_ bytes: [UInt8], width: Int, count: Int) -> DecodeError.Kind? {
    do {
      _ = try decode(bytes, range: 0..<bytes.count, width: width, count: count, pieces: [count])
      return nil
    } catch {
      return (error as? DecodeError)?.kind
    }
  }

  @Test func refusesWhatIsNoRun() {
    #expect(failure([], width: 3, count: 1) == .truncated)
    #expect(failure([0x00, 0x01], width: 3, count: 1) == .emptyRun)
    #expect(failure([0x01], width: 3, count: 1) == .emptyRun)
    #expect(failure([0x80, 0x80, 0x80, 0x80, 0x80, 0x01], width: 3, count: 1) == .tooManyValues)
    #expect(failure([0x80, 0x80], width: 3, count: 1) == .truncated)
    #expect(failure([0x04], width: 3, count: 2) == .truncated)
    #expect(failure([0x04, 0x01], width: 9, count: 2) == .truncated)
    #expect(failure([0x03], width: 3, count: 2) == .truncated)
    #expect(failure([0x05, 0x01], width: 8, count: 2) == .truncated)
    // A run past the last value.
    #expect(failure([0x06, 0x01], width: 3, count: 2) == .tooManyValues)
    let tooMany = [0x43] + [UInt8](repeating: 0, count: 99)
    #expect(failure(tooMany, width: 3, count: 2) == .tooManyValues)
    // The padding of a group, and the blocks of 256 that DuckDB fills.
    let groups = [UInt8](repeating: 1, count: 99)
    #expect(failure([0x43] + groups, width: 3, count: 9) == nil)
    #expect(failure([0x43] + groups, width: 3, count: 8) == .tooManyValues)
    // No more than the padding of a group.
    #expect(failure([0x03, 1, 2, 3], width: 3, count: 2) == nil)
    #expect(failure([0x41] + tooMany.dropFirst(3), width: 3, count: 2) == nil)
    // The last group lacks its padding.
    #expect(failure([0x03, 1], width: 3, count: 2) == nil)
    #expect(failure([0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 1, 2], width: 1, count: 17) == .truncated)
    #expect(throws: DecodeError.self) { try HybridDecoder(bitWidth: 33, range: 0..<0) }
    #expect(throws: DecodeError.self) { try HybridDecoder(bitWidth: -1, range: 0..<0) }
    #expect(throws: DecodeError.self) {
      var decoder = try HybridDecoder(bitWidth: 1, range: 0..<9)
      let bytes: [UInt8] = [2, 1]
      try decoder.skip(bytes.span, count: 1)
    }
  }

  @Test func refusesIndicesPastTheDictionary() throws {
    let dictionary: [Int32] = [1, 2, 3]
    func gather(_ bytes: [UInt8], _ entries: [Int32], count: Int) throws {
      var decoder = try HybridDecoder(indicesIn: 0..<bytes.count, of: bytes.span)
      var result: [Int32] = []
      try result.append(addingCapacity: count) { output in
        try decoder.gather(bytes.span, count: count, from: entries.span, into: &output)
      }
    }
    try gather([2, 0x03, 0b10_01_00_10, 0], dictionary, count: 8)
    for bytes: [UInt8] in [
      [2, 0x03, 0b11_01_00_10, 0], [2, 0x10, 0x03], [32, 0x10, 0, 0, 0, 0x80],
    ] {
      #expect { try gather(bytes, dictionary, count: 8) } throws: {
        ($0 as? DecodeError)?.kind == .dictionaryIndex
      }
      #expect(throws: DecodeError.self) { try gather(bytes, [], count: 1) }
    }
    #expect(throws: DecodeError.self) { try gather([], dictionary, count: 1) }
    #expect(throws: DecodeError.self) { try gather([33, 0x10, 0], dictionary, count: 1) }
    try gather([0], dictionary, count: 100)
    #expect(throws: DecodeError.self) { try gather([0], [], count: 1) }
  }

  @Test func survivesRandomBytes() {
    var random = SeededRandom(99)
    for round in 0..<2000 {
      let bytes = random.bytes(Int(random.next() % 40))
      let width = round % 33
      _ = failure(bytes, width: width, count: Int(random.next() % 300))
    }
  }
}

private struct Triple: BitwiseCopyable, Equatable {
  var a: UInt32
  var b: UInt32
  var c: UInt32
}
