internal import Kernels

/// `%20` for bytes that URLs may not have.
enum PercentEncoding {
  /// The bytes that are meant; what is no UTF-8 afterwards is written `\xHH`.
  static func decoded(_ text: some Collection<UInt8>) -> [UInt8] {
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
    return scanEscapingNonUTF8(output)
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
