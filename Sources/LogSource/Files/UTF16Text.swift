/// Text in UTF-16, as Windows programs write it, while it becomes UTF-8, piece by piece.
///
/// It is told by its byte order mark, which is kept. Half a pair of surrogates becomes U+FFFD; half a
/// code unit, or half a pair, at the end waits for its rest.
struct UTF16Text {
  private let isBigEndian: Bool
  /// The first bytes of the next character, where the last piece ended in it: at most 3.
  private var rest: [UInt8] = []

  /// nil where the text is in something else.
  /// - Parameter start: the first four bytes of the text, as far as it has them.
  init?(start: ArraySlice<UInt8>) {
    switch (start.first, start.dropFirst().first) {
    case (0xFE, 0xFF): isBigEndian = true
    // Two zeros behind it are UTF-32's.
    case (0xFF, 0xFE) where !start.dropFirst(2).elementsEqual([0, 0]): isBigEndian = false
    default: return nil
    }
  }

  /// Appends the characters that end within a piece.
  mutating func decode(_ piece: [UInt8], into output: inout [UInt8]) {
    let bytes = rest.isEmpty ? piece : rest + piece
    var index = 0
    while let unit = unit(bytes, index) {
      var scalar = UInt32(unit)
      var next = index + 2
      if (0xD800...0xDBFF).contains(unit) {
        guard let low = self.unit(bytes, next) else { break }
        if (0xDC00...0xDFFF).contains(low) {
          scalar = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
          next += 2
        }
      }
      if scalar < 0x80 {
        output.append(UInt8(truncatingIfNeeded: scalar))
      } else {
        output.append(contentsOf: Array(String(UnicodeScalar(scalar) ?? "\u{FFFD}").utf8))
      }
      index = next
    }
    rest = Array(bytes[index...])
  }

  private func unit(_ bytes: [UInt8], _ index: Int) -> UInt16? {
    guard index + 1 < bytes.count else { return nil }
    let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
    return isBigEndian ? first << 8 | second : second << 8 | first
  }
}
