import Kernels
import Testing

@Suite struct LevelTests {
  private func bits(_ words: [UInt64]?, count: Int) -> [Bool] {
    guard let words else { return [Bool](repeating: true, count: count) }
    return (0..<count).map { words[$0 / 64] >> UInt64($0 % 64) & 1 != 0 }
  }

  @Test(arguments: [0, 1, 5, 8, 63, 64, 65, 200, 1000])
  func validityIsTheLevels(count: Int) throws {
    var random = SeededRandom(UInt64(count))
    for density in [0, 1, 3, 50] as [UInt64] {
      let levels = (0..<count).map { _ in
        density == 0 ? 1 : UInt64(random.next() % density == 0 ? 0 : 1)
      }
      let runs = ReferenceCoding.hybrid(levels, width: 1, &random)
      var decoder = try HybridDecoder(bitWidth: 1, range: 0..<runs.count)
      var bits = ValidityBits(capacity: count / 2)
      var left = count
      while left > 0 {
        let step = min(left, 1 + Int(random.next() % (count % 2 == 0 ? 90 : 5000)))
        try decoder.decodeValidity(runs.span, count: step, into: &bits)
        left -= step
      }
      #expect(bits.count == count)
      #expect(bits.validCount == levels.filter { $0 == 1 }.count)
      let words = bits.finish()
      #expect(self.bits(words, count: count) == levels.map { $0 == 1 })
      if let words {
        #expect(words.count == (count + 63) / 64)
        if count % 64 != 0, let last = words.last { #expect(last >> UInt64(count % 64) == 0) }
      } else {
        #expect(levels.allSatisfy { $0 == 1 })
      }
    }
  }

  @Test(arguments: 1...8)
  func levelsOfEveryWidth(width: Int) throws {
    var random = SeededRandom(UInt64(width))
    let values = random.values(1500, bits: width)
    let maximum = UInt8(values.max() ?? 0)
    let runs = ReferenceCoding.hybrid(values, width: width, &random)
    var decoder = try HybridDecoder(bitWidth: width, range: 0..<runs.count)
    var levels: [UInt8] = []
    try levels.append(addingCapacity: 1500) { output in
      try decoder.decodeLevels(runs.span, count: 1500, maximum: maximum, into: &output)
    }
    #expect(levels == values.map(UInt8.init))
    var strict = try HybridDecoder(bitWidth: width, range: 0..<runs.count)
    #expect {
      var levels: [UInt8] = []
      try levels.append(addingCapacity: 1500) { output in
        try strict.decodeLevels(runs.span, count: 1500, maximum: maximum - 1, into: &output)
      }
    } throws: {
      ($0 as? DecodeError)?.kind == .level
    }
    for threshold in [0, 1, maximum] {
      var bits = ValidityBits(capacity: 0)
      bits.append(levels: levels.span.extracting(0..<100), atLeast: threshold)
      bits.append(levels: levels.span.extracting(100..<1500), atLeast: threshold)
      #expect(self.bits(bits.finish(), count: 1500) == levels.map { $0 >= threshold })
    }
  }

  @Test func validityRefusesALevelOfTwo() throws {
    let runs: [UInt8] = [0x08, 0x02]
    var decoder = try HybridDecoder(bitWidth: 1, range: 0..<2)
    var bits = ValidityBits(capacity: 4)
    #expect(throws: DecodeError.self) {
      try decoder.decodeValidity(runs.span, count: 4, into: &bits)
    }
  }

  @Test(arguments: 1...8)
  func packedLevelsHaveTheirFirstValueOnTop(width: Int) throws {
    var random = SeededRandom(3)
    let values = random.values(99, bits: width).map(UInt8.init)
    var bytes = [UInt8](repeating: 0, count: PackedLevelDecoder.byteCount(99, bitWidth: width))
    for (index, value) in values.enumerated() {
      for place in 0..<width {
        let bit = index * width + place
        bytes[bit / 8] |= (value >> UInt8(width - 1 - place) & 1) << UInt8(7 - bit % 8)
      }
    }
    var decoder = PackedLevelDecoder(bitWidth: width, range: 0..<bytes.count)
    var levels: [UInt8] = []
    for step in [1, 8, 90] {
      try levels.append(addingCapacity: step) { output in
        try decoder.decodeLevels(bytes.span, count: step, maximum: 255, into: &output)
      }
    }
    #expect(levels == values)
    #expect(throws: DecodeError.self) {
      try levels.append(addingCapacity: 9) { output in
        try decoder.decodeLevels(bytes.span, count: 9, maximum: 255, into: &output)
      }
    }
  }

  @Test(arguments: [1, 2, 4, 5, 8, 12, 16])
  func spreadsOverNulls(width: Int) {
    var random = SeededRandom(UInt64(width))
    for slots in [1, 7, 64, 65, 300] {
      for density in [1, 2, 9, 40] as [UInt64] {
        let valid = (0..<slots + 5).map { _ in random.next() % density == 0 }
        var words = [UInt64](repeating: 0, count: (slots + 5 + 63) / 64)
        for (index, bit) in valid.enumerated() where bit {
          words[index / 64] |= 1 << UInt64(index % 64)
        }
        let mine = valid.dropFirst(5)
        let dense = mine.filter { $0 }.count
        let values = random.bytes(dense * width)
        var expected: [UInt8] = [9, 9]
        var next = 0
        for bit in mine {
          expected += bit ? values[next..<next + width] : ArraySlice(repeating: 0, count: width)
          if bit { next += width }
        }
        var result: [UInt8] = []
        result.append(addingCapacity: 2 + slots * width) { output in
          for byte in [9, 9] + values { output.append(byte) }
          output.spreadLastGroups(width: width, dense: dense, over: slots, validity: words, from: 5)
        }
        #expect(result == expected)
      }
    }
  }

  @Test func spreadsNumbersAndBits() throws {
    let words: [UInt64] = [0b1011_0010]
    var numbers: [Int64] = []
    numbers.append(addingCapacity: 8) { output in
      for number in 1...4 as ClosedRange<Int64> { output.append(number) }
      output.spreadLast(dense: 4, over: 8, validity: words, from: 0)
    }
    #expect(numbers == [0, 1, 0, 0, 2, 3, 0, 4])
    var bits = DecodedBits(capacity: 2)
    bits.append(repeating: true, count: 3)
    try bits.append([0b0000_1101].span, fromBit: 0, count: 4)
    bits.spreadLast(dense: 4, over: 8, validity: words, from: 0)
    #expect(bits.count == 11)
    #expect(bits.finish() == [0b101_0001_0111])
  }

  @Test func listsOfDremel() throws {
    // [[1,2],[]], null, [], [null,[3]] as optional list of optional lists of required numbers.
    let repetition: [UInt8] = [0, 2, 1, 0, 0, 0, 1]
    let definition: [UInt8] = [4, 4, 3, 0, 1, 2, 4]
    let outer = try LevelAssembly.lists(
      repetition: repetition.span, definition: definition.span, depth: 1, slotLevel: 0,
      validLevel: 1, elementLevel: 2, slotCountExpected: 4)
    #expect(outer.offsets == [0, 2, 2, 2, 4])
    #expect(outer.validity.finish() == [0b1101])
    let inner = try LevelAssembly.lists(
      repetition: repetition.span, definition: definition.span, depth: 2, slotLevel: 2,
      validLevel: 3, elementLevel: 4, slotCountExpected: 4)
    #expect(inner.offsets == [0, 2, 2, 2, 3])
    #expect(inner.validity.finish() == [0b1011])
    let leaf = LevelAssembly.validity(
      repetition: repetition.span, definition: definition.span, depth: 2, slotLevel: 4,
      validLevel: 4)
    #expect(leaf.count == 3)
    #expect(!leaf.hasNulls)
  }

  @Test func levelsThatBeginWithinAListAreRefused() {
    let repetition: [UInt8] = [1, 0]
    let definition: [UInt8] = [2, 2]
    #expect(throws: DecodeError.self) {
      try LevelAssembly.lists(
        repetition: repetition.span, definition: definition.span, depth: 1, slotLevel: 0,
        validLevel: 1, elementLevel: 2, slotCountExpected: 2)
    }
  }
}
