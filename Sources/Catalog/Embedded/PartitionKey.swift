/// Partition values as one byte string that sorts as the values do, one after the other: each
/// value's UTF-8 with NUL as `00 FF`, ended by `00 01`.
struct PartitionKey: Hashable {
  var bytes: [UInt8]

  init(_ values: [String]) {
    bytes = []
    for value in values {
      for byte in value.utf8 {
        bytes.append(byte)
        if byte == 0 { bytes.append(0xFF) }
      }
      bytes.append(0)
      bytes.append(1)
    }
  }

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// nil where the bytes are not such a key.
  var values: [String]? {
    var values: [String] = []
    var value: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      guard byte == 0 else {
        value.append(byte)
        continue
      }
      guard index < bytes.count else { return nil }
      switch bytes[index] {
      case 0xFF: value.append(0)
      case 1:
        guard let text = String(validating: value, as: UTF8.self) else { return nil }
        values.append(text)
        value.removeAll(keepingCapacity: true)
      default: return nil
      }
      index += 1
    }
    return value.isEmpty ? values : nil
  }

  /// The key in hexadecimal: what pages of partitions hand out as their token.
  var token: String {
    let digits = Array("0123456789abcdef".utf8)
    let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  /// nil where the text is no token.
  init?(token: String) {
    let text = Array(token.utf8)
    guard text.count % 2 == 0 else { return nil }
    bytes = []
    for index in stride(from: 0, to: text.count, by: 2) {
      guard let high = Self.digit(text[index]), let low = Self.digit(text[index + 1]) else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    if values == nil { return nil }
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
