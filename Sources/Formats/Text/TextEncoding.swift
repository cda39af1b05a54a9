/// Encodings of text that responses and files come in.
public enum TextEncoding: Sendable, Hashable {
  case utf8
  case latin1
  /// What most people who write ISO-8859-1 mean, with quotes and the euro sign.
  case windows1252
  case utf16(isBigEndian: Bool)

  /// - Parameter name: as `charset=` has it, whatever its case; nil where it is not known here.
  public init?(name: String) {
    switch name.lowercased() {
    case "utf-8", "utf8", "us-ascii", "ascii": self = .utf8
    case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1": self = .latin1
    case "windows-1252", "cp1252": self = .windows1252
    case "utf-16", "utf-16le": self = .utf16(isBigEndian: false)
    case "utf-16be": self = .utf16(isBigEndian: true)
    default: return nil
    }
  }

  public static let names = "utf-8, iso-8859-1, windows-1252, utf-16, utf-16le, utf-16be"

  /// What a byte order mark says; nil where there is none.
  public static func marked(_ bytes: [UInt8]) -> TextEncoding? {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return .utf8 }
    if bytes.starts(with: [0xFF, 0xFE]) { return .utf16(isBigEndian: false) }
    return bytes.starts(with: [0xFE, 0xFF]) ? .utf16(isBigEndian: true) : nil
  }

  /// The text in UTF-8, without a byte order mark. Halves of characters become U+FFFD; UTF-8 stays
  /// as it is. Complexity: O(n).
  public func utf8(_ bytes: [UInt8]) -> [UInt8] {
    switch self {
    case .utf8: return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    case .latin1: return Self.encode(bytes) { UInt32($0) }
    case .windows1252:
      return Self.encode(bytes) {
        (0x80..<0xA0).contains($0) ? Self.windows[Int($0) - 0x80] : UInt32($0)
      }
    case .utf16(let isBigEndian):
      let marked = bytes.starts(with: isBigEndian ? [0xFE, 0xFF] : [0xFF, 0xFE])
      let start = marked ? 2 : 0
      let units = stride(from: start, to: bytes.count - 1, by: 2).map { index -> UInt16 in
        let pair = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
        return isBigEndian ? pair.0 << 8 | pair.1 : pair.1 << 8 | pair.0
      }
      return Array(String(decoding: units, as: UTF16.self).utf8)
    }
  }

  private static func encode(_ bytes: [UInt8], _ scalar: (UInt8) -> UInt32) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    for byte in bytes {
      if byte < 0x80 {
        output.append(byte)
      } else if let scalar = Unicode.Scalar(scalar(byte)) {
        output.append(contentsOf: String(Character(scalar)).utf8)
      }
    }
    return output
  }

  /// 0x80 to 0x9F; those that stand for nothing stay what they are.
  private static let windows: [UInt32] = [
    0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039,
    0x0152, 0x8D, 0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
  ]
}
