internal import Records

/// Cuts long texts to bounds that still hold: a prefix below, a prefix raised by one above.
enum BoundTruncation {
  /// How many bytes a bound of a column may have. The bytes of a number are one thing: cut, they
  /// are another number.
  static func countMax(_ leaf: LeafColumn, _ options: WriteOptions) -> Int {
    if case .decimal = leaf.dataType { return .max }
    return options.boundBytesMax
  }

  /// The longest prefix of at most `countMax` bytes that does not cut a character.
  static func lower(_ bytes: [UInt8], countMax: Int, isText: Bool) -> [UInt8] {
    bytes.count <= countMax ? bytes : prefix(bytes, countMax, isText)
  }

  /// A short value above all that begin like `bytes`; nil where there is none, as for bytes of
  /// nothing but 0xFF.
  static func upper(_ bytes: [UInt8], countMax: Int, isText: Bool) -> [UInt8]? {
    if bytes.count <= countMax { return bytes }
    let cut = prefix(bytes, countMax, isText)
    // Bytes that are no UTF-8 are raised as bytes.
    if isText, let text = String(validating: cut, as: UTF8.self) {
      return raised(Array(text.unicodeScalars))
    }
    guard let last = cut.lastIndex(where: { $0 != 0xFF }) else { return nil }
    var result = Array(cut[...last])
    result[last] += 1
    return result
  }

  private static func prefix(_ bytes: [UInt8], _ countMax: Int, _ isText: Bool) -> [UInt8] {
    var end = min(countMax, bytes.count)
    if isText, end < bytes.count {
      // Back to the start of the character that would be cut; never more than three bytes.
      var start = end
      while start > 0, end - start < 3, bytes[start] & 0xC0 == 0x80 { start -= 1 }
      if bytes[start] & 0xC0 != 0x80, start > 0 { end = start }
    }
    return Array(bytes[..<end])
  }

  private static func raised(_ scalars: [Unicode.Scalar]) -> [UInt8]? {
    var scalars = scalars
    while let last = scalars.popLast() {
      // The code points of surrogates are no characters.
      let next = last.value + 1 == 0xD800 ? 0xE000 : last.value + 1
      guard let higher = Unicode.Scalar(next) else { continue }
      scalars.append(higher)
      var text = String.UnicodeScalarView()
      text.append(contentsOf: scalars)
      return Array(String(text).utf8)
    }
    return nil
  }
}
