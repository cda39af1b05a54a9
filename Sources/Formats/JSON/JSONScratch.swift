internal import CSimdJSON

/// Memory that blocks are parsed into, one after the other: as much as the worst text of a block's
/// size could need, of which most is never touched.
struct JSONScratch {
  /// The tape of the last block. Let go of copies before the next one.
  private(set) var words: [UInt64] = []
  private var stringBytes: [UInt8] = []

  /// Beyond this, memory for one long line is given back with the next block.
  private static let keptWordsMax = 4 << 20

  /// Makes room for a text of so many bytes. What was there is lost.
  mutating func reserve(_ count: Int) {
    let wordsNeeded = tidemark_json_tape_words(count)
    if words.count < wordsNeeded || words.count > max(Self.keptWordsMax, 4 * wordsNeeded) {
      words = []
      // Bits of any kind are words; only those that were written are read.
      words = [UInt64](unsafeUninitializedCapacity: wordsNeeded) { $1 = wordsNeeded }
    }
    let bytesNeeded = tidemark_json_string_bytes(count)
    if stringBytes.count < bytesNeeded
      || stringBytes.count > max(Self.keptWordsMax, 4 * bytesNeeded)
    {
      stringBytes = []
      stringBytes = [UInt8](unsafeUninitializedCapacity: bytesNeeded) { $1 = bytesNeeded }
    }
  }

  mutating func withMemory<Result>(
    _ body: (UnsafeMutableBufferPointer<UInt64>, UnsafeMutableBufferPointer<UInt8>) -> Result
  ) -> Result {
    words.withUnsafeMutableBufferPointer { words in
      stringBytes.withUnsafeMutableBufferPointer { body(words, $0) }
    }
  }

  /// The strings of the last block, in memory of their own: columns keep them.
  func strings(_ used: Int) -> [UInt8] {
    var strings: [UInt8] = []
    strings.reserveCapacity(used + JSONTape.padding)
    strings.append(contentsOf: stringBytes[..<used])
    strings.append(contentsOf: repeatElement(0, count: JSONTape.padding))
    return strings
  }
}
