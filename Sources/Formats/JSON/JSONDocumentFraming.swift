/// JSON documents one after the other, on one line or over many. A line that begins no object or
/// list is a record of its own.
struct JSONDocumentFraming: RecordFraming {
  func lastEnd(in bytes: [UInt8], count: Int) -> Int? {
    bytes.withUnsafeBufferPointer { bytes in
      var last: Int?
      var start = 0
      while let end = Self.end(bytes, start, min(count, bytes.count)) {
        last = end
        start = end
      }
      return last
    }
  }

  /// The place behind the line on which the document ends that begins at `start`, or behind the
  /// line there where none begins; nil where it does not end within the first `count` bytes. Blank
  /// lines at the end are a document of nothing.
  static func end(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ count: Int) -> Int? {
    var index = start
    // The byte order mark, which blocks have no more.
    if count - start >= 3, bytes[start] == 0xEF, bytes[start + 1] == 0xBB, bytes[start + 2] == 0xBF
    {
      index += 3
    }
    while index < count, isBlank(bytes[index]) { index += 1 }
    guard index < count else { return count > start ? count : nil }
    var depth = 0
    var isInString = false
    let isDocument = bytes[index] == UInt8(ascii: "{") || bytes[index] == UInt8(ascii: "[")
    while index < count {
      let byte = bytes[index]
      index += 1
      if isInString {
        if byte == UInt8(ascii: "\\") {
          index += 1
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\"") where isDocument: isInString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      case 0x0A where depth <= 0 || !isDocument: return index
      default: break
      }
    }
    return nil
  }

  /// Spaces, and zeros that a writer or a byte order mark left.
  static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 || byte == 0
  }
}
