internal import Kernels

/// Steps through one line.
struct FieldCursor {
  let bytes: UnsafeBufferPointer<UInt8>
  var index: Int
  let end: Int

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    self.bytes = bytes
    index = range.lowerBound
    end = range.upperBound
  }

  var isAtEnd: Bool { index >= end }
  var rest: Range<Int> { index..<max(index, end) }

  /// The byte at hand; 0 at the end.
  var byte: UInt8 { index < end ? bytes[index] : 0 }

  /// The byte so many places on; 0 behind the end.
  func byte(_ offset: Int) -> UInt8 { index + offset < end ? bytes[index + offset] : 0 }

  mutating func skip(_ byte: UInt8) -> Bool {
    guard index < end, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  mutating func skipSpaces() {
    while index < end, bytes[index] == 0x20 { index += 1 }
  }

  /// Whether the text stands here.
  func isAt(_ text: StaticString) -> Bool {
    guard end - index >= text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { text in
      for place in 0..<text.count where bytes[index + place] != text[place] { return false }
      return true
    }
  }

  mutating func skip(_ text: StaticString) -> Bool {
    guard isAt(text) else { return false }
    index += text.utf8CodeUnitCount
    return true
  }

  /// Up to a byte, which is not among it, or the end; moves there.
  mutating func upTo(_ byte: UInt8) -> Range<Int> {
    let start = index
    while index < end, bytes[index] != byte { index += 1 }
    return start..<index
  }

  /// A word, and moves behind the one space behind it.
  mutating func word() -> Range<Int> {
    let range = upTo(0x20)
    if index < end { index += 1 }
    return range
  }

  /// What stands in quotes. Writers do not escape all quotes within: one ends the text only where a
  /// space or the line's end follows, no backslash is before it, and the next quote of the line, if
  /// there is one, begins a text. Where none does, backslashes are no escapes. Moves behind one space.
  mutating func quoted() -> Range<Int>? { quoted(escapes: true) ?? quoted(escapes: false) }

  private mutating func quoted(escapes: Bool) -> Range<Int>? {
    guard byte == 0x22 else { return nil }
    var place = index + 1
    let start = place
    while place < end {
      if escapes, bytes[place] == 0x5C {
        place += 2
      } else if bytes[place] == 0x22, place + 1 == end || bytes[place + 1] == 0x20,
        isTextBegun(byNextQuoteFrom: place + 2, escapes)
      {
        index = min(end, place + 2)
        return start..<place
      } else {
        place += 1
      }
    }
    return nil
  }

  /// Whether the next quote stands behind a space, or there is none.
  private func isTextBegun(byNextQuoteFrom start: Int, _ escapes: Bool) -> Bool {
    var place = start
    while place < end, bytes[place] != 0x22 { place += escapes && bytes[place] == 0x5C ? 2 : 1 }
    return place >= end || place == start || bytes[place - 1] == 0x20
  }

  /// A number without sign, up to 18 digits; moves behind them.
  mutating func number() -> Int64? {
    let start = index
    var value: Int64 = 0
    while index < end, index - start < 18, bytes[index] &- 0x30 <= 9 {
      value = value * 10 + Int64(bytes[index] &- 0x30)
      index += 1
    }
    return index == start ? nil : value
  }
}

/// Values of whole ranges.
enum FieldValue {
  /// Whether a range is `-`.
  static func isDash(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    range.count == 1 && bytes[range.lowerBound] == 0x2D
  }

  /// A number with or without sign, up to 18 digits.
  static func integer(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int64? {
    var cursor = FieldCursor(bytes, range)
    let isNegative = cursor.skip(0x2D)
    guard let value = cursor.number(), cursor.isAtEnd else { return nil }
    return isNegative ? -value : value
  }

  /// A decimal number, with a fraction and exponent perhaps.
  static func double(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Double? {
    var cursor = FieldCursor(bytes, range)
    let isNegative = cursor.skip(0x2D)
    // Sums of few digits are exact, and so is their quotient by a power of ten.
    if let whole = cursor.number(), whole < 1_000_000_000 {
      if cursor.isAtEnd { return Double(isNegative ? -whole : whole) }
      let start = cursor.index + 1
      if cursor.skip(0x2E), let part = cursor.number(), cursor.isAtEnd, cursor.index - start <= 6 {
        let scale = powersOfTen[cursor.index - start]
        let value = Double(whole * scale + part) / Double(scale)
        return isNegative ? -value : value
      }
    }
    guard range.count <= 64 else { return nil }
    return Double(String(decoding: bytes[range], as: UTF8.self)).flatMap { $0.isFinite ? $0 : nil }
  }

  private static let powersOfTen: [Int64] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]

  /// How a value shows in a message.
  static func excerpt(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> String {
    let text = String(decoding: bytes[range].prefix(40), as: UTF8.self)
    return "'" + text + (range.count > 40 ? "…'" : "'")
  }
}
