internal import Kernels

/// `%20` for bytes that URLs may not have.
enum PercentEncoding {
  /// The bytes that are meant; what is no UTF-8 afterwards is written `\xHH`.
  /// - Parameter spacesShow: whether a text in which `%20` is left was encoded twice.
  static func decoded(_ text: some Collection<UInt8>, spacesShow: Bool = false) -> [UInt8] {
    var output = once(text)
    if spacesShow, !output.contains(0x20), output.containsSpaceCode { output = once(output) }
    return scanEscapingNonUTF8(output)
  }

  private static func once(_ text: some Collection<UInt8>) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(text.count)
    var bytes = Array(text)[...]
    while let byte = bytes.popFirst() {
      if byte == 0x25, bytes.count >= 2, let high = digit(bytes[bytes.startIndex]),
        let low = digit(bytes[bytes.startIndex + 1])
      {
        output.append(high << 4 | low)
        bytes.removeFirst(2)
      } else {
        output.append(byte)
      }
    }
    return output
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }
}

extension [UInt8] {
  fileprivate var containsSpaceCode: Bool {
    indices.dropLast(2).contains {
      self[$0] == 0x25 && self[$0 + 1] == 0x32 && self[$0 + 2] == 0x30
    }
  }
}
