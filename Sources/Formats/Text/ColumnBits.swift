/// Bits of a column under construction, by the word.
struct ColumnBits {
  private var words: [UInt64] = []
  private var count = 0
  /// Whether a bit is 0.
  private var hasZeros = false

  subscript(index: Int) -> Bool { words[index >> 6] >> UInt64(index & 63) & 1 != 0 }

  private mutating func grow(_ added: Int) {
    count += added
    let needed = (count + 63) / 64
    if needed > words.count {
      words.append(contentsOf: repeatElement(0, count: needed - words.count))
    }
  }

  mutating func append(_ bit: Bool, count added: Int) {
    let first = count
    grow(added)
    if !bit { return hasZeros = true }
    var index = first
    while index < count {
      let inWord = min(64 - index & 63, count - index)
      let mask: UInt64 = inWord == 64 ? ~0 : (1 << UInt64(inWord)) - 1
      words[index >> 6] |= mask << UInt64(index & 63)
      index += inWord
    }
  }

  mutating func append(_ bits: [Bool]) {
    let first = count
    grow(bits.count)
    for (index, bit) in bits.enumerated() where bit {
      words[(first + index) >> 6] |= 1 << UInt64((first + index) & 63)
    }
  }

  mutating func append(_ bit: Bool) {
    if count & 63 == 0 { words.append(0) }
    if bit {
      words[count >> 6] |= 1 << UInt64(count & 63)
    } else {
      hasZeros = true
    }
    count += 1
  }

  /// Appends bits that `fill` sets in words where they are zero, the first at the given place.
  mutating func append(count added: Int, _ fill: (UnsafeMutablePointer<UInt64>, Int) -> Void) {
    let first = count
    grow(added)
    hasZeros = true
    words.withUnsafeMutableBufferPointer { words in
      if let words = words.baseAddress { fill(words, first) }
    }
  }

  /// The words where a bit is zero, else nil; goes on with none.
  mutating func take() -> [UInt64]? {
    defer { self = ColumnBits() }
    return hasZeros ? words : nil
  }

  /// The words, whatever they say; goes on with none.
  mutating func takeWords() -> [UInt64] {
    defer { self = ColumnBits() }
    return words
  }
}
