/// DuckDB writes the numbers that JSON lacks as they are; this makes strings of them.
///
///     {"a":NaN,"b":-Infinity}    →    {"a":"NaN","b":"-Infinity"}
///
/// Takes the text in pieces of any size.
struct JSONRepair {
  private var isInString = false
  private var isEscaped = false
  /// A number or word that has begun and may go on in the next piece.
  private var word: [UInt8] = []

  mutating func next(_ piece: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(piece.count + 16)
    for byte in piece {
      if isInString {
        output.append(byte)
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
      } else if isWordByte(byte) {
        word.append(byte)
      } else {
        flush(into: &output)
        output.append(byte)
        isInString = byte == UInt8(ascii: "\"")
      }
    }
    return output
  }

  /// What is left at the end.
  mutating func finish() -> [UInt8] {
    var output: [UInt8] = []
    flush(into: &output)
    return output
  }

  private mutating func flush(into output: inout [UInt8]) {
    if word.isEmpty { return }
    // NaN, Infinity and -Infinity, and the short forms, are the only words with an N or I in it.
    if word.contains(where: { $0 == UInt8(ascii: "N") || $0 == UInt8(ascii: "I") }) {
      output.append(UInt8(ascii: "\""))
      output.append(contentsOf: word)
      output.append(UInt8(ascii: "\""))
    } else {
      output.append(contentsOf: word)
    }
    word.removeAll(keepingCapacity: true)
  }

  private func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."):
      true
    default: false
    }
  }
}
