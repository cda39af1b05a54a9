/// Decodes the escapes that web servers write into access logs: `\"`, `\\`, `\n`, `\r`, `\t`,
/// `\b`, `\v`, `\f` and `\xHH`. Bytes that are not UTF-8 afterwards, raw or escaped, are written
/// `\xHH`, so that the text is UTF-8 and nothing is lost. Other backslashes stay.
public func scanDecodeEscapes(_ text: some Collection<UInt8>) -> [UInt8] {
  var raw: [UInt8] = []
  raw.reserveCapacity(text.count)
  var iterator = Array(text)[...]
  while let byte = iterator.popFirst() {
    guard byte == 0x5C, let escaped = iterator.first else {
      raw.append(byte)
      continue
    }
    if escaped == UInt8(ascii: "x"), iterator.count >= 3,
      let high = scanHexDigit(iterator[iterator.startIndex + 1]),
      let low = scanHexDigit(iterator[iterator.startIndex + 2])
    {
      raw.append(high << 4 | low)
      iterator.removeFirst(3)
    } else if let decoded = scanSimpleEscape(escaped) {
      raw.append(decoded)
      iterator.removeFirst()
    } else {
      raw.append(byte)
    }
  }
  return scanEscapingNonUTF8(raw)
}

private func scanSimpleEscape(_ byte: UInt8) -> UInt8? {
  switch byte {
  case 0x22, 0x5C, 0x27: byte
  case UInt8(ascii: "n"): 0x0A
  case UInt8(ascii: "r"): 0x0D
  case UInt8(ascii: "t"): 0x09
  case UInt8(ascii: "b"): 0x08
  case UInt8(ascii: "v"): 0x0B
  case UInt8(ascii: "f"): 0x0C
  default: nil
  }
}

private func scanHexDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case 0x30...0x39: byte - 0x30
  case 0x41...0x46: byte - 0x41 + 10
  case 0x61...0x66: byte - 0x61 + 10
  default: nil
  }
}

/// The bytes as they are where they are UTF-8, else with `\xHH` for those that belong to no
/// character.
public func scanEscapingNonUTF8(_ bytes: [UInt8]) -> [UInt8] {
  if bytes.allSatisfy({ $0 < 0x80 }) || String(validating: bytes, as: UTF8.self) != nil {
    return bytes
  }
  var output: [UInt8] = []
  var index = 0
  while index < bytes.count {
    let length = scanCharacterLength(bytes, index)
    if length > 0 {
      output.append(contentsOf: bytes[index..<index + length])
      index += length
    } else {
      output.append(contentsOf: "\\x".utf8)
      for digit in [bytes[index] >> 4, bytes[index] & 15] {
        output.append(digit < 10 ? 0x30 + digit : 0x41 + digit - 10)
      }
      index += 1
    }
  }
  return output
}

/// The bytes of the UTF-8 character at the index; 0 where there is none.
private func scanCharacterLength(_ bytes: [UInt8], _ index: Int) -> Int {
  let first = bytes[index]
  let length =
    switch first {
    case 0..<0x80: 1
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: 0
    }
  guard length > 1, index + length <= bytes.count else { return length == 1 ? 1 : 0 }
  let isWhole = String(validating: bytes[index..<index + length], as: UTF8.self) != nil
  return isWhole ? length : 0
}
