internal import Kernels

/// Lines of a block, and texts in them.
enum TextLine {
  /// The line at a place, without zeros at its start (which a writer leaves that goes on at its
  /// old place in a truncated file), and without spaces and a carriage return at its end. Moves
  /// behind its newline.
  static func text(_ bytes: UnsafePointer<UInt8>, _ position: inout Int, end: Int) -> Range<Int> {
    var start = position
    var last = scanNewline(bytes, position..<end) ?? end
    position = last + 1
    while last > start, bytes[last - 1] == 0x0D || bytes[last - 1] == 0x20 { last -= 1 }
    while start < last, bytes[start] == 0 { start += 1 }
    return start..<last
  }

  /// Without spaces at either end.
  static func trimmed(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
    while start < end, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
    return start..<end
  }

  /// The quote that closes a text that begins at a place, and whether backslashes stand before it.
  static func closingQuote(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ quote: UInt8
  ) -> (place: Int, hasEscapes: Bool)? {
    var index = range.lowerBound
    var hasEscapes = false
    while index < range.upperBound {
      if bytes[index] == quote { return (index, hasEscapes) }
      if bytes[index] == 0x5C {
        hasEscapes = true
        index += 1
      }
      index += 1
    }
    return nil
  }

  /// Decodes `\n`, `\t`, `\"`, `\\`, `\u00e9`, `\xe9` and the like; other backslashes stay.
  static func decoded(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(range.count)
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = bytes[index]
      index += 1
      guard byte == 0x5C, index < range.upperBound else {
        output.append(byte)
        continue
      }
      if bytes[index] == UInt8(ascii: "u"),
        let scalar = scalar(bytes, &index, range.upperBound)
      {
        output.append(contentsOf: String(scalar).utf8)
      } else if bytes[index] == UInt8(ascii: "x"),
        let value = hex(bytes, index + 1, 2, range.upperBound)
      {
        output.append(UInt8(truncatingIfNeeded: value))
        index += 3
      } else if let simple = simple(bytes[index]) {
        output.append(simple)
        index += 1
      } else {
        output.append(byte)
      }
    }
    return output
  }

  private static func simple(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "v"): 0x0B
    case UInt8(ascii: "a"): 0x07
    case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte
    default: nil
    }
  }

  /// `u00e9`, or two of them for characters beyond 16 bits; moves behind.
  private static func scalar(
    _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ end: Int
  ) -> Character? {
    guard let high = hex(bytes, index + 1, 4, end) else { return nil }
    if let scalar = Unicode.Scalar(high) {
      index += 5
      return Character(scalar)
    }
    guard high < 0xDC00, index + 6 < end, bytes[index + 5] == 0x5C,
      bytes[index + 6] == UInt8(ascii: "u"), let low = hex(bytes, index + 7, 4, end),
      (0xDC00..<0xE000).contains(low),
      let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
    else { return nil }
    index += 11
    return Character(scalar)
  }

  private static func hex(
    _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ count: Int, _ end: Int
  ) -> UInt32? {
    guard start + count <= end else { return nil }
    var value: UInt32 = 0
    for index in start..<start + count {
      let digit: UInt8
      switch bytes[index] {
      case 0x30...0x39: digit = bytes[index] - 0x30
      case 0x41...0x46: digit = bytes[index] - 0x41 + 10
      case 0x61...0x66: digit = bytes[index] - 0x61 + 10
      default: return nil
      }
      value = value << 4 | UInt32(digit)
    }
    return value
  }
}
