/// A set of whole numbers that mostly lie close together: bitmaps of 65,536 numbers each.
struct IDSet: Sendable {
  static let blockBits = 65_536
  private static let blockWords = blockBits / 64

  private(set) var blocks: [Int64: [UInt64]] = [:]

  var isEmpty: Bool { blocks.isEmpty }

  init() {}

  init(blocks: [Int64: [UInt64]]) { self.blocks = blocks }

  private static func place(_ id: Int128) -> (block: Int64, bit: Int) {
    (Int64(truncatingIfNeeded: id >> 16), Int(truncatingIfNeeded: id & 0xFFFF))
  }

  mutating func insert(_ id: Int128) {
    let (block, bit) = Self.place(id)
    blocks[block, default: Array(repeating: 0, count: Self.blockWords)][bit >> 6] |=
      1 << UInt64(bit & 63)
  }

  func contains(_ id: Int128) -> Bool {
    let (block, bit) = Self.place(id)
    return blocks[block].map { $0[bit >> 6] >> UInt64(bit & 63) & 1 != 0 } ?? false
  }

  /// Forgets all numbers up to `bound`, by whole blocks.
  mutating func removeBlocks(upTo bound: Int128) {
    blocks = blocks.filter { (Int128($0.key) + 1) << 16 > bound + 1 }
  }

  /// The ranges of numbers in `range` that are not in the set, in order.
  /// - Parameter countMax: no more ranges than this.
  /// - Complexity: O(blocks that hold a number of the range).
  func missing(in range: ClosedRange<Int128>, countMax: Int) -> [ClosedRange<Int128>] {
    var result: [ClosedRange<Int128>] = []
    var open = range.lowerBound
    let (first, last) = (Self.place(range.lowerBound).block, Self.place(range.upperBound).block)
    for (block, words) in blocks.filter({ $0.key >= first && $0.key <= last })
      .sorted(by: { $0.key < $1.key })
    {
      let base = Int128(block) << 16
      for (index, word) in words.enumerated() where word != 0 {
        var rest = word
        while rest != 0 {
          let id = base + Int128(index * 64 + rest.trailingZeroBitCount)
          rest &= rest - 1
          if id < range.lowerBound { continue }
          if id > range.upperBound { break }
          if id > open {
            if result.count == countMax { return result }
            result.append(open...(id - 1))
          }
          open = id + 1
        }
      }
    }
    if open <= range.upperBound, result.count < countMax { result.append(open...range.upperBound) }
    return result
  }
}
